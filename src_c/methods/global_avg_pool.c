/* global_avg_pool: the mean of every channel of every image. */
#include "methods/global_pool.h"

static const upreg_param params[] = {
    UG_LAYOUT_PARAM(ug_global_pool_params),
};

UG_GLOBAL_POOL_FUNCTIONS(UG_REDUCE_MEAN)

const upreg_method ug_method_global_avg_pool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "global_avg_pool",
    .family = "pool",
    .aliases = "global_average_pool|gap",
    .summary = "the mean of every channel of every image",
    .doc = "y = the mean over the spatial axes, which stay with length 1: x (N, C, m...) -> y (N, C, 1...).",
    .source = "ONNX GlobalAveragePool; PyTorch adaptive_avg_pool2d to 1",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(ug_global_pool_params),
    .flags = UPREG_LINEAR | UPREG_HAS_TAPS,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = ug_global_pool_infer,
    .prepare = prepare,
    .run = ug_reduce_run,
    .vjp = vjp,
    .reach = ug_global_pool_reach,
};
