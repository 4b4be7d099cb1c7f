/* global_lp_pool: the p-norm of every channel of every image. */
#include "methods/global_pool.h"

static const upreg_param params[] = {
    UG_INT_PARAM(ug_global_pool_params, p, "2", 1, 1024, "the exponent"),
    UG_LAYOUT_PARAM(ug_global_pool_params),
};

UG_GLOBAL_POOL_FUNCTIONS(UG_REDUCE_LP)

const upreg_method ug_method_global_lp_pool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "global_lp_pool",
    .family = "pool",
    .aliases = "global_power_pool",
    .summary = "the p-norm of every channel of every image",
    .doc =
        "y = (sum over the spatial axes of |x|^p)^(1/p), which stay with length 1: x (N, C, m...) -> y (N, C, 1...). The gradient where y is 0 is 0.",
    .source = "ONNX GlobalLpPool",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(ug_global_pool_params),
    .flags = UPREG_HAS_TAPS,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = ug_global_pool_infer,
    .prepare = prepare,
    .run = ug_reduce_run,
    .vjp = vjp,
    .reach = ug_global_pool_reach,
};
