/* reduce_l1: the sum of magnitudes along any axes. */
#include "methods/reduce_engine.h"

UG_REDUCE_FUNCTIONS(UG_REDUCE_L1)

const upreg_method ug_method_reduce_l1 = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "reduce_l1",
    .family = "reduction",
    .aliases = "l1_norm",
    .summary = "the sum of magnitudes along any axes",
    .doc = "y = sum of |x| along `axis`, for every place along the other axes. Sums of integers wrap. Over nothing: 0.",
    .source = "ONNX ReduceL1",
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
