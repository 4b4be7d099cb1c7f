/* rescale: x times a number plus a number. */
#include "methods/function.h"

static const upreg_param table[] = {
    UG_FUNCTION_PARAM(0, "scale", "1", -FLT_MAX, FLT_MAX, "what x is multiplied by"),
    UG_FUNCTION_PARAM(1, "offset", "0", -FLT_MAX, FLT_MAX, "what is added"),
};

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "rescale:scale=%.17g", ((const ug_function_params *)ctx->params)->p[0]);
    return UPREG_OK;
}

UG_RUN_FUNCTION(rescale)

const upreg_method ug_method_rescale = {
    UG_FUNCTION_METHOD | UPREG_LINEAR,
    .name = "rescale",
    .family = "arithmetic",
    .aliases = "rescaling",
    .summary = "scale * x + offset, elementwise",
    .doc = "y = scale * x + offset, with two numbers.",
    .source = "Keras Rescaling",
    UG_FUNCTION_TABLE(table),
    .types = UG_FLOATING,
    .vjp = vjp,
};
