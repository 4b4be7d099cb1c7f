/* erf: the error function. */
#include "methods/function.h"

UG_RUN_FUNCTION(erf)

const upreg_method ug_method_erf = {
    UG_FUNCTION_METHOD,
    .name = "erf",
    .family = "arithmetic",
    .summary = "the error function, elementwise",
    .doc = "y = 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x, within 2 units in the last place.",
    .source = "ONNX Erf; Abramowitz and Stegun, 7.1.1",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
