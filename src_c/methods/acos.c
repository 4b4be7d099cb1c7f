/* acos: the inverse of the cosine. */
#include "methods/function.h"

UG_RUN_FUNCTION(acos)

const upreg_method ug_method_acos = {
    UG_FUNCTION_METHOD,
    .name = "acos",
    .family = "arithmetic",
    .aliases = "arccos",
    .summary = "the angle in radians whose cosine is x, elementwise",
    .doc = "y = acos(x) from 0 to pi, within 3 units in the last place. NaN where |x| > 1.",
    .source = "ONNX Acos",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
