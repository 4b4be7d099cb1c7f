/* log: the natural logarithm. */
#include "methods/function.h"

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(0)), "div");
    return UPREG_OK;
}

UG_RUN_FUNCTION(log)

const upreg_method ug_method_log = {
    UG_FUNCTION_METHOD,
    .name = "log",
    .family = "arithmetic",
    .aliases = "ln",
    .summary = "the natural logarithm, elementwise",
    .doc = "y = log(x), within 1.1 units in the last place. log(0) is -infinity, that of negative numbers NaN.",
    .source = "ONNX Log",
    .types = UG_FLOATING,
    .vjp = vjp,
};
