/* matvec: matrices times vectors. */
#include "methods/matmul_engine.h"

typedef struct matvec_params {
    int32_t transpose;
} matvec_params;

static const upreg_param params[] = {UG_BOOL_PARAM(matvec_params, transpose, "false", "a's last two axes are swapped first")};

static upreg_status geometry(upreg_error *err, const upreg_method *method, const void *of, const upreg_spec *in, ug_matmul *mm, upreg_spec *stack) {
    ug_matrix a = {&in[0], 0, ((const matvec_params *)of)->transpose}, x = {&in[1], 1, 0};
    return ug_matmul_of(err, method, &a, &x, mm, stack);
}

static upreg_status infer(upreg_infer *ctx) {
    ug_matmul mm;
    upreg_spec stack;
    UG_TRY(geometry(ctx->err, ctx->method, ctx->params, ctx->in, &mm, &stack));
    return ug_matmul_spec(ctx, &stack, mm.m, -1);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_matmul mm;
    upreg_spec stack;
    UG_TRY(geometry(p->err, p->method, p->params, p->in, &mm, &stack));
    return ug_matmul_prepare(p, &mm, &mm);
}

static upreg_status vjp(upreg_vjp *ctx) {
    int transpose = ((const matvec_params *)ctx->params)->transpose, n = ctx->out[0].ndim - 1;
    upreg_spec full = ctx->out[0];
    upreg_ref product;
    if (ctx->wrt == 1)
        product = ug_step(ctx, 2, UG_REFS(UG_INPUT(0), UG_GRAD), "matvec:transpose=%s", transpose ? "false" : "true");
    else
        product = transpose ? ug_step(ctx, 2, UG_REFS(UG_INPUT(1), UG_GRAD), "outer") : ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1)), "outer");
    const upreg_spec *own = &ctx->in[ctx->wrt];
    int last = ctx->wrt == 0 ? 2 : 1;
    full.ndim = n + last;
    for (int i = 0; i < last; i++) full.dim[n + i] = own->dim[own->ndim - last + i];
    ctx->result = ug_sum_to_input(ctx, product, &full);
    return UPREG_OK;
}

const upreg_method ug_method_matvec = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "matvec",
    .family = "dense",
    .aliases = "mv",
    .summary = "matrices times vectors",
    .doc = "y[..., m] = sum over k of a[..., m, k] x[..., k]. The axes before are a stack; stacks broadcast as in NumPy.",
    .source = "NumPy matvec",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(matvec_params),
    .flags = UPREG_LINEAR,
    .types = UG_FLOATING,
    .ports = "a:T x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_matmul_run,
    .vjp = vjp,
};
