/* linear_layer_grad: the gradient of a dense layer with respect to its input, which is the transposed layer. */
#include "methods/dense_family.h"

static upreg_status infer(upreg_infer *ctx) {
    const upreg_spec *gy = &ctx->in[0], *weight = &ctx->in[1];
    if (gy->ndim < 1 || weight->ndim != 2 || weight->dim[0] != gy->dim[gy->ndim - 1])
        return ug_dense_mismatch(ctx->err, ctx->method, gy, "grad_y", weight, "weight", "a weight of (out, in) where out is the last axis of grad_y");
    ctx->out[0] = *gy;
    ctx->out[0].dim[gy->ndim - 1] = weight->dim[1];
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_conv_problem b = ug_dense_problem(ug_dense_rows(&p->in[0]), p->in[1].dim[0], p->in[1].dim[1]);
    b.transposed = 1; /* the weight is read as (in, out) */
    return ug_conv_prepare(p, &b);
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    ug_dense_run(call, stage, begin, end, worker, ug_conv_run);
}

static upreg_status vjp(upreg_vjp *ctx) {
    if (ctx->wrt == 0) ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1)), "linear_layer");
    if (ctx->wrt == 1) ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(0)), "linear_layer_grad_weight");
    return UPREG_OK;
}

const upreg_method ug_method_linear_layer_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "linear_layer_grad",
    .family = "gradient",
    .summary = "gradient of linear_layer with respect to its input",
    .doc = "grad_x[..., i] = sum over o of weight[o, i] * grad_y[..., o].",
    .source = "the transpose of the layer's matrix",
    .flags = UPREG_LINEAR | UPREG_GRADIENT | UPREG_NAN_TILEWISE,
    .types = UG_FLOATING,
    .ports = "grad_y:T weight:T=param -> grad_x:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
};
