/* asin: the inverse of the sine. */
#include "methods/function.h"

UG_RUN_FUNCTION(asin)

const upreg_method ug_method_asin = {
    UG_FUNCTION_METHOD,
    .name = "asin",
    .family = "arithmetic",
    .aliases = "arcsin",
    .summary = "the angle in radians whose sine is x, elementwise",
    .doc = "y = asin(x) from -pi / 2 to pi / 2, within 3 units in the last place. NaN where |x| > 1.",
    .source = "ONNX Asin",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
