/* space_to_batch: the pixels of a block become images of the batch. */
#include "methods/space_batch.h"

static const upreg_param table[] = {UG_SPACE_BATCH_PARAMS("padding", "zeros added at the begin and the end of each axis before")};

static upreg_status geometry(const ug_ask *ask, ug_space_batch *s) {
    UG_TRY(ug_space_batch_begin(ask, "padding", &s->large, s));
    s->small = s->large;
    if (ug_mul_overflows(s->large.n, s->cells, &s->small.n))
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: parameter 'block' makes too many images", ask->method->name);
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        int64_t padded = s->large.x[axis] + s->begin[axis] + s->end[axis];
        if (padded % s->block[axis])
            return ug_fail(ask->err, UPREG_E_SHAPE,
                           "%s: an axis of 'x' has length %" PRId64 " with its padding; allowed: a multiple of 'block' = %" PRId64, ask->method->name,
                           padded, s->block[axis]);
        s->small.x[axis] = padded / s->block[axis];
    }
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    ug_space_batch s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ctx->out[0] = ug_frame_spec(&s.small, ctx->in[0].type, s.small.n, s.small.c, s.small.x);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_space_batch s;
    UG_TRY(geometry(UG_ASK(p), &s));
    return ug_space_batch_prepare(p, &s, 0);
}

/* One row: every block[2]-th pixel of a row, and zeros where there is none. */
static void make_row(const upreg_call *call, const ug_space_batch *s, const ug_view *x, const ug_row *row, char *to) {
    const int64_t *b = s->block;
    int64_t cell = row->n / ug_max64(s->large.n, 1), n = row->n % ug_max64(s->large.n, 1), element = call->out[0].dtype.bits / 8;
    int64_t x0 = row->x0 * b[0] + cell / b[2] / b[1] - s->begin[0], x1 = row->x1 * b[1] + cell / b[2] % b[1] - s->begin[1];
    int64_t shift = cell % b[2] - s->begin[2]; /* output i is pixel i * block + shift */
    int64_t first = ug_max64(row->begin, ug_ceil_div(-shift, b[2]));
    int64_t last = ug_min64(row->end, ug_floor_div(s->large.x[2] - 1 - shift, b[2]) + 1);
    if (x0 < 0 || x0 >= s->large.x[0] || x1 < 0 || x1 >= s->large.x[1] || first >= last) first = last = row->end;
    memset(to, 0, (size_t)((first - row->begin) * s->pixel));
    memset(to + (last - row->begin) * s->pixel, 0, (size_t)((row->end - last) * s->pixel));
    if (first == last) return;
    const char *from = ug_pixel(x, n, row->c, x0, x1, first * b[2] + shift, (size_t)element);
    const int64_t y_step[] = {0, x->inner, 1}, x_step[] = {0, b[2] * x->inner, 1}, count[] = {1, last - first, x->inner};
    call->kernels->move->permute(to + (first - row->begin) * s->pixel, y_step, from, x_step, count, element);
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_space_batch *s = (const ug_space_batch *)call->state;
    ug_view x = ug_view_of(&s->large, &call->in[0]), y = ug_view_of(&s->small, &call->out[0]);
    ug_row row = ug_rows_find(&s->rows, begin);
    for (int64_t unit = begin; unit < end; ug_rows_next(&s->rows, ++unit, &row))
        make_row(call, s, &x, &row, ug_pixel(&y, row.n, row.c, row.x0, row.x1, row.begin, call->out[0].dtype.bits / 8));
}

static upreg_status vjp(upreg_vjp *ctx) {
    ug_space_batch s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    return ug_space_batch_vjp(ctx, &s, "batch_to_space", "crop");
}

static upreg_status reach(upreg_reach *ctx) {
    ug_space_batch s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ug_reach_same(ctx);
    ctx->in_begin[s.large.axis_n] = 0, ctx->in_end[s.large.axis_n] = s.large.n;
    for (int i = 0; i < s.large.rank; i++) {
        int axis = s.large.axis_x + i, a = UPREG_MAX_SPATIAL - s.large.rank + i;
        int64_t low = ctx->out_begin[axis] * s.block[a] - s.begin[a], high = ctx->out_end[axis] * s.block[a] - s.begin[a], m = s.large.x[a];
        ctx->in_begin[axis] = ug_min64(ug_max64(low, 0), m), ctx->in_end[axis] = ug_max64(ug_min64(high, m), ctx->in_begin[axis]);
    }
    return UPREG_OK;
}

static upreg_status tile(upreg_tiling *ctx) {
    ug_space_batch s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ug_tile_spatial(ctx, &s.small, NULL, NULL);
    return UPREG_OK;
}

const upreg_method ug_method_space_to_batch = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "space_to_batch",
    .family = "rearrange",
    .summary = "the pixels of a block become images of the batch, in 1, 2 or 3 dimensions",
    .doc =
        "x (N, C, m...) -> y (N * prod(block), C, (m + begin + end) / block...). y[flat(a) * N + n, c, i] = x[n, c, i * block + a - begin], 0 where "
        "that lies outside; flat(a) counts the pixels of a block in row-major order. A convolution of y is a dilated one of x.",
    .source = "TensorFlow space_to_batch_nd",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_space_batch_params),
    .flags = UPREG_LINEAR,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
