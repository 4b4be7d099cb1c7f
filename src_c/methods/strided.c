#include "methods/strided.h"

#include "methods/blocks.h"

/* A walk over the output: the length of every axis and how far a step along it goes on both sides, in elements. */
typedef struct walk {
    int32_t ndim;
    int64_t from; /* offset of the first element in the input */
    int64_t dim[UG_STRIDED_AXES], x_step[UG_STRIDED_AXES], y_step[UG_STRIDED_AXES];
    int64_t piece, pieces; /* rows of the innermost axis per unit of work, and units per step of the axes further out */
} walk;

typedef struct plan {
    ug_places places;
    walk dense; /* for dense memory on both sides */
    int64_t units;
} plan;

static void dense_steps(int ndim, const int64_t *dim, int64_t *step) {
    int64_t n = 1;
    for (int i = ndim - 1; i >= 0; i--) step[i] = n, n *= dim[i];
}

/* Leaves out axes of length 1 and joins those whose steps follow one another; at least three axes remain, the innermost last.  A long row
 * without company becomes two axes, so that it is more than one unit of work. */
static walk walk_of(const ug_places *p, const int64_t *x_stride, const int64_t *y_step) {
    int64_t dim[UG_STRIDED_AXES], x[UG_STRIDED_AXES], y[UG_STRIDED_AXES];
    walk w = {0};
    int n = 0; /* from the innermost outwards */
    for (int i = p->ndim - 1; i >= 0; i--) {
        int64_t step = p->times[i] * x_stride[p->axis[i]];
        if (p->dim[i] == 1) continue;
        if (n && step == x[n - 1] * dim[n - 1] && y_step[i] == y[n - 1] * dim[n - 1])
            dim[n - 1] *= p->dim[i];
        else
            dim[n] = p->dim[i], x[n] = step, y[n++] = y_step[i];
    }
    if (n == 1 && dim[0] >= 2 * UG_PIECE && dim[0] % UG_PIECE == 0) {
        dim[1] = dim[0] / UG_PIECE, x[1] = x[0] * UG_PIECE, y[1] = y[0] * UG_PIECE;
        dim[0] = UG_PIECE, n = 2;
    }
    while (n < 3) dim[n] = 1, x[n] = 0, y[n++] = 0;
    w.ndim = n;
    for (int i = 0; i < n; i++) w.dim[n - 1 - i] = dim[i], w.x_step[n - 1 - i] = x[i], w.y_step[n - 1 - i] = y[i];
    return w;
}

/* Cuts a walk into units of work, and returns how many there are. */
static int64_t cut_walk(walk *w) {
    int64_t row = w->dim[w->ndim - 1], rows = w->dim[w->ndim - 2], outer = 1;
    for (int i = 0; i < w->ndim - 2; i++) outer *= w->dim[i];
    w->piece = ug_max64(1, ug_min64(rows, UG_PIECE / ug_max64(row, 1)));
    w->pieces = ug_ceil_div(rows, w->piece);
    return outer * w->pieces;
}

upreg_status ug_strided_prepare(upreg_prepare *p, const ug_places *places) {
    plan *q = upreg_reserve(p, sizeof *q), local;
    int64_t x_stride[UPREG_MAX_DIMS], y_step[UG_STRIDED_AXES], x_dim[UPREG_MAX_DIMS];
    if (!q) q = &local;
    q->places = *places;
    memcpy(x_dim, p->in[0].dim, sizeof x_dim);
    for (int i = 0; p->tile && i < p->in[0].ndim; i++) x_dim[i] = p->tile->in[0].end[i] - p->tile->in[0].begin[i];
    dense_steps(p->in[0].ndim, x_dim, x_stride), dense_steps(places->ndim, places->dim, y_step);
    q->units = 0;
    if (ug_elements(&p->out[0]) > 0) {
        q->dense = walk_of(places, x_stride, y_step);
        for (int i = 0; i < p->in[0].ndim; i++) q->dense.from += places->start[i] * x_stride[i];
        q->units = cut_walk(&q->dense);
    }
    double bytes = (double)upreg_type_size(p->out[0].type) * (double)ug_elements(&p->out[0]) * 2;
    ug_add_stage(p, q->units, q->units ? bytes / (double)q->units : 1, 0);
    return UPREG_OK;
}

