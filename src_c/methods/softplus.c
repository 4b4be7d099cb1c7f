/* softplus: a smooth relu. */
#include "methods/function.h"

UG_RUN_FUNCTION(softplus)

const upreg_method ug_method_softplus = {
    UG_FUNCTION_METHOD,
    .name = "softplus",
    .family = "activation",
    .summary = "log(1 + exp(x)), elementwise",
    .doc = "y = log(1 + exp(x)), computed as max(x, 0) + log(1 + exp(-|x|)), within 3 units in the last place.",
    .source = "Dugas, Bengio, Belisle, Nadeau and Garcia, Incorporating Second-Order Functional Knowledge for Better Option Pricing, NeurIPS 2000",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
