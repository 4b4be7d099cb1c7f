/* layer_norm_grad: gx of layer_norm. */
#include "methods/layer_norm_engine.h"

UG_BLOCKS_GRAD_FUNCTIONS(ug_layer_blocks)

const upreg_method ug_method_layer_norm_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "layer_norm_grad",
    .family = "gradient",
    .summary = "the gradient of layer_norm with respect to x",
    .doc = "gx = r (g - mean(g) - (x - mean) r^2 mean(g (x - mean))), with g = gy weight and r = 1 / sqrt(var + eps).",
    .source = "the derivative of layer_norm",
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
