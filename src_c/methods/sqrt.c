/* sqrt: the square root. */
#include "methods/function.h"

UG_RUN_FUNCTION(sqrt)

const upreg_method ug_method_sqrt = {
    UG_FUNCTION_METHOD,
    .name = "sqrt",
    .family = "arithmetic",
    .summary = "the square root, elementwise",
    .doc = "y = sqrt(x), correctly rounded. NaN for negative numbers.",
    .source = "ONNX Sqrt; IEEE 754",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
