/* asinh: the inverse of the hyperbolic sine. */
#include "methods/function.h"

UG_RUN_FUNCTION(asinh)

const upreg_method ug_method_asinh = {
    UG_FUNCTION_METHOD,
    .name = "asinh",
    .family = "arithmetic",
    .aliases = "arcsinh",
    .summary = "the inverse of the hyperbolic sine, elementwise",
    .doc = "y = log(x + sqrt(x^2 + 1)), within 4 units in the last place.",
    .source = "ONNX Asinh",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
