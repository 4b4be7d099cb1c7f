/* conv_grad_weight: the gradient of a convolution with respect to its weight. */
#include "methods/conv_grad_weight.h"

enum { FEW_UNITS = 8, LEAST_PIXELS = 2048, MOST_OUT = 128, COMBINE_BLOCK = 4096 };

/* Strips, so that a unit's sums and its staged pixels stay in the second cache. */
static void choose_strips(ug_grad_weight_plan *plan, int64_t width, int64_t lanes, int64_t vectors) {
    const ug_conv_problem *b = &plan->problem;
    int64_t lines = b->kernel[0] * b->kernel[1];
    plan->columns = ug_max64(ug_min64(b->out[2], UG_K_BLOCK), 1), plan->n_column_blocks = ug_ceil_div(b->out[2], plan->columns);
    plan->panel_columns = (plan->columns - 1) * b->stride[2] + b->dilation[2] * (b->kernel[2] - 1) + 1;
    plan->rows = b->n * b->out[0] * b->out[1];
    plan->in_strip = ug_max64(ug_min64(b->in_channels, 2 * vectors * lanes), 1);
    plan->out_strip = ug_max64(ug_min64(b->out_channels, MOST_OUT), 1);
    while (plan->out_strip > 16 && b->kernel[2] * plan->out_strip * plan->in_strip * width > UG_STAGED_BYTES)
        plan->out_strip = (plan->out_strip + 1) / 2;
    plan->panel_pitch = ug_ceil_div(plan->in_strip, lanes) * lanes;
    plan->n_in_strips = ug_ceil_div(b->in_channels, plan->in_strip), plan->n_out_strips = ug_ceil_div(b->out_channels, plan->out_strip);
    plan->lines = ug_max64(ug_min64(UG_STAGED_BYTES / (b->kernel[2] * plan->out_strip * plan->panel_pitch * width), lines), 1);
    plan->n_line_blocks = ug_ceil_div(lines, plan->lines);
    int64_t panel_row = plan->panel_columns * plan->panel_pitch * width;
    plan->block = ug_max64(ug_min64(ug_min64(UG_K_BLOCK / plan->columns, UG_STAGED_BYTES / panel_row), plan->rows), 1);
}

/* A partial sum covers so many rows that all threads have work, and enough of them to be worth adding up. */
static void choose_chunk(ug_grad_weight_plan *plan) {
    int64_t units = plan->problem.groups * plan->n_out_strips * plan->n_in_strips * plan->n_line_blocks;
    int64_t pixels = plan->rows * plan->problem.out[2];
    int64_t wanted = ug_max64(ug_min64(ug_ceil_div(FEW_UNITS, ug_max64(units, 1)), pixels / LEAST_PIXELS), 1);
    plan->chunk = ug_max64(ug_ceil_div(ug_ceil_div(plan->rows, wanted), plan->block), 1) * plan->block;
    plan->n_chunks = ug_max64(ug_ceil_div(plan->rows, plan->chunk), 1);
}

upreg_status ug_conv_grad_weight_prepare(upreg_prepare *p, const ug_conv_problem *problem) {
    ug_grad_weight_plan *state = upreg_reserve(p, sizeof *state), plan = {.problem = *problem};
    if (!p->fill) return UPREG_OK;
    const ug_conv_problem *b = problem;
    const ug_gemm_kernels *k = p->kernels->gemm;
    int is_double = p->in[0].type == UPREG_F64;
    int64_t width = is_double ? 8 : 4, lanes = is_double ? k->lanes_f64 : k->lanes_f32, vectors = is_double ? k->vectors_f64 : k->vectors_f32;
    choose_strips(&plan, width, lanes, vectors);
    choose_chunk(&plan);
    plan.weights = b->groups * b->out_channels * b->in_channels * b->kernel[0] * b->kernel[1] * b->kernel[2];
    int64_t pixels = plan.block * plan.columns, panel = plan.block * plan.panel_columns * plan.panel_pitch;
    if (panel * width > (int64_t)1 << 30)
        return ug_fail(p->err, UPREG_E_SHAPE, "%s: stride and dilation are too large: one row of windows spans %" PRId64 " elements", p->method->name,
                       plan.panel_columns);
    plan.panel_at = ug_aligned(pixels * plan.out_strip * width);
    plan.c_at = plan.panel_at + ug_aligned((panel + vectors * lanes) * width);
    plan.offset_at = plan.c_at + ug_aligned((plan.lines * b->kernel[2] * plan.out_strip * plan.panel_pitch + vectors * lanes) * width);
    size_t scratch = plan.offset_at + ug_aligned(pixels * (int64_t)sizeof(int32_t));
    *state = plan;
    if (plan.n_chunks > 1) p->workspace = (size_t)(plan.n_chunks * plan.weights * width);
    p->stage[p->n_stages++] = (upreg_stage){b->groups * plan.n_out_strips * plan.n_in_strips * plan.n_line_blocks * plan.n_chunks, 1, scratch};
    if (plan.n_chunks > 1) p->stage[p->n_stages++] = (upreg_stage){ug_ceil_div(plan.weights, COMBINE_BLOCK), 1, 0};
    p->macs = plan.weights * plan.rows * b->out[2];
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
    .version = 2,
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
