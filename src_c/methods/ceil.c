/* ceil: the smallest whole number that is not less. */
#include "methods/function.h"

UG_RUN_FUNCTION(ceil)

const upreg_method ug_method_ceil = {
    UG_FUNCTION_METHOD,
    .name = "ceil",
    .family = "arithmetic",
    .aliases = "ceiling",
    .summary = "the smallest whole number that is not less than x, elementwise",
    .doc = "y = ceil(x). The gradient is 0.",
    .source = "ONNX Ceil",
    .types = UG_FLOATING,
    .vjp = ug_step_vjp,
};
