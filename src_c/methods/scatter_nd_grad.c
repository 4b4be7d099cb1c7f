/* scatter_nd_grad: what reaches x, or the updates, through scatter_nd. */
#include "methods/scatter_nd.h"

#include "methods/pointwise.h"

enum { REPLACE, MUL, MIN, MAX };
enum { OF_X, OF_UPDATES };
enum { ONTO_X, ONTO_ZEROS };
enum { X, INDICES, UPDATES, Y, GY };

typedef struct grad_params {
    int32_t of, reduction, onto;
    int64_t batch_dims;
} grad_params;

static const upreg_param table[] = {
    UG_CHOICE_PARAM(grad_params, of, "updates", "x|updates", "the gradient with respect to which of the two"),
    UG_CHOICE_PARAM(grad_params, reduction, "none", "none|mul|min|max", "as of scatter_nd"),
    UG_CHOICE_PARAM(grad_params, onto, "x", "x|zeros", "as of scatter_nd"),
    UG_BATCH_DIMS_PARAM(grad_params),
};

/* Per element of y the workspace holds, for none: which update it is (or 0); mul: the product without zeros, and the number of zeros; min and max:
 * how many are equal to y. */
typedef struct plan {
    ug_slices slices;
    grad_params params;
    int64_t elements;
} plan;

static upreg_status infer(upreg_infer *ctx) {
    const grad_params *q = ctx->params;
    ug_slices s;
    upreg_spec part;
    char a[256], b[256];
    UG_TRY(ug_slices_of(ctx->err, ctx->method, &ctx->in[X], &ctx->in[INDICES], q->batch_dims, &s, &part));
    if (!ug_same_shape(&part, &ctx->in[UPDATES]))
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: 'updates' has shape %s; allowed: %s", ctx->method->name,
                       ug_shape_text(a, sizeof a, ctx->in[UPDATES].ndim, ctx->in[UPDATES].dim), ug_shape_text(b, sizeof b, part.ndim, part.dim));
    UG_TRY(ug_same_as_first(ctx, Y, "y", "x"));
    UG_TRY(ug_same_as_first(ctx, GY, "gy", "x"));
    ctx->out[0] = ctx->in[q->of == OF_X ? X : UPDATES];
    return UPREG_OK;
}

/* What every element begins with; the updates one after the other; the gradients. */
static upreg_status prepare(upreg_prepare *p) {
    plan *q = upreg_reserve(p, sizeof *q), local;
    upreg_spec part;
    if (!q) q = &local;
    q->params = *(const grad_params *)p->params, q->elements = ug_elements(&p->in[X]);
    UG_TRY(ug_slices_of(p->err, p->method, &p->in[X], &p->in[INDICES], q->params.batch_dims, &q->slices, &part));
    double bytes = (double)upreg_type_size(p->in[X].type);
    p->workspace = (size_t)q->elements * 2 * sizeof(double);
    ug_add_stage(p, q->elements, 2 * sizeof(double), 0);
    ug_add_stage(p, q->slices.count > 0 && q->slices.inner > 0, 1, 0);
    ug_add_stage(p, q->params.of == OF_X ? q->elements : q->slices.count, bytes * (double)(q->params.of == OF_X ? 1 : q->slices.inner), 0);
    return UPREG_OK;
}

