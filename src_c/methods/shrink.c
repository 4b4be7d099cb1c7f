/* shrink: numbers near 0 set to 0. */
#include "methods/function.h"

static const upreg_param table[] = {
    UG_FUNCTION_PARAM(0, "lambd", "0.5", -FLT_MAX, FLT_MAX, "half the width of what becomes 0"),
    UG_FUNCTION_PARAM(1, "bias", "0", -FLT_MAX, FLT_MAX, "how far the others move"),
};

UG_RUN_FUNCTION(shrink)

const upreg_method ug_method_shrink = {
    UG_FUNCTION_METHOD,
    .name = "shrink",
    .family = "activation",
    .aliases = "hardshrink",
    .summary = "0 where |x| <= lambd, else x moved towards 0 by bias, elementwise",
    .doc = "y = x + bias where x < -lambd, x - bias where x > lambd, else 0. bias = 0 is hard shrinkage, bias = lambd soft shrinkage. NaN stays NaN.",
    .source = "ONNX Shrink",
    UG_FUNCTION_TABLE(table),
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
