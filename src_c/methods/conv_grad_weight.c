/* conv_grad_weight: the gradient of a convolution with respect to its weight. */
#include "methods/conv_grad_weight.h"

enum { RESULT_BYTES = 512 << 10, LEAST_CHUNK = 2048, FEW_UNITS = 8, COMBINE_BLOCK = 4096 };

upreg_status ug_conv_grad_weight_prepare(upreg_prepare *p, const ug_conv_problem *problem) {
    ug_grad_weight_plan *state = upreg_reserve(p, sizeof *state), plan = {.problem = *problem};
    if (!p->fill) return UPREG_OK;
    const ug_conv_problem *b = problem;
    const ug_gemm_kernels *k = p->kernels->gemm;
    int is_double = p->in[0].type == UPREG_F64;
    int64_t width = is_double ? 8 : 4, lanes = is_double ? k->lanes_f64 : k->lanes_f32, tile = is_double ? k->rows_f64 : k->rows_f32;
    plan.pixels = b->n * b->out[0] * b->out[1] * b->out[2];
    plan.taps = b->kernel[0] * b->kernel[1] * b->kernel[2];
    plan.weights = b->groups * b->out_channels * b->in_channels * plan.taps;
    plan.out_strip = ug_max64(ug_min64(b->out_channels, 128), 1), plan.n_out_strips = ug_ceil_div(b->out_channels, plan.out_strip);
    plan.panel_pitch = (plan.out_strip + lanes - 1) / lanes * lanes;
    int64_t most_rows = ug_max64(RESULT_BYTES / (plan.panel_pitch * width), tile);
    plan.in_strip = ug_max64(ug_min64(b->in_channels, most_rows), 1), plan.n_in_strips = ug_ceil_div(b->in_channels, plan.in_strip);
    plan.tap_strip = ug_max64(ug_min64(plan.taps, most_rows / plan.in_strip), 1), plan.n_tap_strips = ug_ceil_div(plan.taps, plan.tap_strip);
    int64_t units = ug_max64(b->groups * plan.n_out_strips * plan.n_in_strips * plan.n_tap_strips, 1);
    int64_t wanted = ug_min64(ug_ceil_div(FEW_UNITS, units), ug_max64(plan.pixels / LEAST_CHUNK, 1));
    plan.chunk = ug_max64(ug_ceil_div(ug_ceil_div(plan.pixels, wanted), UG_K_BLOCK) * UG_K_BLOCK, UG_K_BLOCK);
    plan.n_chunks = ug_max64(ug_ceil_div(plan.pixels, plan.chunk), 1);
    plan.panel_bytes = (size_t)((UG_K_BLOCK * plan.panel_pitch * width + 63) / 64 * 64);
    plan.c_bytes = (size_t)((plan.in_strip * plan.tap_strip * plan.panel_pitch * width + 63) / 64 * 64);
    plan.line_bytes = (size_t)((UG_K_BLOCK * (tile + 1) * width + 63) / 64 * 64);
    size_t scratch = plan.panel_bytes + plan.c_bytes + plan.line_bytes + UG_K_BLOCK * (sizeof(int64_t) + sizeof(int32_t));
    *state = plan;
    if (plan.n_chunks > 1) p->workspace = (size_t)(plan.n_chunks * plan.weights * width);
    p->stage[p->n_stages++] = (upreg_stage){units * plan.n_chunks, 1, scratch};
    if (plan.n_chunks > 1) p->stage[p->n_stages++] = (upreg_stage){ug_ceil_div(plan.weights, COMBINE_BLOCK), 1, 0};
    p->macs = plan.weights * plan.pixels;
    strcpy(p->algorithm, "gemm over pixels");
    return UPREG_OK;
}

#define T float
#define S f32
#include "methods/conv_grad_weight_t.h"
#undef T
#undef S
#define T double
#define S f64
#include "methods/conv_grad_weight_t.h"
#undef T
#undef S

void ug_conv_grad_weight_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const ug_grad_weight_plan *plan = (const ug_grad_weight_plan *)call->state;
    int is_double = call->in[0].dtype.bits == 64;
    for (int64_t unit = begin; unit < end; unit++) {
        if (stage == 0)
            is_double ? grad_unit_f64(call, plan, unit, worker) : grad_unit_f32(call, plan, unit, worker);
        else
            is_double ? combine_f64(call, plan, unit) : combine_f32(call, plan, unit);
    }
}

/* ---- the method ---- */

