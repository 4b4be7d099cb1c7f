/* mish: x times the tanh of its softplus. */
#include "methods/function.h"

UG_RUN_FUNCTION(mish)

const upreg_method ug_method_mish = {
    UG_FUNCTION_METHOD,
    .name = "mish",
    .family = "activation",
    .summary = "x * tanh(log(1 + exp(x))), elementwise",
    .doc = "y = x * tanh(softplus(x)) = x n / (n + 2) with n = e (e + 2) and e = exp(x).",
    .source = "Misra, Mish: A Self Regularized Non-Monotonic Activation Function, BMVC 2020",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