#define DEFINE_STAGES(F, S)                                                                                                                          \
    static void start_##F(const plan *q, const upreg_call *call, double *first, double *second, int64_t begin, int64_t end) {                        \
        const S *x = ug_##F(&call->in[X]), *y = ug_##F(&call->in[Y]);                                                                                \
        for (int64_t i = begin; i < end; i++) {                                                                                                      \
            S base = q->params.onto == ONTO_X ? x[i] : 0;                                                                                            \
            first[i] = q->params.reduction == REPLACE ? 0 : q->params.reduction == MUL ? (base == 0 ? 1 : (double)base) : base == y[i];              \
            second[i] = base == 0;                                                                                                                   \
        }                                                                                                                                            \
    }                                                                                                                                                \
    static void meet_##F(const plan *q, const upreg_call *call, double *first, double *second) {                                                     \
        const S *u = ug_##F(&call->in[UPDATES]), *y = ug_##F(&call->in[Y]);                                                                          \
        for (int64_t i = 0; i < q->slices.count; i++) {                                                                                              \
            int64_t at = ug_slice_at(call, &q->slices, INDICES, i) * q->slices.inner, from = i * q->slices.inner;                                    \
            for (int64_t k = 0; at >= 0 && k < q->slices.inner; k++) {                                                                               \
                if (q->params.reduction == REPLACE)                                                                                                  \
                    first[at + k] = (double)(i + 1);                                                                                                 \
                else if (q->params.reduction != MUL)                                                                                                 \
                    first[at + k] += u[from + k] == y[at + k];                                                                                       \
                else if (u[from + k] == 0)                                                                                                           \
                    second[at + k]++;                                                                                                                \
                else                                                                                                                                 \
                    first[at + k] *= (double)u[from + k];                                                                                            \
            }                                                                                                                                        \
        }                                                                                                                                            \
    }                                                                                                                                                \
    static void finish_x_##F(const plan *q, const upreg_call *call, const double *first, int64_t begin, int64_t end) {                               \
        const S *x = ug_##F(&call->in[X]), *y = ug_##F(&call->in[Y]), *gy = ug_##F(&call->in[GY]);                                                   \
        S *g = ug_##F(&call->out[0]);                                                                                                                \
        for (int64_t i = begin; i < end; i++)                                                                                                        \
            g[i] = q->params.reduction == REPLACE ? (first[i] == 0 ? gy[i] : 0) : x[i] == y[i] ? (S)((double)gy[i] / first[i]) : 0;                  \
    }                                                                                                                                                \
    static void finish_updates_##F(const plan *q, const upreg_call *call, const double *first, const double *second, int64_t begin, int64_t end) {   \
        const S *u = ug_##F(&call->in[UPDATES]), *y = ug_##F(&call->in[Y]), *gy = ug_##F(&call->in[GY]);                                             \
        S *g = ug_##F(&call->out[0]);                                                                                                                \
        for (int64_t i = begin; i < end; i++) {                                                                                                      \
            int64_t at = ug_slice_at(call, &q->slices, INDICES, i) * q->slices.inner, from = i * q->slices.inner;                                    \
            for (int64_t k = 0; at >= 0 && k < q->slices.inner; k++) {                                                                               \
                S own = u[from + k], up = gy[at + k];                                                                                                \
                double p = first[at + k];                                                                                                            \
                if (q->params.reduction == REPLACE)                                                                                                  \
                    g[from + k] = p == (double)(i + 1) ? up : 0;                                                                                     \
                else if (q->params.reduction == MUL)                                                                                                 \
                    g[from + k] = second[at + k] == (own == 0) ? (S)((double)up * (own == 0 ? p : p / (double)own)) : 0;                             \
                else                                                                                                                                 \
                    g[from + k] = own == y[at + k] ? (S)((double)up / p) : 0;                                                                        \
            }                                                                                                                                        \
        }                                                                                                                                            \
    }
DEFINE_STAGES(f32, float)
DEFINE_STAGES(f64, double)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)worker;
    const plan *q = (const plan *)call->state;
    double *first = (double *)call->workspace, *second = first + q->elements;
    int single = ug_is_f32(&call->in[X]);
    if (stage == 0)
        (single ? start_f32 : start_f64)(q, call, first, second, begin, end);
    else if (stage == 1)
        (single ? meet_f32 : meet_f64)(q, call, first, second);
    else if (q->params.of == OF_X)
        (single ? finish_x_f32 : finish_x_f64)(q, call, first, begin, end);
    else
        (single ? finish_updates_f32 : finish_updates_f64)(q, call, first, second, begin, end);
}

const upreg_method ug_method_scatter_nd_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "scatter_nd_grad",
    .family = "gradient",
    .summary = "the gradient of scatter_nd with respect to x or the updates",
    .doc = "For reduction none: gy where the element, or the update, is what y is. mul: gy times the product of all else that met there (of updates "
           "only: that of x is scatter_nd of gy). min and max: gy where it equals y, shared among all that do.",
    .source = "the derivative of scatter_nd",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(grad_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T indices:i64=index updates:T y:T gy:T -> g:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};
