/* rms_norm: the last axes brought to a mean of squares of 1, then weight per place. */
#include "methods/layer_norm_engine.h"

UG_BLOCKS_FUNCTIONS(ug_rms_blocks)

static upreg_status vjp(upreg_vjp *ctx) { return ug_layer_norm_vjp(ctx, "rms_norm"); }

const upreg_method ug_method_rms_norm = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "rms_norm",
    .family = "norm",
    .aliases = "rms_normalization",
    .summary = "the last axes brought to a mean of squares of 1, then weight per place",
    .doc = "y = x / sqrt(mean of x^2 + eps) * weight, the mean over the axes from `axis` to the last, whose shape weight has. Missing: weight 1.",
    .source = "Zhang and Sennrich, Root Mean Square Layer Normalization, 2019; ONNX RMSNormalization",
    .params = ug_layer_norm_table,
    .n_params = UG_COUNT(ug_layer_norm_table),
    .params_size = sizeof(ug_layer_norm_params),
    .flags = UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:T weight?:T=param -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_blocks_run,
    .vjp = vjp,
    .reach = ug_layer_norm_reach,
    .tile = ug_layer_norm_tile,
};
