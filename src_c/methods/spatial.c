#include "methods/spatial.h"

static const struct {
    const char *name;
    int letters, n_first, c_first, c_last;
} layouts[] = {{"NCX", 2, 1, 1, 0}, {"NXC", 2, 1, 0, 1}, {"CX", 1, 0, 1, 0}, {"XC", 1, 0, 0, 1}, {"X", 0, 0, 0, 0}};

upreg_status ug_frame_of(upreg_error *err, const upreg_method *method, int layout, int rank, const upreg_spec *spec, ug_frame *frame) {
    int letters = layouts[layout].letters, spatial = spec->ndim - letters;
    char shape[256];
    ug_shape_text(shape, sizeof shape, spec->ndim, spec->dim);
    if (rank && spatial != rank)
        return ug_fail(err, UPREG_E_SHAPE, "%s: layout %s with %d spatial ax%s needs %d dimensions, got %d: %s", method->name, layouts[layout].name,
                       rank, rank == 1 ? "is" : "es", rank + letters, spec->ndim, shape);
    if (spatial < 1 || spatial > UPREG_MAX_SPATIAL)
        return ug_fail(err, UPREG_E_SHAPE, "%s: layout %s needs %d to %d dimensions (1 to 3 spatial axes), got %d: %s", method->name,
                       layouts[layout].name, letters + 1, letters + UPREG_MAX_SPATIAL, spec->ndim, shape);
    *frame = (ug_frame){.layout = layout, .ndim = spec->ndim, .rank = spatial, .axis_n = -1, .axis_c = -1, .n = 1, .c = 1, .x = {1, 1, 1}};
    int axis = 0;
    if (layouts[layout].n_first) frame->axis_n = axis++;
    if (layouts[layout].c_first) frame->axis_c = axis++;
    frame->axis_x = axis;
    if (layouts[layout].c_last) frame->axis_c = spec->ndim - 1;
    if (frame->axis_n >= 0) frame->n = spec->dim[frame->axis_n];
    if (frame->axis_c >= 0) frame->c = spec->dim[frame->axis_c];
    for (int i = 0; i < spatial; i++) frame->x[UPREG_MAX_SPATIAL - spatial + i] = spec->dim[frame->axis_x + i];
    return UPREG_OK;
}

upreg_spec ug_frame_spec(const ug_frame *frame, upreg_type type, int64_t n, int64_t c, const int64_t x[UPREG_MAX_SPATIAL]) {
    upreg_spec spec = {.known = 1, .ndim = frame->ndim, .type = type};
    if (frame->axis_n >= 0) spec.dim[frame->axis_n] = n;
    if (frame->axis_c >= 0) spec.dim[frame->axis_c] = c;
    for (int i = 0; i < frame->rank; i++) spec.dim[frame->axis_x + i] = x[UPREG_MAX_SPATIAL - frame->rank + i];
    return spec;
}

ug_view ug_view_of(const ug_frame *frame, const upreg_tensor *t) {
    ug_view v = {.data = ug_data(t), .n = 1, .c = 1, .x = {1, 1, 1}, .inner = 1};
    if (frame->axis_n >= 0) v.n = t->shape[frame->axis_n], v.stride_n = t->strides[frame->axis_n];
    if (frame->axis_c >= 0 && frame->axis_c < frame->axis_x) v.c = t->shape[frame->axis_c], v.stride_c = t->strides[frame->axis_c];
    if (frame->axis_c > frame->axis_x) v.inner = t->shape[frame->axis_c];
    for (int i = 0; i < frame->rank; i++) {
        int axis = UPREG_MAX_SPATIAL - frame->rank + i;
        v.x[axis] = t->shape[frame->axis_x + i], v.stride_x[axis] = t->strides[frame->axis_x + i];
    }
    return v;
}

ug_view ug_residual_of(const ug_frame *frame, const upreg_call *call) {
    if (!call->epilogue || !call->epilogue->residual) return (ug_view){0};
    int64_t strides[UPREG_MAX_DIMS];
    upreg_tensor dense = call->out[0];
    dense.data = (void *)call->epilogue->residual, dense.byte_offset = 0, dense.strides = strides;
    for (int64_t i = dense.ndim - 1, stride = 1; i >= 0; i--) strides[i] = stride, stride *= dense.shape[i];
    return ug_view_of(frame, &dense);
}

