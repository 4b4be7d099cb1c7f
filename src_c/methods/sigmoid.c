/* sigmoid: 1 / (1 + exp(-x)). */
#include "methods/pointwise.h"

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    ug_run_unary(call, begin, end, call->kernels->elementwise->sigmoid_f32, call->kernels->elementwise->sigmoid_f64);
}

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_OUTPUT(0), UG_GRAD), "sigmoid_grad");
    return UPREG_OK;
}

static void fuse(upreg_fusion *ctx) { ctx->kind = UPREG_FUSE_ACTIVATION, ctx->activation = UPREG_ACT_SIGMOID; }

const upreg_method ug_method_sigmoid = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "sigmoid",
    .family = "activation",
    .aliases = "logistic",
    .summary = "1 / (1 + exp(-x)), elementwise",
    .doc = "y = 1 / (1 + exp(-x)), computed from exp(-|x|), so that neither end overflows and tiny results keep their digits. Within 2.5 units in "
           "the last place. Any shape of 0 to 8 dimensions.",
    .source = "Verhulst, Notice sur la loi que la population suit dans son accroissement, 1838",
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