static const upreg_param params[] = {
    UG_INTS_PARAM(ug_conv_params, kernel, "required", 1, UG_MAX_SIZE, NULL, "kernel size of the weight"),
    UG_INTS_PARAM(ug_conv_params, stride, "1", 1, UG_MAX_SIZE, NULL, "step between neighbouring windows"),
    UG_PAIRS_PARAM(ug_conv_params, padding, "0", -1073741824, UG_MAX_SIZE, NULL, "of the convolution; negative: it reads past that many elements"),
    UG_CHOICE_PARAM(ug_conv_params, padding_mode, "zeros", UG_PAD_MODES, "what lies outside the input"),
    UG_FLOAT_PARAM(ug_conv_params, value, "0", -DBL_MAX, DBL_MAX, "the number outside, for padding_mode constant"),
    UG_INTS_PARAM(ug_conv_params, dilation, "1", 1, UG_MAX_SIZE, NULL, "distance of neighbouring taps"),
    UG_INT_PARAM(ug_conv_params, groups, "1", 1, UG_MAX_SIZE, "groups of channels that do not see each other"),
    UG_BOOL_PARAM(ug_conv_params, flip, "false", "the convolution mirrors its kernel"),
    UG_LAYOUT_PARAM(ug_conv_params),
};

static upreg_status resolve(upreg_error *err, const upreg_method *method, const ug_conv_params *q, int rank, const upreg_spec *x,
                            const upreg_spec *gy, ug_conv_problem *b) {
    ug_frame y;
    int64_t end[UPREG_MAX_SPATIAL];
    *b = (ug_conv_problem){.flip = q->flip, .pad_mode = q->padding_mode, .value = q->value};
    if (q->layout == UG_X)
        return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'layout' = X is not allowed; allowed: NCX, NXC, CX, XC", method->name);
    UG_TRY(ug_frame_of(err, method, q->layout, rank, x, &b->x_frame));
    UG_TRY(ug_frame_of(err, method, q->layout, b->x_frame.rank, gy, &y));
    b->y_frame = y, b->n = y.n, b->groups = q->groups, rank = b->x_frame.rank;
    if (y.n != b->x_frame.n)
        return ug_fail(err, UPREG_E_SHAPE, "%s: 'x' has a batch of %" PRId64 " and 'grad_y' of %" PRId64 "; allowed: the same", method->name,
                       b->x_frame.n, y.n);
    if (b->x_frame.c % q->groups || y.c % q->groups)
        return ug_fail(err, UPREG_E_SHAPE, "%s: groups = %" PRId64 " does not divide the channels (%" PRId64 " of 'x', %" PRId64 " of 'grad_y')",
                       method->name, q->groups, b->x_frame.c, y.c);
    b->in_channels = b->x_frame.c / q->groups, b->out_channels = y.c / q->groups;
    memcpy(b->in, b->x_frame.x, sizeof b->in), memcpy(b->out, y.x, sizeof b->out);
    UG_TRY(ug_axes_int(err, method, "kernel", &q->kernel, rank, 1, b->kernel));
    UG_TRY(ug_axes_int(err, method, "stride", &q->stride, rank, 1, b->stride));
    UG_TRY(ug_axes_int(err, method, "dilation", &q->dilation, rank, 1, b->dilation));
    UG_TRY(ug_axes_pairs(err, method, "padding", &q->padding, rank, b->begin, end));
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {
        int64_t needed = (b->out[a] - 1) * b->stride[a] + b->dilation[a] * (b->kernel[a] - 1) + 1, padded = b->in[a] + b->begin[a] + end[a];
        if (needed > padded)
            return ug_fail(err, UPREG_E_SHAPE,
                           "%s: 'grad_y' has %" PRId64 " elements along an axis where its windows need %" PRId64 " and 'x' with padding has %" PRId64,
                           method->name, b->out[a], needed, padded);
        UG_TRY(ug_check_pad_mode(err, method, q->padding_mode, ug_max64(b->begin[a], end[a]), b->in[a]));
    }
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    ug_conv_problem b;
    UG_TRY(resolve(ctx->err, ctx->method, ctx->params, ctx->rank, &ctx->in[0], &ctx->in[1], &b));
    upreg_spec *out = &ctx->out[0];
    *out = (upreg_spec){.known = 1, .type = ctx->in[0].type, .ndim = b.x_frame.rank + 2, .dim = {b.out_channels * b.groups, b.in_channels}};
    for (int i = 0; i < b.x_frame.rank; i++) out->dim[2 + i] = ug_last_axes(b.kernel, b.x_frame.rank)[i];
    return ug_check_size(ctx->err, ctx->method, out);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_conv_problem b;
    UG_TRY(resolve(p->err, p->method, p->params, p->rank, &p->in[0], &p->in[1], &b));
    return ug_conv_grad_weight_prepare(p, &b);
}

const upreg_method ug_method_conv_grad_weight = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "conv_grad_weight",
    .family = "gradient",
    .summary = "gradient of a convolution with respect to its weight",
    .doc = "grad_weight[o, c, t] = sum over n, q of grad_y[n, o, q] * x[n, c, q * stride + t * dilation - padding_begin]\n"
           "x: (N, C, X...); grad_y: (N, C_out, Q...); result: (C_out, C / groups, kernel...). With the two exchanged it is the weight gradient of\n"
           "conv_transpose.",
    .source = "the transpose of the convolution's matrix with respect to the weight",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(ug_conv_params),
    .flags = UPREG_LINEAR | UPREG_GRADIENT | UPREG_NAN_TILEWISE,
    .types = UG_FLOATING,
    .ports = "x:T grad_y:T -> grad_weight:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_conv_grad_weight_run,
};
