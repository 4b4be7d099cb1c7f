/* softmax_grad: y * (gy - sum of y * gy along the axis). */
#include "methods/softmax.h"

static upreg_status prepare(upreg_prepare *p) { return ug_softmax_prepare(p, 4); }

#define DEFINE_UNIT(F, S)                                                                                                                            \
    static void unit_##F(const upreg_call *call, const ug_softmax *s, int64_t unit) {                                                                \
        const upreg_kernels *k = call->kernels;                                                                                                      \
        int64_t width, at = ug_softmax_find(s, unit, &width);                                                                                        \
        S *gx = ug_##F(&call->out[0]) + at, dot[UG_COLUMNS];                                                                                         \
        const S *y = ug_##F(&call->in[0]) + at, *gy = ug_##F(&call->in[1]) + at;                                                                     \
        double total[UG_COLUMNS] = {0}, zero[UG_COLUMNS] = {0};                                                                                      \
        if (s->inner == 1) {                                                                                                                         \
            k->elementwise->mul_diff_one_##F(gx, y, gy, (S)k->norm->products_##F(y, gy, 0, s->length), s->length);                                   \
            return;                                                                                                                                  \
        }                                                                                                                                            \
        k->norm->products_columns_##F(total, y, gy, zero, s->length, s->inner, width);                                                               \
        for (int64_t c = 0; c < width; c++) dot[c] = (S)total[c];                                                                                    \
        for (int64_t i = 0; i < s->length; i++) k->elementwise->mul_diff_##F(gx + i * s->inner, y + i * s->inner, gy + i * s->inner, dot, width);    \
    }
DEFINE_UNIT(f32, float)
DEFINE_UNIT(f64, double)

UG_SOFTMAX_RUN_UNITS

const upreg_method ug_method_softmax_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "softmax_grad",
    .family = "gradient",
    .summary = "the gradient of softmax with respect to x",
    .doc = "gx = y (gy - sum of y gy along `axis`), where y is what softmax gave. y, gy and gx have one shape.",
    .source = "the derivative of softmax in terms of its value",
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
