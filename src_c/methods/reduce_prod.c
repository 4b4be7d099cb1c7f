/* reduce_prod: the product along any axes. */
#include "methods/reduce_engine.h"

UG_REDUCE_FUNCTIONS(UG_REDUCE_PROD)

const upreg_method ug_method_reduce_prod = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "reduce_prod",
    .family = "reduction",
    .aliases = "prod|product",
    .summary = "the product along any axes",
    .doc = "y = product of x along `axis`, for every place along the other axes. Floats are multiplied in double. Products of integers wrap. "
           "Over nothing: 1.",
    .source = "ONNX ReduceProd; NumPy prod",
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
