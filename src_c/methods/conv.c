/* conv: convolution as networks mean it (cross-correlation). */
#include "methods/conv_family.h"

#include <stdio.h>

static const upreg_param params[] = {
    UG_CONV_COMMON_PARAMS,
    UG_PAIRS_PARAM(ug_conv_params, padding, "0", 0, UG_MAX_SIZE, UG_PAD_NAMES, "elements added at both ends of each axis"),
    UG_CONV_COMMON_PARAMS_2,
    UG_INTS_PARAM(ug_conv_params, upscale, "1", 1, UG_MAX_SIZE, NULL,
                  "whole factors by which x is enlarged first, by nearest neighbours; the enlarged x is never made"),
};

static upreg_status infer(upreg_infer *ctx) { return ug_conv_infer_with(ctx, ug_conv_resolve); }
static upreg_status tile(upreg_tiling *ctx) { return ug_conv_tile_with(ctx, ug_conv_resolve); }
static upreg_status prepare(upreg_prepare *p) { return ug_conv_prepare_with(p, ug_conv_resolve); }

/* Padding as numbers, even where it was given by name. */
static void pads_of(const upreg_vjp *ctx, const ug_conv_problem *b, int64_t *begin, int64_t *end) {
    const ug_conv_params *q = ctx->params;
    int64_t ke[UPREG_MAX_SPATIAL], large[UPREG_MAX_SPATIAL];
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) ke[a] = b->dilation[a] * (b->kernel[a] - 1) + 1;
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) large[a] = b->in[a] * b->upscale[a];
    ug_resolve_padding(NULL, ctx->method, &q->padding, b->x_frame.rank, large, ke, b->stride, begin, end);
}

static int enlarges(const ug_conv_problem *b) { return b->upscale[0] * b->upscale[1] * b->upscale[2] > 1; }

/* The parameters of the enlargement as a call of nearest, or with `input_size` of nearest_grad; far from ties, so exact. */
static const char *nearest_text(const ug_conv_problem *b, int layout, int with_input_size, char *text, size_t size) {
    int rank = b->x_frame.rank;
    snprintf(text, size, "coordinates=half_pixel,rounding=round_prefer_floor,layout=%s", ug_layout_names[layout]);
    ug_text_ints(text, size, "scale", rank, ug_last_axes(b->upscale, rank));
    if (with_input_size) ug_text_ints(text, size, "input_size", rank, ug_last_axes(b->in, rank));
    return text;
}

static upreg_ref input_gradient(upreg_vjp *ctx, const ug_conv_problem *b, const int64_t *begin, const int64_t *end) {
    const ug_conv_params *q = ctx->params;
    int rank = b->x_frame.rank, folds = q->padding_mode != UG_ZEROS && q->padding_mode != UG_CONSTANT;
    char text[400] = "", up[300];
    int64_t large[UPREG_MAX_SPATIAL], crop_begin[UPREG_MAX_SPATIAL], crop_end[UPREG_MAX_SPATIAL];
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {
        int64_t ke = b->dilation[a] * (b->kernel[a] - 1) + 1, full = (b->out[a] - 1) * b->stride[a] + ke;
        large[a] = b->in[a] * b->upscale[a];
        crop_begin[a] = folds ? 0 : begin[a];
        crop_end[a] = full - crop_begin[a] - (folds ? large[a] + begin[a] + end[a] : large[a]);
    }
    ug_conv_common_text(text, sizeof text, q, b);
    ug_text_pairs(text, sizeof text, "crop", rank, ug_last_axes(crop_begin, rank), ug_last_axes(crop_end, rank));
    upreg_ref gradient = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1)), "conv_transpose:%s", text);
    if (folds) {
        char pad[300] = "";
        ug_text_pairs(pad, sizeof pad, "amount", rank, ug_last_axes(begin, rank), ug_last_axes(end, rank));
        ug_text_ints(pad, sizeof pad, "input_size", rank, ug_last_axes(large, rank));
        gradient =
            ug_step(ctx, 1, &gradient, "pad_grad:padding_mode=%s,layout=%s%s", ug_pad_mode_names[q->padding_mode], ug_layout_names[q->layout], pad);
    }
    return enlarges(b) ? ug_step(ctx, 1, &gradient, "nearest_grad:%s", nearest_text(b, q->layout, 1, up, sizeof up)) : gradient;
}

