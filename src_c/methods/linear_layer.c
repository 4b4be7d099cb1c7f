/* linear_layer: the dense (fully connected) layer. */
#include "methods/dense_family.h"

static const upreg_param params[] = {
    UG_INT_PARAM(ug_dense_params, channels, "null", 1, UG_MAX_SIZE, "output features; needed only when the weight is to be made"),
};

static upreg_status infer(upreg_infer *ctx) {
    const ug_dense_params *q = ctx->params;
    const upreg_spec *x = &ctx->in[0];
    upreg_spec *weight = &ctx->in[1], *bias = &ctx->in[2];
    if (x->ndim < 1) return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: 'x' has no axis of features; allowed: 1 to 8 dimensions", ctx->method->name);
    int64_t in = x->dim[x->ndim - 1];
    if (!weight->known) {
        if (q->channels == UPREG_UNSET)
            return ug_fail(ctx->err, UPREG_E_PARAMETER, "%s: parameter 'channels' must be given when there is no weight; allowed: 1 or more",
                           ctx->method->name);
        *weight = ug_spec(x->type, 2, (int64_t[]){q->channels, in});
    }
    if (weight->ndim != 2 || weight->dim[1] != in)
        return ug_dense_mismatch(ctx->err, ctx->method, x, "x", weight, "weight", "a weight of (out, in) where in is the last axis of x");
    int64_t out = weight->dim[0];
    if (q->channels != UPREG_UNSET && q->channels != out)
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: parameter 'channels' = %" PRId64 ", but 'weight' makes %" PRId64, ctx->method->name, q->channels,
                       out);
    weight->fan_in = (double)in, weight->fan_out = (double)out;
    if (bias->type != UPREG_NONE && !bias->known) *bias = ug_spec(x->type, 1, &out), bias->fan_in = bias->fan_out = 1;
    if (bias->type != UPREG_NONE && (bias->ndim != 1 || bias->dim[0] != out))
        return ug_dense_mismatch(ctx->err, ctx->method, weight, "weight", bias, "bias", "a bias of (out,)");
    ctx->out[0] = *x;
    ctx->out[0].dim[x->ndim - 1] = out;
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_conv_problem b = ug_dense_problem(ug_dense_rows(&p->in[0]), p->in[1].dim[1], p->in[1].dim[0]);
    b.has_bias = p->in[2].type != UPREG_NONE;
    if (p->tile) { /* rows in any order: what decides the sums are those of the whole call */
        upreg_spec x = ug_part_in(p, 0);
        ug_conv_set_whole(&b), b.is_tile = 1;
        b.in[2] = b.out[2] = b.x_frame.x[2] = b.y_frame.x[2] = ug_dense_rows(&x);
    }
    return ug_conv_prepare(p, &b);
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    ug_dense_run(call, stage, begin, end, worker, ug_conv_run);
}

static upreg_status vjp(upreg_vjp *ctx) {
    if (ctx->wrt == 0) ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1)), "linear_layer_grad");
    if (ctx->wrt == 1) ctx->result = ug_step(ctx, 2, UG_REFS(UG_INPUT(0), UG_GRAD), "linear_layer_grad_weight");
    if (ctx->wrt == 2) ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "sum_to:shape=[%" PRId64 "]", ctx->in[2].dim[0]);
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) { /* one row reads one row */
    if (ctx->port != 0) return UPREG_OK;
    for (int i = 0; i + 1 < ctx->in[0].ndim; i++) ctx->in_begin[i] = ctx->out_begin[i], ctx->in_end[i] = ctx->out_end[i];
    return UPREG_OK;
}

static upreg_status tile(upreg_tiling *ctx) {
    ctx->told = 2;
    return ug_tile_needs_all(ctx, ctx->out[0].ndim - 1);
}

const upreg_method ug_method_linear_layer = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "linear_layer",
    .family = "dense",
    .aliases = "dense|fully_connected|gemm|inner_product",
    .summary = "dense layer: every output feature sums every input feature",
    .doc = "y[..., o] = bias[o] + sum over i of weight[o, i] * x[..., i]\nx: (..., in); weight: (out, in); y: (..., out).",
    .source = "Rosenblatt, The perceptron, 1958",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(ug_dense_params),
    .flags = UPREG_LINEAR | UPREG_HAS_TAPS | UPREG_NAN_TILEWISE,
    .types = UG_FLOATING,
    .ports = "x:T weight:T=param bias?:T=param -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
