/* sub: the difference of two inputs. */
#include "methods/binary.h"

static upreg_status vjp(upreg_vjp *ctx) {
    upreg_ref gradient = ctx->wrt == 0 ? UG_GRAD : ug_step(ctx, 1, UG_REFS(UG_GRAD), "neg");
    ctx->result = ug_sum_to_input(ctx, gradient, &ctx->out[0]);
    return UPREG_OK;
}

UG_RUN_BINARY(sub)

const upreg_method ug_method_sub = {
    UG_BINARY_METHOD,
    .name = "sub",
    .family = "arithmetic",
    .aliases = "subtract",
    .summary = "the difference of two inputs, broadcast to one another",
    .doc = "y = a - b, elementwise." UG_WHOLE_TEXT UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX Sub",
    .flags = UPREG_LINEAR | UPREG_IN_PLACE | UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING | UG_INTEGERS,
    .ports = "a:T b:T -> y:T",
    .infer = ug_binary_infer,
    .vjp = vjp,
};
