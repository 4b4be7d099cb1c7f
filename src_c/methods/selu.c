/* selu: a scaled elu. */
#include "methods/function.h"

static const upreg_param table[] = {
    UG_FUNCTION_PARAM(0, "alpha", "1.67326319217681884765625", -FLT_MAX, FLT_MAX, "minus the limit for small x, before scaling"),
    UG_FUNCTION_PARAM(1, "gamma", "1.05070102214813232421875", -FLT_MAX, FLT_MAX, "the scale"),
};

UG_RUN_FUNCTION(selu)

const upreg_method ug_method_selu = {
    UG_FUNCTION_METHOD,
    .name = "selu",
    .family = "activation",
    .summary = "gamma times x where x > 0, else gamma * alpha * (exp(x) - 1), elementwise",
    .doc = "y = gamma * x where x > 0, else gamma * alpha * (exp(x) - 1). The defaults keep mean 0 and variance 1.",
    .source = "Klambauer, Unterthiner, Mayr and Hochreiter, Self-Normalizing Neural Networks, NeurIPS 2017",
    UG_FUNCTION_TABLE(table),
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
