/* dequantize_linear: the floats that whole numbers of few bits stand for. */
#include "methods/quantize_engine.h"

static const upreg_param params[] = {UG_QUANTIZE_PARAMS};

static upreg_status infer(upreg_infer *ctx) {
    ug_quantized quantized;
    UG_TRY(ug_quantized_of(UG_ASK(ctx), &quantized));
    upreg_type type = ctx->in[0].type;
    if (type != UPREG_U8 && type != UPREG_I8 && type != UPREG_U16 && type != UPREG_I16 && type != UPREG_I32)
        return ug_fail(ctx->err, UPREG_E_DTYPE, "%s: input 'x' is %s; allowed: uint8, int8, uint16, int16, int32", ctx->method->name,
                       upreg_type_name(type));
    if (ctx->n_in > 2 && ctx->in[2].type != UPREG_NONE && ctx->in[2].type != type)
        return ug_fail(ctx->err, UPREG_E_DTYPE, "%s: input 'zero' is %s; allowed: %s", ctx->method->name, upreg_type_name(ctx->in[2].type),
                       upreg_type_name(type));
    ctx->out[0] = ctx->in[0], ctx->out[0].type = ctx->in[1].type;
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    const ug_quantize_kernels *k = call->kernels->quantize;
    upreg_type type = upreg_type_of(call->in[0].dtype);
    ug_quantized_run(call, begin, end, worker, type, ug_is_f32(&call->out[0]) ? k->dequantize_f32[type] : k->dequantize_f64[type]);
}

/* gy y with the axis of the blocks as two: blocks, and places of a block. */
static upreg_status sum_of_blocks(upreg_vjp *ctx, const ug_quantize_params *q, upreg_ref products, upreg_ref *sum) {
    const upreg_spec *x = &ctx->in[0];
    int64_t axis = q->axis < 0 ? q->axis + x->ndim : q->axis, apart[UPREG_MAX_DIMS + 1];
    char text[300] = "";
    if (x->dim[axis] % q->block_size || x->ndim == UPREG_MAX_DIMS)
        return ug_fail(ctx->err, UPREG_E_SHAPE,
                       "%s: the gradient of 'scale' takes whole blocks: axis %" PRId64 " has length %" PRId64 ", block_size is %" PRId64,
                       ctx->method->name, axis, x->dim[axis], q->block_size);
    for (int i = 0; i <= x->ndim; i++)
        apart[i] = i < axis ? x->dim[i] : i == axis ? x->dim[i] / q->block_size : i == axis + 1 ? q->block_size : x->dim[i - 1];
    ug_text_ints(text, sizeof text, "shape", x->ndim + 1, apart);
    upreg_ref seen = ug_step(ctx, 1, &products, "reshape:%s,zero_copies=false", text + 1);
    *sum = ug_step(ctx, 1, &seen, "reduce_sum:axis=%" PRId64 ",keepdims=false", axis + 1);
    return UPREG_OK;
}

/* With respect to scale: what reaches y times y / scale, summed over all that has one scale. */
static upreg_status vjp(upreg_vjp *ctx) {
    const upreg_spec *x = &ctx->in[0], *scale = &ctx->in[1];
    const ug_quantize_params *q = ctx->params;
    int64_t own = q->axis < 0 ? q->axis + x->ndim : q->axis, others[UPREG_MAX_DIMS];
    int n = 0, per_axis = scale->ndim == 1 && scale->dim[0] != 1;
    char text[300] = "";
    upreg_ref sum, products = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_OUTPUT(0)), "mul");
    if (q->block_size) {
        UG_TRY(sum_of_blocks(ctx, q, products, &sum));
    } else {
        for (int i = 0; i < x->ndim; i++)
            if (!per_axis || i != own) others[n++] = i;
        ug_text_ints(text, sizeof text, "axis", n, others);
        sum = ug_step(ctx, 1, &products, "reduce_sum:%s,keepdims=false", text + 1);
    }
    ctx->result = ug_step(ctx, 2, UG_REFS(sum, UG_INPUT(1)), "div");
    return UPREG_OK;
}

const upreg_method ug_method_dequantize_linear = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "dequantize_linear",
    .family = "quantisation",
    .aliases = "dequantize",
    .summary = "the floats that whole numbers of few bits stand for: moved by a zero, times a scale",
    .doc = "y = (x - zero) scale, for x and zero of type uint8, int8, uint16, int16 or int32. scale and zero are one number, one for each place "
           "along `axis`, or with block_size one for each so many places along it; missing: zero 0. The gradient is that of scale, which must not "
           "be 0 then.",
    .source = "ONNX DequantizeLinear",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(ug_quantize_params),
    .flags = UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:any scale:T zero?:any -> y:T",
    .infer = infer,
    .prepare = ug_quantized_prepare,
    .run = run,
    .vjp = vjp,
    .reach = ug_quantized_reach,
    .tile = ug_quantized_tile,
};
