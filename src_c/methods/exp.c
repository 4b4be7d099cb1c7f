/* exp: e to the power of x. */
#include "methods/function.h"

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_OUTPUT(0)), "mul");
    return UPREG_OK;
}

UG_RUN_FUNCTION(exp)

const upreg_method ug_method_exp = {
    UG_FUNCTION_METHOD,
    .name = "exp",
    .family = "arithmetic",
    .aliases = "exponential",
    .summary = "e to the power of x, elementwise",
    .doc = "y = exp(x), within 1.1 units in the last place. Infinity above the largest number, 0 below the smallest.",
    .source = "ONNX Exp",
    .types = UG_FLOATING,
    .vjp = vjp,
};
