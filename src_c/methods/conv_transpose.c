/* conv_transpose: the transpose of a convolution's matrix, the learned upsampling. */
#include "methods/conv_family.h"

static const upreg_param params[] = {
    UG_CONV_COMMON_PARAMS,
    UG_PAIRS_PARAM(ug_conv_params, padding, "0", 0, UG_MAX_SIZE, UG_PAD_NAMES,
                   "what the matching convolution pads: cut off both ends of the full result"),
    UG_CONV_COMMON_PARAMS_2,
    UG_INTS_PARAM(ug_conv_params, output_padding, "0", 0, UG_MAX_SIZE, NULL, "elements kept back at the end; below the stride or the dilation"),
    UG_INTS_PARAM(ug_conv_params, output_size, "null", 1, UG_MAX_SIZE, NULL, "the size of the result, any of 1 or more; `side` says where it is cut"),
    UG_PAIRS_PARAM(ug_conv_params, crop, "null", -1073741824, 1073741824, NULL, "cut off the full result, in place of padding; negative: extended"),
    UG_CHOICE_PARAM(
        ug_conv_params, side, "torch", "torch|tf|onnx",
        "with output_size: torch cuts padding at the begin and the rest at the end; tf halves, the odd element at the end; onnx at the begin. "
        "With padding valid, tf fills up to the stride"),
};

static upreg_status infer(upreg_infer *ctx) { return ug_conv_infer_with(ctx, ug_conv_transpose_resolve); }
static upreg_status tile(upreg_tiling *ctx) { return ug_conv_tile_with(ctx, ug_conv_transpose_resolve); }
static upreg_status prepare(upreg_prepare *p) { return ug_conv_prepare_with(p, ug_conv_transpose_resolve); }

/* How far outputs reach beyond the input, where something other than zeros lies there. */
static void extension(const ug_conv_problem *b, int a, int64_t *before, int64_t *after) {
    int64_t ke = b->dilation[a] * (b->kernel[a] - 1) + 1, s = b->stride[a];
    *before = ug_max64(0, -ug_ceil_div(b->begin[a] - (ke - 1), s));
    *after = ug_max64(0, ug_floor_div(b->out[a] - 1 + b->begin[a], s) - (b->in[a] - 1));
}

/* The gradients are convolutions over grad_y: it is padded so that window i begins where input i's taps do.  Where padding_mode is not zeros,
 * the input is the extended one, and its gradient is folded back at the end. */
