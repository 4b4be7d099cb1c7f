/* softmax: exp(x) / sum of exp(x) along one axis. */
#include "methods/softmax.h"

static upreg_status prepare(upreg_prepare *p) { return ug_softmax_prepare(p, 8); }

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    ug_softmax_run(call, begin, end, 0);
}

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_OUTPUT(0), UG_GRAD), "softmax_grad:axis=%" PRId64, ((const ug_softmax_params *)ctx->params)->axis);
    return UPREG_OK;
}

const upreg_method ug_method_softmax = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "softmax",
    .family = "activation",
    .aliases = "normalized_exponential",
    .summary = "exp(x) / sum of exp(x) along one axis",
    .doc = "y = exp(x - max) / sum of exp(x - max) along `axis`. Any shape of 1 to 8 dimensions.",
    .source = "Bridle, Probabilistic Interpretation of Feedforward Classification Network Outputs, 1990",
    .params = ug_softmax_table,
    .n_params = UG_COUNT(ug_softmax_table),
    .params_size = sizeof(ug_softmax_params),
    .flags = UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = ug_softmax_infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = ug_softmax_reach,
    .tile = ug_softmax_tile,
};
