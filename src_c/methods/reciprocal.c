/* reciprocal: 1 / x. */
#include "methods/function.h"

UG_RUN_FUNCTION(reciprocal)

const upreg_method ug_method_reciprocal = {
    UG_FUNCTION_METHOD,
    .name = "reciprocal",
    .family = "arithmetic",
    .aliases = "inverse",
    .summary = "1 / x, elementwise",
    .doc = "y = 1 / x, correctly rounded. Infinity for 0.",
    .source = "ONNX Reciprocal; IEEE 754",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
