/* matmul: the product of matrices, and of stacks of them. */
#include "methods/matmul_engine.h"

typedef struct matmul_params {
    int32_t transpose_a, transpose_b;
} matmul_params;

static const upreg_param params[] = {
    UG_BOOL_PARAM(matmul_params, transpose_a, "false", "a's last two axes are swapped first; of no effect on a vector"),
    UG_BOOL_PARAM(matmul_params, transpose_b, "false", "b's last two axes are swapped first; of no effect on a vector"),
};

static upreg_status geometry(upreg_error *err, const upreg_method *method, const void *of, const upreg_spec *in, ug_matmul *mm, upreg_spec *stack) {
    const matmul_params *q = of;
    int a_vector = in[0].ndim == 1, b_vector = in[1].ndim == 1;
    ug_matrix a = {&in[0], a_vector, !a_vector && q->transpose_a}, b = {&in[1], b_vector, !b_vector && q->transpose_b};
    return ug_matmul_of(err, method, &a, &b, mm, stack);
}

static upreg_status infer(upreg_infer *ctx) {
    ug_matmul mm;
    upreg_spec stack;
    UG_TRY(geometry(ctx->err, ctx->method, ctx->params, ctx->in, &mm, &stack));
    return ug_matmul_spec(ctx, &stack, ctx->in[0].ndim == 1 ? -1 : mm.m, ctx->in[1].ndim == 1 ? -1 : mm.n);
}

/* A part has its own sizes; how long sums are cut follows from the whole. */
static upreg_status prepare(upreg_prepare *p) {
    ug_matmul mm, whole;
    upreg_spec stack, part[2] = {ug_part_in(p, 0), ug_part_in(p, 1)};
    UG_TRY(geometry(p->err, p->method, p->params, p->in, &whole, &stack));
    UG_TRY(geometry(p->err, p->method, p->params, part, &mm, &stack));
    return ug_matmul_prepare(p, &mm, &whole);
}

static const char *truth(int is) { return is ? "true" : "false"; }

/* Where one side is a vector the gradient is an outer product, or a matrix times a vector. */
static upreg_ref vector_step(upreg_vjp *ctx, const matmul_params *q) {
    int a_vector = ctx->in[0].ndim == 1, b_vector = ctx->in[1].ndim == 1;
    upreg_ref other = UG_INPUT(1 - ctx->wrt);
    if (a_vector && b_vector) return ug_step(ctx, 2, UG_REFS(other, UG_GRAD), "mul");
    if (ctx->in[ctx->wrt].ndim == 1)
        return ug_step(ctx, 2, UG_REFS(other, UG_GRAD), "matvec:transpose=%s", truth(a_vector ? q->transpose_b : !q->transpose_a));
    int gradient_first = a_vector ? q->transpose_b : !q->transpose_a;
    return gradient_first ? ug_step(ctx, 2, UG_REFS(UG_GRAD, other), "outer") : ug_step(ctx, 2, UG_REFS(other, UG_GRAD), "outer");
}

static upreg_status vjp(upreg_vjp *ctx) {
    static const char *const text = "matmul:transpose_a=%s,transpose_b=%s";
    const matmul_params *q = ctx->params;
    upreg_ref g = UG_GRAD, other = UG_INPUT(1 - ctx->wrt), product;
    if (ctx->in[0].ndim == 1 || ctx->in[1].ndim == 1)
        product = vector_step(ctx, q);
    else if (ctx->wrt == 0)
        product = q->transpose_a ? ug_step(ctx, 2, UG_REFS(other, g), text, truth(q->transpose_b), "true")
                                 : ug_step(ctx, 2, UG_REFS(g, other), text, "false", truth(!q->transpose_b));
    else
        product = q->transpose_b ? ug_step(ctx, 2, UG_REFS(g, other), text, "true", truth(q->transpose_a))
                                 : ug_step(ctx, 2, UG_REFS(other, g), text, truth(!q->transpose_a), "false");
    /* the stack of the result, and the own last axes */
    const upreg_spec *own = &ctx->in[ctx->wrt], *y = &ctx->out[0];
    upreg_spec full = {.known = 1, .type = y->type};
    int last = own->ndim == 1 ? 1 : 2, stack = y->ndim - (ctx->in[0].ndim > 1) - (ctx->in[1].ndim > 1);
    for (int i = 0; i < stack; i++) full.dim[full.ndim++] = y->dim[i];
    for (int i = own->ndim - last; i < own->ndim; i++) full.dim[full.ndim++] = own->dim[i];
    ctx->result = ug_sum_to_input(ctx, product, &full);
    return UPREG_OK;
}

/* Rows of a make rows of y, columns of b columns; the stacks are those of y, where they are not repeated. */
static upreg_status reach(upreg_reach *ctx) {
    const matmul_params *q = ctx->params;
    const upreg_spec *own = &ctx->in[ctx->port], *y = &ctx->out[0];
    int a_vector = ctx->in[0].ndim == 1, b_vector = ctx->in[1].ndim == 1, stack = own->ndim - 2, all = y->ndim - !a_vector - !b_vector;
    for (int i = 0; i < stack; i++) {
        int axis = all - stack + i;
        if (own->dim[i] != 1) ctx->in_begin[i] = ctx->out_begin[axis], ctx->in_end[i] = ctx->out_end[axis];
    }
    if (own->ndim == 1) return UPREG_OK;
    int axis = ctx->port == 0 ? all : y->ndim - 1, matrix = ctx->port == 0 ? stack + q->transpose_a : stack + !q->transpose_b;
    ctx->in_begin[matrix] = ctx->out_begin[axis], ctx->in_end[matrix] = ctx->out_end[axis];
    return UPREG_OK;
}

static upreg_status tile(upreg_tiling *ctx) {
    ctx->told = 2;
    return UPREG_OK;
}

const upreg_method ug_method_matmul = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "matmul",
    .family = "dense",
    .aliases = "matrix_product|batch_matmul|bmm",
    .summary = "the product of matrices, and of stacks of them",
    .doc = "y[..., m, n] = sum over k of a[..., m, k] b[..., k, n]\nThe axes before the last two are a stack; stacks broadcast as in NumPy. A vector "
           "as a is a single row, as b a single column, and y does not have that axis. A matrix that is bound as b is packed once.",
    .source = "ONNX MatMul; NumPy matmul",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(matmul_params),
    .flags = UPREG_LINEAR,
    .types = UG_FLOATING,
    .ports = "a:T b:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_matmul_run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
