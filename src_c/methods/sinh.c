/* sinh: the hyperbolic sine. */
#include "methods/function.h"

UG_RUN_FUNCTION(sinh)

const upreg_method ug_method_sinh = {
    UG_FUNCTION_METHOD,
    .name = "sinh",
    .family = "arithmetic",
    .summary = "the hyperbolic sine, elementwise",
    .doc = "y = (exp(x) - exp(-x)) / 2, within 4 units in the last place.",
    .source = "ONNX Sinh",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
