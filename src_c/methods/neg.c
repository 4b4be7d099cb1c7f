/* neg: -x. */
#include "methods/function.h"

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "neg");
    return UPREG_OK;
}

UG_RUN_FUNCTION(neg)

const upreg_method ug_method_neg = {
    UG_FUNCTION_METHOD | UPREG_LINEAR,
    .name = "neg",
    .family = "arithmetic",
    .aliases = "negative|negate",
    .summary = "-x, elementwise",
    .doc = "y = -x. Whole numbers wrap.",
    .source = "ONNX Neg",
    .types = UG_FLOATING | UG_INTEGERS,
    .vjp = vjp,
};
