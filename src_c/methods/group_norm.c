/* group_norm: groups of channels of every image brought to mean 0 and variance 1, then weight and bias per channel. */
#include "methods/layer_norm_engine.h"

#include <stdio.h>

UG_BLOCKS_FUNCTIONS(ug_group_blocks)

static upreg_status vjp(upreg_vjp *ctx) {
    const ug_group_norm_params *q = ctx->params;
    const char *layout = ug_layout_names[q->layout];
    char text[120], sum[40];
    snprintf(text, sizeof text, "groups=%" PRId64 ",eps=%.17g,layout=%s", q->groups, q->eps, layout);
    snprintf(sum, sizeof sum, "channel_sum:layout=%s", layout);
    return ug_blocks_vjp(ctx, "group_norm", text, sum);
}

/* A group reads a group, all of its image. */
static upreg_status reach(upreg_reach *ctx) {
    ug_frame frame;
    if (ctx->port != 0) return UPREG_OK;
    UG_TRY(ug_frame_of(ctx->err, ctx->method, ((const ug_group_norm_params *)ctx->params)->layout, ctx->rank, &ctx->in[0], &frame));
    int n = frame.axis_n, c = frame.axis_c;
    if (n >= 0) ctx->in_begin[n] = ctx->out_begin[n], ctx->in_end[n] = ctx->out_end[n];
    int64_t own = ug_max64(frame.c / ((const ug_group_norm_params *)ctx->params)->groups, 1);
    ctx->in_begin[c] = ctx->out_begin[c] / own * own, ctx->in_end[c] = ug_round_up(ctx->out_end[c], own);
    return UPREG_OK;
}

const upreg_method ug_method_group_norm = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "group_norm",
    .family = "norm",
    .aliases = "group_normalization",
    .summary = "groups of channels of every image brought to mean 0 and variance 1, then weight and bias per channel",
    .doc =
        "y = (x - mean) / sqrt(var + eps) * weight + bias, mean and biased variance over the pixels of channels / groups neighbouring channels of one image. "
        "Missing: weight 1, bias 0.",
    .source = "Wu and He, Group Normalization, 2018; ONNX GroupNormalization",
    .params = ug_group_norm_table,
    .n_params = UG_COUNT(ug_group_norm_table),
    .params_size = sizeof(ug_group_norm_params),
    .flags = UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:T weight?:T=param bias?:T=param -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_blocks_run,
    .vjp = vjp,
    .reach = reach,
};
