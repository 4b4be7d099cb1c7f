/* scatter_nd: x with slices replaced, or changed, where vectors of indices say. */
#include "methods/scatter_nd.h"

enum { REPLACE, ADD, MUL, MIN, MAX };
enum { ONTO_X, ONTO_ZEROS };

typedef struct scatter_nd_params {
    int32_t reduction, onto;
    int64_t batch_dims;
} scatter_nd_params;

static const upreg_param table[] = {
    UG_CHOICE_PARAM(scatter_nd_params, reduction, "none", "none|add|mul|min|max", "how an update meets what is there; none: it takes its place"),
    UG_CHOICE_PARAM(scatter_nd_params, onto, "x", "x|zeros", "what is changed: x, or zeros of its shape"),
    UG_BATCH_DIMS_PARAM(scatter_nd_params),
};

typedef struct plan {
    ug_slices slices;
    scatter_nd_params params;
    int64_t elements;
} plan;

static upreg_status infer(upreg_infer *ctx) {
    char a[256], b[256];
    ug_slices s;
    upreg_spec part;
    UG_TRY(ug_slices_of(ctx->err, ctx->method, &ctx->in[0], &ctx->in[1], ((const scatter_nd_params *)ctx->params)->batch_dims, &s, &part));
    if (!ug_same_shape(&part, &ctx->in[2]))
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: 'updates' has shape %s; allowed: %s", ctx->method->name,
                       ug_shape_text(a, sizeof a, ctx->in[2].ndim, ctx->in[2].dim), ug_shape_text(b, sizeof b, part.ndim, part.dim));
    return ug_infer_same(ctx);
}

/* First everything is copied, then the slices are changed one after the other: their order counts. */
static upreg_status prepare(upreg_prepare *p) {
    plan *q = upreg_reserve(p, sizeof *q), local;
    upreg_spec part;
    if (!q) q = &local;
    q->params = *(const scatter_nd_params *)p->params, q->elements = ug_elements(&p->in[0]);
    UG_TRY(ug_slices_of(p->err, p->method, &p->in[0], &p->in[1], q->params.batch_dims, &q->slices, &part));
    ug_add_stage(p, q->elements, (double)upreg_type_size(p->in[0].type), 0);
    ug_add_stage(p, q->slices.count > 0 && q->slices.inner > 0, 1, 0);
    return UPREG_OK;
}

/* W: sums and products of whole numbers wrap around. */
#define DEFINE_CHANGE(name, S, W)                                                                                                                    \
    static void change_##name(S *y, const S *u, int64_t n, int how) {                                                                                \
        for (int64_t i = 0; i < n; i++) switch (how) {                                                                                               \
            case REPLACE: y[i] = u[i]; break;                                                                                                        \
            case ADD: y[i] = (S)((W)y[i] + (W)u[i]); break;                                                                                          \
            case MUL: y[i] = (S)((W)y[i] * (W)u[i]); break;                                                                                          \
            case MIN: y[i] = u[i] < y[i] ? u[i] : y[i]; break;                                                                                       \
            default: y[i] = u[i] > y[i] ? u[i] : y[i];                                                                                               \
            }                                                                                                                                        \
    }
DEFINE_CHANGE(f32, float, float)
DEFINE_CHANGE(f64, double, double)
DEFINE_CHANGE(u8, uint8_t, uint8_t)
DEFINE_CHANGE(i32, int32_t, uint64_t)
DEFINE_CHANGE(i64, int64_t, uint64_t)

static void change(upreg_type type, void *y, const void *u, int64_t n, int how) {
    switch (type) {
    case UPREG_F32: change_f32(y, u, n, how); return;
    case UPREG_F64: change_f64(y, u, n, how); return;
    case UPREG_U8: change_u8(y, u, n, how); return;
    case UPREG_I32: change_i32(y, u, n, how); return;
    default: change_i64(y, u, n, how);
    }
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)worker;
    const plan *q = (const plan *)call->state;
    int64_t width = call->out[0].dtype.bits / 8, row = q->slices.inner * width;
    char *y = ug_data(&call->out[0]);
    if (stage == 0) {
        if (q->params.onto == ONTO_X)
            memcpy(y + begin * width, (const char *)ug_data(&call->in[0]) + begin * width, (size_t)((end - begin) * width));
        else
            memset(y + begin * width, 0, (size_t)((end - begin) * width));
        return;
    }
    for (int64_t i = 0; i < q->slices.count; i++) {
        int64_t at = ug_slice_at(call, &q->slices, 1, i);
        const char *update = (const char *)ug_data(&call->in[2]) + i * row;
        if (at >= 0) change(upreg_type_of(call->out[0].dtype), y + at * row, update, q->slices.inner, q->params.reduction);
    }
}

/* Sums, and x of a product, need neither x nor y; of a product onto zeros nothing is left. */
static upreg_status vjp(upreg_vjp *ctx) {
    static const char *const names[] = {"none", "add", "mul", "min", "max"}, *const targets[] = {"x", "zeros"};
    const scatter_nd_params *q = ctx->params;
    long long batch = q->batch_dims;
    if (ctx->wrt == 0 && q->onto == ONTO_ZEROS)
        ctx->result = UG_NO_REF;
    else if (q->reduction == ADD)
        ctx->result = ctx->wrt == 0 ? UG_GRAD : ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1)), "gather_nd:batch_dims=%lld", batch);
    else if (q->reduction == MUL && ctx->wrt == 0)
        ctx->result = ug_step(ctx, 3, UG_REFS(UG_GRAD, UG_INPUT(1), UG_INPUT(2)), "scatter_nd:reduction=mul,batch_dims=%lld", batch);
    else
        ctx->result = ug_step(ctx, 5, UG_REFS(UG_INPUT(0), UG_INPUT(1), UG_INPUT(2), UG_OUTPUT(0), UG_GRAD),
                              "scatter_nd_grad:of=%s,reduction=%s,onto=%s,batch_dims=%lld", ctx->wrt ? "updates" : "x", names[q->reduction],
                              targets[q->onto], batch);
    return UPREG_OK;
}

const upreg_method ug_method_scatter_nd = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "scatter_nd",
    .family = "rearrange",
    .summary = "x with slices replaced or changed where vectors of indices say",
    .doc = "y = x; then y[indices[i, 0], indices[i, 1], ...] = updates[i], or its sum, product, minimum or maximum with it, one i after the other, "
           "so of equal indices the last wins. With batch_dims i begins with a place of so many axes, in which y is changed. Negative indices count "
           "from the end; others outside x are a DataError. The gradient of minimum and maximum is shared among equal ones.",
    .source = "ONNX ScatterND",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(scatter_nd_params),
    .flags = UPREG_OVERLAP_REFUSE,
    .types = UG_FLOATING | 1u << UPREG_U8 | 1u << UPREG_I32 | 1u << UPREG_I64,
    .ports = "x:T indices:i64=index updates:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
};
