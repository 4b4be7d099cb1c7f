/* tanh_grad: gy * (1 - y^2). */
#include "methods/pointwise.h"

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    ug_run_binary(call, begin, end, call->kernels->elementwise->tanh_grad_f32, call->kernels->elementwise->tanh_grad_f64);
}

const upreg_method ug_method_tanh_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "tanh_grad",
    .family = "gradient",
    .summary = "the gradient of tanh with respect to x",
    .doc = "gx = gy * (1 - y^2), where y is what the forward method gave. y, gy and gx have one shape of 0 to 8 dimensions.",
    .source = "the derivative of the hyperbolic tangent in terms of its value",
    .flags = UPREG_ELEMENTWISE | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "y:T gy:T -> gx:T",
    .infer = ug_infer_pair,
    .prepare = ug_prepare_pointwise,
    .run = run,
    .reach = ug_reach_same,
};
