/* hard_sigmoid: a sigmoid of three straight lines. */
#include "methods/function.h"

static const upreg_param table[] = {
    UG_FUNCTION_PARAM(0, "alpha", "0.2", -FLT_MAX, FLT_MAX, "the slope"),
    UG_FUNCTION_PARAM(1, "beta", "0.5", -FLT_MAX, FLT_MAX, "the value at 0"),
};

UG_RUN_FUNCTION(hard_sigmoid)
UG_FUSE_FUNCTION(HARD_SIGMOID, 1)

const upreg_method ug_method_hard_sigmoid = {
    UG_FUNCTION_METHOD,
    .name = "hard_sigmoid",
    .family = "activation",
    .aliases = "hardsigmoid",
    .summary = "max(0, min(1, alpha * x + beta)), elementwise",
    .doc = "y = max(0, min(1, alpha * x + beta)). NaN stays NaN. The gradient at a bend is 0.",
    .source = "Courbariaux, Bengio and David, BinaryConnect, NeurIPS 2015; ONNX HardSigmoid",
    UG_FUNCTION_TABLE(table),
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
    .fuse = fuse,
};
