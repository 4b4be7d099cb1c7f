/* max_unpool: every element where its index says, zeros elsewhere. */
#include "methods/pointwise.h"
#include "methods/unpool.h"

typedef struct unpool_plan {
    ug_unpool u;
    int32_t rule;
    upreg_type type;
    size_t count_at; /* in the workspace, after one flag per lane: how many elements met, for the mean */
} unpool_plan;

static upreg_status infer(upreg_infer *ctx) {
    const ug_unpool_params *params = ctx->params;
    ug_unpool u;
    UG_TRY(ug_unpool_of(UG_ASK(ctx), &u));
    if (params->overlap == UG_UNPOOL_MEAN && (1u << ctx->in[0].type & UG_INTEGERS))
        return ug_fail(ctx->err, UPREG_E_PARAMETER, "%s: parameter 'overlap' = mean with %s; allowed for integers: last, first, sum, max",
                       ctx->method->name, upreg_type_name(ctx->in[0].type));
    ctx->out[0] = ug_frame_spec(&u.large, ctx->in[0].type, u.large.n, u.large.c, u.large.x);
    return UPREG_OK;
}

static upreg_status prepare(upreg_prepare *p) {
    ug_unpool u;
    UG_TRY(ug_unpool_of(UG_ASK(p), &u));
    ug_unpool_cut(&u, p->tile);
    upreg_spec y = ug_part_out(p);
    unpool_plan *plan = upreg_reserve(p, sizeof *plan), local;
    if (!plan) plan = &local;
    *plan = (unpool_plan){.u = u, .rule = ((const ug_unpool_params *)p->params)->overlap, .type = p->in[0].type};
    plan->count_at = ((size_t)u.lanes * sizeof(int32_t) + 63) / 64 * 64;
    p->workspace = plan->count_at + (plan->rule == UG_UNPOOL_MEAN ? (size_t)ug_elements(&y) * sizeof(int32_t) : 0);
    double lane = (double)(u.large_pixels * u.lane_channels) * (double)u.element;
    ug_add_stage(p, u.lanes, lane, UG_PIECE * sizeof(int64_t));
    ug_add_stage(p, 1, lane * (double)u.lanes, UG_PIECE * sizeof(int64_t));
    return UPREG_OK;
}

typedef struct put_context {
    const upreg_call *call;
    const unpool_plan *plan;
    int32_t rule;
} put_context;

static void put(void *context, int64_t begin, int64_t count, const int64_t *place) {
    const put_context *c = context;
    const ug_pool_kernels *k = c->call->kernels->pool;
    void *y = ug_data(&c->call->out[0]);
    const void *x = ug_data(&c->call->in[0]);
#define CASE(F, name, T)                                                                                                                             \
    case UPREG_##F: k->unpool_##name((T *)y, (const T *)x + begin, place, count, c->rule); break
    switch (c->plan->type) {
        CASE(F32, f32, float);
        CASE(F64, f64, double);
        CASE(U8, u8, uint8_t);
        CASE(I8, i8, int8_t);
        CASE(U16, u16, uint16_t);
        CASE(I16, i16, int16_t);
        CASE(I32, i32, int32_t);
        CASE(I64, i64, int64_t);
    default: break;
    }
#undef CASE
}

static int32_t *counts(const put_context *c) { return (int32_t *)(c->call->workspace + c->plan->count_at); }

static void count(void *context, int64_t begin, int64_t n, const int64_t *place) {
    int32_t *met = counts(context);
    (void)begin;
    for (int64_t i = 0; i < n; i++)
        if (place[i] >= 0) met[place[i]]++;
}

