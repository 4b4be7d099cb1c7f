/* cosh: the hyperbolic cosine. */
#include "methods/function.h"

UG_RUN_FUNCTION(cosh)

const upreg_method ug_method_cosh = {
    UG_FUNCTION_METHOD,
    .name = "cosh",
    .family = "arithmetic",
    .summary = "the hyperbolic cosine, elementwise",
    .doc = "y = (exp(x) + exp(-x)) / 2, within 4 units in the last place.",
    .source = "ONNX Cosh",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
