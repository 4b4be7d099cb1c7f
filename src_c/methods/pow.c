/* pow: one input to the power of the other. */
#include "methods/binary.h"

static upreg_status vjp(upreg_vjp *ctx) {
    upreg_ref slope = ug_step(ctx, 2, UG_REFS(UG_INPUT(0), UG_INPUT(1)), "pow_grad:of=%s", ctx->wrt == 0 ? "base" : "exponent");
    slope = ug_step(ctx, 2, UG_REFS(UG_GRAD, slope), "mul");
    ctx->result = ug_sum_to_input(ctx, slope, &ctx->out[0]);
    return UPREG_OK;
}

UG_RUN_BINARY(pow)

const upreg_method ug_method_pow = {
    UG_BINARY_METHOD,
    .name = "pow",
    .family = "arithmetic",
    .aliases = "power",
    .summary = "a to the power of b, broadcast to one another",
    .doc =
        "y = a to the power of b, elementwise, within 1.75 units in the last place; a * a where b is 2. Special values are those of C99. Powers of "
        "whole numbers wrap; negative exponents give the fraction cut towards 0, for 0 too: 0, but 1 and -1 for the bases 1 and "
        "-1." UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX Pow; ISO C99, F.9.4.4",
    .flags = UPREG_IN_PLACE | UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING | UG_INTEGERS,
    .ports = "a:T b:T -> y:T",
    .infer = ug_binary_infer,
    .vjp = vjp,
};
