/* reduce_grad: what reaches every x through a reduction. */
#include "methods/broadcast.h"
#include "methods/reduce_engine.h"

typedef struct grad_params {
    ug_reduce_params reduce;
    int32_t of;
    int64_t p;
} grad_params;

static const upreg_param params[] = {
    {"axis", UPREG_INTS, offsetof(grad_params, reduce.axis), "null", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, NULL, "as of the reduction"},
    {"keepdims", UPREG_BOOL, offsetof(grad_params, reduce.keepdims), "true", 0, 1, NULL, "as of the reduction"},
    UG_CHOICE_PARAM(grad_params, of, "sum", UG_REDUCTIONS, "which reduction"),
    UG_INT_PARAM(grad_params, p, "2", 1, 1024, "the exponent of lp"),
};

/* The ports g, y and m that a kind needs, as bits. */
static int needed(int of) {
    switch (of) {
    case UG_REDUCE_MAX:
    case UG_REDUCE_MIN:
    case UG_REDUCE_PROD: return 7;
    case UG_REDUCE_L2:
    case UG_REDUCE_LP:
    case UG_REDUCE_LOG_SUM:
    case UG_REDUCE_LOG_SUM_EXP: return 3;
    case UG_REDUCE_IS_ZERO: return 0;
    default: return 1;
    }
}

static int given(const upreg_spec *in, int n_in, int port) { return port < n_in && in[port].type != UPREG_NONE; }

static upreg_status infer(upreg_infer *ctx) {
    static const char *const names[] = {"x", "gy", "y", "count"};
    const grad_params *q = ctx->params;
    const upreg_spec *x = &ctx->in[0];
    char a[256], b[256];
    ug_axes axes;
    UG_TRY(ug_reduce_axes(ctx->err, ctx->method, &q->reduce.axis, x, &axes));
    upreg_spec wanted = ug_reduced_spec(x, &axes, q->reduce.keepdims);
    for (int port = 1; port < 4; port++) {
        int is = given(ctx->in, ctx->n_in, port), needs = needed(q->of) >> (port - 1) & 1;
        if (is != needs)
            return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input '%s' is %s; this reduction %s", ctx->method->name, names[port],
                           is ? "given" : "missing", needs ? "needs it" : "does not use it");
        if (is && !ug_same_shape(&ctx->in[port], &wanted))
            return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input '%s' has shape %s; allowed: the shape of the reduction, %s", ctx->method->name,
                           names[port], ug_shape_text(a, sizeof a, ctx->in[port].ndim, ctx->in[port].dim),
                           ug_shape_text(b, sizeof b, wanted.ndim, wanted.dim));
    }
    return ug_infer_same(ctx);
}

/* The shape of the reduction, with axes of length 1, broadcasts to that of x. */
static upreg_status prepare(upreg_prepare *p) {
    const upreg_spec *in = p->in;
    ug_axes axes;
    UG_TRY(ug_reduce_axes(p->err, p->method, &((const grad_params *)p->params)->reduce.axis, &in[0], &axes));
    upreg_spec wide[2] = {in[0], ug_reduced_spec(&in[0], &axes, 1)};
    int n = p->n_in;
    p->in = wide, p->n_in = 2;
    upreg_status status = ug_broadcast_prepare(p);
    p->in = in, p->n_in = n;
    return status;
}

static int64_t numbers(const upreg_tensor *t) {
    int64_t n = 1;
    for (int i = 0; i < t->ndim; i++) n *= t->shape[i];
    return n;
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_broadcast *plan = (const ug_broadcast *)call->state;
    const grad_params *q = call->params;
    const ug_reduce_kernels *k = call->kernels->reduce;
    const upreg_tensor *x = &call->in[0];
    size_t element = (size_t)x->dtype.bits / 8;
    int runs = ug_broadcast_runs(plan, 1);
    int64_t p = q->of == UG_REDUCE_MEAN ? numbers(x) / ug_max64(numbers(&call->in[1]), 1) : q->p;
    for (int64_t unit = begin; unit < end; unit++) {
        ug_piece piece = ug_broadcast_piece(plan, unit);
        int64_t at = ug_broadcast_out(plan, &piece), from = ug_broadcast_offset(plan, 1, &piece);
        const void *more[4] = {NULL};
        for (int port = 1; port < 4; port++)
            if (needed(q->of) >> (port - 1) & 1) more[port] = (const char *)ug_data(&call->in[port]) + (size_t)from * element;
        if (ug_is_f32(x))
            k->grad_f32(ug_f32(&call->out[0]) + at, ug_f32(x) + at, more[1], more[2], more[3], runs, q->of, p, piece.n);
        else
            k->grad_f64(ug_f64(&call->out[0]) + at, ug_f64(x) + at, more[1], more[2], more[3], runs, q->of, p, piece.n);
    }
}

const upreg_method ug_method_reduce_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "reduce_grad",
    .family = "gradient",
    .summary = "the gradient of a reduction with respect to its input",
    .doc =
        "gx = gy * d y / d x, with `axis` and `keepdims` of the reduction, whose shape gy, y and count have. sum: gy. mean: gy / number of terms. "
        "max, min: gy / count where x is y, with count the number of such x. l1: gy sign(x). l2: gy x / y. lp: gy sign(x) (|x| / y)^(p - 1). "
        "sum_square: 2 gy x. log_sum: gy / y, where y is the sum. log_sum_exp: gy exp(x - y). prod: count is the number of zeros and y the product "
        "of all else; gy y / x without zeros, gy y at a single one. is_best is 1 where x is gy, is_zero is 1 where x is 0, and both 0 elsewhere.",
    .source = "differentiation of the reductions",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(grad_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T gy?:T y?:T count?:T -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};
