/* hard_swish: x times a sigmoid of three straight lines. */
#include "methods/function.h"

UG_RUN_FUNCTION(hard_swish)
UG_FUSE_FUNCTION(HARD_SWISH, 0)

const upreg_method ug_method_hard_swish = {
    UG_FUNCTION_METHOD,
    .name = "hard_swish",
    .family = "activation",
    .aliases = "hardswish",
    .summary = "x * max(0, min(6, x + 3)) / 6, elementwise",
    .doc = "y = x * max(0, min(6, x + 3)) / 6. NaN stays NaN.",
    .source = "Howard et al., Searching for MobileNetV3, ICCV 2019; ONNX HardSwish",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
    .fuse = fuse,
};