const char *const ug_layout_names[] = {"NCX", "NXC", "CX", "XC", "X"};

static upreg_status wrong_count(upreg_error *err, const upreg_method *method, const char *name, int count, int rank) {
    return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter '%s' has %d values; allowed: one, or one for each of the %d spatial ax%s", method->name,
                   name, count, rank, rank == 1 ? "is" : "es");
}

upreg_status ug_axes_int(upreg_error *err, const upreg_method *method, const char *name, const upreg_ints *given, int rank, int64_t missing,
                         int64_t out[UPREG_MAX_SPATIAL]) {
    if (given->count != 1 && given->count != rank) return wrong_count(err, method, name, given->count, rank);
    for (int i = 0; i < UPREG_MAX_SPATIAL; i++) {
        int k = i - (UPREG_MAX_SPATIAL - rank);
        out[i] = k < 0 ? missing : given->v[given->count == 1 ? 0 : k];
    }
    return UPREG_OK;
}

upreg_status ug_axes_float(upreg_error *err, const upreg_method *method, const char *name, const upreg_floats *given, int rank, double missing,
                           double out[UPREG_MAX_SPATIAL]) {
    if (given->count != 1 && given->count != rank) return wrong_count(err, method, name, given->count, rank);
    for (int i = 0; i < UPREG_MAX_SPATIAL; i++) {
        int k = i - (UPREG_MAX_SPATIAL - rank);
        out[i] = k < 0 ? missing : given->v[given->count == 1 ? 0 : k];
    }
    return UPREG_OK;
}

upreg_status ug_axes_pairs(upreg_error *err, const upreg_method *method, const char *name, const upreg_ints *given, int rank,
                           int64_t begin[UPREG_MAX_SPATIAL], int64_t end[UPREG_MAX_SPATIAL]) {
    int flat_pair = rank == 1 && given->count == 2 && !given->pairs; /* in 1-D (1, 2) is begin and end */
    int pairs = given->pairs || flat_pair;
    int expected = pairs ? 2 * rank : rank;
    if (given->count != expected && (given->count != 1 || pairs)) {
        if (pairs)
            return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter '%s' has %d [begin, end] pairs; allowed: one for each of the %d spatial axes",
                           method->name, name, given->count / 2, rank);
        return wrong_count(err, method, name, given->count, rank);
    }
    for (int i = 0; i < UPREG_MAX_SPATIAL; i++) {
        int k = i - (UPREG_MAX_SPATIAL - rank);
        if (k < 0)
            begin[i] = end[i] = 0;
        else if (pairs)
            begin[i] = given->v[2 * k], end[i] = given->v[2 * k + 1];
        else
            begin[i] = end[i] = given->v[given->count == 1 ? 0 : k];
    }
    return UPREG_OK;
}

upreg_status ug_resolve_padding(upreg_error *err, const upreg_method *method, const upreg_ints *given, int rank, const int64_t *x, const int64_t *ke,
                                const int64_t *s, int64_t *begin, int64_t *end) {
    if (given->choice == UG_PAD_NUMBERS) return ug_axes_pairs(err, method, "padding", given, rank, begin, end);
    for (int i = 0; i < UPREG_MAX_SPATIAL; i++) {
        begin[i] = end[i] = 0;
        if (i < UPREG_MAX_SPATIAL - rank) continue;
        int64_t total = ug_max64((ug_ceil_div(x[i], s[i]) - 1) * s[i] + ke[i] - x[i], 0);
        switch (given->choice) {
        case UG_PAD_SAME_UPPER: begin[i] = total / 2, end[i] = total - total / 2; break;
        case UG_PAD_SAME_LOWER: begin[i] = total - total / 2, end[i] = total / 2; break;
        case UG_PAD_FULL: begin[i] = end[i] = ke[i] - 1; break;
        case UG_PAD_CAUSAL: begin[i] = ke[i] - 1; break;
        default: break; /* valid */
        }
    }
    return UPREG_OK;
}

