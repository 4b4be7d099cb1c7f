/* avg_pool: the mean of every window. */
#include "methods/avg_pool.h"
#include "methods/pool_engine.h"

#include <stdio.h>

static const upreg_param table[] = {UG_AVG_POOL_PARAMS};

typedef struct avg_pool_plan {
    ug_pool pool;
    ug_divisors divisors;
    int32_t even;  /* all windows count the same along the row */
    double *count; /* divisors.count[2] in the type of the tensors */
} avg_pool_plan;

upreg_status ug_avg_window_of(const ug_ask *ask, const ug_frame *input, ug_window *w) {
    const ug_avg_pool_params *p = ask->params;
    UG_TRY(ug_window_of(ask, &p->kernel, &p->stride, &p->padding, &p->dilation, p->ceil_mode, input, w));
    double taps = (double)w->k[0] * (double)w->k[1] * (double)w->k[2];
    if (ask->in[0].type == UPREG_U8 && taps > 1 << 23)
        return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: parameter 'kernel' makes windows of %.0f elements; allowed for uint8: at most %d",
                       ask->method->name, taps, 1 << 23);
    return p->count_include_pad || p->divisor_override != UPREG_UNSET ? UPREG_OK : ug_window_not_empty(ask, w);
}

void ug_divisors_of(upreg_prepare *p, const ug_window *w, ug_divisors *divisors) {
    const ug_avg_pool_params *params = p->params;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        int64_t *count = divisors->count[axis] = upreg_reserve(p, (size_t)w->out.x[axis] * sizeof *count);
        for (int64_t o = 0; p->fill && o < w->out.x[axis]; o++) {
            int64_t first, last, start = o * w->s[axis] - w->begin[axis];
            ug_window_taps(w, axis, o, &first, &last);
            if (params->count_include_pad) /* what ceil_mode adds beyond the padding does not count */
                first = 0, last = ug_min64(w->k[axis], ug_floor_div(w->in.x[axis] + w->end[axis] - 1 - start, w->d[axis]) + 1);
            count[o] = ug_max64(last - first, 1);
            if (params->divisor_override != UPREG_UNSET) count[o] = axis ? 1 : params->divisor_override;
        }
    }
}

void ug_avg_pool_text(char *text, size_t size, const ug_avg_pool_params *params, const ug_window *w) {
    ug_window_text(text, size, w);
    ug_text_choice(text, size, "ceil_mode", "false|true", params->ceil_mode);
    ug_text_choice(text, size, "count_include_pad", "false|true", params->count_include_pad);
    ug_text_choice(text, size, "layout", UG_LAYOUTS, params->layout);
    size_t used = strlen(text);
    if (params->divisor_override != UPREG_UNSET) snprintf(text + used, size - used, ",divisor_override=%" PRId64, params->divisor_override);
}

static upreg_status geometry(const ug_ask *ask, ug_window *w) {
    ug_frame in;
    UG_TRY(ug_frame_of(ask->err, ask->method, ((const ug_avg_pool_params *)ask->params)->layout, ask->rank, &ask->in[0], &in));
    return ug_avg_window_of(ask, &in, w);
}

static upreg_status infer(upreg_infer *ctx) {
    ug_window w;
    UG_TRY(geometry(UG_ASK(ctx), &w));
    ctx->out[0] = ug_frame_spec(&w.out, ctx->in[0].type, w.out.n, w.out.c, w.out.x);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_window w;
    UG_TRY(geometry(UG_ASK(p), &w));
    ug_window_cut(&w, p->tile);
    avg_pool_plan *plan = upreg_reserve(p, sizeof *plan), local;
    if (!plan) plan = &local;
    size_t pixel = sizeof(int64_t) + upreg_type_size(p->in[0].type) * (size_t)(w.out.axis_c > w.out.axis_x ? w.out.c : 1);
    ug_pool_plan(p, &plan->pool, &w, p->in[0].type, UG_POOL_SUM, pixel);
    ug_divisors_of(p, &w, &plan->divisors);
    plan->even = 1, plan->count = upreg_reserve(p, sizeof(double) * (size_t)w.out.x[2]);
    for (int64_t i = 0; p->fill && i < w.out.x[2]; i++) {
        int64_t count = plan->divisors.count[2][i];
        plan->even &= count == *plan->divisors.count[2];
        if (p->in[0].type == UPREG_F32)
            ((float *)plan->count)[i] = (float)count;
        else
            plan->count[i] = (double)count;
    }
    ug_pool_stage(p, &plan->pool);
    return UPREG_OK;
}

