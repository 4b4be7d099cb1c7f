/* group_norm_grad: gx of group_norm. */
#include "methods/layer_norm_engine.h"

UG_BLOCKS_GRAD_FUNCTIONS(ug_group_blocks)

const upreg_method ug_method_group_norm_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "group_norm_grad",
    .family = "gradient",
    .summary = "the gradient of group_norm with respect to x",
    .doc = "gx = r (g - mean(g) - (x - mean) r^2 mean(g (x - mean))), with g = gy weight and r = 1 / sqrt(var + eps), means over a group.",
    .source = "the derivative of group_norm",
    .params = ug_group_norm_table,
    .n_params = UG_COUNT(ug_group_norm_table),
    .params_size = sizeof(ug_group_norm_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T weight?:T=param gy:T -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_blocks_grad_run,
};
