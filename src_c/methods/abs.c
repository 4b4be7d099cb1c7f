/* abs: the magnitude. */
#include "methods/function.h"

UG_RUN_FUNCTION(abs)

const upreg_method ug_method_abs = {
    UG_FUNCTION_METHOD,
    .name = "abs",
    .family = "arithmetic",
    .aliases = "absolute",
    .summary = "|x|, elementwise",
    .doc = "y = |x|. Whole numbers wrap: the smallest one is its own magnitude. The gradient at 0 is 0.",
    .source = "ONNX Abs",
    .types = UG_FLOATING | UG_INTEGERS,
    .vjp = ug_function_vjp,
};
