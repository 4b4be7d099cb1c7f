/* linear_layer_grad_weight: the gradient of a dense layer with respect to its weight. */
#include "methods/dense_family.h"

static upreg_status infer(upreg_infer *ctx) {
    const upreg_spec *x = &ctx->in[0], *gy = &ctx->in[1];
    int same = x->ndim >= 1 && gy->ndim == x->ndim;
    for (int i = 0; same && i + 1 < x->ndim; i++) same = x->dim[i] == gy->dim[i];
    if (!same) return ug_dense_mismatch(ctx->err, ctx->method, x, "x", gy, "grad_y", "the same shape but for the last axis");
    ctx->out[0] = ug_spec(x->type, 2, (int64_t[]){gy->dim[gy->ndim - 1], x->dim[x->ndim - 1]});
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_conv_problem b = ug_dense_problem(ug_dense_rows(&p->in[0]), p->in[0].dim[p->in[0].ndim - 1], p->in[1].dim[p->in[1].ndim - 1]);
    return ug_conv_grad_weight_prepare(p, &b);
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    ug_dense_run(call, stage, begin, end, worker, ug_conv_grad_weight_run);
}

const upreg_method ug_method_linear_layer_grad_weight = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "linear_layer_grad_weight",
    .family = "gradient",
    .summary = "gradient of linear_layer with respect to its weight",
    .doc = "grad_weight[o, i] = sum over rows of grad_y[..., o] * x[..., i].",
    .source = "the transpose of the layer with respect to its weight",
    .flags = UPREG_LINEAR | UPREG_GRADIENT | UPREG_NAN_TILEWISE,
    .types = UG_FLOATING,
    .ports = "x:T grad_y:T -> grad_weight:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};
