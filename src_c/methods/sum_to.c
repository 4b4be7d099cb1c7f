/* sum_to: the sum over the axes along which a shape was broadcast. */
#include "methods/broadcast.h"
#include "methods/reduce_engine.h"

static upreg_status infer(upreg_infer *ctx) {
    char a[256], b[256];
    const upreg_spec *x = &ctx->in[0];
    upreg_spec wanted = ug_shape_of(ctx->params, x->type);
    int fits = wanted.ndim <= x->ndim;
    for (int k = 0; fits && k < wanted.ndim; k++) {
        int64_t m = x->dim[x->ndim - wanted.ndim + k];
        if (wanted.dim[k] != m && wanted.dim[k] != 1)
            return ug_fail(ctx->err, UPREG_E_SHAPE,
                           "%s: parameter 'shape' asks for %" PRId64 " along axis %d, 'x' has %" PRId64 "; allowed: that or 1", ctx->method->name,
                           wanted.dim[k], k, m);
    }
    if (!fits)
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: parameter 'shape' = %s does not broadcast to the shape of 'x', %s", ctx->method->name,
                       ug_shape_text(a, sizeof a, wanted.ndim, wanted.dim), ug_shape_text(b, sizeof b, x->ndim, x->dim));
    ctx->out[0] = wanted;
    return UPREG_OK;
}

static upreg_status prepare(upreg_prepare *p) {
    const upreg_spec *x = &p->in[0], *y = &p->out[0];
    ug_axes axes = {{0}};
    for (int i = 0, missing = x->ndim - y->ndim; i < x->ndim; i++) axes.reduced[i] = i < missing || y->dim[i - missing] == 1;
    return ug_reduce_prepare_axes(p, UG_REDUCE_SUM, &axes, 0);
}

static upreg_status vjp(upreg_vjp *ctx) {
    const upreg_spec *x = &ctx->in[0];
    ctx->result = ug_same_shape(x, &ctx->out[0]) ? UG_GRAD : ug_shape_step(ctx, "broadcast_to", UG_GRAD, x);
    return UPREG_OK;
}

const upreg_method ug_method_sum_to = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "sum_to",
    .family = "gradient",
    .summary = "x summed over every axis along which `shape` is 1 or missing: the adjoint of broadcast_to",
    .doc = "y has the given shape, which broadcasts to x's; every y is the sum of the x that broadcasting would make from it. Sums are formed in "
           "blocks, the blocks added in double.",
    .source = "the transpose of NumPy broadcasting",
    .params = ug_shape_table,
    .n_params = UG_COUNT(ug_shape_table),
    .params_size = sizeof(ug_shape_params),
    .flags = UPREG_LINEAR | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_reduce_run,
    .vjp = vjp,
};
