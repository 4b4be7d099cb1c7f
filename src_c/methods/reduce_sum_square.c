/* reduce_sum_square: the sum of squares along any axes. */
#include "methods/reduce_engine.h"

UG_REDUCE_FUNCTIONS(UG_REDUCE_SUM_SQUARE)

const upreg_method ug_method_reduce_sum_square = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "reduce_sum_square",
    .family = "reduction",
    .aliases = "sum_of_squares",
    .summary = "the sum of squares along any axes",
    .doc = "y = sum of x^2 along `axis`, for every place along the other axes. Sums of integers wrap. Over nothing: 0.",
    .source = "ONNX ReduceSumSquare",
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