/* Sums become means; every element is divided once, when the first of those that met there comes by. */
static void divide(void *context, int64_t begin, int64_t n, const int64_t *place) {
    const put_context *c = context;
    int32_t *met = counts(c);
    const upreg_tensor *y = &c->call->out[0];
    (void)begin;
    for (int64_t i = 0; i < n; i++) {
        if (place[i] < 0 || met[place[i]] < 2) continue;
        if (ug_is_f32(y))
            ug_f32(y)[place[i]] /= (float)met[place[i]];
        else
            ug_f64(y)[place[i]] /= (double)met[place[i]];
        met[place[i]] = 1;
    }
}

/* A lane whose indices count pixels of its own image, all in one go.  Returns 0 when they do not: then the other way does the whole lane again. */
static int do_flat(const put_context *c, int64_t lane) {
    const ug_unpool *u = &c->plan->u;
    const ug_pool_kernels *k = c->call->kernels->pool;
    ug_lane l = ug_lane_of(u, lane);
    int global = u->form == UG_GLOBAL_FLAT && !u->column && !u->channels_last;
    if (u->is_part || (u->form != UG_SPATIAL_FLAT && !global) || (c->plan->rule != UG_UNPOOL_LAST && c->plan->rule != UG_UNPOOL_SUM)) return 0;
    int64_t from = ug_lane_start(u, &l, 0), step = u->channels_last ? u->small.c : 1, channels = u->channels_last ? l.channels : 1;
    int64_t image = u->channels_last ? l.n * u->large_pixels * step + l.c : (l.n * u->large.c + l.c) * u->large_pixels;
    const int64_t *index = (const int64_t *)ug_data(&c->call->in[1]) + from;
    void *y = ug_data(&c->call->out[0]);
    const void *x = ug_data(&c->call->in[0]);
#define CASE(F, name, T)                                                                                                                             \
    case UPREG_##F:                                                                                                                                  \
        return k->unpool_flat_##name((T *)y + image, (const T *)x + from, index, global ? image : 0, u->large_pixels, channels, step,                \
                                     u->small_pixels, c->plan->rule == UG_UNPOOL_SUM)
    switch (c->plan->type) {
        CASE(F32, f32, float);
        CASE(F64, f64, double);
        CASE(U8, u8, uint8_t);
        CASE(I8, i8, int8_t);
        CASE(U16, u16, uint16_t);
        CASE(I16, i16, int16_t);
        CASE(I32, i32, int32_t);
        CASE(I64, i64, int64_t);
    default: return 0;
    }
#undef CASE
}

/* One lane.  own: its number, or -1 when indices may lead anywhere.  Returns whether an index led to another lane. */
static int do_lane(const put_context *c, int pass, int64_t lane, int64_t own, int64_t *place) {
    const ug_unpool *u = &c->plan->u;
    put_context now = *c;
    switch (c->plan->rule) {
    case UG_UNPOOL_MEAN:
        now.rule = UG_UNPOOL_SUM;
        return ug_unpool_each(c->call, u, lane, own, 0, place, pass == 0 ? put : pass == 1 ? count : divide, &now);
    case UG_UNPOOL_MAX: /* first any of the elements that meet, then the largest */
        now.rule = pass == 0 ? UG_UNPOOL_LAST : UG_UNPOOL_MAX;
        return ug_unpool_each(c->call, u, lane, own, 0, place, put, &now);
    default: now.rule = c->plan->rule; return ug_unpool_each(c->call, u, lane, own, c->plan->rule == UG_UNPOOL_FIRST, place, put, &now);
    }
}

static int passes(int rule) { return rule == UG_UNPOOL_MEAN ? 3 : rule == UG_UNPOOL_MAX ? 2 : 1; }

static void clear(const put_context *c, int64_t lane) {
    ug_unpool_clear(&c->plan->u, lane, ug_data(&c->call->out[0]), 0, c->plan->u.element);
    if (c->plan->rule == UG_UNPOOL_MEAN) ug_unpool_clear(&c->plan->u, lane, counts(c), 0, sizeof(int32_t));
}

/* Some index leaves its lane: all lanes in the order of the input, so that "last" and "first" keep their meaning.  With channels innermost
 * the order of the input is not that of the lanes; there a lane is the whole image's channels, pixel by pixel. */
