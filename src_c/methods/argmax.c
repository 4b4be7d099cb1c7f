/* argmax: where the largest number along an axis is. */
#include "methods/arg_engine.h"

static upreg_status prepare(upreg_prepare *p) { return ug_arg_prepare(p, UG_REDUCE_MAX); }

const upreg_method ug_method_argmax = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "argmax",
    .family = "reduction",
    .aliases = "arg_max",
    .summary = "where the largest number along an axis is",
    .doc =
        "y = the place along `axis` of the largest x, for every place along the other axes: the first of equals, or the last. NaN comes before every "
        "number. Not differentiable.",
    .source = "ONNX ArgMax; NumPy argmax",
    .params = ug_arg_table,
    .n_params = UG_COUNT(ug_arg_table),
    .params_size = sizeof(ug_arg_params),
    .types = UG_REDUCED_TYPES,
    .ports = "x:T -> y:i64",
    .infer = ug_arg_infer,
    .prepare = prepare,
    .run = ug_arg_run,
    .reach = ug_arg_reach,
};
