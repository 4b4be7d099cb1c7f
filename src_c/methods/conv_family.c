#include "methods/conv_family.h"

#include <stdio.h>

/* ---- the weight ---- */

/* Torch's layouts: conv (out, in / groups, k...), conv_transpose (in, out / groups, k...). */
static upreg_status resolve_weight(upreg_error *err, const upreg_method *method, const ug_conv_params *q, int64_t x_channels, int rank,
                                   upreg_type type, upreg_spec *weight, int transposed, ug_conv_problem *b) {
    const char *name = method->name;
    char shape[256];
    b->groups = q->groups;
    if (x_channels % q->groups)
        return ug_fail(err, UPREG_E_SHAPE, "%s: groups = %" PRId64 " does not divide the %" PRId64 " channels of 'x'", name, q->groups, x_channels);
    b->in_channels = x_channels / q->groups;
    if (!weight->known) {
        if (q->channels == UPREG_UNSET || q->kernel.count == 0)
            return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter '%s' must be given when there is no weight; allowed: 1 or more", name,
                           q->channels == UPREG_UNSET ? "channels" : "kernel");
        if (q->channels % q->groups)
            return ug_fail(err, UPREG_E_PARAMETER, "%s: groups = %" PRId64 " does not divide channels = %" PRId64, name, q->groups, q->channels);
        UG_TRY(ug_axes_int(err, method, "kernel", &q->kernel, rank, 1, b->kernel));
        b->out_channels = q->channels / q->groups;
        double taps = (double)b->kernel[0] * (double)b->kernel[1] * (double)b->kernel[2];
        weight->known = 1, weight->type = type, weight->ndim = rank + 2;
        weight->dim[0] = transposed ? x_channels : q->channels, weight->dim[1] = transposed ? b->out_channels : b->in_channels;
        for (int i = 0; i < rank; i++) weight->dim[2 + i] = ug_last_axes(b->kernel, rank)[i];
        weight->fan_in = (double)b->in_channels * taps, weight->fan_out = (double)b->out_channels * taps;
        return ug_check_size(err, method, weight);
    }
    ug_shape_text(shape, sizeof shape, weight->ndim, weight->dim);
    if (weight->ndim != rank + 2)
        return ug_fail(err, UPREG_E_SHAPE, "%s: input 'weight' has shape %s; with %d spatial ax%s it must have %d dimensions: %s", name, shape, rank,
                       rank == 1 ? "is" : "es", rank + 2, transposed ? "(in, out / groups, kernel...)" : "(out, in / groups, kernel...)");
    int64_t first = weight->dim[0], expected = transposed ? x_channels : b->in_channels, got = transposed ? first : weight->dim[1];
    if (got != expected)
        return ug_fail(err, UPREG_E_SHAPE,
                       "%s: input 'weight' has shape %s, but axis %d must be %" PRId64 " for 'x' with %" PRId64 " channels and groups = %" PRId64,
                       name, shape, transposed ? 0 : 1, expected, x_channels, q->groups);
    if (!transposed && first % q->groups)
        return ug_fail(err, UPREG_E_SHAPE, "%s: groups = %" PRId64 " does not divide the %" PRId64 " output channels of 'weight'", name, q->groups,
                       first);
    b->out_channels = transposed ? weight->dim[1] : first / q->groups;
    if (q->channels != UPREG_UNSET && q->channels != b->out_channels * q->groups)
        return ug_fail(err, UPREG_E_SHAPE, "%s: parameter 'channels' = %" PRId64 ", but 'weight' of shape %s makes %" PRId64, name, q->channels,
                       shape, b->out_channels * q->groups);
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) b->kernel[a] = 1;
    for (int i = 0; i < rank; i++) {
        b->kernel[UPREG_MAX_SPATIAL - rank + i] = weight->dim[2 + i];
        if (weight->dim[2 + i] < 1 || weight->dim[2 + i] > INT32_MAX)
            return ug_fail(err, UPREG_E_SHAPE, "%s: input 'weight' has shape %s; allowed: kernel sizes from 1 to 2^31 - 1", name, shape);
    }
    if (q->kernel.count) {
        int64_t kernel[UPREG_MAX_SPATIAL];
        UG_TRY(ug_axes_int(err, method, "kernel", &q->kernel, rank, 1, kernel));
        if (memcmp(kernel, b->kernel, sizeof kernel) != 0)
            return ug_fail(err, UPREG_E_SHAPE, "%s: parameter 'kernel' = %" PRId64 "%s does not agree with 'weight' of shape %s", name,
                           q->kernel.v[0], q->kernel.count > 1 ? ", ..." : "", shape);
    }
    int64_t taps = b->kernel[0] * b->kernel[1] * b->kernel[2];
    weight->fan_in = (double)b->in_channels * (double)taps, weight->fan_out = (double)b->out_channels * (double)taps;
    return UPREG_OK;
}