static upreg_status vjp(upreg_vjp *ctx) {
    const ug_conv_params *q = ctx->params;
    ug_conv_problem b;
    upreg_spec weight = ctx->in[1];
    UG_TRY(ug_conv_transpose_resolve(ctx->err, ctx->method, q, ctx->rank, &ctx->in[0], &weight, &b));
    if (ctx->wrt == 2) {
        ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "channel_sum:layout=%s", ug_layout_names[q->layout]);
        return UPREG_OK;
    }
    int rank = b.x_frame.rank, extends = 0, negative = 0;
    int64_t before[UPREG_MAX_SPATIAL] = {0}, after[UPREG_MAX_SPATIAL] = {0}, begin[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL];
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {
        int64_t ke = b.dilation[a] * (b.kernel[a] - 1) + 1;
        if (q->padding_mode != UG_ZEROS && a >= UPREG_MAX_SPATIAL - rank) extension(&b, a, &before[a], &after[a]);
        begin[a] = b.begin[a] + before[a] * b.stride[a];
        end[a] = (b.in[a] + before[a] + after[a] - 1) * b.stride[a] + ke - b.out[a] - begin[a];
        extends |= before[a] || after[a], negative |= begin[a] < 0 || end[a] < 0;
    }
    char text[460] = "", pad[300] = "", extend[300] = "";
    ug_conv_common_text(text, sizeof text, q, &b);
    ug_text_pairs(pad, sizeof pad, "padding", rank, ug_last_axes(begin, rank), ug_last_axes(end, rank));
    ug_text_pairs(extend, sizeof extend, "amount", rank, ug_last_axes(before, rank), ug_last_axes(after, rank));
    if (ctx->wrt == 1) {
        upreg_ref x = UG_INPUT(0);
        if (extends)
            x = ug_step(ctx, 1, UG_REFS(UG_INPUT(0)), "pad:padding_mode=%s,value=%.17g,layout=%s%s", ug_pad_mode_names[q->padding_mode], q->value,
                        ug_layout_names[q->layout], extend);
        ug_text_ints(pad, sizeof pad, "kernel", rank, ug_last_axes(b.kernel, rank));
        ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, x), "conv_grad_weight:%s%s", text, pad);
        return UPREG_OK;
    }
    upreg_ref gradient = UG_GRAD;
    if (negative) {
        char amount[300] = "";
        ug_text_pairs(amount, sizeof amount, "amount", rank, ug_last_axes(begin, rank), ug_last_axes(end, rank));
        gradient = ug_step(ctx, 1, UG_REFS(UG_GRAD), "pad:layout=%s%s", ug_layout_names[q->layout], amount);
        pad[0] = 0;
    }
    ctx->result = ug_step(ctx, 2, UG_REFS(gradient, UG_INPUT(1)), "conv:%s%s", text, pad);
    if (!extends) return UPREG_OK;
    ug_text_ints(extend, sizeof extend, "input_size", rank, ug_last_axes(b.in, rank));
    ctx->result = ug_step(ctx, 1, UG_REFS(ctx->result), "pad_grad:padding_mode=%s,layout=%s%s", ug_pad_mode_names[q->padding_mode],
                          ug_layout_names[q->layout], extend);
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) {
    if (ctx->port != 0) return UPREG_OK;
    const ug_conv_params *q = ctx->params;
    ug_conv_problem b;
    upreg_spec weight = ctx->in[1];
    UG_TRY(ug_conv_transpose_resolve(ctx->err, ctx->method, q, ctx->rank, &ctx->in[0], &weight, &b));
    if (b.x_frame.axis_n >= 0) ctx->in_begin[0] = ctx->out_begin[0], ctx->in_end[0] = ctx->out_end[0];
    for (int i = 0; i < b.x_frame.rank; i++) {
        int a = UPREG_MAX_SPATIAL - b.x_frame.rank + i, axis = b.x_frame.axis_x + i;
        int64_t span = b.dilation[a] * (b.kernel[a] - 1);
        int64_t first = ug_ceil_div(ctx->out_begin[axis] + b.begin[a] - span, b.stride[a]);
        int64_t last = ug_floor_div(ctx->out_end[axis] - 1 + b.begin[a], b.stride[a]);
        ug_reach_padded(q->padding_mode, first, last, b.in[a], &ctx->in_begin[axis], &ctx->in_end[axis]);
    }
    return UPREG_OK;
}

const upreg_method ug_method_conv_transpose = {
    .struct_size = sizeof(upreg_method),
    .version = 3,
    .name = "conv_transpose",
    .family = "transposed_conv",
    .aliases = "deconvolution|deconv|upconvolution|upconv|fractionally_strided_convolution|backward_strided_convolution|transposed_convolution|"
               "convolution_transpose|conv2d_transpose",
    .summary = "transposed convolution: learned upsampling, the transpose of a convolution's matrix",
    .doc =
        "y[n, o, j] = bias[o] + sum over c, i, t with i * stride + t * dilation = j + begin of weight[c, o, t] * x[n, c, i]\n"
        "x: (N, C, X...) in the given layout; weight: (C, C_out / groups, kernel...). The full result has (m - 1) * stride + dilation * (kernel - 1) + 1\n"
        "elements along an axis; `padding` (with output_padding), `crop` or `output_size` say which of them y keeps: torch's rule removes\n"
        "padding_begin at the begin and padding_end - output_padding at the end; 'same_upper' (TensorFlow, Keras) and 'same_lower' keep m * stride.\n"
        "padding_mode other than zeros continues the input beyond its borders (circular: a lattice). Computed as stride^N small dense\n"
        "convolutions, one per output phase: no multiplication by inserted zeros.",
    .source = "Zeiler et al., Deconvolutional Networks, CVPR 2010; Dumoulin and Visin, arXiv 1603.07285; Shi et al., arXiv 1609.07009",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(ug_conv_params),
    .flags = UPREG_LINEAR | UPREG_HAS_TAPS | UPREG_EPILOGUE | UPREG_NAN_TILEWISE | UPREG_STRIDED | UPREG_UPSAMPLES,
    .types = UG_FLOATING,
    .ports = "x:T weight:T=param bias?:T=param -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_conv_run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
