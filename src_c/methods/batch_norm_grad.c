/* batch_norm_grad: gx of batch_norm with statistics of the batch. */
#include "methods/norm_engine.h"

static upreg_status infer(upreg_infer *ctx) { return ug_norm_grad_infer(ctx, 0); }
static upreg_status prepare(upreg_prepare *p) { return ug_norm_grad_prepare(p, 0); }

const upreg_method ug_method_batch_norm_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "batch_norm_grad",
    .family = "gradient",
    .summary = "the gradient of batch_norm with respect to x, with statistics of the batch",
    .doc = "gx = weight r (gy - mean(gy) - (x - mean) r^2 mean(gy (x - mean))), r = 1 / sqrt(var + eps); means and biased variance are those of the "
           "batch.",
    .source = "Ioffe and Szegedy, Batch Normalization, ICML 2015",
    .params = ug_norm_grad_table,
    .n_params = UG_COUNT(ug_norm_grad_table),
    .params_size = sizeof(ug_norm_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T weight?:T=param gy:T -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_norm_grad_run,
};
