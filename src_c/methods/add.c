/* add: the sum of the inputs. */
#include "methods/binary.h"

/* x + y and y + x have the same bits: the convolution before may be either. */
static void fuse(upreg_fusion *ctx) {
    if (ctx->n_in == 2 && ug_same_shape(&ctx->in[0], &ctx->in[1])) ctx->kind = UPREG_FUSE_RESIDUAL;
}

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_sum_to_input(ctx, UG_GRAD, &ctx->out[0]);
    return UPREG_OK;
}

UG_RUN_BINARY(add)

const upreg_method ug_method_add = {
    UG_BINARY_METHOD,
    .name = "add",
    .family = "arithmetic",
    .aliases = "sum|residual_add",
    .summary = "the sum of the inputs, broadcast to one another",
    .doc = "y = xs[0] + xs[1] + ..., in this order. One input or more." UG_WHOLE_TEXT UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX Sum",
    .flags = UPREG_LINEAR | UPREG_IN_PLACE,
    .types = UG_FLOATING | UG_INTEGERS,
    .ports = "xs*:T -> y:T",
    .infer = ug_binary_infer,
    .vjp = vjp,
    .fuse = fuse,
};
