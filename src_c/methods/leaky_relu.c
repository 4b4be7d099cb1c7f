/* leaky_relu: x above 0, slope * x below. */
#include "methods/leaky_relu.h"

const upreg_param ug_leaky_relu_table[1] = {
    UG_FLOAT_PARAM(ug_leaky_relu_params, slope, "0.01", -FLT_MAX, FLT_MAX, "what negative inputs are multiplied by"),
};

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const upreg_tensor *x = &call->in[0], *y = &call->out[0];
    double slope = ((const ug_leaky_relu_params *)call->params)->slope;
    if (ug_is_f32(x))
        call->kernels->elementwise->leaky_relu_f32(ug_f32(y) + begin, ug_f32(x) + begin, end - begin, (float)slope);
    else
        call->kernels->elementwise->leaky_relu_f64(ug_f64(y) + begin, ug_f64(x) + begin, end - begin, slope);
}

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_INPUT(0), UG_GRAD), "leaky_relu_grad:slope=%.17g", ((const ug_leaky_relu_params *)ctx->params)->slope);
    return UPREG_OK;
}

static void fuse(upreg_fusion *ctx) {
    ctx->kind = UPREG_FUSE_ACTIVATION, ctx->activation = UPREG_ACT_LEAKY_RELU;
    ctx->p[0] = ((const ug_leaky_relu_params *)ctx->params)->slope;
}

const upreg_method ug_method_leaky_relu = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "leaky_relu",
    .family = "activation",
    .aliases = "lrelu",
    .summary = "x where x > 0, else slope * x, elementwise",
    .doc = "y = x where x > 0, else slope * x. NaN stays NaN. Any shape of 0 to 8 dimensions.",
    .source = "Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models, ICML 2013",
    .params = ug_leaky_relu_table,
    .n_params = UG_COUNT(ug_leaky_relu_table),
    .params_size = sizeof(ug_leaky_relu_params),
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
