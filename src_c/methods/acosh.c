/* acosh: the inverse of the hyperbolic cosine. */
#include "methods/function.h"

UG_RUN_FUNCTION(acosh)

const upreg_method ug_method_acosh = {
    UG_FUNCTION_METHOD,
    .name = "acosh",
    .family = "arithmetic",
    .aliases = "arccosh",
    .summary = "the inverse of the hyperbolic cosine, elementwise",
    .doc = "y = log(x + sqrt(x^2 - 1)), within 4 units in the last place. NaN where x < 1.",
    .source = "ONNX Acosh",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