static void run_unit(const upreg_call *call, const walk *w, int64_t unit) {
    int last = w->ndim - 1;
    int64_t width = call->out[0].dtype.bits / 8, row = w->dim[last], rows = w->dim[last - 1];
    int64_t outer = unit / w->pieces, first = unit % w->pieces * w->piece, n = ug_min64(w->piece, rows - first);
    int64_t from = w->from + first * w->x_step[last - 1], to = first * w->y_step[last - 1];
    for (int i = last - 2; i >= 0; outer /= w->dim[i], i--) {
        int64_t place = outer % w->dim[i];
        from += place * w->x_step[i], to += place * w->y_step[i];
    }
    char *y = (char *)ug_data(&call->out[0]) + to * width;
    const char *x = (const char *)ug_data(&call->in[0]) + from * width;
    if (w->x_step[last] == 1 && w->y_step[last] == 1) {
        for (int64_t i = 0; i < n; i++) memcpy(y + i * w->y_step[last - 1] * width, x + i * w->x_step[last - 1] * width, (size_t)(row * width));
        return;
    }
    const int64_t y_step[] = {0, w->y_step[last - 1], w->y_step[last]}, x_step[] = {0, w->x_step[last - 1], w->x_step[last]}, count[] = {1, n, row};
    call->kernels->move->permute(y, y_step, x, x_step, count, width);
}

static int is_dense(const upreg_tensor *t) {
    int64_t step[UPREG_MAX_DIMS];
    dense_steps(t->ndim, t->shape, step);
    for (int i = 0; i < t->ndim; i++)
        if (t->shape[i] != 1 && t->strides[i] != step[i]) return 0;
    return 1;
}

/* The walk for other memory.  An output's axis may be two of the places (tile): the outer one then steps over the inner one's length. */
static walk free_walk(const plan *q, const upreg_call *call) {
    int64_t y_step[UG_STRIDED_AXES];
    const upreg_tensor *x = &call->in[0], *y = &call->out[0];
    int parts = q->places.ndim == y->ndim ? 1 : 2;
    for (int i = 0; i < q->places.ndim; i++) y_step[i] = y->strides[i / parts] * (parts == 2 && i % 2 == 0 ? q->places.dim[i + 1] : 1);
    walk w = walk_of(&q->places, x->strides, y_step);
    for (int i = 0; i < x->ndim; i++) w.from += q->places.start[i] * x->strides[i];
    return w;
}

void ug_strided_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const plan *q = (const plan *)call->state;
    if (is_dense(&call->in[0]) && is_dense(&call->out[0])) {
        for (int64_t unit = begin; unit < end; unit++) run_unit(call, &q->dense, unit);
        return;
    }
    walk w = free_walk(q, call); /* has other units: each of the plan's does its share of them */
    int64_t units = cut_walk(&w), each = ug_ceil_div(units, q->units);
    for (int64_t unit = begin * each; unit < ug_min64(end * each, units); unit++) run_unit(call, &w, unit);
}

upreg_status ug_repeats_vjp(upreg_vjp *ctx, int n, const int64_t *apart, const int64_t *summed) {
    const upreg_spec *x = &ctx->in[0];
    if (n > UPREG_MAX_DIMS)
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: the gradient of %d axes, %d of them repeated, is not supported; allowed: %d together",
                       ctx->method->name, x->ndim, n - x->ndim, UPREG_MAX_DIMS);
    char a[300] = "", b[300] = "";
    ug_text_ints(a, sizeof a, "shape", n, apart), ug_text_ints(b, sizeof b, "shape", n, summed);
    upreg_ref value = ug_step(ctx, 1, UG_REFS(UG_GRAD), "reshape:%s,zero_copies=false", a + 1);
    value = ug_step(ctx, 1, UG_REFS(value), "sum_to:%s", b + 1);
    char c[300] = "";
    ug_text_ints(c, sizeof c, "shape", x->ndim, x->dim);
    ctx->result = ug_step(ctx, 1, UG_REFS(value), "reshape:%s,zero_copies=false", c + 1);
    return UPREG_OK;
}
