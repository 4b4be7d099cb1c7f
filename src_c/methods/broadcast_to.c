/* broadcast_to: x repeated along the axes where it is 1 or has none. */
#include "methods/broadcast.h"

static upreg_status infer(upreg_infer *ctx) {
    char a[256], b[256];
    const upreg_spec *x = &ctx->in[0];
    upreg_spec wanted = ug_shape_of(ctx->params, x->type), both[2] = {wanted, *x}, out;
    if (ug_broadcast_shape(NULL, ctx->method, both, 2, &out) != UPREG_OK || !ug_same_shape(&out, &wanted)) {
        for (int k = 0; k < x->ndim && x->ndim <= wanted.ndim; k++) {
            int64_t n = wanted.dim[wanted.ndim - x->ndim + k];
            if (x->dim[k] != n && x->dim[k] != 1)
                return ug_fail(ctx->err, UPREG_E_SHAPE,
                               "%s: 'x' has length %" PRId64 " along axis %d; parameter 'shape' asks for %" PRId64 "; allowed: that or 1",
                               ctx->method->name, x->dim[k], k, n);
        }
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: 'x' of shape %s does not broadcast to parameter 'shape' = %s", ctx->method->name,
                       ug_shape_text(a, sizeof a, x->ndim, x->dim), ug_shape_text(b, sizeof b, wanted.ndim, wanted.dim));
    }
    ctx->out[0] = wanted;
    return ug_check_size(ctx->err, ctx->method, &wanted);
}

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_sum_to_input(ctx, UG_GRAD, &ctx->out[0]);
    return UPREG_OK;
}

const upreg_method ug_method_broadcast_to = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "broadcast_to",
    .family = "gradient",
    .summary = "x repeated along every axis where its length is 1, or that it does not have",
    .doc = "y has the given shape, to which x's shape broadcasts as in NumPy: aligned at the last axis, lengths equal or 1.",
    .source = "NumPy broadcast_to",
    .params = ug_shape_table,
    .n_params = UG_COUNT(ug_shape_table),
    .params_size = sizeof(ug_shape_params),
    .flags = UPREG_LINEAR | UPREG_GRADIENT,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = ug_broadcast_prepare,
    .run = ug_broadcast_repeat,
    .vjp = vjp,
    .reach = ug_broadcast_reach,
};
