/* log_softmax_grad: gy - exp(y) * sum of gy along the axis. */
#include "methods/softmax.h"

static upreg_status prepare(upreg_prepare *p) { return ug_softmax_prepare(p, 4); }

#define DEFINE_UNIT(F, S, TYPE)                                                                                                                      \
    static void unit_##F(const upreg_call *call, const ug_softmax *s, int64_t unit) {                                                                \
        const upreg_kernels *k = call->kernels;                                                                                                      \
        ug_binary mul = k->arithmetic->binary[UG_BINARY_mul][TYPE], sub = k->arithmetic->binary[UG_BINARY_sub][TYPE];                                \
        ug_function exp = k->math->function[UG_FUNCTION_exp][TYPE];                                                                                  \
        int64_t width, at = ug_softmax_find(s, unit, &width), rows = s->inner == 1 ? 1 : s->length, row = s->inner == 1 ? s->length : width;         \
        S sum[UG_COLUMNS];                                                                                                                           \
        const S *gy = ug_##F(&call->in[1]) + at;                                                                                                     \
        double total[UG_COLUMNS] = {0};                                                                                                              \
        if (s->inner == 1)                                                                                                                           \
            total[0] = ug_sum_##F(k->reduce, gy, s->length);                                                                                         \
        else                                                                                                                                         \
            ug_sum_columns_##F(k->reduce, total, gy, s->length, s->inner, width);                                                                    \
        for (int64_t c = 0; c < width; c++) sum[c] = (S)total[c];                                                                                    \
        for (int64_t i = 0; i < rows; i++) {                                                                                                         \
            int64_t place = i * s->inner;                                                                                                            \
            S *gx = ug_##F(&call->out[0]) + at + place;                                                                                              \
            exp(gx, ug_##F(&call->in[0]) + at + place, row, NULL);                                                                                   \
            mul(gx, gx, sum, row, 1, s->inner != 1);                                                                                                 \
            sub(gx, gy + place, gx, row, 1, 1);                                                                                                      \
        }                                                                                                                                            \
    }
DEFINE_UNIT(f32, float, UG_TYPE_F32)
DEFINE_UNIT(f64, double, UG_TYPE_F64)

UG_SOFTMAX_RUN_UNITS

const upreg_method ug_method_log_softmax_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "log_softmax_grad",
    .family = "gradient",
    .summary = "the gradient of log_softmax with respect to x",
    .doc = "gx = gy - exp(y) * sum of gy along `axis`, where y is what log_softmax gave. y, gy and gx have one shape.",
    .source = "the derivative of log_softmax in terms of its value",
    .params = ug_softmax_table,
    .n_params = UG_COUNT(ug_softmax_table),
    .params_size = sizeof(ug_softmax_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "y:T gy:T -> gx:T",
    .infer = ug_softmax_infer_grad,
    .prepare = prepare,
    .run = run,
    .reach = ug_softmax_reach,
};
