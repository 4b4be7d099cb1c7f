/* slice_grad: gy put back where slice took it from, zeros elsewhere. */
#include "methods/cut.h"

typedef struct slice_grad_params {
    upreg_ints axis, start, step, length;
} slice_grad_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(slice_grad_params, axis, "0", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, NULL, "the axes, negative ones count from the end"),
    UG_INTS_PARAM(slice_grad_params, start, "0", 0, UG_MAX_SIZE, NULL, "where gy begins"),
    UG_INTS_PARAM(slice_grad_params, step, "1", -UG_MAX_SIZE, UG_MAX_SIZE, NULL, "from one place to the next; not 0"),
    UG_INTS_PARAM(slice_grad_params, length, "required", 0, UG_MAX_SIZE, NULL, "length of the axes in gx"),
};

typedef struct scatter {
    ug_cut cut;
    int32_t ndim;
    int64_t dim[UPREG_MAX_DIMS]; /* of gx */
} scatter;

static upreg_status scatter_of(upreg_error *err, const upreg_method *method, const slice_grad_params *q, const upreg_spec *gy, scatter *s) {
    int axes[UPREG_MAX_DIMS], count;
    UG_TRY(ug_axes_of(err, method, "axis", &q->axis, gy->ndim, axes, &count));
    UG_TRY(ug_check_count(err, method, "start", &q->start, count));
    UG_TRY(ug_check_count(err, method, "step", &q->step, count));
    UG_TRY(ug_check_count(err, method, "length", &q->length, count));
    s->ndim = gy->ndim;
    for (int i = 0; i < gy->ndim; i++) s->cut.start[i] = 0, s->cut.step[i] = 1, s->dim[i] = s->cut.length[i] = gy->dim[i];
    for (int i = 0; i < count; i++) {
        int64_t start = ug_number_of(&q->start, i), step = ug_number_of(&q->step, i), length = ug_number_of(&q->length, i), m = gy->dim[axes[i]];
        int64_t last = m ? start + (m - 1) * step : start;
        if (step == 0) return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'step' = 0 is not allowed; allowed: any other number", method->name);
        if (m && (start >= length || last < 0 || last >= length))
            return ug_fail(err, UPREG_E_SHAPE,
                           "%s: 'gy' has length %" PRId64 " along axis %d; with 'start' = %" PRId64 " and 'step' = %" PRId64
                           " it does not fit 'length' = %" PRId64,
                           method->name, m, axes[i], start, step, length);
        s->cut.start[axes[i]] = start, s->cut.step[axes[i]] = step, s->dim[axes[i]] = length;
    }
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    scatter s;
    UG_TRY(scatter_of(ctx->err, ctx->method, ctx->params, &ctx->in[0], &s));
    ctx->out[0] = ug_spec(ctx->in[0].type, s.ndim, s.dim);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    scatter *s = upreg_reserve(p, sizeof *s), local;
    if (!s) s = &local;
    UG_TRY(scatter_of(p->err, p->method, p->params, &p->in[0], s));
    int64_t row = s->ndim ? s->dim[s->ndim - 1] : 1, rows = row > 0;
    for (int i = 0; i < s->ndim - 1; i++) rows *= s->dim[i];
    ug_add_stage(p, rows, (double)row * (double)upreg_type_size(p->out[0].type), 0);
    return UPREG_OK;
}

/* The row of gy that goes into row `row` of gx, or -1. */
static int64_t source_row(const scatter *s, int64_t row) {
    int64_t from = 0, times = 1;
    for (int i = s->ndim - 2; i >= 0; i--) {
        int64_t place = row % s->dim[i] - s->cut.start[i], step = s->cut.step[i];
        row /= s->dim[i];
        if (place % step || place / step < 0 || place / step >= s->cut.length[i]) return -1;
        from += place / step * times, times *= s->cut.length[i];
    }
    return from;
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const scatter *s = (const scatter *)call->state;
    int last = s->ndim - 1;
    int64_t width = call->out[0].dtype.bits / 8, row = s->ndim ? s->dim[last] : 1, n = s->ndim ? s->cut.length[last] : 1;
    int64_t start = s->ndim ? s->cut.start[last] : 0, step = s->ndim ? s->cut.step[last] : 1;
    for (int64_t unit = begin; unit < end; unit++) {
        char *y = (char *)ug_data(&call->out[0]) + unit * row * width;
        int64_t from = source_row(s, unit);
        const char *x = (const char *)ug_data(&call->in[0]) + from * n * width;
        memset(y, 0, (size_t)(row * width));
        if (from < 0 || n == 0) continue;
        if (step == 1)
            memcpy(y + start * width, x, (size_t)(n * width));
        else
            for (int64_t i = 0; i < n; i++) memcpy(y + (start + i * step) * width, x + i * width, (size_t)width);
    }
}

static upreg_status vjp(upreg_vjp *ctx) {
    scatter s;
    char text[480] = "";
    int64_t axes[UPREG_MAX_DIMS], stop[UPREG_MAX_DIMS];
    UG_TRY(scatter_of(ctx->err, ctx->method, ctx->params, &ctx->in[0], &s));
    upreg_spec whole = ug_spec(ctx->in[0].type, s.ndim, s.dim);
    int n = ug_cut_text(&s.cut, &whole, text, sizeof text, axes);
    for (int i = 0; i < n; i++) { /* past the last place; where that is before the beginning, so far before that it stays there */
        int64_t past = s.cut.start[axes[i]] + s.cut.length[axes[i]] * s.cut.step[axes[i]];
        stop[i] = past < 0 ? -s.dim[axes[i]] - 1 : past;
    }
    ug_text_ints(text, sizeof text, "stop", n, stop);
    ctx->result = n ? ug_step(ctx, 1, UG_REFS(UG_GRAD), "slice:%s", text + 1) : UG_GRAD;
    return UPREG_OK;
}

const upreg_method ug_method_slice_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "slice_grad",
    .family = "gradient",
    .summary = "gy put back where slice took it from, zeros elsewhere: the gradient of slice",
    .doc = "gx is 0 but for gx[start + i * step] = gy[i] along each of `axis`, whose lengths in gx are `length`.",
    .source = "adjoint of slice",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(slice_grad_params),
    .flags = UPREG_LINEAR | UPREG_GRADIENT,
    .types = UG_ANY_TYPE,
    .ports = "gy:T -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
};
