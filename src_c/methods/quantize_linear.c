/* quantize_linear: floats as whole numbers of few bits. */
#include "methods/quantize_engine.h"

static const upreg_param params[] = {UG_QUANTIZE_PARAMS, UG_QUANTIZE_TO_PARAM};

static upreg_status infer(upreg_infer *ctx) {
    ug_quantized quantized;
    UG_TRY(ug_quantized_of(UG_ASK(ctx), &quantized));
    ctx->out[0] = ctx->in[0];
    return ug_quantized_type(ctx, &ctx->out[0].type);
}

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
    .doc = "y = round(x / scale) + zero, half to even, and the nearest number of the type where it does not have that one; NaN becomes zero. scale "
           "and zero are one number, one for each place along `axis`, or with block_size one for each so many places along it. y has the type of "
           "zero. Not differentiable.",
    .source = "ONNX QuantizeLinear",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(ug_quantize_params),
    .flags = UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:T scale:T zero?:any -> y:any",
    .infer = infer,
    .prepare = ug_quantized_prepare,
    .run = run,
    .reach = ug_quantized_reach,
    .tile = ug_quantized_tile,
};
