#include "methods/window.h"

static int64_t extent(const ug_window *w, int axis) { return w->d[axis] * (w->k[axis] - 1) + 1; }

static upreg_status check_padding(const ug_ask *ask, const ug_window *w, int axis) {
    int64_t most = extent(w, axis) - 1, given = ug_max64(w->begin[axis], w->end[axis]);
    if (given > most)
        return ug_fail(ask->err, UPREG_E_PARAMETER,
                       "%s: parameter 'padding' = %" PRId64 " with a window of %" PRId64 "; allowed: less than it, at most %" PRId64,
                       ask->method->name, given, extent(w, axis), most);
    return UPREG_OK;
}

static upreg_status output_length(const ug_ask *ask, ug_window *w, int axis, int ceil_mode) {
    int64_t m = w->in.x[axis], s = w->s[axis], free = m + w->begin[axis] + w->end[axis] - extent(w, axis);
    if (free < 0)
        return ug_fail(ask->err, UPREG_E_SHAPE,
                       "%s: parameter 'kernel' = %" PRId64 " makes a window of %" PRId64 "; an axis of length %" PRId64 " with padding %" PRId64
                       " and %" PRId64 " is too short",
                       ask->method->name, w->k[axis], extent(w, axis), m, w->begin[axis], w->end[axis]);
    w->out.x[axis] = (ceil_mode ? ug_ceil_div(free, s) : free / s) + 1;
    if (ceil_mode && (w->out.x[axis] - 1) * s >= m + w->begin[axis]) w->out.x[axis]--; /* would begin in the padding at the end */
    return UPREG_OK;
}

upreg_status ug_window_of(const ug_ask *ask, const upreg_ints *kernel, const upreg_ints *stride, const upreg_ints *padding,
                          const upreg_ints *dilation, int ceil_mode, const ug_frame *input, ug_window *w) {
    const upreg_method *method = ask->method;
    int64_t ke[UPREG_MAX_SPATIAL];
    w->in = w->out = *input;
    UG_TRY(ug_axes_int(ask->err, method, "kernel", kernel, input->rank, 1, w->k));
    UG_TRY(ug_axes_int(ask->err, method, "stride", stride->count ? stride : kernel, input->rank, 1, w->s));
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) w->d[axis] = 1;
    if (dilation) UG_TRY(ug_axes_int(ask->err, method, "dilation", dilation, input->rank, 1, w->d));
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) ke[axis] = extent(w, axis);
    UG_TRY(ug_resolve_padding(ask->err, method, padding, input->rank, input->x, ke, w->s, w->begin, w->end));
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        if (padding->choice == UG_PAD_NUMBERS) UG_TRY(check_padding(ask, w, axis));
        UG_TRY(output_length(ask, w, axis, ceil_mode));
    }
    w->row = w->out.x[2];
    return UPREG_OK;
}

upreg_status ug_window_not_empty(const ug_ask *ask, const ug_window *w) {
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++)
        for (int64_t o = 0; o < w->out.x[axis]; o++) {
            int64_t first, last;
            ug_window_taps(w, axis, o, &first, &last);
            if (first >= last)
                return ug_fail(ask->err, UPREG_E_SHAPE,
                               "%s: window %" PRId64 " of an axis of length %" PRId64 " (kernel %" PRId64 ", stride %" PRId64 ", dilation %" PRId64
                               ", padding %" PRId64 ") holds nothing but padding",
                               ask->method->name, o, w->in.x[axis], w->k[axis], w->s[axis], w->d[axis], w->begin[axis]);
        }
    return UPREG_OK;
}

void ug_window_taps(const ug_window *w, int axis, int64_t o, int64_t *first, int64_t *last) {
    int64_t start = o * w->s[axis] - w->begin[axis], d = w->d[axis];
    *first = 0, *last = w->k[axis];
    if (start >= 0 && start + d * (*last - 1) < w->in.x[axis]) return;
    *first = ug_max64(0, ug_ceil_div(-start, d));
    *last = ug_min64(w->k[axis], ug_floor_div(w->in.x[axis] - 1 - start, d) + 1);
}

void ug_window_outputs(const ug_window *w, int axis, int64_t t, int64_t *first, int64_t *last) {
    int64_t shift = t * w->d[axis] - w->begin[axis], s = w->s[axis];
    *first = ug_max64(0, ug_ceil_div(-shift, s));
    *last = ug_min64(w->out.x[axis], ug_floor_div(w->in.x[axis] - 1 - shift, s) + 1);
}