static upreg_status resolve_common(upreg_error *err, const upreg_method *method, const ug_conv_params *q, int rank, const upreg_spec *x,
                                   upreg_spec *weight, int transposed, ug_conv_problem *b) {
    *b = (ug_conv_problem){
        .transposed = transposed, .flip = q->flip, .pad_mode = q->padding_mode, .value = q->value, .algorithm = q->algorithm, .exact = q->exact};
    if (q->layout == UG_X)
        return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'layout' = X is not allowed: a convolution needs channels; allowed: NCX, NXC, CX, XC",
                       method->name);
    UG_TRY(ug_check_pad_value(err, method, q->padding_mode, q->value));
    UG_TRY(ug_frame_of(err, method, q->layout, rank, x, &b->x_frame));
    b->y_frame = b->x_frame, b->n = b->x_frame.n, rank = b->x_frame.rank;
    memcpy(b->in, b->x_frame.x, sizeof b->in);
    UG_TRY(resolve_weight(err, method, q, b->x_frame.c, rank, x->type, weight, transposed, b));
    UG_TRY(ug_axes_int(err, method, "stride", &q->stride, rank, 1, b->stride));
    UG_TRY(ug_axes_int(err, method, "dilation", &q->dilation, rank, 1, b->dilation));
    return UPREG_OK;
}

/* Dilated kernel sizes, overflow-checked through the limits of the parameters (each below 2^31). */
static void dilated(const ug_conv_problem *b, int64_t *ke) {
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) ke[a] = b->dilation[a] * (b->kernel[a] - 1) + 1;
}

static upreg_status check_extent(upreg_error *err, const upreg_method *method, int64_t n) {
    if (n > INT32_MAX || n < -(int64_t)INT32_MAX)
        return ug_fail(err, UPREG_E_SHAPE,
                       "%s: kernel, dilation, stride and padding together span %" PRId64 " elements of an axis; allowed: less than 2^31",
                       method->name, n);
    return UPREG_OK;
}

/* ---- conv ---- */

/* Sizes after `upscale`.  Reflection is not the same before and after enlarging; every other padding is. */
static upreg_status enlarged(upreg_error *err, const upreg_method *method, const ug_conv_problem *b, int64_t *large) {
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {
        if (b->upscale[a] > 1 && b->pad_mode == UG_REFLECT)
            return ug_fail(err, UPREG_E_PARAMETER,
                           "%s: parameter 'padding_mode' = reflect is not allowed with 'upscale' = %" PRId64 "; allowed: the others", method->name,
                           b->upscale[a]);
        if (ug_mul_overflows(b->in[a], b->upscale[a], &large[a])) large[a] = INT64_MAX;
        UG_TRY(check_extent(err, method, large[a]));
    }
    return UPREG_OK;
}

upreg_status ug_conv_resolve(upreg_error *err, const upreg_method *method, const void *params, int rank, const upreg_spec *x, upreg_spec *weight,
                             ug_conv_problem *b) {
    const ug_conv_params *q = params;
    int64_t ke[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL], large[UPREG_MAX_SPATIAL];
    UG_TRY(resolve_common(err, method, q, rank, x, weight, 0, b));
    rank = b->x_frame.rank;
    dilated(b, ke);
    UG_TRY(ug_axes_int(err, method, "upscale", &q->upscale, rank, 1, b->upscale));
    UG_TRY(enlarged(err, method, b, large));
    UG_TRY(ug_resolve_padding(err, method, &q->padding, rank, large, ke, b->stride, b->begin, end));
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {
        UG_TRY(check_extent(err, method, ke[a] + b->begin[a] + end[a]));
        int64_t padded = large[a] + b->begin[a] + end[a];
        UG_TRY(ug_check_pad_mode(err, method, q->padding_mode, ug_max64(b->begin[a], end[a]), large[a]));
        if (padded < ke[a])
            return ug_fail(err, UPREG_E_SHAPE, "%s: the kernel spans %" PRId64 " but axis %d has only %" PRId64 " elements with its padding",
                           method->name, ke[a], b->x_frame.axis_x + a - (UPREG_MAX_SPATIAL - rank), padded);
        b->out[a] = (padded - ke[a]) / b->stride[a] + 1;
    }
    return UPREG_OK;
}

/* ---- conv_transpose ---- */

