/* round: the nearest whole number. */
#include "methods/function.h"

UG_RUN_FUNCTION(round)

const upreg_method ug_method_round = {
    UG_FUNCTION_METHOD,
    .name = "round",
    .family = "arithmetic",
    .aliases = "rint",
    .summary = "the nearest whole number, elementwise",
    .doc = "y = x rounded to the nearest whole number, of two equally near ones to the even one. The gradient is 0.",
    .source = "ONNX Round; IEEE 754",
    .types = UG_FLOATING,
    .vjp = ug_step_vjp,
};
