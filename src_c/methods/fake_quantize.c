/* fake_quantize: floats rounded to the steps that quantize_linear has, as floats. */
#include "methods/quantize_engine.h"

static const upreg_param params[] = {UG_QUANTIZE_PARAMS, UG_QUANTIZE_TO_PARAM};

static upreg_status infer(upreg_infer *ctx) {
    ug_quantized quantized;
    upreg_type type;
    UG_TRY(ug_quantized_of(UG_ASK(ctx), &quantized));
    UG_TRY(ug_quantized_type(ctx, &type));
    return ug_infer_same(ctx);
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    const ug_quantize_kernels *k = call->kernels->quantize;
    upreg_type type = ug_quantized_run_type(call);
    ug_quantized_run(call, begin, end, worker, type, ug_is_f32(&call->in[0]) ? k->fake_f32[type] : k->fake_f64[type]);
}

const upreg_method ug_method_fake_quantize = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "fake_quantize",
    .family = "quantisation",
    .summary = "floats rounded to the steps that quantize_linear has, as floats",
    .doc = "y = q scale, q = round(x / scale), half to even and within what the type holds when moved by zero; NaN becomes 0. The same bits as "
           "quantize_linear and then dequantize_linear. scale and zero are one number, one for each place along `axis`, or with block_size one for "
           "each so many places along it. Not differentiable.",
    .source = "ONNX QuantizeLinear and DequantizeLinear",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(ug_quantize_params),
    .flags = UPREG_IN_PLACE | UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:T scale:T zero?:any -> y:T",
    .infer = infer,
    .prepare = ug_quantized_prepare,
    .run = run,
    .reach = ug_quantized_reach,
    .tile = ug_quantized_tile,
};