static void run_together(const put_context *c, int64_t *place) {
    unpool_plan whole = *c->plan;
    if (whole.u.channels_last) whole.u.lane_channels = ug_max64(whole.u.small.c, 1), whole.u.lanes_per_image = 1, whole.u.lanes = whole.u.small.n;
    put_context all = {c->call, &whole, c->rule};
    int backwards = whole.rule == UG_UNPOOL_FIRST;
    for (int64_t lane = 0; lane < whole.u.lanes; lane++) clear(&all, lane);
    for (int pass = 0; pass < passes(whole.rule); pass++)
        for (int64_t i = 0; i < whole.u.lanes; i++) do_lane(&all, pass, backwards ? whole.u.lanes - 1 - i : i, -1, place);
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const unpool_plan *plan = (const unpool_plan *)call->state;
    put_context c = {call, plan, plan->rule};
    int32_t *foreign = (int32_t *)call->workspace;
    int64_t *place = (int64_t *)call->scratch[worker];
    for (int64_t lane = begin; stage == 0 && lane < end; lane++) {
        foreign[lane] = 0;
        if (do_flat(&c, lane)) continue;
        clear(&c, lane);
        for (int pass = 0; pass < passes(plan->rule); pass++) foreign[lane] |= do_lane(&c, pass, lane, lane, place);
    }
    for (int64_t lane = 0; stage == 1 && lane < plan->u.lanes; lane++)
        if (foreign[lane]) {
            run_together(&c, place);
            return;
        }
}

static upreg_status vjp(upreg_vjp *ctx) {
    const ug_unpool_params *p = ctx->params;
    ug_unpool u;
    char text[400] = "";
    UG_TRY(ug_unpool_of(UG_ASK(ctx), &u));
    int first = UPREG_MAX_SPATIAL - u.small.rank;
    ug_text_ints(text, sizeof text, "kernel", p->kernel.count, p->kernel.v);
    ug_text_ints(text, sizeof text, "output_size", u.large.rank, u.large.x + first);
    ug_text_choice(text, sizeof text, "overlap", UG_OVERLAPS, p->overlap);
    ug_text_choice(text, sizeof text, "indices", UG_INDEX_FORMS, p->indices);
    ug_text_choice(text, sizeof text, "storage_order", "row|column", p->storage_order);
    ug_text_choice(text, sizeof text, "include_batch", "false|true", p->include_batch);
    ug_text_choice(text, sizeof text, "layout", UG_LAYOUTS, p->layout);
    ctx->result = ug_step(ctx, 3, UG_REFS(UG_INPUT(0), UG_INPUT(1), UG_GRAD), "max_unpool_grad:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_max_unpool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "max_unpool",
    .family = "pool",
    .aliases = "unpool|unpooling|max_unpooling",
    .summary = "puts every element where its index says, zeros elsewhere: the partial inverse of max_pool",
    .doc = "x, indices (N, C, m...) -> y (N, C, n...), n = output_size or (m - 1) stride - begin - end + kernel. Where several elements have one "
           "index, overlap says what happens: the last or the first in row-major order of x wins, their sum, mean, or largest. Integer sums wrap "
           "around. Indices are as in max_pool; one that is out of range is an error. In tiles, so is one outside of its own window and those "
           "beside it.",
    .source = "Zeiler, Taylor and Fergus, Adaptive Deconvolutional Networks, ICCV 2011; PyTorch functional.max_unpool2d; ONNX MaxUnpool",
    .params = ug_unpool_table,
    .n_params = UG_COUNT(ug_unpool_table),
    .params_size = sizeof(ug_unpool_params),
    .flags = UPREG_UPSAMPLES,
    .types = UG_FLOATING | UG_INTEGERS,
    .ports = "x:T indices:i64=index -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .tile = ug_unpool_tile,
};
