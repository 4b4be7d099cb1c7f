/* prelu_grad: what of gy passes prelu. */
#include "methods/prelu.h"

static upreg_status infer(upreg_infer *ctx) {
    UG_TRY(ug_prelu_weight(ctx));
    UG_TRY(ug_same_as_first(ctx, 2, "gy", "x"));
    return ug_infer_same(ctx);
}

#define DEFINE_UNIT(F, S)                                                                                                                            \
    static void unit_##F(const upreg_call *call, const ug_prelu *plan, ug_prelu_unit u) {                                                            \
        const ug_elementwise_kernels *k = call->kernels->elementwise;                                                                                \
        const S *x = ug_##F(&call->in[0]) + u.begin, *weight = ug_##F(&call->in[1]), *gy = ug_##F(&call->in[2]) + u.begin;                           \
        S *gx = ug_##F(&call->out[0]) + u.begin;                                                                                                     \
        int64_t channels = plan->norm.channels;                                                                                                      \
        if (u.channel >= 0) k->leaky_relu_grad_##F(gx, x, gy, u.n, weight[u.channel]);                                                               \
        for (int64_t i = 0; u.channel < 0 && i < u.n; i += channels) k->prelu_grad_##F(gx + i, x + i, gy + i, weight, channels);                     \
    }
DEFINE_UNIT(f32, float)
DEFINE_UNIT(f64, double)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_prelu *plan = (const ug_prelu *)call->state;
    for (int64_t unit = begin; unit < end; unit++) (ug_is_f32(&call->out[0]) ? unit_f32 : unit_f64)(call, plan, ug_prelu_find(plan, unit));
}

const upreg_method ug_method_prelu_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "prelu_grad",
    .family = "gradient",
    .summary = "the gradient of prelu with respect to x",
    .doc = "gx = gy where x > 0, else weight[c] * gy. weight (C) or (1).",
    .source = "the derivative of prelu, taken as weight at 0",
    .params = ug_prelu_table,
    .n_params = UG_COUNT(ug_prelu_table),
    .params_size = sizeof(ug_prelu_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T weight:T=param gy:T -> gx:T",
    .infer = infer,
    .prepare = ug_prelu_prepare,
    .run = run,
};
