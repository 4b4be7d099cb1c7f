/* softsign: x / (1 + |x|). */
#include "methods/function.h"

UG_RUN_FUNCTION(softsign)

const upreg_method ug_method_softsign = {
    UG_FUNCTION_METHOD,          .name = "softsign",
    .family = "activation",      .summary = "x / (1 + |x|), elementwise",
    .doc = "y = x / (1 + |x|).", .source = "Bergstra, Desjardins, Lamblin and Bengio, Quadratic Polynomials Learn Better Image Features, 2009",
    .types = UG_FLOATING,        .vjp = ug_function_vjp,
};
