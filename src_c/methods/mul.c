/* mul: the product of two inputs. */
#include "methods/binary.h"

static upreg_status vjp(upreg_vjp *ctx) {
    upreg_ref product = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1 - ctx->wrt)), "mul");
    ctx->result = ug_sum_to_input(ctx, product, &ctx->out[0]);
    return UPREG_OK;
}

UG_RUN_BINARY(mul)

const upreg_method ug_method_mul = {
    UG_BINARY_METHOD,
    .name = "mul",
    .family = "arithmetic",
    .aliases = "multiply",
    .summary = "the product of two inputs, broadcast to one another",
    .doc = "y = a * b, elementwise." UG_WHOLE_TEXT UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX Mul",
    .flags = UPREG_LINEAR | UPREG_IN_PLACE | UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING | UG_INTEGERS,
    .ports = "a:T b:T -> y:T",
    .infer = ug_binary_infer,
    .vjp = vjp,
};
