/* prelu_grad_weight: what reaches the slopes of prelu. */
#include "methods/prelu.h"

static upreg_status infer(upreg_infer *ctx) {
    UG_TRY(ug_prelu_weight(ctx));
    UG_TRY(ug_same_as_first(ctx, 2, "gy", "x"));
    ctx->out[0] = ctx->in[1];
    return UPREG_OK;
}

/* First the sum of every channel, in lanes; then, for a single slope, the sum of those. */
static upreg_status prepare(upreg_prepare *p) {
    ug_prelu *plan = upreg_reserve(p, sizeof *plan), local = {0};
    if (!plan) plan = &local;
    UG_TRY(ug_norm_of(UG_ASK(p), ((const ug_prelu_params *)p->params)->layout, 0, &plan->norm));
    plan->one = p->in[1].dim[0] == 1;
    p->workspace = sizeof(double) * (size_t)plan->norm.channels;
    double bytes = ug_norm_count(&plan->norm) * (double)plan->norm.lane * (double)upreg_type_size(p->in[0].type);
    ug_add_stage(p, plan->norm.lanes, bytes, UG_PIECE * sizeof(double));
    ug_add_stage(p, 1, 0, 0);
    return UPREG_OK;
}

/* The sum over one lane; products are formed in `chunk`. */
#define DEFINE_LANE(F, S)                                                                                                                            \
    static void lane_##F(const upreg_call *call, const ug_norm *n, const ug_norm_lane *l, S *chunk, double *total) {                                 \
        const upreg_kernels *k = call->kernels;                                                                                                      \
        const S *x = ug_##F(&call->in[0]), *gy = ug_##F(&call->in[2]);                                                                               \
        int64_t rows = n->images * n->pixels, most = UG_PIECE / UG_LANE_CHANNELS;                                                                    \
        for (int64_t c = 0; c < l->channels; c++) total[c] = 0;                                                                                      \
        for (int64_t r = 0; n->columns && r < rows; r += most) {                                                                                     \
            int64_t count = ug_min64(most, rows - r);                                                                                                \
            for (int64_t i = 0; i < count; i++) {                                                                                                    \
                int64_t at = (r + i) * n->channels + l->channel;                                                                                     \
                k->elementwise->prelu_grad_slope_##F(chunk + i * l->channels, x + at, gy + at, l->channels);                                         \
            }                                                                                                                                        \
            ug_sum_columns_##F(k->reduce, total, chunk, count, l->channels, l->channels);                                                            \
        }                                                                                                                                            \
        for (int64_t image = 0; !n->columns && image < n->images; image++)                                                                           \
            for (int64_t i = 0; i < n->pixels; i += UG_PIECE) {                                                                                      \
                int64_t at = (image * n->channels + l->channel) * n->pixels + i, count = ug_min64(UG_PIECE, n->pixels - i);                          \
                k->elementwise->prelu_grad_slope_##F(chunk, x + at, gy + at, count);                                                                 \
                total[0] += ug_sum_##F(k->reduce, chunk, count);                                                                                     \
            }                                                                                                                                        \
    }
DEFINE_LANE(f32, float)
DEFINE_LANE(f64, double)

static void store(const upreg_tensor *gw, int64_t i, double v) {
    if (ug_is_f32(gw))
        ug_f32(gw)[i] = (float)v;
    else
        ug_f64(gw)[i] = v;
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const ug_prelu *plan = (const ug_prelu *)call->state;
    double *sum = (double *)call->workspace;
    for (int64_t unit = begin; stage == 0 && unit < end; unit++) {
        ug_norm_lane l = ug_norm_lane_of(&plan->norm, unit);
        if (ug_is_f32(&call->out[0]))
            lane_f32(call, &plan->norm, &l, (float *)call->scratch[worker], sum + l.channel);
        else
            lane_f64(call, &plan->norm, &l, (double *)call->scratch[worker], sum + l.channel);
    }
    double total = 0;
    for (int64_t c = 0; stage == 1 && c < plan->norm.channels; c++) {
        total += sum[c];
        if (!plan->one) store(&call->out[0], c, sum[c]);
    }
    if (stage == 1 && plan->one) store(&call->out[0], 0, total);
}

const upreg_method ug_method_prelu_grad_weight = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "prelu_grad_weight",
    .family = "gradient",
    .summary = "the gradient of prelu with respect to weight",
    .doc = "gw[c] = sum of x * gy over the elements of channel c with x <= 0; over all of them where weight has one element.",
    .source = "the derivative of prelu",
    .params = ug_prelu_table,
    .n_params = UG_COUNT(ug_prelu_table),
    .params_size = sizeof(ug_prelu_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T weight:T=param gy:T -> gw:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};
