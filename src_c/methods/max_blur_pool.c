/* max_blur_pool: max_pool of stride 1, then blur_pool. */
#include "methods/blur_pool.h"
#include "methods/region.h"

typedef struct max_blur_params {
    ug_blur_params blur; /* first: ug_blur_of reads it */
    upreg_ints kernel, padding;
} max_blur_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(max_blur_params, kernel, "2", 1, UG_MAX_SIZE, NULL, "size of the window of the maximum"),
    UG_PAIRS_PARAM(max_blur_params, padding, "0", 0, UG_MAX_SIZE, UG_POOL_PADS, "added at both ends before, never the largest; less than a window"),
    UG_BLUR_PARAMS,
};

/* The maxima lie in the workspace. */
typedef struct max_blur_plan {
    ug_regions r;        /* those of the maxima */
    size_t blur, maxima; /* where the plan of the blur is in the state; bytes of the maxima */
} max_blur_plan;

static upreg_status windows_of(const ug_ask *ask, ug_window *w) {
    static const upreg_ints one = {.count = 1, .choice = -1, .v = {1}};
    const max_blur_params *params = ask->params;
    ug_frame in;
    UG_TRY(ug_frame_of(ask->err, ask->method, params->blur.layout, ask->rank, &ask->in[0], &in));
    UG_TRY(ug_window_of(ask, &params->kernel, &one, &params->padding, NULL, 0, &in, w));
    return ug_window_not_empty(ask, w);
}

/* Of the blur, whose input are the maxima. */
static upreg_status blur_of(const ug_ask *ask, ug_separable *s) {
    UG_TRY(ug_frame_of(ask->err, ask->method, ((const max_blur_params *)ask->params)->blur.layout, ask->rank, &ask->in[0], &s->in));
    s->out = s->in;
    return ug_blur_of(ask, &s->in, s, s->out.x);
}

static upreg_spec maxima_of(const ug_window *w, upreg_type type) { return ug_frame_spec(&w->out, type, w->out.n, w->out.c, w->out.x); }

static upreg_status infer(upreg_infer *ctx) {
    ug_window w;
    UG_TRY(windows_of(UG_ASK(ctx), &w));
    upreg_spec maxima = maxima_of(&w, ctx->in[0].type);
    UG_TRY(ug_check_size(ctx->err, ctx->method, &maxima));
    upreg_infer blur = *ctx;
    blur.in = &maxima;
    return ug_separable_infer(&blur, blur_of);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_window w;
    UG_TRY(windows_of(UG_ASK(p), &w));
    max_blur_plan *plan = upreg_reserve(p, sizeof *plan), local;
    if (!plan) plan = &local;
    upreg_spec maxima = maxima_of(&w, p->in[0].type);
    ug_regions_plan(p, &plan->r, &w.in, &w.out, NULL, ug_region_of_window, &w);
    ug_regions_stage(p, &plan->r, (double)w.k[0] * (double)w.k[1] * (double)w.k[2], sizeof(int64_t) * (size_t)ug_max64(plan->r.rows.inner, 1));
    plan->blur = p->state_used, plan->maxima = ug_aligned((size_t)ug_elements(&maxima) * plan->r.element);
    const upreg_spec *in = p->in;
    p->in = &maxima;
    upreg_status status = ug_separable_prepare(p, blur_of);
    p->in = in, p->workspace += plan->maxima;
    return status;
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const max_blur_plan *plan = (const max_blur_plan *)call->state;
    const ug_regions *r = &plan->r;
    upreg_tensor maxima = call->in[0]; /* what is in the workspace, dense */
    int64_t shape[UPREG_MAX_DIMS], strides[UPREG_MAX_DIMS], stride = 1;
    upreg_spec spec = ug_frame_spec(&r->out, r->type, r->out.n, r->out.c, r->out.x);
    for (int i = spec.ndim - 1; i >= 0; i--) shape[i] = spec.dim[i], strides[i] = stride, stride *= spec.dim[i];
    maxima.data = call->workspace, maxima.byte_offset = 0, maxima.shape = shape, maxima.strides = strides;
    if (stage == 0) {
        ug_view x = ug_view_of(&r->in, &call->in[0]), y = ug_view_of(&r->out, &maxima);
        for (int64_t unit = begin; unit < end; unit++) {
            ug_row row = ug_rows_find(&r->rows, unit);
            ug_regions_max_row(r, &x, &row, ug_pixel(&y, row.n, row.c, row.x0, row.x1, row.begin, r->element), NULL, call->scratch[worker]);
        }
        return;
    }
    upreg_call blur = *call;
    blur.in = &maxima, blur.state = call->state + plan->blur, blur.workspace = call->workspace + plan->maxima;
    ug_separable_run(&blur, stage - 1, begin, end, worker);
}

static upreg_status vjp(upreg_vjp *ctx) {
    ug_window w;
    char pool[300] = "", blur[400] = "", back[200] = "", layout[40] = "";
    UG_TRY(windows_of(UG_ASK(ctx), &w));
    int first = UPREG_MAX_SPATIAL - w.in.rank;
    ug_text_choice(layout, sizeof layout, "layout", UG_LAYOUTS, w.in.layout);
    ug_window_text(pool, sizeof pool, &w);
    ug_blur_text(blur, sizeof blur, &((const max_blur_params *)ctx->params)->blur);
    ug_text_input_size(blur, sizeof blur, &w.out);
    ug_text_ints(back, sizeof back, "output_size", w.in.rank, w.in.x + first);
    upreg_ref indices = ug_step(ctx, 1, UG_REFS(UG_INPUT(0)), "max_pool:%s%s,return_indices=true", pool + 1, layout);
    indices.output = 1;
    upreg_ref value = ug_step(ctx, 1, UG_REFS(UG_GRAD), "blur_pool_grad:%s", blur + 1);
    ctx->result = ug_step(ctx, 2, UG_REFS(value, indices), "max_unpool:kernel=1%s%s,overlap=sum", back, layout);
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) {
    ug_window w;
    UG_TRY(windows_of(UG_ASK(ctx), &w));
    upreg_spec maxima = maxima_of(&w, ctx->in[0].type);
    upreg_reach blur = *ctx;
    blur.in = &maxima;
    UG_TRY(ug_separable_reach(&blur, blur_of));
    memcpy(ctx->out_begin, blur.in_begin, sizeof blur.in_begin), memcpy(ctx->out_end, blur.in_end, sizeof blur.in_end);
    ug_window_reach(&w, ctx);
    return UPREG_OK;
}

const upreg_method ug_method_max_blur_pool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "max_blur_pool",
    .family = "pool",
    .aliases = "max_blurpool",
    .summary = "the largest element of windows at every pixel, then blur_pool",
    .doc = "x (N, C, m...) -> y (N, C, n...): max_pool with this kernel and padding and stride 1, then blur_pool with all other parameters.",
    .source = "Zhang, Making Convolutional Networks Shift-Invariant Again, ICML 2019",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(max_blur_params),
    .flags = UPREG_HAS_TAPS,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
};
