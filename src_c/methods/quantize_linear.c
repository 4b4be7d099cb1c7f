/* quantize_linear: floats as whole numbers of few bits. */
#include "methods/quantize_engine.h"

typedef struct quantize_params {
    int64_t axis;
    int32_t to;
} quantize_params;

static const upreg_param params[] = {
    UG_INT_PARAM(quantize_params, axis, "1", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1,
                 "the axis along which every place has a scale, if there is more than one; negative ones count from the end"),
    UG_CHOICE_PARAM(quantize_params, to, "uint8", "uint8|int8|uint16|int16", "the output's element type, if zero is not given"),
};
static const upreg_type types[] = {UPREG_U8, UPREG_I8, UPREG_U16, UPREG_I16};

static upreg_status infer(upreg_infer *ctx) {
    const quantize_params *q = ctx->params;
    ug_quantized quantized;
    UG_TRY(ug_quantized_of(ctx->err, ctx->method, q->axis, ctx->in, ctx->n_in, &quantized));
    ctx->out[0] = ctx->in[0], ctx->out[0].type = types[q->to];
    if (ctx->n_in < 3 || ctx->in[2].type == UPREG_NONE) return UPREG_OK;
    for (uint32_t i = 0; i < UG_COUNT(types); i++)
        if (ctx->in[2].type == types[i]) {
            ctx->out[0].type = types[i];
            return UPREG_OK;
        }
    return ug_fail(ctx->err, UPREG_E_DTYPE, "%s: input 'zero' is %s; allowed: uint8, int8, uint16, int16", ctx->method->name,
                   upreg_type_name(ctx->in[2].type));
}

static upreg_status prepare(upreg_prepare *p) { return ug_quantized_prepare(p, ((const quantize_params *)p->params)->axis); }

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    const ug_quantize_kernels *k = call->kernels->quantize;
    upreg_type type = upreg_type_of(call->out[0].dtype);
    ug_quantized_run(call, begin, end, worker, type, ug_is_f32(&call->in[0]) ? k->quantize_f32[type] : k->quantize_f64[type]);
}

const upreg_method ug_method_quantize_linear = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "quantize_linear",
    .family = "quantisation",
    .aliases = "quantize",
    .summary = "floats as whole numbers of few bits: divided by a scale, rounded, moved by a zero",
    .doc =
        "y = round(x / scale) + zero, half to even, and the nearest number of the type where it does not have that one; NaN becomes zero. scale and "
        "zero are one number, or one for each place along `axis`. y has the type of zero. Not differentiable.",
    .source = "ONNX QuantizeLinear",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(quantize_params),
    .flags = UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:T scale:T zero?:any -> y:any",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};