/* Divides a strip's sums into `to`. */
static void divide(const avg_pool_plan *plan, const upreg_kernels *k, const ug_row *row, char *scratch, void *to) {
    const ug_pool *pool = &plan->pool;
    int64_t n = row->end - row->begin, rest = plan->divisors.count[0][row->x0] * plan->divisors.count[1][row->x1];
    const int64_t *count = plan->divisors.count[2] + row->begin;
    void *divisor = scratch + pool->extra_at, *sum = scratch + pool->sum_at;
    for (int64_t i = 0; i < n; i++) {
        int64_t d = count[i] * rest;
        if (pool->type == UPREG_F32)
            ((float *)divisor)[i] = (float)d;
        else if (pool->type == UPREG_F64)
            ((double *)divisor)[i] = (double)d;
        else
            ((int64_t *)divisor)[i] = d;
    }
    if (pool->type == UPREG_F32)
        k->pool->mean_f32(to, sum, divisor, n, pool->rows.inner);
    else if (pool->type == UPREG_F64)
        k->pool->mean_f64(to, sum, divisor, n, pool->rows.inner);
    else
        k->pool->mean_u8(to, sum, divisor, n, pool->rows.inner);
}

static void store(const upreg_call *call, const ug_row *row, char *scratch) {
    const avg_pool_plan *plan = (const avg_pool_plan *)call->state;
    const ug_pool *pool = &plan->pool;
    ug_view y = ug_view_of(&pool->w.out, &call->out[0]);
    char *to = ug_pixel(&y, row->n, row->c, row->x0, row->x1, row->begin, pool->element);
    char *dense = scratch + pool->extra_at + sizeof(int64_t) * (size_t)pool->rows.length;
    divide(plan, call->kernels, row, scratch, ug_pixels_dense(&y) ? to : dense);
    if (!ug_pixels_dense(&y)) ug_unpack_pixels(&y, to, dense, row->end - row->begin, pool->element);
}

static void window(const void *of, const ug_row *row, ug_pool_window *p) {
    const avg_pool_plan *plan = of;
    int64_t rest = plan->divisors.count[0][row->x0] * plan->divisors.count[1][row->x1];
    p->divisor = (double)(plan->even ? rest * *plan->divisors.count[2] : rest);
    p->count = plan->even ? NULL : plan->count;
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    ug_pool_run(call, &(const ug_pool_method){.window = window, .store = store}, begin, end, worker);
}

static upreg_status vjp(upreg_vjp *ctx) {
    char text[420] = "";
    ug_window w;
    UG_TRY(geometry(UG_ASK(ctx), &w));
    ug_avg_pool_text(text, sizeof text, ctx->params, &w);
    ug_text_input_size(text, sizeof text, &w.in);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "avg_pool_grad:%s", text + 1);
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
    ug_tile_spatial(ctx, &w.in, (const int64_t[]){1, 1, 1}, w.s);
    return UPREG_OK;
}

const upreg_method ug_method_avg_pool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "avg_pool",
    .family = "pool",
    .aliases = "average_pool|avgpool|mean_pool",
    .summary = "the mean of every window, in 1, 2 or 3 dimensions",
    .doc = "x (N, C, m...) -> y (N, C, n...), n as in max_pool. y = sum of the window / divisor. The divisor is divisor_override, else the number "
           "of elements of the window that lie in the padded image (count_include_pad) or in the image. uint8 sums are whole numbers, rounded half "
           "up once.",
    .source = "PyTorch functional.avg_pool2d; ONNX AveragePool",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_avg_pool_params),
    .flags = UPREG_LINEAR | UPREG_HAS_TAPS | UPREG_STRIDED,
    .types = UG_FLOATING | 1u << UPREG_U8,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
