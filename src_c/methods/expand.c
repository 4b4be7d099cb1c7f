/* expand: x and a shape broadcast to one another. */
#include "methods/broadcast.h"

static upreg_status infer(upreg_infer *ctx) {
    upreg_spec both[2] = {ctx->in[0], ug_shape_of(ctx->params, ctx->in[0].type)};
    return ug_broadcast_shape(ctx->err, ctx->method, both, 2, &ctx->out[0]);
}

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_sum_to_input(ctx, UG_GRAD, &ctx->out[0]);
    return UPREG_OK;
}

static upreg_status prepare(upreg_prepare *p) {
    upreg_spec x = ug_part_in(p, 0), y = ug_part_out(p);
    upreg_prepare part = *p;
    part.in = &x, part.out = &y;
    upreg_status status = ug_broadcast_prepare(&part);
    part.in = p->in, part.out = p->out, *p = part;
    return status;
}

static upreg_status tile(upreg_tiling *ctx) {
    ctx->told = 2;
    return UPREG_OK;
}

const upreg_method ug_method_expand = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "expand",
    .family = "rearrange",
    .summary = "x repeated along axes of length 1 to the shape that it and `shape` broadcast to",
    .doc =
        "y has the shape to which x's shape and `shape` broadcast as in NumPy: aligned at the last axis, lengths equal or 1; a 1 in `shape` keeps x's "
        "length.",
    .source = "ONNX Expand",
    .params = ug_shape_table,
    .n_params = UG_COUNT(ug_shape_table),
    .params_size = sizeof(ug_shape_params),
    .flags = UPREG_LINEAR,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_broadcast_repeat,
    .vjp = vjp,
    .reach = ug_broadcast_reach,
    .tile = tile,
};
