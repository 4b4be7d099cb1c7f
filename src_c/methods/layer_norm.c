/* layer_norm: the last axes brought to mean 0 and variance 1, then weight and bias per place. */
#include "methods/layer_norm_engine.h"

UG_BLOCKS_FUNCTIONS(ug_layer_blocks)

static upreg_status vjp(upreg_vjp *ctx) { return ug_layer_norm_vjp(ctx, "layer_norm"); }

const upreg_method ug_method_layer_norm = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "layer_norm",
    .family = "norm",
    .aliases = "layer_normalization",
    .summary = "the last axes brought to mean 0 and variance 1, then weight and bias per place",
    .doc =
        "y = (x - mean) / sqrt(var + eps) * weight + bias, mean and biased variance over the axes from `axis` to the last, whose shape weight and bias "
        "have. Missing: weight 1, bias 0.",
    .source = "Ba, Kiros and Hinton, Layer Normalization, 2016; ONNX LayerNormalization",
    .params = ug_layer_norm_table,
    .n_params = UG_COUNT(ug_layer_norm_table),
    .params_size = sizeof(ug_layer_norm_params),
    .flags = UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:T weight?:T=param bias?:T=param -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_blocks_run,
    .vjp = vjp,
    .reach = ug_layer_norm_reach,
    .tile = ug_layer_norm_tile,
};
