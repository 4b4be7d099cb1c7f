/* clip: x held between two bounds. */
#include "methods/function.h"

static const upreg_param table[] = {
    UG_FUNCTION_PARAM(0, "min", "null", -FLT_MAX, FLT_MAX, "the lower bound; null: none"),
    UG_FUNCTION_PARAM(1, "max", "null", -FLT_MAX, FLT_MAX, "the upper bound, which wins when it is the lower; null: none"),
};

UG_RUN_FUNCTION(clip)
UG_FUSE_FUNCTION(CLIP, 1)

const upreg_method ug_method_clip = {
    UG_FUNCTION_METHOD,
    .name = "clip",
    .family = "activation",
    .aliases = "clamp",
    .summary = "x between a lower and an upper bound, elementwise",
    .doc = "y = min(max(x, min), max); a bound that is null does not bound. With min=0 and max=6, relu6. NaN stays NaN. For whole numbers, bounds "
           "are cut to whole numbers of the type. The gradient is 1 on the bounds.",
    .source = "ONNX Clip",
    UG_FUNCTION_TABLE(table),
    .types = UG_FLOATING | UG_INTEGERS,
    .vjp = ug_function_vjp,
    .fuse = fuse,
};
