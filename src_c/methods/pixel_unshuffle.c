/* pixel_unshuffle: the pixels of a cell become its channels. */
#include "methods/shuffle.h"

static upreg_status geometry(const ug_ask *ask, ug_shuffle *s) {
    UG_TRY(ug_shuffle_begin(ask, &s->large, s));
    s->small = s->large;
    if (ug_mul_overflows(s->large.c, s->cell, &s->small.c))
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: parameter 'scale' makes too many channels", ask->method->name);
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        if (s->large.x[axis] % s->scale[axis])
            return ug_fail(ask->err, UPREG_E_SHAPE, "%s: an axis of 'x' has length %" PRId64 "; allowed: a multiple of 'scale' = %" PRId64,
                           ask->method->name, s->large.x[axis], s->scale[axis]);
        s->small.x[axis] = s->large.x[axis] / s->scale[axis];
    }
    ug_shuffle_end(ask, s);
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    ug_shuffle s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ctx->out[0] = ug_frame_spec(&s.small, ctx->in[0].type, s.small.n, s.small.c, s.small.x);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_shuffle s;
    UG_TRY(geometry(UG_ASK(p), &s));
    return ug_shuffle_prepare(p, &s, &s.small, 1);
}

/* A row of one output channel: every scale[2]-th pixel of a row. */
static void planar_row(const ug_shuffle *s, const upreg_kernels *k, const ug_view *x, const ug_view *y, const ug_row *row) {
    const int64_t *r = s->scale;
    int64_t place = row->c / s->part_step % s->cell, channel = row->c / s->channel_step % ug_max64(s->large.c, 1);
    int64_t a2 = place % r[2], a1 = place / r[2] % r[1], a0 = place / (r[2] * r[1]);
    const char *from = ug_pixel(x, row->n, channel, row->x0 * r[0] + a0, row->x1 * r[1] + a1, row->begin * r[2] + a2, s->element);
    char *to = ug_pixel(y, row->n, row->c, row->x0, row->x1, row->begin, s->element);
    k->move->take(to, from, row->end - row->begin, r[2], (int64_t)s->element);
}

/* A row of pixels with all their channels: one input row of each cell after the other. */
static void channels_last_row(const ug_shuffle *s, const upreg_kernels *k, const ug_view *x, const ug_view *y, const ug_row *row) {
    const int64_t *r = s->scale;
    const int64_t y_step[] = {y->stride_x[2], s->part_step, s->channel_step}, x_step[] = {r[2] * x->stride_x[2], x->stride_x[2], 1};
    const int64_t count[] = {row->end - row->begin, r[2], x->inner};
    char *to = ug_pixel(y, row->n, 0, row->x0, row->x1, row->begin, s->element);
    for (int64_t a0 = 0; a0 < r[0]; a0++)
        for (int64_t a1 = 0; a1 < r[1]; a1++) {
            const char *from = ug_pixel(x, row->n, 0, row->x0 * r[0] + a0, row->x1 * r[1] + a1, row->begin * r[2], s->element);
            k->move->permute(to + (a0 * r[1] + a1) * r[2] * s->part_step * (int64_t)s->element, y_step, from, x_step, count, (int64_t)s->element);
        }
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_shuffle *s = (const ug_shuffle *)call->state;
    ug_view x = ug_view_of(&s->large, &call->in[0]), y = ug_view_of(&s->small, &call->out[0]);
    for (int64_t unit = begin; unit < end; unit++) {
        ug_row row = ug_rows_find(&s->rows, unit);
        (s->small.axis_c < s->small.axis_x ? planar_row : channels_last_row)(s, call->kernels, &x, &y, &row);
    }
}

static upreg_status vjp(upreg_vjp *ctx) { return ug_shuffle_vjp(ctx, "pixel_shuffle"); }

static upreg_status reach(upreg_reach *ctx) {
    ug_shuffle s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ug_reach_same(ctx);
    if (s.part_step == 1)
        ctx->in_begin[s.small.axis_c] /= s.cell, ctx->in_end[s.small.axis_c] = ug_ceil_div(ctx->in_end[s.small.axis_c], s.cell);
    else
        ctx->in_begin[s.small.axis_c] = 0, ctx->in_end[s.small.axis_c] = s.large.c;
    for (int k = 0; k < s.small.rank; k++) {
        int axis = s.small.axis_x + k;
        int64_t r = s.scale[UPREG_MAX_SPATIAL - s.small.rank + k];
        ctx->in_begin[axis] *= r, ctx->in_end[axis] *= r;
    }
    return UPREG_OK;
}

static upreg_status tile(upreg_tiling *ctx) {
    ug_shuffle s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    UG_TRY(ug_tile_needs_all(ctx, s.small.axis_c));
    return UPREG_OK;
}

const upreg_method ug_method_pixel_unshuffle = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "pixel_unshuffle",
    .family = "rearrange",
    .aliases = "desubpixel|reorg",
    .summary = "pixels become channels: the inverse of pixel_shuffle",
    .doc = "x (N, C, m...) -> y (N, C * prod(scale), m / scale...). y[n, c * prod(scale) + flat(a), i] = x[n, c, i * scale + a], where flat(a) "
           "counts the pixels of a cell in row-major order; order dcr: y[n, flat(a) * C + c, i].",
    .source = "PyTorch functional.pixel_unshuffle",
    .params = ug_shuffle_table,
    .n_params = UG_COUNT(ug_shuffle_table),
    .params_size = sizeof(ug_shuffle_params),
    .flags = UPREG_LINEAR | UPREG_STRIDED,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
