/* lrn: local response normalisation. */
#include <stdio.h>

#include "methods/lrn_engine.h"

static upreg_status infer(upreg_infer *ctx) {
    ug_lrn lrn;
    UG_TRY(ug_lrn_of(UG_ASK(ctx), &lrn));
    return ug_infer_same(ctx);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_lrn *lrn = upreg_reserve(p, sizeof *lrn), local;
    if (!lrn) lrn = &local;
    UG_TRY(ug_lrn_of(UG_ASK(p), lrn));
    size_t element = upreg_type_size(p->in[0].type), width = (size_t)ug_lrn_width(lrn);
    double window = (double)ug_min64(lrn->before + lrn->after + 1, lrn->channels);
    ug_add_stage(p, ug_lrn_units(lrn), (double)(width * element) * (window + 8), width * element);
    return UPREG_OK;
}

#define DEFINE_UNIT(F, S, TYPE)                                                                                                                      \
    static void unit_##F(const upreg_call *call, const ug_lrn *l, int64_t unit, S *sum) {                                                            \
        const ug_lrn_params *q = call->params;                                                                                                       \
        const upreg_kernels *k = call->kernels;                                                                                                      \
        const S *x = ug_##F(&call->in[0]);                                                                                                           \
        int64_t channel, n, at = ug_lrn_find(l, unit, &channel, &n);                                                                                 \
        S power = (S) - q->beta;                                                                                                                     \
        ug_lrn_window_##F(l, k, sum, x, x, at, channel, n, 0);                                                                                       \
        k->elementwise->scale_shift_##F(sum, sum, (S)(q->alpha / (double)q->size), (S)q->bias, n);                                                   \
        k->arithmetic->binary[UG_BINARY_pow][TYPE](sum, sum, &power, n, 1, 0);                                                                       \
        k->arithmetic->binary[UG_BINARY_mul][TYPE](ug_##F(&call->out[0]) + at, x + at, sum, n, 1, 1);                                                \
    }
DEFINE_UNIT(f32, float, UG_TYPE_F32)
DEFINE_UNIT(f64, double, UG_TYPE_F64)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    const ug_lrn *l = (const ug_lrn *)call->state;
    void *sum = call->scratch[worker];
    for (int64_t unit = begin; unit < end; unit++)
        if (ug_is_f32(&call->out[0]))
            unit_f32(call, l, unit, sum);
        else
            unit_f64(call, l, unit, sum);
}

static upreg_status vjp(upreg_vjp *ctx) {
    const ug_lrn_params *q = ctx->params;
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_INPUT(0), UG_GRAD), "lrn_grad:size=%" PRId64 ",alpha=%.17g,beta=%.17g,bias=%.17g,layout=%s", q->size,
                          q->alpha, q->beta, q->bias, ug_layout_names[q->layout]);
    return UPREG_OK;
}

/* The neighbouring channels of the same pixels. */
static upreg_status reach(upreg_reach *ctx) {
    const ug_lrn_params *q = ctx->params;
    ug_frame frame;
    UG_TRY(ug_frame_of(ctx->err, ctx->method, q->layout, ctx->rank, &ctx->in[0], &frame));
    UG_TRY(ug_reach_same(ctx));
    int64_t *begin = &ctx->in_begin[frame.axis_c], *end = &ctx->in_end[frame.axis_c];
    *begin = ug_max64(*begin - (q->size - 1) / 2, 0), *end = ug_min64(*end + q->size / 2, frame.c);
    return UPREG_OK;
}

static upreg_status tile(upreg_tiling *ctx) {
    ug_frame frame;
    UG_TRY(ug_frame_of(ctx->err, ctx->method, ((const ug_lrn_params *)ctx->params)->layout, ctx->rank, &ctx->in[0], &frame));
    return ug_tile_needs_all(ctx, frame.axis_c);
}

const upreg_method ug_method_lrn = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "lrn",
    .family = "norm",
    .aliases = "local_response_norm|local_response_normalization",
    .summary = "every number divided by a power of the squares of neighbouring channels",
    .doc =
        "y = x / (bias + alpha / size * sum of x^2)^beta, the sum over channels c - floor((size - 1) / 2) to c + floor(size / 2) of the same pixel; "
        "channels that do not exist count as 0.",
    .source = "Krizhevsky, Sutskever and Hinton, ImageNet Classification with Deep Convolutional Neural Networks, 2012; ONNX LRN",
    .params = ug_lrn_table,
    .n_params = UG_COUNT(ug_lrn_table),
    .params_size = sizeof(ug_lrn_params),
    .flags = UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
