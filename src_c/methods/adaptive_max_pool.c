/* adaptive_max_pool: the largest element of windows that cover the image, so many along every axis. */
#include "methods/region.h"

typedef struct adaptive_params {
    upreg_ints size;
    int32_t return_indices, layout;
} adaptive_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(adaptive_params, size, "required", 1, UG_MAX_SIZE, NULL, "spatial size of y"),
    UG_BOOL_PARAM(adaptive_params, return_indices, "false", "also give the index of every largest element, flat over the image"),
    UG_LAYOUT_PARAM(adaptive_params),
};

typedef struct sizes {
    ug_frame in, out;
} sizes;

static upreg_status geometry(const ug_ask *ask, sizes *s) {
    const adaptive_params *params = ask->params;
    UG_TRY(ug_frame_of(ask->err, ask->method, params->layout, ask->rank, &ask->in[0], &s->in));
    s->out = s->in;
    UG_TRY(ug_axes_int(ask->err, ask->method, "size", &params->size, s->in.rank, 1, s->out.x));
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++)
        if (s->in.x[axis] == 0) return ug_fail(ask->err, UPREG_E_SHAPE, "%s: an axis of 'x' has length 0; allowed: at least 1", ask->method->name);
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    sizes s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ctx->out[0] = ctx->out[1] = ug_frame_spec(&s.out, ctx->in[0].type, s.out.n, s.out.c, s.out.x);
    ctx->out[1].type = ((const adaptive_params *)ctx->params)->return_indices ? UPREG_I64 : UPREG_NONE;
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

/* From floor(o m / n) to ceil((o + 1) m / n); sizes are below 2^31. */
static void window_at(const void *context, int axis, int64_t o, int64_t *begin, int64_t *end) {
    const sizes *s = context;
    *begin = o * s->in.x[axis] / s->out.x[axis], *end = ug_ceil_div((o + 1) * s->in.x[axis], s->out.x[axis]);
}

static upreg_status prepare(upreg_prepare *p) {
    sizes s;
    UG_TRY(geometry(UG_ASK(p), &s));
    ug_regions *plan = upreg_reserve(p, sizeof *plan), local;
    if (!plan) plan = &local;
    ug_regions_plan(p, plan, &s.in, &s.out, NULL, window_at, &s);
    double pixels = 1;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) pixels *= 1 + (double)s.in.x[axis] / (double)s.out.x[axis];
    ug_regions_stage(p, plan, pixels, sizeof(int64_t) * (size_t)ug_max64(plan->rows.inner, 1));
    return UPREG_OK;
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    const ug_regions *r = (const ug_regions *)call->state;
    int indices = ((const adaptive_params *)call->params)->return_indices;
    ug_view x = ug_view_of(&r->in, &call->in[0]), y = ug_view_of(&r->out, &call->out[0]), places = y;
    if (indices) places = ug_view_of(&r->out, &call->out[1]);
    for (int64_t unit = begin; unit < end; unit++) {
        ug_row row = ug_rows_find(&r->rows, unit);
        void *to = ug_pixel(&y, row.n, row.c, row.x0, row.x1, row.begin, r->element);
        int64_t *index = indices ? (int64_t *)(void *)ug_pixel(&places, row.n, row.c, row.x0, row.x1, row.begin, sizeof *index) : NULL;
        ug_regions_max_row(r, &x, &row, to, index, call->scratch[worker]);
    }
}

static upreg_status vjp(upreg_vjp *ctx) {
    const adaptive_params *params = ctx->params;
    sizes s;
    char text[200] = "", back[200] = "";
    UG_TRY(geometry(UG_ASK(ctx), &s));
    int first = UPREG_MAX_SPATIAL - s.in.rank;
    upreg_ref indices = UG_OUTPUT(1);
    if (!params->return_indices) {
        ug_text_ints(text, sizeof text, "size", s.in.rank, s.out.x + first);
        ug_text_choice(text, sizeof text, "layout", UG_LAYOUTS, params->layout);
        indices = ug_step(ctx, 1, UG_REFS(UG_INPUT(0)), "adaptive_max_pool:%s,return_indices=true", text + 1);
        indices.output = 1;
    }
    ug_text_ints(back, sizeof back, "output_size", s.in.rank, s.in.x + first);
    ug_text_choice(back, sizeof back, "layout", UG_LAYOUTS, params->layout);
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, indices), "max_unpool:kernel=1%s,overlap=sum", back);
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) {
    sizes s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ug_reach_same(ctx);
    for (int i = 0; i < s.in.rank; i++) {
        int axis = s.in.axis_x + i, a = UPREG_MAX_SPATIAL - s.in.rank + i;
        int64_t other;
        window_at(&s, a, ctx->out_begin[axis], &ctx->in_begin[axis], &other);
        window_at(&s, a, ctx->out_end[axis] - 1, &other, &ctx->in_end[axis]);
    }
    return UPREG_OK;
}

static upreg_status tile(upreg_tiling *ctx) {
    sizes s;
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ug_tile_spatial(ctx, &s.in, NULL, NULL);
    return UPREG_OK;
}

const upreg_method ug_method_adaptive_max_pool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "adaptive_max_pool",
    .family = "pool",
    .summary = "the largest element of windows that cover the image, so many along every axis",
    .doc = "x (N, C, m...) -> y (N, C, size...), and indices of that shape with return_indices. Along each axis window o is x[floor(o m / n)] to "
           "x[ceil((o + 1) m / n) - 1], with n the size of y. The first of equal elements wins, in row-major order; NaN is larger than everything. "
           "Indices are flat over the image.",
    .source = "PyTorch functional.adaptive_max_pool2d",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(adaptive_params),
    .flags = UPREG_HAS_TAPS,
    .types = UG_FLOATING | UG_INTEGERS,
    .ports = "x:T -> y:T indices?:i64",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
