/* reduce_l2: the Euclidean norm along any axes. */
#include "methods/reduce_engine.h"

UG_REDUCE_FUNCTIONS(UG_REDUCE_L2)

const upreg_method ug_method_reduce_l2 = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "reduce_l2",
    .family = "reduction",
    .aliases = "l2_norm|norm",
    .summary = "the Euclidean norm along any axes",
    .doc = "y = sqrt(sum of x^2) along `axis`, for every place along the other axes. Over nothing: 0. The gradient where y is 0 is 0.",
    .source = "ONNX ReduceL2; NumPy linalg.norm",
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
