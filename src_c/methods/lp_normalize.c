/* lp_normalize: vectors along one axis, divided by their norms. */
#include "methods/lp_norm.h"

static const upreg_param table[] = UG_LP_TABLE;

static upreg_status prepare(upreg_prepare *p) { return ug_softmax_prepare(p, 2); }

#define DEFINE_UNIT(F, S, TYPE)                                                                                                                      \
    static void unit_##F(const upreg_call *call, const ug_softmax *s, int64_t unit) {                                                                \
        const upreg_kernels *k = call->kernels;                                                                                                      \
        int64_t width, at = ug_softmax_find(s, unit, &width), n = s->inner == 1 ? s->length : width;                                                 \
        S *y = ug_##F(&call->out[0]) + at, divisor[UG_COLUMNS];                                                                                      \
        const S *x = ug_##F(&call->in[0]) + at;                                                                                                      \
        double norm[UG_COLUMNS];                                                                                                                     \
        ug_lp_norms(k, UPREG_##TYPE, norm, x, ((const ug_lp_params *)call->params)->p, s, width);                                                    \
        for (int64_t c = 0; c < width; c++) divisor[c] = norm[c] == 0 ? 1 : (S)norm[c];                                                              \
        for (int64_t i = 0; i < (s->inner == 1 ? 1 : s->length); i++)                                                                                \
            k->arithmetic->binary[UG_BINARY_div][UG_TYPE_##TYPE](y + i * s->inner, x + i * s->inner, divisor, n, 1, s->inner > 1);                   \
    }
DEFINE_UNIT(f32, float, F32)
DEFINE_UNIT(f64, double, F64)

UG_SOFTMAX_RUN_UNITS

static upreg_status vjp(upreg_vjp *ctx) {
    const ug_lp_params *q = ctx->params;
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_INPUT(0), UG_GRAD), "lp_normalize_grad:axis=%" PRId64 ",p=%" PRId64, q->along.axis, q->p);
    return UPREG_OK;
}

const upreg_method ug_method_lp_normalize = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "lp_normalize",
    .family = "norm",
    .aliases = "lp_normalization|l2_normalize|l2_normalization|normalize",
    .summary = "vectors along one axis, divided by their norms",
    .doc = "y = x / (sum along `axis` of |x|^p)^(1/p); where that is 0, y is 0.",
    .source = "ONNX LpNormalization; PyTorch functional.normalize",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_lp_params),
    .flags = UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = ug_softmax_infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = ug_softmax_reach,
    .tile = ug_softmax_tile,
};
