/* reduce_min: the smallest number along any axes. */
#include "methods/reduce_engine.h"

UG_REDUCE_FUNCTIONS(UG_REDUCE_MIN)

const upreg_method ug_method_reduce_min = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "reduce_min",
    .family = "reduction",
    .aliases = "amin",
    .summary = "the smallest number along any axes",
    .doc = "y = min of x along `axis`, for every place along the other axes. NaN is smaller than everything. Over nothing: infinity, the largest "
           "integer. Equal smallest numbers share the gradient.",
    .source = "ONNX ReduceMin; NumPy amin",
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
