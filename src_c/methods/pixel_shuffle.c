/* pixel_shuffle: the channels of a cell become its pixels. */
#include "methods/shuffle.h"

static upreg_status geometry(const ug_ask *ask, ug_shuffle *s) {
    UG_TRY(ug_shuffle_begin(ask, &s->small, s));
    s->large = s->small;
    if (s->small.c % s->cell)
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: 'x' has %" PRId64 " channels; allowed: a multiple of the %" PRId64 " pixels in a cell",
                       ask->method->name, s->small.c, s->cell);
    s->large.c = s->small.c / s->cell;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++)
        if (ug_mul_overflows(s->small.x[axis], s->scale[axis], &s->large.x[axis]))
            return ug_fail(ask->err, UPREG_E_SHAPE, "%s: parameter 'scale' = %" PRId64 " makes an axis too long", ask->method->name, s->scale[axis]);
    ug_shuffle_end(ask, s);
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    ug_shuffle s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ctx->out[0] = ug_frame_spec(&s.large, ctx->in[0].type, s.large.n, s.large.c, s.large.x);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_shuffle s;
    UG_TRY(geometry(UG_ASK(p), &s));
    return ug_shuffle_prepare(p, &s, &s.large, s.scale[2]);
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_shuffle *s = (const ug_shuffle *)call->state;
    const int64_t *r = s->scale;
    int64_t element = (int64_t)s->element;
    ug_view x = ug_view_of(&s->small, &call->in[0]), y = ug_view_of(&s->large, &call->out[0]);
    ug_row row = ug_rows_find(&s->rows, begin);
    for (int64_t unit = begin; unit < end; ug_rows_next(&s->rows, ++unit, &row)) {
        int64_t first = ((row.x0 % r[0]) * r[1] + row.x1 % r[1]) * r[2]; /* pixel of the cell where its row begins */
        int64_t from_x = row.begin / r[2], n = (row.end - row.begin) / r[2];
        char *to = ug_pixel(&y, row.n, row.c, row.x0, row.x1, row.begin, s->element);
        if (s->small.axis_c < s->small.axis_x) {
            int64_t channel = row.c * s->channel_step + first * s->part_step;
            const char *from = ug_pixel(&x, row.n, channel, row.x0 / r[0], row.x1 / r[1], from_x, s->element);
            call->kernels->move->interleave(to, from, s->part_step * x.stride_c * element, n, r[2], element, s->stream);
        } else {
            const char *from = ug_pixel(&x, row.n, 0, row.x0 / r[0], row.x1 / r[1], from_x, s->element) + first * s->part_step * element;
            const int64_t y_step[] = {r[2] * y.stride_x[2], y.stride_x[2], 1}, x_step[] = {x.stride_x[2], s->part_step, s->channel_step};
            const int64_t count[] = {n, r[2], y.inner};
            call->kernels->move->permute(to, y_step, from, x_step, count, element);
        }
    }
    if (s->stream) call->kernels->move->streamed();
}

static upreg_status vjp(upreg_vjp *ctx) { return ug_shuffle_vjp(ctx, "pixel_unshuffle"); }

static upreg_status reach(upreg_reach *ctx) {
    ug_shuffle s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ug_reach_same(ctx);
    if (s.part_step == 1)
        ctx->in_begin[s.small.axis_c] *= s.cell, ctx->in_end[s.small.axis_c] *= s.cell;
    else
        ctx->in_begin[s.small.axis_c] = 0, ctx->in_end[s.small.axis_c] = s.small.c;
    for (int k = 0; k < s.small.rank; k++) {
        int axis = s.small.axis_x + k;
        int64_t r = s.scale[UPREG_MAX_SPATIAL - s.small.rank + k];
        ctx->in_begin[axis] /= r, ctx->in_end[axis] = ug_ceil_div(ctx->in_end[axis], r);
    }
    return UPREG_OK;
}

static upreg_status tile(upreg_tiling *ctx) {
    ug_shuffle s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    UG_TRY(ug_tile_needs_all(ctx, s.small.axis_c));
    for (int k = 0; k < s.small.rank; k++) { /* whole cells */
        int axis = s.small.axis_x + k;
        int64_t r = s.scale[UPREG_MAX_SPATIAL - s.small.rank + k];
        ctx->range.begin[axis] = ctx->range.begin[axis] / r * r, ctx->range.end[axis] = ug_ceil_div(ctx->range.end[axis], r) * r;
    }
    return UPREG_OK;
}

const upreg_method ug_method_pixel_shuffle = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "pixel_shuffle",
    .family = "rearrange",
    .aliases = "sub_pixel|subpixel|periodic_shuffling",
    .summary = "channels become pixels: the rearrangement of sub-pixel convolution, in 1, 2 or 3 dimensions",
    .doc = "x (N, C * prod(scale), m...) -> y (N, C, m * scale...). y[n, c, i * scale + a] = x[n, c * prod(scale) + flat(a), i], where flat(a) "
           "counts the pixels of a cell in row-major order (order crd: column-row-depth, as torch's pixel_shuffle and ONNX DepthToSpace CRD). "
           "order dcr: x[n, flat(a) * C + c, i] (depth-column-row, as TensorFlow's and ONNX's depth_to_space).",
    .source = "Shi et al., Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network, CVPR 2016",
    .params = ug_shuffle_table,
    .n_params = UG_COUNT(ug_shuffle_table),
    .params_size = sizeof(ug_shuffle_params),
    .flags = UPREG_LINEAR | UPREG_UPSAMPLES | UPREG_STRIDED,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
