/* swish: x times its sigmoid. */
#include "methods/function.h"

static const upreg_param table[] = {
    UG_FUNCTION_PARAM(0, "alpha", "1", -FLT_MAX, FLT_MAX, "the factor inside the sigmoid"),
};

UG_RUN_FUNCTION(swish)
UG_FUSE_FUNCTION(SWISH, 1)

const upreg_method ug_method_swish = {
    UG_FUNCTION_METHOD,
    .name = "swish",
    .family = "activation",
    .aliases = "silu",
    .summary = "x * sigmoid(alpha * x), elementwise",
    .doc = "y = x / (1 + exp(-alpha * x)).",
    .source = "Ramachandran, Zoph and Le, Searching for Activation Functions, 2017; Elfwing, Uchibe and Doya, 2018",
    UG_FUNCTION_TABLE(table),
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
    .fuse = fuse,
};
