/* div: the quotient of two inputs. */
#include "methods/binary.h"

static upreg_status vjp(upreg_vjp *ctx) {
    upreg_ref gradient;
    if (ctx->wrt == 0) {
        gradient = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1)), "div");
    } else { /* -gy y / b */
        gradient = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_OUTPUT(0)), "mul");
        gradient = ug_step(ctx, 2, UG_REFS(gradient, UG_INPUT(1)), "div");
        gradient = ug_step(ctx, 1, UG_REFS(gradient), "neg");
    }
    ctx->result = ug_sum_to_input(ctx, gradient, &ctx->out[0]);
    return UPREG_OK;
}

UG_RUN_BINARY(div)

const upreg_method ug_method_div = {
    UG_BINARY_METHOD,
    .name = "div",
    .family = "arithmetic",
    .aliases = "divide",
    .summary = "the quotient of two inputs, broadcast to one another",
    .doc = "y = a / b, elementwise, correctly rounded. Whole numbers are cut towards 0; division by 0 gives 0, and the smallest number divided by -1 "
           "is itself." UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX Div",
    .flags = UPREG_LINEAR | UPREG_IN_PLACE | UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING | UG_INTEGERS,
    .ports = "a:T b:T -> y:T",
    .infer = ug_binary_infer,
    .vjp = vjp,
};
