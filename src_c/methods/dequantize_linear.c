/* dequantize_linear: the floats that whole numbers of few bits stand for. */
#include "methods/quantize_engine.h"

typedef struct dequantize_params {
    int64_t axis;
} dequantize_params;

static const upreg_param params[] = {
    UG_INT_PARAM(dequantize_params, axis, "1", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1,
                 "the axis along which every place has a scale, if there is more than one; negative ones count from the end"),
};

static upreg_status infer(upreg_infer *ctx) {
    ug_quantized quantized;
    UG_TRY(ug_quantized_of(ctx->err, ctx->method, ((const dequantize_params *)ctx->params)->axis, ctx->in, ctx->n_in, &quantized));
    upreg_type type = ctx->in[0].type;
    if (type != UPREG_U8 && type != UPREG_I8 && type != UPREG_U16 && type != UPREG_I16 && type != UPREG_I32)
        return ug_fail(ctx->err, UPREG_E_DTYPE, "%s: input 'x' is %s; allowed: uint8, int8, uint16, int16, int32", ctx->method->name,
                       upreg_type_name(type));
    UG_TRY(ug_quantized_zero(ctx, type));
    ctx->out[0] = ctx->in[0], ctx->out[0].type = ctx->in[1].type;
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) { return ug_quantized_prepare(p, ((const dequantize_params *)p->params)->axis); }

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    const ug_quantize_kernels *k = call->kernels->quantize;
    upreg_type type = upreg_type_of(call->in[0].dtype);
    ug_quantized_run(call, begin, end, worker, type, ug_is_f32(&call->out[0]) ? k->dequantize_f32[type] : k->dequantize_f64[type]);
}

/* With respect to scale: what reaches y times y / scale, summed over all that has one scale. */
static upreg_status vjp(upreg_vjp *ctx) {
    const upreg_spec *x = &ctx->in[0], *scale = &ctx->in[1];
    int64_t axis = ((const dequantize_params *)ctx->params)->axis, own = axis < 0 ? axis + x->ndim : axis, others[UPREG_MAX_DIMS];
    int n = 0, per_axis = scale->ndim == 1 && scale->dim[0] != 1;
    char text[300] = "";
    for (int i = 0; i < x->ndim; i++)
        if (!per_axis || i != own) others[n++] = i;
    ug_text_ints(text, sizeof text, "axis", n, others);
    upreg_ref sum = ug_step(ctx, 1, UG_REFS(ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_OUTPUT(0)), "mul")), "reduce_sum:%s,keepdims=false", text + 1);
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
    .doc =
        "y = (x - zero) scale, for x and zero of type uint8, int8, uint16, int16 or int32. scale and zero are one number, or one for each place along "
        "`axis`; missing: zero 0. The gradient is that of scale, which must not be 0 then.",
    .source = "ONNX DequantizeLinear",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(dequantize_params),
    .flags = UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:any scale:T zero?:any -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
};
