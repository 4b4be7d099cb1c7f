/* leaky_relu_grad: what of gy passes leaky_relu; with slope 0, relu. */
#include "methods/leaky_relu.h"

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const upreg_tensor *x = &call->in[0], *gy = &call->in[1], *gx = &call->out[0];
    double slope = ((const ug_leaky_relu_params *)call->params)->slope;
    if (ug_is_f32(x))
        call->kernels->elementwise->leaky_relu_grad_f32(ug_f32(gx) + begin, ug_f32(x) + begin, ug_f32(gy) + begin, end - begin, (float)slope);
    else
        call->kernels->elementwise->leaky_relu_grad_f64(ug_f64(gx) + begin, ug_f64(x) + begin, ug_f64(gy) + begin, end - begin, slope);
}

const upreg_method ug_method_leaky_relu_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "leaky_relu_grad",
    .family = "gradient",
    .summary = "the gradient of leaky_relu (slope 0: of relu) with respect to x",
    .doc = "gx = gy where x > 0, else slope * gy (0 where the slope is 0). x, gy and gx have one shape of 0 to 8 dimensions.",
    .source = "the derivative of leaky_relu, taken as slope at 0",
    .params = ug_leaky_relu_table,
    .n_params = UG_COUNT(ug_leaky_relu_table),
    .params_size = sizeof(ug_leaky_relu_params),
    .flags = UPREG_ELEMENTWISE | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T gy:T -> gx:T",
    .infer = ug_infer_pair,
    .prepare = ug_prepare_pointwise,
    .run = run,
    .reach = ug_reach_same,
};
