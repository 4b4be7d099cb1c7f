/* instance_norm: every channel of every image to mean 0 and variance 1, then weight and bias. */
#include "methods/norm_engine.h"

static const upreg_param table[] = {UG_EPS_PARAM, UG_NORM_LAYOUT_PARAM};

static upreg_status infer(upreg_infer *ctx) {
    ug_norm norm;
    UG_TRY(ug_norm_of(UG_ASK(ctx), ((const ug_norm_params *)ctx->params)->layout, 1, &norm));
    UG_TRY(ug_norm_vector(ctx, &norm, 1, "weight"));
    UG_TRY(ug_norm_vector(ctx, &norm, 2, "bias"));
    return ug_infer_same(ctx);
}

static upreg_status prepare(upreg_prepare *p) { return ug_norm_forward_prepare(p, 1); }
static upreg_status vjp(upreg_vjp *ctx) { return ug_norm_vjp(ctx, "instance_norm"); }

const upreg_method ug_method_instance_norm = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "instance_norm",
    .family = "norm",
    .aliases = "instance_normalization|contrast_normalization",
    .summary = "every channel of every image brought to mean 0 and variance 1, then weight and bias per channel",
    .doc =
        "y = (x - mean) / sqrt(var + eps) * weight + bias, mean and biased variance over the pixels of one channel of one image. Missing: weight 1, "
        "bias 0.",
    .source = "Ulyanov, Vedaldi and Lempitsky, Instance Normalization: The Missing Ingredient for Fast Stylization, 2016",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_norm_params),
    .flags = UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:T weight?:T=param bias?:T=param -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_norm_forward_run,
    .vjp = vjp,
};
