/* reduce_sum: the sum along any axes. */
#include "methods/reduce_engine.h"

UG_REDUCE_FUNCTIONS(UG_REDUCE_SUM)

const upreg_method ug_method_reduce_sum = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "reduce_sum",
    .family = "reduction",
    .aliases = "reduce_add|sum_over_axes",
    .summary = "the sum along any axes",
    .doc = "y = sum of x along `axis`, for every place along the other axes. Floats are summed in blocks of 256 terms, the blocks added in "
           "double. Sums of integers wrap. Over nothing: 0.",
    .source = "ONNX ReduceSum; NumPy sum",
    .params = ug_reduce_table,
    .n_params = UG_COUNT(ug_reduce_table),
    .params_size = sizeof(ug_reduce_params),
    .flags = UPREG_LINEAR,
    .types = UG_REDUCED_TYPES,
    .ports = "x:T -> y:T",
    .infer = ug_reduce_infer,
    .prepare = prepare,
    .run = ug_reduce_run,
    .vjp = vjp,
    .reach = ug_reduce_reach,
    .tile = ug_reduce_tile,
};
