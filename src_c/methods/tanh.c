/* tanh: the hyperbolic tangent. */
#include "methods/pointwise.h"

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    ug_run_unary(call, begin, end, call->kernels->elementwise->tanh_f32, call->kernels->elementwise->tanh_f64);
}

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_OUTPUT(0), UG_GRAD), "tanh_grad");
    return UPREG_OK;
}

static void fuse(upreg_fusion *ctx) { ctx->kind = UPREG_FUSE_ACTIVATION, ctx->activation = UPREG_ACT_TANH; }

const upreg_method ug_method_tanh = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "tanh",
    .family = "activation",
    .aliases = "hyperbolic_tangent",
    .summary = "the hyperbolic tangent, elementwise",
    .doc =
        "y = (exp(x) - exp(-x)) / (exp(x) + exp(-x)). A rational function below 0.625, 1 - 2 / (exp(2|x|) + 1) above; within 1.5 units in the last "
        "place. Any shape of 0 to 8 dimensions.",
    .source = "Cody and Waite, Software Manual for the Elementary Functions, 1980",
    .flags = UPREG_ELEMENTWISE | UPREG_IN_PLACE | UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = ug_infer_same,
    .prepare = ug_prepare_pointwise,
    .run = run,
    .vjp = vjp,
    .reach = ug_reach_same,
    .fuse = fuse,
    .tile = ug_tile_same,
};
