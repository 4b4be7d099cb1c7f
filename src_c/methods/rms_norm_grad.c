/* rms_norm_grad: gx of rms_norm. */
#include "methods/layer_norm_engine.h"

UG_BLOCKS_GRAD_FUNCTIONS(ug_rms_blocks)

const upreg_method ug_method_rms_norm_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "rms_norm_grad",
    .family = "gradient",
    .summary = "the gradient of rms_norm with respect to x",
    .doc = "gx = r (g - x r^2 mean(g x)), with g = gy weight and r = 1 / sqrt(mean(x^2) + eps).",
    .source = "the derivative of rms_norm",
    .params = ug_layer_norm_table,
    .n_params = UG_COUNT(ug_layer_norm_table),
    .params_size = sizeof(ug_layer_norm_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T weight?:T=param gy:T -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_blocks_grad_run,
};
