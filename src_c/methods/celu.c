/* celu: an elu that is smooth for every alpha. */
#include "methods/function.h"

static const upreg_param table[] = {
    UG_FUNCTION_PARAM(0, "alpha", "1", FLT_MIN, FLT_MAX, "minus the limit for small x"),
};

UG_RUN_FUNCTION(celu)

const upreg_method ug_method_celu = {
    UG_FUNCTION_METHOD,
    .name = "celu",
    .family = "activation",
    .summary = "x where x > 0, else alpha * (exp(x / alpha) - 1), elementwise",
    .doc = "y = x where x > 0, else alpha * (exp(x / alpha) - 1).",
    .source = "Barron, Continuously Differentiable Exponential Linear Units, 2017",
    UG_FUNCTION_TABLE(table),
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
