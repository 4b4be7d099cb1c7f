/* reduce_max: the largest number along any axes. */
#include "methods/reduce_engine.h"

UG_REDUCE_FUNCTIONS(UG_REDUCE_MAX)

const upreg_method ug_method_reduce_max = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "reduce_max",
    .family = "reduction",
    .aliases = "amax",
    .summary = "the largest number along any axes",
    .doc = "y = max of x along `axis`, for every place along the other axes. NaN is larger than everything. Over nothing: -infinity, the "
           "smallest integer. Equal largest numbers share the gradient.",
    .source = "ONNX ReduceMax; NumPy amax",
    .params = ug_reduce_table,
    .n_params = UG_COUNT(ug_reduce_table),
    .params_size = sizeof(ug_reduce_params),
    .types = UG_REDUCED_TYPES,
    .ports = "x:T -> y:T",
    .infer = ug_reduce_infer,
    .prepare = prepare,
    .run = ug_reduce_run,
    .vjp = vjp,
    .reach = ug_reduce_reach,
    .tile = ug_reduce_tile,
};