static upreg_status vjp(upreg_vjp *ctx) {
    const ug_conv_params *q = ctx->params;
    ug_conv_problem b;
    upreg_spec weight = ctx->in[1];
    int64_t begin[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL];
    UG_TRY(ug_conv_resolve(ctx->err, ctx->method, q, ctx->rank, &ctx->in[0], &weight, &b));
    pads_of(ctx, &b, begin, end);
    int rank = b.x_frame.rank;
    char text[460] = "";
    if (ctx->wrt == 0) {
        ctx->result = input_gradient(ctx, &b, begin, end);
    } else if (ctx->wrt == 1) {
        ug_conv_common_text(text, sizeof text, q, &b);
        ug_text_ints(text, sizeof text, "kernel", rank, ug_last_axes(b.kernel, rank));
        ug_text_pairs(text, sizeof text, "padding", rank, ug_last_axes(begin, rank), ug_last_axes(end, rank));
        upreg_ref x = UG_INPUT(0);
        char up[300];
        if (enlarges(&b)) x = ug_step(ctx, 1, &x, "nearest:%s", nearest_text(&b, q->layout, 0, up, sizeof up));
        ctx->result = ug_step(ctx, 2, UG_REFS(x, UG_GRAD), "conv_grad_weight:%s,padding_mode=%s,value=%.17g", text,
                              ug_pad_mode_names[q->padding_mode], q->value);
    } else {
        ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "channel_sum:layout=%s", ug_layout_names[q->layout]);
    }
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) {
    if (ctx->port != 0) return UPREG_OK;
    const ug_conv_params *q = ctx->params;
    ug_conv_problem b;
    upreg_spec weight = ctx->in[1];
    UG_TRY(ug_conv_resolve(ctx->err, ctx->method, q, ctx->rank, &ctx->in[0], &weight, &b));
    if (b.x_frame.axis_n >= 0) ctx->in_begin[0] = ctx->out_begin[0], ctx->in_end[0] = ctx->out_end[0];
    for (int i = 0; i < b.x_frame.rank; i++) {
        int a = UPREG_MAX_SPATIAL - b.x_frame.rank + i, axis = b.x_frame.axis_x + i;
        int64_t first = ctx->out_begin[axis] * b.stride[a] - b.begin[a];
        int64_t last = (ctx->out_end[axis] - 1) * b.stride[a] - b.begin[a] + b.dilation[a] * (b.kernel[a] - 1);
        first = ug_floor_div(first, b.upscale[a]), last = ug_floor_div(last, b.upscale[a]);
        ug_reach_padded(q->padding_mode, first, last, b.in[a], &ctx->in_begin[axis], &ctx->in_end[axis]);
    }
    return UPREG_OK;
}

const upreg_method ug_method_conv = {
    .struct_size = sizeof(upreg_method),
    .version = 3,
    .name = "conv",
    .family = "conv",
    .aliases = "convolution|cross_correlation|atrous_convolution|dilated_convolution",
    .summary = "convolution of a feature map with a kernel: stride, padding, dilation, groups, bias",
    .doc = "y[n, o, q] = bias[o] + sum over c, t of weight[o, c, t] * x[n, c, q * stride + t * dilation - padding_begin]\n"
           "x: (N, C, X...) in the given layout; weight: (C_out, C / groups, kernel...); y: C_out channels of size\n"
           "floor((m + padding_begin + padding_end - dilation * (kernel - 1) - 1) / stride) + 1 along each axis.\n"
           "padding 'same_upper' and 'same_lower' give ceil(m / stride), the odd element at the end or the begin; 'full' gives every output that\n"
           "touches the input; 'causal' pads at the begin only. Sums run in blocks of at most 256 terms.\n"
           "With upscale, x stands for x enlarged by nearest neighbours (resize-convolution), m for its size then; weights that meet the same input\n"
           "are added beforehand, unless exact.",
    .source = "Dumoulin and Visin, A guide to convolution arithmetic for deep learning, arXiv 1603.07285",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(ug_conv_params),
    .flags = UPREG_LINEAR | UPREG_HAS_TAPS | UPREG_EPILOGUE | UPREG_NAN_TILEWISE | UPREG_STRIDED,
    .types = UG_FLOATING,
    .ports = "x:T weight:T=param bias?:T=param -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_conv_run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
