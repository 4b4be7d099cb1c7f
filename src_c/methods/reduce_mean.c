/* reduce_mean: the mean along any axes. */
#include "methods/reduce_engine.h"

UG_REDUCE_FUNCTIONS(UG_REDUCE_MEAN)

const upreg_method ug_method_reduce_mean = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "reduce_mean",
    .family = "reduction",
    .aliases = "reduce_average|mean_over_axes",
    .summary = "the mean along any axes",
    .doc = "y = sum of x / number of terms along `axis`, for every place along the other axes. Integers: their sum divided towards zero. Over "
           "nothing: NaN (integers: 0).",
    .source = "ONNX ReduceMean; NumPy mean",
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
