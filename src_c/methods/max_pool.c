/* max_pool: the largest element of every window, and where it was. */
#include "methods/pool_engine.h"
#include "methods/resize.h"

#include <stdio.h>

typedef struct max_pool_params {
    upreg_ints kernel, stride, padding, dilation;
    int32_t ceil_mode, return_indices, indices, storage_order, include_batch, layout;
} max_pool_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(max_pool_params, kernel, "required", 1, UG_MAX_SIZE, NULL, "size of the window"),
    UG_INTS_PARAM(max_pool_params, stride, "null", 1, UG_MAX_SIZE, NULL, "step from window to window; null: the kernel"),
    UG_PAIRS_PARAM(max_pool_params, padding, "0", 0, UG_MAX_SIZE, UG_POOL_PADS, "added at both ends, never the largest; less than a window"),
    UG_INTS_PARAM(max_pool_params, dilation, "1", 1, UG_MAX_SIZE, NULL, "step from element to element of a window"),
    UG_BOOL_PARAM(max_pool_params, ceil_mode, "false", "round the output size up; a window that would begin in the padding at the end is dropped"),
    UG_BOOL_PARAM(max_pool_params, return_indices, "false", "also give the index of every largest element"),
    UG_CHOICE_PARAM(max_pool_params, indices, "spatial_flat", UG_INDEX_FORMS,
                    "flat over the image; over batch, channels and image; or (y W + x) C + c"),
    UG_CHOICE_PARAM(max_pool_params, storage_order, "row", "row|column", "of the image in global_flat"),
    UG_BOOL_PARAM(max_pool_params, include_batch, "false", "nhwc_flat counts over the batch too"),
    UG_LAYOUT_PARAM(max_pool_params),
};

enum { MOST_INDEXED_TAPS = 1 << 24 };

typedef struct max_pool_plan {
    ug_pool pool;
    int64_t *offset; /* of every tap, in indices */
} max_pool_plan;

static upreg_status geometry(const ug_ask *ask, ug_window *w) {
    const max_pool_params *p = ask->params;
    ug_frame in;
    UG_TRY(ug_frame_of(ask->err, ask->method, p->layout, ask->rank, &ask->in[0], &in));
    UG_TRY(ug_window_of(ask, &p->kernel, &p->stride, &p->padding, &p->dilation, p->ceil_mode, &in, w));
    double taps = (double)w->k[0] * (double)w->k[1] * (double)w->k[2];
    if (p->return_indices && taps > MOST_INDEXED_TAPS)
        return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: parameter 'kernel' makes windows of %.0f elements; allowed with return_indices: at most %d",
                       ask->method->name, taps, MOST_INDEXED_TAPS);
    return ug_window_not_empty(ask, w);
}

static upreg_status infer(upreg_infer *ctx) {
    ug_window w;
    UG_TRY(geometry(UG_ASK(ctx), &w));
    ctx->out[0] = ug_frame_spec(&w.out, ctx->in[0].type, w.out.n, w.out.c, w.out.x);
    ctx->out[1] = ctx->out[0];
    ctx->out[1].type = ((const max_pool_params *)ctx->params)->return_indices ? UPREG_I64 : UPREG_NONE;
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    const max_pool_params *params = p->params;
    ug_window w;
    UG_TRY(geometry(UG_ASK(p), &w));
    ug_origin origin = ug_origin_of(p->tile, &w.in, &w.out);
    ug_index_form form = ug_index_form_of(&w.in, params->indices, params->storage_order, params->include_batch);
    ug_window_cut(&w, p->tile);
    max_pool_plan *plan = upreg_reserve(p, sizeof *plan), local;
    if (!plan) plan = &local;
    size_t taps = (size_t)(w.k[0] * w.k[1] * w.k[2]), pixel = sizeof(int64_t) * (size_t)(w.out.axis_c > w.out.axis_x ? w.out.c : 1);
    ug_pool_plan(p, &plan->pool, &w, p->in[0].type, params->return_indices ? UG_POOL_MAX_INDEX : UG_POOL_MAX, params->return_indices ? pixel : 0);
    plan->pool.form = form, plan->pool.first = 0;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) plan->pool.first += origin.in_begin[axis] * form.x[axis];
    plan->offset = upreg_reserve(p, params->return_indices ? taps * sizeof *plan->offset : 0);
    for (int64_t t = 0; p->fill && params->return_indices && t < (int64_t)taps; t++) {
        int64_t t2 = t % w.k[2], t1 = t / w.k[2] % w.k[1], t0 = t / w.k[2] / w.k[1];
        plan->offset[t] = t0 * w.d[0] * plan->pool.form.x[0] + t1 * w.d[1] * plan->pool.form.x[1] + t2 * w.d[2] * plan->pool.form.x[2];
    }
    ug_pool_stage(p, &plan->pool);
    return UPREG_OK;
}

