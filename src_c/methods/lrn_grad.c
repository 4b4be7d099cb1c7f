/* lrn_grad: gx of lrn. */
#include "methods/lrn_engine.h"

static upreg_status infer(upreg_infer *ctx) {
    ug_lrn lrn;
    UG_TRY(ug_lrn_of(UG_ASK(ctx), &lrn));
    return ug_infer_pair(ctx);
}

/* First s^-beta gy, and what is summed over windows: gy x s^(-beta - 1); then their difference. */
static upreg_status prepare(upreg_prepare *p) {
    ug_lrn *lrn = upreg_reserve(p, sizeof *lrn), local;
    if (!lrn) lrn = &local;
    UG_TRY(ug_lrn_of(UG_ASK(p), lrn));
    size_t element = upreg_type_size(p->in[0].type), width = (size_t)ug_lrn_width(lrn);
    double bytes = (double)(width * element) * ((double)ug_min64(lrn->before + lrn->after + 1, lrn->channels) + 12);
    p->workspace = (size_t)ug_elements(&p->in[0]) * element;
    ug_add_stage(p, ug_lrn_units(lrn), bytes, width * element);
    ug_add_stage(p, ug_lrn_units(lrn), bytes, width * element);
    return UPREG_OK;
}

#define DEFINE_UNITS(F, S, TYPE)                                                                                                                     \
    static void first_##F(const upreg_call *call, const ug_lrn *l, int64_t unit, S *sum) {                                                           \
        const ug_lrn_params *q = call->params;                                                                                                       \
        const upreg_kernels *k = call->kernels;                                                                                                      \
        const ug_binary *mul = &k->arithmetic->binary[UG_BINARY_mul][TYPE], *div = &k->arithmetic->binary[UG_BINARY_div][TYPE];                      \
        const S *x = ug_##F(&call->in[0]);                                                                                                           \
        int64_t channel, n, at = ug_lrn_find(l, unit, &channel, &n);                                                                                 \
        S *gx = ug_##F(&call->out[0]) + at, *terms = (S *)call->workspace + at, power = (S) - q->beta;                                               \
        ug_lrn_window_##F(l, k, sum, x, x, at, channel, n, 0);                                                                                       \
        k->elementwise->scale_shift_##F(sum, sum, (S)(q->alpha / (double)q->size), (S)q->bias, n);                                                   \
        k->arithmetic->binary[UG_BINARY_pow][TYPE](gx, sum, &power, n, 1, 0);                                                                        \
        (*mul)(gx, gx, ug_##F(&call->in[1]) + at, n, 1, 1);                                                                                          \
        (*div)(terms, gx, sum, n, 1, 1);                                                                                                             \
    }                                                                                                                                                \
    static void second_##F(const upreg_call *call, const ug_lrn *l, int64_t unit, S *sum) {                                                          \
        const ug_lrn_params *q = call->params;                                                                                                       \
        const upreg_kernels *k = call->kernels;                                                                                                      \
        const S *x = ug_##F(&call->in[0]);                                                                                                           \
        int64_t channel, n, at = ug_lrn_find(l, unit, &channel, &n);                                                                                 \
        ug_lrn_window_##F(l, k, sum, (const S *)call->workspace, x, at, channel, n, 1);                                                              \
        k->elementwise->scale_shift_##F(sum, sum, (S)(-2 * q->alpha * q->beta / (double)q->size), 0, n);                                             \
        k->elementwise->mul_add_##F(ug_##F(&call->out[0]) + at, x + at, sum, n);                                                                     \
    }
DEFINE_UNITS(f32, float, UG_TYPE_F32)
DEFINE_UNITS(f64, double, UG_TYPE_F64)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const ug_lrn *l = (const ug_lrn *)call->state;
    void *sum = call->scratch[worker];
    for (int64_t unit = begin; unit < end; unit++)
        if (ug_is_f32(&call->out[0]))
            (stage ? second_f32 : first_f32)(call, l, unit, sum);
        else
            (stage ? second_f64 : first_f64)(call, l, unit, sum);
}

const upreg_method ug_method_lrn_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "lrn_grad",
    .family = "gradient",
    .summary = "the gradient of lrn with respect to x",
    .doc =
        "With s = bias + alpha / size * sum of x^2: gx = gy s^-beta - 2 alpha beta / size * x * sum of gy x s^(-beta - 1), over the channels whose "
        "window has this one.",
    .source = "the derivative of lrn",
    .params = ug_lrn_table,
    .n_params = UG_COUNT(ug_lrn_table),
    .params_size = sizeof(ug_lrn_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T gy:T -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};
