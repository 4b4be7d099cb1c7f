/* batch_norm: x * scale + shift, one scale and shift per channel. */
#include "methods/norm_engine.h"

static const upreg_param table[] = {
    UG_EPS_PARAM,
    UG_BOOL_PARAM(ug_norm_params, training, "false", "use the mean and variance of the batch itself"),
    UG_NORM_LAYOUT_PARAM,
};

/* Without training: scale and shift (in the workspace; where channels are neighbours repeated for `repeat` pixels), then x through them. */
typedef struct eval_plan {
    ug_norm norm; /* first: with training the plan is ug_norm_forward's */
    int64_t repeat, pieces, piece;
    size_t shift_at;
} eval_plan;

static upreg_status infer(upreg_infer *ctx) {
    static const char *const names[] = {"weight", "bias", "mean", "var"};
    const ug_norm_params *p = ctx->params;
    ug_norm norm;
    UG_TRY(ug_norm_of(UG_ASK(ctx), p->layout, 0, &norm));
    for (int port = 1; port <= 4; port++) UG_TRY(ug_norm_vector(ctx, &norm, port, names[port - 1]));
    if (!p->training && !ug_given(ctx->in, ctx->n_in, 4))
        return ug_fail(ctx->err, UPREG_E_PARAMETER, "%s: input 'var' is missing; allowed: give mean and var, or parameter 'training' = true",
                       ctx->method->name);
    return ug_infer_same(ctx);
}

static upreg_status prepare(upreg_prepare *p) {
    const ug_norm_params *params = p->params;
    if (params->training) return ug_norm_forward_prepare(p, 0);
    eval_plan *plan = upreg_reserve(p, sizeof *plan), local = {0};
    if (!plan) plan = &local;
    ug_norm *n = &plan->norm;
    UG_TRY(ug_norm_of(UG_ASK(p), params->layout, 0, n));
    size_t element = upreg_type_size(p->in[0].type);
    plan->repeat = n->columns ? ug_max64(UG_PIECE / ug_max64(n->channels, 1), 1) : 1;
    plan->piece = ug_min64(ug_max64(n->pixels, 1), UG_PIECE);
    plan->pieces = n->columns ? 1 : ug_ceil_div(n->pixels, plan->piece);
    plan->shift_at = ((size_t)(n->channels * plan->repeat) * element + 63) / 64 * 64;
    p->workspace = 2 * plan->shift_at;
    ug_add_stage(p, 1, 0, 0);
    int64_t units = n->columns ? ug_ceil_div(n->images * n->pixels, plan->repeat) : n->images * n->channels * plan->pieces;
    ug_add_stage(p, units, (double)(n->columns ? plan->repeat * n->channels : plan->piece) * (double)element, 0);
    return UPREG_OK;
}

#define DEFINE_EVAL(F, S)                                                                                                                            \
    static void affine_##F(const upreg_call *call, const eval_plan *plan) {                                                                          \
        const S *v[5] = {NULL};                                                                                                                      \
        S *scale = (S *)call->workspace, *shift = (S *)(call->workspace + plan->shift_at);                                                           \
        int64_t channels = plan->norm.channels;                                                                                                      \
        for (int i = 1; i < 5 && i < call->n_in; i++)                                                                                                \
            if (upreg_type_of(call->in[i].dtype) != UPREG_NONE) v[i] = ug_##F(&call->in[i]);                                                         \
        ug_batch_norm_affine_##F(scale, shift, v[1], v[2], v[3], v[4], ((const ug_norm_params *)call->params)->eps, channels);                       \
        for (int64_t i = channels; i < channels * plan->repeat; i++) scale[i] = scale[i - channels], shift[i] = shift[i - channels];                 \
    }                                                                                                                                                \
    static void unit_##F(const upreg_call *call, const eval_plan *plan, int64_t unit) {                                                              \
        const ug_norm *n = &plan->norm;                                                                                                              \
        const S *scale = (const S *)call->workspace, *shift = (const S *)(call->workspace + plan->shift_at), *x = ug_##F(&call->in[0]);              \
        S *y = ug_##F(&call->out[0]);                                                                                                                \
        if (n->columns) {                                                                                                                            \
            int64_t at = unit * plan->repeat * n->channels, end = n->images * n->pixels * n->channels;                                               \
            call->kernels->elementwise->scale_shift_each_##F(y + at, x + at, scale, shift, ug_min64(plan->repeat * n->channels, end - at));          \
            return;                                                                                                                                  \
        }                                                                                                                                            \
        int64_t run = unit / plan->pieces, first = unit % plan->pieces * plan->piece, c = run % n->channels, at = run * n->pixels + first;           \
        call->kernels->elementwise->scale_shift_##F(y + at, x + at, scale[c], shift[c], ug_min64(plan->piece, n->pixels - first));                   \
    }
