/* reduce_log_sum: the logarithm of the sum along any axes. */
#include "methods/reduce_engine.h"

UG_REDUCE_FUNCTIONS(UG_REDUCE_LOG_SUM)

const upreg_method ug_method_reduce_log_sum = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "reduce_log_sum",
    .family = "reduction",
    .aliases = "log_of_sum",
    .summary = "the logarithm of the sum along any axes",
    .doc = "y = log(sum of x) along `axis`, for every place along the other axes. Over nothing: -infinity.",
    .source = "ONNX ReduceLogSum",
    .params = ug_reduce_table,
    .n_params = UG_COUNT(ug_reduce_table),
    .params_size = sizeof(ug_reduce_params),
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = ug_reduce_infer,
    .prepare = prepare,
    .run = ug_reduce_run,
    .vjp = vjp,
    .reach = ug_reduce_reach,
    .tile = ug_reduce_tile,
};