/* Where the output window lies in the full result of one axis: `begin` is cut off (negative: extended), n is kept. */
static void named_window(int choice, int side, int64_t m, int64_t s, int64_t ke, int64_t op, int64_t *begin, int64_t *n) {
    int64_t full = (m - 1) * s + ke, total;
    switch (choice) {
    case UG_PAD_SAME_UPPER:
    case UG_PAD_SAME_LOWER:
        *n = m * s, total = ug_max64(full - *n, 0); /* a kernel below the stride leaves zeros at the end, as TensorFlow does */
        *begin = choice == UG_PAD_SAME_UPPER ? total / 2 : total - total / 2;
        break;
    case UG_PAD_FULL: *begin = ke - 1, *n = full - 2 * (ke - 1) + op; break;
    case UG_PAD_CAUSAL: *begin = 0, *n = m * s; break;
    default: *begin = 0, *n = side == 1 ? (m - 1) * s + ug_max64(ke, s) + op : full + op; break; /* valid; Keras fills up to the stride */
    }
}

static upreg_status transposed_window(upreg_error *err, const upreg_method *method, const ug_conv_params *q, int rank, const int64_t *ke,
                                      ug_conv_problem *b) {
    int64_t begin[3] = {0}, end[3] = {0}, op[3], size[3] = {0};
    int sized = q->output_size.count > 0, cropped = q->crop.count > 0, named = q->padding.choice >= 0;
    int same = q->padding.choice == UG_PAD_SAME_UPPER || q->padding.choice == UG_PAD_SAME_LOWER || q->padding.choice == UG_PAD_CAUSAL;
    UG_TRY(ug_axes_int(err, method, "output_padding", &q->output_padding, rank, 0, op));
    if (cropped)
        UG_TRY(ug_axes_pairs(err, method, "crop", &q->crop, rank, begin, end));
    else if (!named)
        UG_TRY(ug_axes_pairs(err, method, "padding", &q->padding, rank, begin, end));
    if (sized) UG_TRY(ug_axes_int(err, method, "output_size", &q->output_size, rank, 1, size));
    int64_t pads = 0, extra = op[0] + op[1] + op[2];
    for (int i = 0; i < q->padding.count; i++) pads += q->padding.v[i];
    if (cropped && (named || pads || extra || sized))
        return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'crop' takes the place of 'padding', 'output_padding' and 'output_size'; give it alone",
                       method->name);
    if (extra && (same || sized))
        return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'output_padding' is not allowed with %s, which fixes the size", method->name,
                       sized ? "'output_size'" : "this 'padding'");
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {
        int axis = b->x_frame.axis_x + a - (UPREG_MAX_SPATIAL - rank);
        int64_t m = b->in[a], s = b->stride[a], full = (m - 1) * s + ke[a];
        if (m == 0) return ug_fail(err, UPREG_E_SHAPE, "%s: axis %d of 'x' is empty; allowed: 1 or more", method->name, axis);
        if (op[a] && op[a] >= ug_max64(s, b->dilation[a]))
            return ug_fail(err, UPREG_E_PARAMETER,
                           "%s: parameter 'output_padding' = %" PRId64 " is not allowed; allowed: less than the stride (%" PRId64
                           ") or the dilation (%" PRId64 ")",
                           method->name, op[a], s, b->dilation[a]);
        if (named)
            named_window(q->padding.choice, q->side, m, s, ke[a], op[a], &b->begin[a], &b->out[a]);
        else
            b->begin[a] = begin[a], b->out[a] = full - begin[a] - end[a] + (cropped ? 0 : op[a]);
        if (sized && a >= UPREG_MAX_SPATIAL - rank) {
            int64_t total = ug_max64(full - size[a], 0);
            b->out[a] = size[a];
            if (q->padding.choice == UG_PAD_SAME_UPPER || q->side == 1)
                b->begin[a] = total / 2;
            else if (q->padding.choice == UG_PAD_SAME_LOWER || q->side == 2)
                b->begin[a] = total - total / 2;
        }
        UG_TRY(check_extent(err, method, full));
        UG_TRY(check_extent(err, method, b->begin[a]));
        UG_TRY(check_extent(err, method, b->out[a]));
        if (b->out[a] < 1)
            return ug_fail(err, UPREG_E_SHAPE,
                           "%s: axis %d would have %" PRId64 " elements: the full result has %" PRId64 " and padding or crop removes too many",
                           method->name, axis, b->out[a], full);
    }
    return UPREG_OK;
}

upreg_status ug_conv_transpose_resolve(upreg_error *err, const upreg_method *method, const void *params, int rank, const upreg_spec *x,
                                       upreg_spec *weight, ug_conv_problem *b) {
    const ug_conv_params *q = params;
    int64_t ke[UPREG_MAX_SPATIAL];
    UG_TRY(resolve_common(err, method, q, rank, x, weight, 1, b));
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) b->upscale[a] = 1;
    rank = b->x_frame.rank;
    dilated(b, ke);
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {
        int64_t span;
        if (ug_mul_overflows(b->in[a], b->stride[a], &span)) span = INT64_MAX;
        UG_TRY(check_extent(err, method, span));
        UG_TRY(check_extent(err, method, ke[a]));
    }
    return transposed_window(err, method, q, rank, ke, b);
}

