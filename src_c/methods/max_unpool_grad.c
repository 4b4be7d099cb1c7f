/* max_unpool_grad: the gradient at the place where an element went, if the element had a say there. */
#include "methods/pointwise.h"
#include "methods/unpool.h"

typedef struct grad_plan {
    ug_unpool u;
    int32_t rule;
    size_t winner_at; /* in the workspace, after one flag per lane: per place of y, who won (or how many met) */
} grad_plan;

static upreg_status infer(upreg_infer *ctx) {
    char a[256], b[256];
    ug_unpool u;
    UG_TRY(ug_unpool_of(UG_ASK(ctx), &u));
    upreg_spec wanted = ug_frame_spec(&u.large, ctx->in[0].type, u.large.n, u.large.c, u.large.x);
    if (!ug_same_shape(&wanted, &ctx->in[2]))
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input 'gy' has shape %s; these parameters make %s", ctx->method->name,
                       ug_shape_text(a, sizeof a, ctx->in[2].ndim, ctx->in[2].dim), ug_shape_text(b, sizeof b, wanted.ndim, wanted.dim));
    return ug_infer_same(ctx);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_unpool u;
    UG_TRY(ug_unpool_of(UG_ASK(p), &u));
    grad_plan *plan = upreg_reserve(p, sizeof *plan), local;
    if (!plan) plan = &local;
    *plan = (grad_plan){.u = u, .rule = ((const ug_unpool_params *)p->params)->overlap};
    plan->winner_at = ((size_t)u.lanes * sizeof(int32_t) + 63) / 64 * 64;
    p->workspace = plan->winner_at + (plan->rule == UG_UNPOOL_SUM ? 0 : (size_t)ug_elements(&p->in[2]) * sizeof(int64_t));
    double lane = (double)(u.large_pixels * u.lane_channels) * sizeof(int64_t);
    ug_add_stage(p, u.lanes, lane, UG_PIECE * sizeof(int64_t));
    ug_add_stage(p, 1, lane * (double)u.lanes, UG_PIECE * sizeof(int64_t));
    return UPREG_OK;
}

typedef struct grad_context {
    const upreg_call *call;
    const grad_plan *plan;
    int64_t *winner;
} grad_context;

static double value(const upreg_tensor *t, int64_t i) { return ug_is_f32(t) ? (double)ug_f32(t)[i] : ug_f64(t)[i]; }

/* Whether element i takes the place from element `before`. */
static int takes(const grad_context *c, int64_t i, int64_t before) {
    if (before < 0 || c->plan->rule == UG_UNPOOL_LAST) return 1;
    if (c->plan->rule == UG_UNPOOL_FIRST) return 0;
    double a = value(&c->call->in[0], i), b = value(&c->call->in[0], before);
    return a > b || (isnan(a) && !isnan(b));
}

/* Who wins every place; for the mean, how many meet there (winner starts at -1). */
static void contend(void *context, int64_t begin, int64_t count, const int64_t *place) {
    const grad_context *c = context;
    for (int64_t i = 0; i < count; i++) {
        if (place[i] < 0) continue;
        int64_t *winner = &c->winner[place[i]];
        if (c->plan->rule == UG_UNPOOL_MEAN)
            *winner = (*winner < 0 ? 0 : *winner) + 1;
        else if (takes(c, begin + i, *winner))
            *winner = begin + i;
    }
}

static void fetch(void *context, int64_t begin, int64_t count, const int64_t *place) {
    const grad_context *c = context;
    const upreg_tensor *gy = &c->call->in[2], *gx = &c->call->out[0];
    int rule = c->plan->rule;
    for (int64_t i = 0; i < count; i++) {
        int64_t at = place[i];
        int has_say = at >= 0 && (rule == UG_UNPOOL_SUM || rule == UG_UNPOOL_MEAN || c->winner[at] == begin + i);
        int64_t share = has_say && rule == UG_UNPOOL_MEAN ? c->winner[at] : 1;
        if (ug_is_f32(gx))
            ug_f32(gx)[begin + i] = has_say ? ug_f32(gy)[at] / (float)share : 0;
        else
            ug_f64(gx)[begin + i] = has_say ? ug_f64(gy)[at] / (double)share : 0;
    }
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const grad_plan *plan = (const grad_plan *)call->state;
    grad_context c = {call, plan, (int64_t *)(call->workspace + plan->winner_at)};
    int32_t *foreign = (int32_t *)call->workspace;
    int64_t *place = (int64_t *)call->scratch[worker];
    int contest = plan->rule != UG_UNPOOL_SUM, any = 0;
    for (int64_t lane = begin; stage == 0 && lane < end; lane++) {
        foreign[lane] = 0;
        if (contest) ug_unpool_clear(&plan->u, lane, c.winner, 0xff, sizeof *c.winner);
        if (contest) ug_unpool_each(call, &plan->u, lane, lane, 0, place, contend, &c);
        foreign[lane] = ug_unpool_each(call, &plan->u, lane, lane, 0, place, fetch, &c);
    }
    for (int64_t lane = 0; stage == 1 && lane < plan->u.lanes; lane++) any |= foreign[lane];
    if (!any) return;
    /* Some index leaves its lane: everything again, in the order of the input (with channels innermost, whole images pixel by pixel). */
    ug_unpool u = plan->u;
    if (u.channels_last) u.lane_channels = ug_max64(u.small.c, 1), u.lanes_per_image = 1, u.lanes = u.small.n;
    for (int64_t lane = 0; contest && lane < u.lanes; lane++) ug_unpool_clear(&u, lane, c.winner, 0xff, sizeof *c.winner);
    for (int64_t lane = 0; contest && lane < u.lanes; lane++) ug_unpool_each(call, &u, lane, -1, 0, place, contend, &c);
    for (int64_t lane = 0; lane < u.lanes; lane++) ug_unpool_each(call, &u, lane, -1, 0, place, fetch, &c);
}

const upreg_method ug_method_max_unpool_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "max_unpool_grad",
    .family = "gradient",
    .summary = "the gradient of max_unpool with respect to x",
    .doc = "x, indices (N, C, m...), gy (N, C, n...) -> gx (N, C, m...). gx is gy at the place where an element went, if it had a say there: "
           "elements that were overwritten get 0; with overlap sum each gets all, with mean its share; of equal maxima the first gets all.",
    .source = "the derivative of max_unpool",
    .params = ug_unpool_table,
    .n_params = UG_COUNT(ug_unpool_table),
    .params_size = sizeof(ug_unpool_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T indices:i64=index gy:T -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};
