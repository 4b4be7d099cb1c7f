/* outer: every product of a number of one vector and a number of the other. */
#include "methods/matmul_engine.h"

static upreg_status geometry(upreg_error *err, const upreg_method *method, const upreg_spec *in, ug_matmul *mm, upreg_spec *stack) {
    ug_matrix u = {&in[0], 1, 1}, v = {&in[1], 1, 1};
    return ug_matmul_of(err, method, &u, &v, mm, stack);
}

static upreg_status infer(upreg_infer *ctx) {
    ug_matmul mm;
    upreg_spec stack;
    UG_TRY(geometry(ctx->err, ctx->method, ctx->in, &mm, &stack));
    return ug_matmul_spec(ctx, &stack, mm.m, mm.n);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_matmul mm;
    upreg_spec stack;
    UG_TRY(geometry(p->err, p->method, p->in, &mm, &stack));
    return ug_matmul_prepare(p, &mm, &mm);
}

static upreg_status vjp(upreg_vjp *ctx) {
    upreg_spec full = ctx->out[0];
    upreg_ref product = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1 - ctx->wrt)), "matvec:transpose=%s", ctx->wrt ? "true" : "false");
    full.dim[full.ndim - 2] = full.dim[full.ndim - 2 + ctx->wrt], full.ndim--;
    ctx->result = ug_sum_to_input(ctx, product, &full);
    return UPREG_OK;
}

const upreg_method ug_method_outer = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "outer",
    .family = "dense",
    .aliases = "outer_product|ger",
    .summary = "every product of a number of one vector and a number of the other",
    .doc = "y[..., m, n] = u[..., m] v[..., n]. The axes before the last are a stack; stacks broadcast as in NumPy.",
    .source = "NumPy outer",
    .flags = UPREG_LINEAR,
    .types = UG_FLOATING,
    .ports = "u:T v:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_matmul_run,
    .vjp = vjp,
};