/* ---- infer and prepare of both ---- */

upreg_status ug_conv_infer_with(upreg_infer *ctx, upreg_status (*resolve)(upreg_error *, const upreg_method *, const void *, int, const upreg_spec *,
                                                                          upreg_spec *, ug_conv_problem *)) {
    ug_conv_problem b;
    UG_TRY(resolve(ctx->err, ctx->method, ctx->params, ctx->rank, &ctx->in[0], &ctx->in[1], &b));
    int64_t channels = b.out_channels * b.groups;
    upreg_spec *bias = &ctx->in[2];
    if (bias->type != UPREG_NONE && !bias->known) {
        *bias = ug_spec(ctx->in[0].type, 1, &channels);
        bias->fan_in = bias->fan_out = 1;
    }
    if (bias->type != UPREG_NONE && (bias->ndim != 1 || bias->dim[0] != channels)) {
        char shape[256];
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input 'bias' has shape %s; allowed: (%" PRId64 ",)", ctx->method->name,
                       ug_shape_text(shape, sizeof shape, bias->ndim, bias->dim), channels);
    }
    ctx->out[0] = ug_frame_spec(&b.y_frame, ctx->in[0].type, b.n, channels, b.out);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

/* Turns the problem of the whole call into that of a tile. */
static void cut(ug_conv_problem *b, const upreg_tile *tile) {
    ug_frame out = b->y_frame;
    memcpy(out.x, b->out, sizeof out.x);
    ug_origin o = ug_origin_of(tile, &b->x_frame, &out);
    ug_conv_set_whole(b), b->is_tile = 1;
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++)
        b->begin[a] += b->transposed ? o.out_begin[a] - o.in_begin[a] * b->stride[a] : o.in_begin[a] * b->upscale[a] - o.out_begin[a] * b->stride[a];
    memcpy(b->in, o.in, sizeof o.in), memcpy(b->out, o.out, sizeof o.out);
    memcpy(b->x_frame.x, o.in, sizeof o.in), memcpy(b->y_frame.x, o.out, sizeof o.out);
}

upreg_status ug_conv_tile_with(upreg_tiling *ctx, upreg_status (*resolve)(upreg_error *, const upreg_method *, const void *, int, const upreg_spec *,
                                                                          upreg_spec *, ug_conv_problem *)) {
    ug_conv_problem b;
    upreg_spec weight = ctx->in[1];
    UG_TRY(resolve(ctx->err, ctx->method, ctx->params, ctx->rank, &ctx->in[0], &weight, &b));
    ug_conv_set_whole(&b);
    ug_tile_spatial(ctx, &b.x_frame, NULL, NULL);
    for (int i = 0; i < b.x_frame.rank; i++) {
        int axis = b.x_frame.axis_x + i, a = UPREG_MAX_SPATIAL - b.x_frame.rank + i;
        int64_t step = ug_conv_alignment(&b, a);
        ctx->period[axis] = step, ctx->shift[axis] = b.transposed ? step / b.stride[a] : step * b.stride[a] / b.upscale[a];
        ctx->range.begin[axis] = ctx->range.begin[axis] / step * step;
        ctx->range.end[axis] = ug_min64(ug_ceil_div(ctx->range.end[axis], step) * step, b.out[a]);
    }
    return UPREG_OK;
}

upreg_status ug_conv_prepare_with(upreg_prepare *p, upreg_status (*resolve)(upreg_error *, const upreg_method *, const void *, int,
                                                                            const upreg_spec *, upreg_spec *, ug_conv_problem *)) {
    ug_conv_problem b;
    upreg_spec weight = p->in[1];
    UG_TRY(resolve(p->err, p->method, p->params, p->rank, &p->in[0], &weight, &b));
    b.has_bias = p->in[2].type != UPREG_NONE, b.exact |= p->exact;
    if (p->tile) cut(&b, p->tile);
    return ug_conv_prepare(p, &b);
}

void ug_conv_common_text(char *text, size_t size, const ug_conv_params *q, const ug_conv_problem *b) {
    int rank = b->x_frame.rank;
    size_t used = strlen(text);
    snprintf(text + used, size - used, "groups=%" PRId64 ",flip=%s,layout=%s", b->groups, q->flip ? "true" : "false", ug_layout_names[q->layout]);
    ug_text_ints(text, size, "stride", rank, ug_last_axes(b->stride, rank));
    ug_text_ints(text, size, "dilation", rank, ug_last_axes(b->dilation, rank));
}
