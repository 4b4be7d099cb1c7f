/* elu: x above 0, an exponential below. */
#include "methods/function.h"

static const upreg_param table[] = {
    UG_FUNCTION_PARAM(0, "alpha", "1", -FLT_MAX, FLT_MAX, "minus the limit for small x"),
};

UG_RUN_FUNCTION(elu)

const upreg_method ug_method_elu = {
    UG_FUNCTION_METHOD,
    .name = "elu",
    .family = "activation",
    .aliases = "exponential_linear_unit",
    .summary = "x where x > 0, else alpha * (exp(x) - 1), elementwise",
    .doc = "y = x where x > 0, else alpha * (exp(x) - 1).",
    .source = "Clevert, Unterthiner and Hochreiter, Fast and Accurate Deep Network Learning by Exponential Linear Units, ICLR 2016",
    UG_FUNCTION_TABLE(table),
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
