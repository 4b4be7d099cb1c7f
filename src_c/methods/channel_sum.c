/* channel_sum: the sum of a feature map over batch and space, one number per channel: the gradient of a bias. */
#include "methods/reduce_engine.h"
#include "methods/spatial.h"

typedef struct channel_sum_params {
    int32_t layout;
} channel_sum_params;

static const upreg_param params[] = {UG_LAYOUT_PARAM(channel_sum_params)};

static upreg_status infer(upreg_infer *ctx) {
    const channel_sum_params *q = ctx->params;
    ug_frame frame;
    if (q->layout == UG_X)
        return ug_fail(ctx->err, UPREG_E_PARAMETER, "%s: parameter 'layout' = X is not allowed: there are no channels; allowed: NCX, NXC, CX, XC",
                       ctx->method->name);
    UG_TRY(ug_frame_of(ctx->err, ctx->method, q->layout, ctx->rank, &ctx->in[0], &frame));
    ctx->out[0] = ug_spec(ctx->in[0].type, 1, &frame.c);
    return UPREG_OK;
}

static upreg_status prepare(upreg_prepare *p) {
    ug_frame frame;
    ug_axes axes = {{0}};
    UG_TRY(ug_frame_of(p->err, p->method, ((const channel_sum_params *)p->params)->layout, p->rank, &p->in[0], &frame));
    for (int i = 0; i < p->in[0].ndim; i++) axes.reduced[i] = i != frame.axis_c;
    return ug_reduce_prepare_axes(p, UG_REDUCE_SUM, &axes, 0);
}

const upreg_method ug_method_channel_sum = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "channel_sum",
    .family = "gradient",
    .summary = "sum over batch and space, one number per channel: the gradient of a bias",
    .doc = "y[c] = sum over n and positions of x[n, c, position].",
    .source = "the transpose of adding a bias",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(channel_sum_params),
    .flags = UPREG_LINEAR | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_reduce_run,
};
