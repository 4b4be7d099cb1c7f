/* batch_norm_grad_weight: gw of batch_norm with statistics of the batch. */
#include "methods/norm_engine.h"

static upreg_status infer(upreg_infer *ctx) { return ug_norm_grad_weight_infer(ctx, 0); }
static upreg_status prepare(upreg_prepare *p) { return ug_norm_grad_weight_prepare(p, 0); }

const upreg_method ug_method_batch_norm_grad_weight = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "batch_norm_grad_weight",
    .family = "gradient",
    .summary = "the gradient of batch_norm with respect to weight, with statistics of the batch",
    .doc = "gw = sum over batch and pixels of gy (x - mean) / sqrt(var + eps), per channel; mean and biased variance are those of the batch.",
    .source = "Ioffe and Szegedy, Batch Normalization, ICML 2015",
    .params = ug_norm_grad_table,
    .n_params = UG_COUNT(ug_norm_grad_table),
    .params_size = sizeof(ug_norm_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T gy:T -> gw:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_norm_grad_weight_run,
};
