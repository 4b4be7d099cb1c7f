/* atan: the inverse of the tangent. */
#include "methods/function.h"

UG_RUN_FUNCTION(atan)

const upreg_method ug_method_atan = {
    UG_FUNCTION_METHOD,
    .name = "atan",
    .family = "arithmetic",
    .aliases = "arctan",
    .summary = "the angle in radians whose tangent is x, elementwise",
    .doc = "y = atan(x) from -pi / 2 to pi / 2, within 2 units in the last place.",
    .source = "ONNX Atan",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
