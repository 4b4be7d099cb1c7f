/* floor: the largest whole number that is not more. */
#include "methods/function.h"

UG_RUN_FUNCTION(floor)

const upreg_method ug_method_floor = {
    UG_FUNCTION_METHOD,
    .name = "floor",
    .family = "arithmetic",
    .summary = "the largest whole number that is not more than x, elementwise",
    .doc = "y = floor(x). The gradient is 0.",
    .source = "ONNX Floor",
    .types = UG_FLOATING,
    .vjp = ug_step_vjp,
};
