/* relu: max(x, 0). */
#include "methods/method.h"

static upreg_status prepare(upreg_prepare *p) {
    ug_add_stage(p, ug_elements(&p->in[0]), (double)upreg_type_size(p->in[0].type), 0);
    return UPREG_OK;
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    if (call->in[0].dtype.bits == 32)
        call->kernels->elementwise->relu_f32((float *)ug_data(&call->out[0]) + begin, (const float *)ug_data(&call->in[0]) + begin, end - begin);
    else
        call->kernels->elementwise->relu_f64((double *)ug_data(&call->out[0]) + begin, (const double *)ug_data(&call->in[0]) + begin, end - begin);
}

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_INPUT(0), UG_GRAD), "leaky_relu_grad:slope=0");
    return UPREG_OK;
}

static void fuse(upreg_fusion *ctx) { ctx->kind = UPREG_FUSE_ACTIVATION, ctx->activation = UPREG_ACT_RELU; }

const upreg_method ug_method_relu = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "relu",
    .family = "activation",
    .aliases = "rectifier",
    .summary = "max(x, 0), elementwise",
    .doc = "y = x where x > 0, else 0. NaN stays NaN. Any shape of 0 to 8 dimensions.",
    .source = "Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, ICML 2010",
    .flags = UPREG_ELEMENTWISE | UPREG_IN_PLACE | UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = ug_infer_same,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = ug_reach_same,
    .fuse = fuse,
    .tile = ug_tile_same,
};