DEFINE_EVAL(f32, float)
DEFINE_EVAL(f64, double)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    if (((const ug_norm_params *)call->params)->training) {
        ug_norm_forward_run(call, stage, begin, end, worker);
        return;
    }
    const eval_plan *plan = (const eval_plan *)call->state;
    int single = ug_is_f32(&call->out[0]);
    if (stage == 0) (single ? affine_f32 : affine_f64)(call, plan);
    for (int64_t unit = begin; stage == 1 && unit < end; unit++) (single ? unit_f32 : unit_f64)(call, plan, unit);
}

/* With given statistics y is linear in x: gx is batch_norm again, without bias and mean; gw sums gy times the normalised x. */
static upreg_status vjp(upreg_vjp *ctx) {
    const ug_norm_params *p = ctx->params;
    const char *layout = ug_layout_names[p->layout];
    if (p->training) return ug_norm_vjp(ctx, "batch_norm");
    upreg_ref weight = ug_given(ctx->in, ctx->n_in, 1) ? UG_INPUT(1) : UG_NO_REF, mean = ug_given(ctx->in, ctx->n_in, 3) ? UG_INPUT(3) : UG_NO_REF;
    if (ctx->wrt == 0) {
        ctx->result = ug_step(ctx, 5, UG_REFS(UG_GRAD, weight, UG_NO_REF, UG_NO_REF, UG_INPUT(4)), "batch_norm:eps=%.17g,layout=%s", p->eps, layout);
        return UPREG_OK;
    }
    upreg_ref summed = UG_GRAD;
    if (ctx->wrt == 1) {
        upreg_ref normalised =
            ug_step(ctx, 5, UG_REFS(UG_INPUT(0), UG_NO_REF, UG_NO_REF, mean, UG_INPUT(4)), "batch_norm:eps=%.17g,layout=%s", p->eps, layout);
        summed = ug_step(ctx, 2, UG_REFS(normalised, UG_GRAD), "mul");
    }
    ctx->result = ug_step(ctx, 1, &summed, "channel_sum:layout=%s", layout);
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) {
    if (ctx->port == 0 && !((const ug_norm_params *)ctx->params)->training) return ug_reach_same(ctx);
    for (int axis = 0; axis < ctx->in[ctx->port].ndim; axis++) ctx->in_begin[axis] = 0, ctx->in_end[axis] = ctx->in[ctx->port].dim[axis];
    return UPREG_OK;
}

/* Given statistics that are constants make it the scale and shift of an epilogue. */
static void fuse(upreg_fusion *ctx) {
    const ug_norm_params *p = ctx->params;
    const void *v[5] = {NULL};
    if (p->training || p->layout == UG_X) return;
    for (int i = 1; i < 5 && i < ctx->n_in; i++) {
        if (ctx->in[i].type == UPREG_NONE) continue;
        if (!ctx->bound[i]) return;
        v[i] = ug_data(ctx->bound[i]);
    }
    int last = ctx->in[0].ndim - 1;
    ctx->kind = UPREG_FUSE_AFFINE;
    ctx->channel_axis = p->layout == UG_NCX ? 1 : p->layout == UG_CX ? 0 : last;
    if (!ctx->scale) return;
    int64_t channels = ctx->in[0].dim[ctx->channel_axis];
    if (ctx->in[0].type == UPREG_F32)
        ug_batch_norm_affine_f32(ctx->scale, ctx->shift, v[1], v[2], v[3], v[4], p->eps, channels);
    else
        ug_batch_norm_affine_f64(ctx->scale, ctx->shift, v[1], v[2], v[3], v[4], p->eps, channels);
}

static upreg_status tile(upreg_tiling *ctx) {
    const ug_norm_params *p = ctx->params;
    ug_frame frame;
    UG_TRY(ug_frame_of(ctx->err, ctx->method, p->layout, ctx->rank, &ctx->in[0], &frame));
    for (int axis = 0; axis < frame.ndim; axis++)
        if (p->training || axis == frame.axis_c) UG_TRY(ug_tile_needs_all(ctx, axis));
    return UPREG_OK;
}

const upreg_method ug_method_batch_norm = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "batch_norm",
    .family = "norm",
    .aliases = "batch_normalization|bn",
    .summary = "x * scale + shift per channel, from given statistics or from the batch's own",
    .doc = "y = x * scale + shift with scale = weight / sqrt(var + eps) and shift = bias - mean * scale, per channel. Missing: weight 1, bias 0, "
           "mean 0. training: mean and biased variance of the batch instead of the inputs mean and var.",
    .source = "Ioffe and Szegedy, Batch Normalization, ICML 2015",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_norm_params),
    .flags = UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:T weight?:T=param bias?:T=param mean?:T=stat var?:T=stat -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
    .fuse = fuse,
    .tile = tile,
};