const char *const ug_pad_mode_names[] = {"zeros", "constant", "reflect", "symmetric", "replicate", "circular"};

int64_t ug_pad_index(int mode, int64_t i, int64_t m) {
    if (i >= 0 && i < m) return i;
    int64_t period;
    switch (mode) {
    case UG_REPLICATE: return i < 0 ? 0 : m - 1;
    case UG_CIRCULAR: return i - ug_floor_div(i, m) * m;
    case UG_REFLECT:
        if (m == 1) return 0;
        period = 2 * m - 2, i -= ug_floor_div(i, period) * period;
        return i < m ? i : period - i;
    case UG_SYMMETRIC: period = 2 * m, i -= ug_floor_div(i, period) * period; return i < m ? i : period - 1 - i;
    default: return -1;
    }
}

upreg_status ug_check_pad_value(upreg_error *err, const upreg_method *method, int mode, double value) {
    if (value == 0 || mode == UG_CONSTANT) return UPREG_OK;
    return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'value' = %g has no effect with padding_mode %s; allowed: 0, or padding_mode constant",
                   method->name, value, ug_pad_mode_names[mode]);
}

upreg_status ug_check_pad_mode(upreg_error *err, const upreg_method *method, int mode, int64_t amount, int64_t m) {
    int64_t most = mode == UG_REFLECT ? m - 1 : mode == UG_SYMMETRIC || mode == UG_CIRCULAR ? m : mode == UG_REPLICATE && m == 0 ? 0 : INT64_MAX;
    if (amount > ug_max64(most, 0))
        return ug_fail(err, UPREG_E_SHAPE, "%s: padding_mode '%s' cannot pad an axis of length %" PRId64 " by %" PRId64 "; allowed: at most %" PRId64,
                       method->name, ug_pad_mode_names[mode], m, amount, ug_max64(most, 0));
    return UPREG_OK;
}

void ug_reach_padded(int mode, int64_t first, int64_t last, int64_t m, int64_t *begin, int64_t *end) {
    int64_t low = ug_max64(first, 0), high = ug_min64(last, m - 1);
    if (mode == UG_CIRCULAR && (first < 0 || last >= m)) low = 0, high = m - 1;
    if (mode == UG_REFLECT || mode == UG_SYMMETRIC || mode == UG_REPLICATE) {
        /* mirrored positions lie within the overhang's length of the border */
        if (first < 0) low = 0, high = ug_max64(high, ug_min64(-first, m - 1));
        if (last >= m) high = m - 1, low = ug_min64(low, ug_max64(2 * (m - 1) - last, 0));
    }
    *begin = ug_min64(low, m), *end = ug_max64(high + 1, *begin);
}

void ug_tile_spatial(upreg_tiling *ctx, const ug_frame *frame, const int64_t *period, const int64_t *shift) {
    ctx->told = 1;
    for (int axis = 0; axis < frame->ndim; axis++) {
        int a = UPREG_MAX_SPATIAL - frame->rank + axis - frame->axis_x, spatial = axis >= frame->axis_x && axis < frame->axis_x + frame->rank;
        if (!spatial)
            ctx->range.begin[axis] = 0, ctx->range.end[axis] = ctx->out[0].dim[axis];
        else if (period)
            ctx->period[axis] = period[a], ctx->shift[axis] = shift[a];
    }
}

ug_origin ug_origin_of(const upreg_tile *tile, const ug_frame *in, const ug_frame *out) {
    ug_origin o = {0};
    memcpy(o.out, out->x, sizeof o.out), memcpy(o.in, in->x, sizeof o.in);
    for (int i = 0; tile && i < in->rank; i++) {
        int axis = in->axis_x + i, a = UPREG_MAX_SPATIAL - in->rank + i;
        o.out_begin[a] = tile->out.begin[axis], o.out[a] = tile->out.end[axis] - tile->out.begin[axis];
        o.in_begin[a] = tile->in[0].begin[axis], o.in[a] = tile->in[0].end[axis] - tile->in[0].begin[axis];
    }
    return o;
}
