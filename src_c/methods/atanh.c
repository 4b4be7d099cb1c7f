/* atanh: the inverse of the hyperbolic tangent. */
#include "methods/function.h"

UG_RUN_FUNCTION(atanh)

const upreg_method ug_method_atanh = {
    UG_FUNCTION_METHOD,
    .name = "atanh",
    .family = "arithmetic",
    .aliases = "arctanh",
    .summary = "the inverse of the hyperbolic tangent, elementwise",
    .doc = "y = log((1 + x) / (1 - x)) / 2, within 4 units in the last place. NaN where |x| > 1.",
    .source = "ONNX Atanh",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
