/* slice: x[start:stop:step] along some axes. */
#include "methods/cut.h"
#include "methods/strided.h"

#define MOST 9.3e18 /* any 64-bit number */

typedef struct slice_params {
    upreg_ints axis, start, stop, step;
} slice_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(slice_params, axis, "null", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, NULL,
                  "the axes, negative ones count from the end; null: the first ones"),
    UG_INTS_PARAM(slice_params, start, "0", -MOST, MOST, NULL, "the first place taken, negative ones count from the end"),
    UG_INTS_PARAM(slice_params, stop, "null", -MOST, MOST, NULL, "the first place not taken; null: to the end (to the beginning where step < 0)"),
    UG_INTS_PARAM(slice_params, step, "1", -MOST, MOST, NULL, "from one place to the next; not 0"),
};

/* As Python resolves a slice of an axis of length m. */
static int64_t resolved(int64_t place, int64_t m, int64_t step) {
    if (place < 0) place = place < -m ? -1 : place + m;
    return step > 0 ? ug_max64(0, ug_min64(m, place)) : ug_min64(m - 1, place);
}

static upreg_status cut_of(upreg_error *err, const upreg_method *method, const slice_params *q, const upreg_spec *x, ug_cut *cut) {
    int axes[UPREG_MAX_DIMS], count = ug_max64(q->start.count, ug_max64(q->stop.count, q->step.count)), named;
    upreg_ints first = q->axis;
    if (first.count == 0 && !first.is_list)
        for (first.count = count; count--;) first.v[count] = count;
    UG_TRY(ug_axes_of(err, method, "axis", &first, x->ndim, axes, &named));
    UG_TRY(ug_check_count(err, method, "start", &q->start, named));
    if (q->stop.count) UG_TRY(ug_check_count(err, method, "stop", &q->stop, named));
    UG_TRY(ug_check_count(err, method, "step", &q->step, named));
    for (int i = 0; i < x->ndim; i++) cut->start[i] = 0, cut->step[i] = 1, cut->length[i] = x->dim[i];
    for (int i = 0; i < named; i++) {
        int64_t m = x->dim[axes[i]], step = ug_number_of(&q->step, i);
        if (step == 0) return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'step' = 0 is not allowed; allowed: any other number", method->name);
        int64_t start = resolved(ug_number_of(&q->start, i), m, step);
        int64_t stop = q->stop.count ? resolved(ug_number_of(&q->stop, i), m, step) : step > 0 ? m : -1;
        uint64_t width = step > 0 ? (uint64_t)step : -(uint64_t)step, span = step > 0 ? (uint64_t)(stop - start) : (uint64_t)(start - stop);
        int none = step > 0 ? stop <= start : start <= stop;
        cut->length[axes[i]] = none ? 0 : (int64_t)((span + width - 1) / width);
        cut->start[axes[i]] = none ? 0 : start, cut->step[axes[i]] = cut->length[axes[i]] > 1 ? step : 1;
    }
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    ug_cut cut;
    UG_TRY(cut_of(ctx->err, ctx->method, ctx->params, &ctx->in[0], &cut));
    ctx->out[0] = ctx->in[0];
    memcpy(ctx->out[0].dim, cut.length, sizeof *cut.length * (size_t)ctx->in[0].ndim);
    return UPREG_OK;
}

static upreg_status prepare(upreg_prepare *p) {
    ug_cut cut;
    UG_TRY(cut_of(p->err, p->method, p->params, &p->in[0], &cut));
    for (int i = 0; p->tile && i < p->in[0].ndim; i++) {
        cut.start[i] += p->tile->out.begin[i] * cut.step[i] - p->tile->in[0].begin[i];
        cut.length[i] = p->tile->out.end[i] - p->tile->out.begin[i];
    }
    ug_places places = {.ndim = p->in[0].ndim};
    for (int i = 0; i < places.ndim; i++)
        places.dim[i] = cut.length[i], places.axis[i] = i, places.times[i] = cut.step[i], places.start[i] = cut.start[i];
    return ug_strided_prepare(p, &places);
}

static upreg_status vjp(upreg_vjp *ctx) {
    ug_cut cut;
    char text[480] = "";
    int64_t axes[UPREG_MAX_DIMS], length[UPREG_MAX_DIMS];
    UG_TRY(cut_of(ctx->err, ctx->method, ctx->params, &ctx->in[0], &cut));
    int n = ug_cut_text(&cut, &ctx->in[0], text, sizeof text, axes);
    for (int i = 0; i < n; i++) length[i] = ctx->in[0].dim[axes[i]];
    ug_text_ints(text, sizeof text, "length", n, length);
    ctx->result = n ? ug_step(ctx, 1, UG_REFS(UG_GRAD), "slice_grad:%s", text + 1) : UG_GRAD;
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) {
    ug_cut cut;
    UG_TRY(cut_of(ctx->err, ctx->method, ctx->params, &ctx->in[0], &cut));
    for (int i = 0; i < ctx->in[0].ndim; i++) {
        int64_t first = cut.start[i] + ctx->out_begin[i] * cut.step[i], last = cut.start[i] + (ctx->out_end[i] - 1) * cut.step[i];
        ctx->in_begin[i] = ug_min64(first, last), ctx->in_end[i] = ug_max64(first, last) + 1;
    }
    return UPREG_OK;
}

static upreg_status tile(upreg_tiling *ctx) {
    ug_cut cut;
    UG_TRY(cut_of(ctx->err, ctx->method, ctx->params, &ctx->in[0], &cut));
    ctx->told = 1;
    for (int i = 0; i < ctx->in[0].ndim; i++) ctx->period[i] = 1, ctx->shift[i] = cut.step[i];
    return UPREG_OK;
}

const upreg_method ug_method_slice = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "slice",
    .family = "rearrange",
    .aliases = "narrow|strided_slice",
    .summary = "x[start:stop:step] along some axes",
    .doc =
        "y = x[..., start:stop:step, ...] along each of `axis`, with Python's meaning of negative and of too large numbers; start, stop and step are "
        "one number for all axes or one per axis. Any shape of 1 to 8 dimensions.",
    .source = "Python slices; ONNX Slice",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(slice_params),
    .flags = UPREG_LINEAR | UPREG_STRIDED,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_strided_run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
