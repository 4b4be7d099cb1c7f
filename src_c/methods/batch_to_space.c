/* batch_to_space: images of the batch become the pixels of a block. */
#include "methods/space_batch.h"

static const upreg_param table[] = {UG_SPACE_BATCH_PARAMS("crop", "pixels cut off at the begin and the end of each axis afterwards")};

static upreg_status geometry(const ug_ask *ask, ug_space_batch *s) {
    UG_TRY(ug_space_batch_begin(ask, "crop", &s->small, s));
    s->large = s->small;
    if (s->small.n % s->cells)
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: 'x' has %" PRId64 " images; allowed: a multiple of the %" PRId64 " pixels in a block",
                       ask->method->name, s->small.n, s->cells);
    s->large.n = s->small.n / s->cells;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        int64_t length;
        if (ug_mul_overflows(s->small.x[axis], s->block[axis], &length) || length > (int64_t)UG_MAX_SIZE)
            return ug_fail(ask->err, UPREG_E_SHAPE, "%s: parameter 'block' = %" PRId64 " makes an axis too long", ask->method->name, s->block[axis]);
        s->large.x[axis] = length - s->begin[axis] - s->end[axis];
        if (s->large.x[axis] < 0)
            return ug_fail(ask->err, UPREG_E_SHAPE,
                           "%s: parameter 'crop' = [%" PRId64 ", %" PRId64 "] with an axis of length %" PRId64
                           "; allowed: at most its length together",
                           ask->method->name, s->begin[axis], s->end[axis], length);
    }
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    ug_space_batch s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ctx->out[0] = ug_frame_spec(&s.large, ctx->in[0].type, s.large.n, s.large.c, s.large.x);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_space_batch s;
    UG_TRY(geometry(UG_ASK(p), &s));
    return ug_space_batch_prepare(p, &s, 1);
}

/* One row: the rows of block[2] images, in turn. */
static void make_row(const upreg_call *call, const ug_space_batch *s, const ug_view *x, const ug_row *row, char *to) {
    const int64_t *b = s->block;
    int64_t element = call->out[0].dtype.bits / 8, x0 = row->x0 + s->begin[0], x1 = row->x1 + s->begin[1];
    int64_t cell = (x0 % b[0] * b[1] + x1 % b[1]) * b[2], across = ug_min64(b[2], row->end - row->begin);
    for (int64_t i = row->begin; i < row->begin + across; i++) {
        int64_t x2 = i + s->begin[2], n = (cell + x2 % b[2]) * s->large.n + row->n;
        const char *from = ug_pixel(x, n, row->c, x0 / b[0], x1 / b[1], x2 / b[2], (size_t)element);
        const int64_t y_step[] = {0, b[2] * x->inner, 1}, x_step[] = {0, x->inner, 1};
        const int64_t count[] = {1, ug_ceil_div(row->end - i, b[2]), x->inner};
        call->kernels->move->permute(to + (i - row->begin) * s->pixel, y_step, from, x_step, count, element);
    }
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_space_batch *s = (const ug_space_batch *)call->state;
    ug_view x = ug_view_of(&s->small, &call->in[0]), y = ug_view_of(&s->large, &call->out[0]);
    ug_row row = ug_rows_find(&s->rows, begin);
    for (int64_t unit = begin; unit < end; ug_rows_next(&s->rows, ++unit, &row))
        make_row(call, s, &x, &row, ug_pixel(&y, row.n, row.c, row.x0, row.x1, row.begin, call->out[0].dtype.bits / 8));
}

static upreg_status vjp(upreg_vjp *ctx) {
    ug_space_batch s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    return ug_space_batch_vjp(ctx, &s, "space_to_batch", "padding");
}

static upreg_status reach(upreg_reach *ctx) {
    ug_space_batch s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ug_reach_same(ctx);
    ctx->in_begin[s.small.axis_n] = 0, ctx->in_end[s.small.axis_n] = s.small.n;
    for (int i = 0; i < s.small.rank; i++) {
        int axis = s.small.axis_x + i, a = UPREG_MAX_SPATIAL - s.small.rank + i;
        ctx->in_begin[axis] = (ctx->out_begin[axis] + s.begin[a]) / s.block[a];
        ctx->in_end[axis] = ug_ceil_div(ctx->out_end[axis] + s.begin[a], s.block[a]);
    }
    return UPREG_OK;
}

static upreg_status tile(upreg_tiling *ctx) {
    ug_space_batch s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ug_tile_spatial(ctx, &s.large, NULL, NULL);
    return UPREG_OK;
}

const upreg_method ug_method_batch_to_space = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "batch_to_space",
    .family = "rearrange",
    .summary = "images of the batch become the pixels of a block: the inverse of space_to_batch",
    .doc = "x (N * prod(block), C, m...) -> y (N, C, m * block - begin - end...). y[n, c, i * block + a - begin] = x[flat(a) * N + n, c, i], where "
           "flat(a) counts the pixels of a block in row-major order.",
    .source = "TensorFlow batch_to_space",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_space_batch_params),
    .flags = UPREG_LINEAR | UPREG_UPSAMPLES,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
