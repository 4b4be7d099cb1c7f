/* prelu: x above 0, a learned multiple of x below. */
#include "methods/prelu.h"

const upreg_param ug_prelu_table[1] = {UG_LAYOUT_PARAM(ug_prelu_params)};

upreg_status ug_prelu_weight(upreg_infer *ctx) {
    ug_norm norm;
    upreg_spec *w = &ctx->in[1];
    UG_TRY(ug_norm_of(UG_ASK(ctx), ((const ug_prelu_params *)ctx->params)->layout, 0, &norm));
    if (w->known && w->ndim == 1 && w->dim[0] == 1) return UPREG_OK;
    return ug_norm_vector(ctx, &norm, 1, "weight");
}

upreg_status ug_prelu_prepare(upreg_prepare *p) {
    ug_prelu *plan = upreg_reserve(p, sizeof *plan), local = {0};
    if (!plan) plan = &local;
    ug_norm *n = &plan->norm;
    UG_TRY(ug_norm_of(UG_ASK(p), ((const ug_prelu_params *)p->params)->layout, 0, n));
    plan->one = p->in[1].dim[0] == 1;
    if (plan->one) *n = (ug_norm){.channels = 1, .images = 1, .pixels = ug_elements(&p->in[0])};
    plan->piece = n->columns ? ug_max64(UG_PIECE / ug_max64(n->channels, 1), 1) : ug_min64(ug_max64(n->pixels, 1), UG_PIECE);
    plan->pieces = ug_ceil_div(n->columns ? n->images * n->pixels : n->pixels, plan->piece);
    int64_t units = n->columns ? plan->pieces : n->images * n->channels * plan->pieces;
    ug_add_stage(p, units, (double)plan->piece * (double)(n->columns ? n->channels : 1) * (double)upreg_type_size(p->in[0].type), 0);
    return UPREG_OK;
}

ug_prelu_unit ug_prelu_find(const ug_prelu *plan, int64_t unit) {
    const ug_norm *n = &plan->norm;
    if (n->columns) {
        int64_t first = unit * plan->piece, pixels = ug_min64(plan->piece, n->images * n->pixels - first);
        return (ug_prelu_unit){first * n->channels, pixels * n->channels, -1};
    }
    int64_t run = unit / plan->pieces, first = unit % plan->pieces * plan->piece;
    return (ug_prelu_unit){run * n->pixels + first, ug_min64(plan->piece, n->pixels - first), run % n->channels};
}

static upreg_status infer(upreg_infer *ctx) {
    UG_TRY(ug_prelu_weight(ctx));
    return ug_infer_same(ctx);
}

#define DEFINE_UNIT(F, S)                                                                                                                            \
    static void unit_##F(const upreg_call *call, const ug_prelu *plan, ug_prelu_unit u) {                                                            \
        const ug_elementwise_kernels *k = call->kernels->elementwise;                                                                                \
        const S *x = ug_##F(&call->in[0]) + u.begin, *weight = ug_##F(&call->in[1]);                                                                 \
        S *y = ug_##F(&call->out[0]) + u.begin;                                                                                                      \
        int64_t channels = plan->norm.channels;                                                                                                      \
        if (u.channel >= 0) k->leaky_relu_##F(y, x, u.n, weight[u.channel]);                                                                         \
        for (int64_t i = 0; u.channel < 0 && i < u.n; i += channels) k->prelu_##F(y + i, x + i, weight, channels);                                   \
    }
DEFINE_UNIT(f32, float)
DEFINE_UNIT(f64, double)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_prelu *plan = (const ug_prelu *)call->state;
    for (int64_t unit = begin; unit < end; unit++) (ug_is_f32(&call->out[0]) ? unit_f32 : unit_f64)(call, plan, ug_prelu_find(plan, unit));
}

static upreg_status vjp(upreg_vjp *ctx) {
    const char *name = ctx->wrt == 0 ? "prelu_grad" : "prelu_grad_weight";
    ctx->result = ug_step(ctx, 3, UG_REFS(UG_INPUT(0), UG_INPUT(1), UG_GRAD), "%s:layout=%s", name,
                          ug_layout_names[((const ug_prelu_params *)ctx->params)->layout]);
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) {
    if (ctx->port == 0) return ug_reach_same(ctx);
    ctx->in_begin[0] = 0, ctx->in_end[0] = ctx->in[1].dim[0];
    return UPREG_OK;
}

/* The slopes belong to all channels. */
static upreg_status tile(upreg_tiling *ctx) {
    ug_frame frame;
    UG_TRY(ug_frame_of(ctx->err, ctx->method, ((const ug_prelu_params *)ctx->params)->layout, ctx->rank, &ctx->in[0], &frame));
    return frame.axis_c < 0 ? UPREG_OK : ug_tile_needs_all(ctx, frame.axis_c);
}

const upreg_method ug_method_prelu = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "prelu",
    .family = "activation",
    .aliases = "parametric_relu",
    .summary = "x where x > 0, else weight * x, with one weight per channel or one for all",
    .doc = "y = x where x > 0, else weight[c] * x. weight (C) or (1). NaN stays NaN.",
    .source = "He, Zhang, Ren and Sun, Delving Deep into Rectifiers, ICCV 2015",
    .params = ug_prelu_table,
    .n_params = UG_COUNT(ug_prelu_table),
    .params_size = sizeof(ug_prelu_params),
    .flags = UPREG_IN_PLACE | UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:T weight:T=param -> y:T",
    .infer = infer,
    .prepare = ug_prelu_prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