static void put(const ug_view *y, const ug_row *row, const void *from, size_t element) {
    char *to = ug_pixel(y, row->n, row->c, row->x0, row->x1, row->begin, element);
    if (ug_pixels_dense(y))
        memcpy(to, from, (size_t)((row->end - row->begin) * y->inner) * element);
    else
        ug_unpack_pixels(y, to, from, row->end - row->begin, element);
}

static void store(const upreg_call *call, const ug_row *row, char *scratch) {
    const max_pool_plan *plan = (const max_pool_plan *)call->state;
    const ug_pool *pool = &plan->pool;
    const ug_window *w = &pool->w;
    ug_view y = ug_view_of(&w->out, &call->out[0]);
    put(&y, row, scratch + pool->sum_at, pool->element);
    if (pool->kind != UG_POOL_MAX_INDEX) return;
    const ug_index_form *f = &pool->form;
    ug_view places = ug_view_of(&w->out, &call->out[1]);
    int64_t *index = (int64_t *)(scratch + pool->extra_at);
    int64_t base = pool->first + row->n * f->n + row->c * f->c + (row->x0 * w->s[0] - w->begin[0]) * f->x[0] +
                   (row->x1 * w->s[1] - w->begin[1]) * f->x[1] + (row->begin * w->s[2] - w->begin[2]) * f->x[2];
    call->kernels->pool->index(index, (const int32_t *)(scratch + pool->tap_at), plan->offset, base, w->s[2] * f->x[2], f->c, row->end - row->begin,
                               pool->rows.inner);
    put(&places, row, index, sizeof *index);
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    ug_pool_run(call, &(const ug_pool_method){.store = store}, begin, end, worker);
}

/* The gradient goes back to where the largest elements were. */
static upreg_status vjp(upreg_vjp *ctx) {
    const max_pool_params *p = ctx->params;
    ug_window w;
    UG_TRY(geometry(UG_ASK(ctx), &w));
    int first = UPREG_MAX_SPATIAL - w.in.rank;
    char pool[400] = "", unpool[400] = "";
    ug_window_text(pool, sizeof pool, &w);
    ug_text_choice(pool, sizeof pool, "layout", UG_LAYOUTS, p->layout);
    ug_text_ints(unpool, sizeof unpool, "kernel", w.in.rank, w.k + first);
    ug_text_ints(unpool, sizeof unpool, "output_size", w.in.rank, w.in.x + first);
    ug_text_choice(unpool, sizeof unpool, "layout", UG_LAYOUTS, p->layout);
    upreg_ref indices = UG_OUTPUT(1);
    if (p->return_indices) {
        ug_text_choice(unpool, sizeof unpool, "indices", UG_INDEX_FORMS, p->indices);
        ug_text_choice(unpool, sizeof unpool, "storage_order", "row|column", p->storage_order);
        ug_text_choice(unpool, sizeof unpool, "include_batch", "false|true", p->include_batch);
    } else {
        indices = ug_step(ctx, 1, UG_REFS(UG_INPUT(0)), "max_pool:%s,return_indices=true,ceil_mode=%s", pool + 1, p->ceil_mode ? "true" : "false");
        indices.output = 1;
    }
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, indices), "max_unpool:%s,overlap=sum", unpool + 1);
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) {
    ug_window w;
    UG_TRY(geometry(UG_ASK(ctx), &w));
    ug_window_reach(&w, ctx);
    return UPREG_OK;
}

static upreg_status tile(upreg_tiling *ctx) {
    ug_window w;
    UG_TRY(geometry(UG_ASK(ctx), &w));
    int placed = ((const max_pool_params *)ctx->params)->return_indices; /* indices are those of the whole image */
    ug_tile_spatial(ctx, &w.in, placed ? NULL : (const int64_t[]){1, 1, 1}, w.s);
    return UPREG_OK;
}

const upreg_method ug_method_max_pool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "max_pool",
    .family = "pool",
    .aliases = "maxpool|max_pooling",
    .summary = "the largest element of every window, in 1, 2 or 3 dimensions, and its index if asked for",
    .doc = "x (N, C, m...) -> y (N, C, n...), indices (N, C, n...) with return_indices. n = floor or ceil of (m + begin + end - ke) / stride, plus "
           "1, with ke = dilation (kernel - 1) + 1. The first of equal elements wins, in row-major order; NaN is larger than everything; padding "
           "never wins. Indices: spatial_flat counts over the image (torch); global_flat over batch, channels and image (ONNX), the image row- or "
           "column-major; nhwc_flat is (y W + x) C + c, plus the image's place in the batch with include_batch (TensorFlow).",
    .source = "PyTorch functional.max_pool2d; ONNX MaxPool; TensorFlow max_pool_with_argmax",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(max_pool_params),
    .flags = UPREG_HAS_TAPS | UPREG_STRIDED,
    .types = UG_FLOATING | (UG_INTEGERS & ~(1u << UPREG_U16)),
    .ports = "x:T -> y:T indices?:i64",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
