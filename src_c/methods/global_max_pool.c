/* global_max_pool: the largest number of every channel of every image. */
#include "methods/global_pool.h"

static const upreg_param params[] = {
    UG_LAYOUT_PARAM(ug_global_pool_params),
};

UG_GLOBAL_POOL_FUNCTIONS(UG_REDUCE_MAX)

const upreg_method ug_method_global_max_pool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "global_max_pool",
    .family = "pool",
    .aliases = "global_maximum_pool|gmp",
    .summary = "the largest number of every channel of every image",
    .doc =
        "y = the maximum over the spatial axes, which stay with length 1: x (N, C, m...) -> y (N, C, 1...). NaN is larger than everything; equal largest numbers share the gradient.",
    .source = "ONNX GlobalMaxPool; PyTorch adaptive_max_pool2d to 1",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(ug_global_pool_params),
    .flags = UPREG_HAS_TAPS,
    .types = UG_REDUCED_TYPES,
    .ports = "x:T -> y:T",
    .infer = ug_global_pool_infer,
    .prepare = prepare,
    .run = ug_reduce_run,
    .vjp = vjp,
    .reach = ug_global_pool_reach,
};
