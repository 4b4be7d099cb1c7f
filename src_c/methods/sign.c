/* sign: -1, 0 or 1. */
#include "methods/function.h"

UG_RUN_FUNCTION(sign)

const upreg_method ug_method_sign = {
    UG_FUNCTION_METHOD,
    .name = "sign",
    .family = "arithmetic",
    .summary = "-1, 0 or 1 by the sign, elementwise",
    .doc = "y = -1 where x < 0, 1 where x > 0, else x: 0, or NaN. The gradient is 0.",
    .source = "ONNX Sign",
    .types = UG_FLOATING | UG_INTEGERS,
    .vjp = ug_step_vjp,
};