void ug_window_reach(const ug_window *w, upreg_reach *ctx) {
    ug_reach_same(ctx);
    for (int i = 0; i < w->in.rank; i++) {
        int axis = w->in.axis_x + i, k = UPREG_MAX_SPATIAL - w->in.rank + i;
        int64_t low = ctx->out_begin[axis] * w->s[k] - w->begin[k], high = (ctx->out_end[axis] - 1) * w->s[k] - w->begin[k] + extent(w, k);
        ctx->in_begin[axis] = ug_max64(low, 0), ctx->in_end[axis] = ug_max64(ug_min64(high, w->in.x[k]), ctx->in_begin[axis]);
    }
}

void ug_window_cut(ug_window *w, const upreg_tile *tile) {
    ug_origin o = ug_origin_of(tile, &w->in, &w->out);
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        w->begin[axis] += o.in_begin[axis] - o.out_begin[axis] * w->s[axis];
        w->end[axis] += w->in.x[axis] - o.in_begin[axis] - o.in[axis];
    }
    memcpy(w->in.x, o.in, sizeof o.in), memcpy(w->out.x, o.out, sizeof o.out);
}

void ug_window_text(char *text, size_t size, const ug_window *w) {
    int first = UPREG_MAX_SPATIAL - w->in.rank, rank = w->in.rank;
    ug_text_ints(text, size, "kernel", rank, w->k + first);
    ug_text_ints(text, size, "stride", rank, w->s + first);
    ug_text_pairs(text, size, "padding", rank, w->begin + first, w->end + first);
    ug_text_ints(text, size, "dilation", rank, w->d + first);
}

upreg_status ug_unpooled_frame(const ug_ask *ask, const upreg_ints *kernel, const upreg_ints *stride, const upreg_ints *padding,
                               const upreg_ints *output_size, const ug_frame *small, ug_frame *large) {
    int64_t k[UPREG_MAX_SPATIAL], s[UPREG_MAX_SPATIAL], begin[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL];
    *large = *small;
    if (output_size->count) return ug_axes_int(ask->err, ask->method, "output_size", output_size, small->rank, 1, large->x);
    UG_TRY(ug_axes_int(ask->err, ask->method, "kernel", kernel, small->rank, 1, k));
    UG_TRY(ug_axes_int(ask->err, ask->method, "stride", stride->count ? stride : kernel, small->rank, 1, s));
    UG_TRY(ug_axes_pairs(ask->err, ask->method, "padding", padding, small->rank, begin, end));
    for (int axis = UPREG_MAX_SPATIAL - small->rank; axis < UPREG_MAX_SPATIAL; axis++) {
        int64_t n;
        if (ug_mul_overflows(small->x[axis] - 1, s[axis], &n) || ug_add_overflows(n, k[axis] - begin[axis] - end[axis], &n) || n < 1)
            return ug_fail(ask->err, UPREG_E_SHAPE,
                           "%s: kernel %" PRId64 ", stride %" PRId64 " and padding %" PRId64 ", %" PRId64
                           " leave no output along an axis of length %" PRId64,
                           ask->method->name, k[axis], s[axis], begin[axis], end[axis], small->x[axis]);
        large->x[axis] = n;
    }
    return UPREG_OK;
}

upreg_status ug_check_unpooled(const ug_ask *ask, const ug_window *w, const ug_frame *small) {
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++)
        if (w->out.x[axis] != small->x[axis])
            return ug_fail(ask->err, UPREG_E_SHAPE,
                           "%s: parameter 'output_size' = %" PRId64 " has %" PRId64 " windows of %" PRId64 " with stride %" PRId64
                           "; allowed: what has %" PRId64 ", as many as 'x' has elements there",
                           ask->method->name, w->in.x[axis], w->out.x[axis], w->k[axis], w->s[axis], small->x[axis]);
    return UPREG_OK;
}

ug_index_form ug_index_form_of(const ug_frame *plane, int form, int column, int include_batch) {
    const int64_t *x = plane->x;
    int64_t pixels = x[0] * x[1] * x[2];
    ug_index_form f = {0, 0, {x[1] * x[2], x[2], 1}};
    if (form == UG_GLOBAL_FLAT) {
        f.n = plane->c * pixels, f.c = pixels;
        if (column) f.x[0] = 1, f.x[1] = x[0], f.x[2] = x[0] * x[1];
    } else if (form == UG_NHWC_FLAT) {
        for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) f.x[axis] *= plane->c;
        f.c = 1, f.n = include_batch ? pixels * plane->c : 0;
    }
    return f;
}
