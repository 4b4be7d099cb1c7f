/* lp_normalize_grad: gx of lp_normalize. */
#include "methods/lp_norm.h"

static const upreg_param table[] = UG_LP_TABLE;

static upreg_status prepare(upreg_prepare *p) { return ug_softmax_prepare(p, 6); }

/* Runs of n numbers: whole vectors, or a number of each of n vectors, with a factor for each. */
#define DEFINE_UNIT(F, S, TYPE)                                                                                                                      \
    static void unit_##F(const upreg_call *call, const ug_softmax *s, int64_t unit) {                                                                \
        const upreg_kernels *k = call->kernels;                                                                                                      \
        int64_t p = ((const ug_lp_params *)call->params)->p, width, at = ug_softmax_find(s, unit, &width), n = s->inner == 1 ? s->length : width;    \
        S *gx = ug_##F(&call->out[0]) + at, factor[UG_COLUMNS], inverse[UG_COLUMNS], none[UG_COLUMNS] = {0};                                         \
        const S *x = ug_##F(&call->in[0]) + at, *g = ug_##F(&call->in[1]) + at;                                                                      \
        double norm[UG_COLUMNS], dot[UG_COLUMNS] = {0}, zero[UG_COLUMNS] = {0};                                                                      \
        ug_lp_norms(k, UPREG_##TYPE, norm, x, p, s, width);                                                                                          \
        if (s->inner == 1)                                                                                                                           \
            dot[0] = k->norm->products_##F(g, x, 0, n);                                                                                              \
        else                                                                                                                                         \
            k->norm->products_columns_##F(dot, g, x, zero, s->length, s->inner, width);                                                              \
        for (int64_t c = 0; c < width; c++) {                                                                                                        \
            double r = norm[c] == 0 ? 0 : 1 / norm[c];                                                                                               \
            inverse[c] = (S)r, factor[c] = (S)(-dot[c] * r * r * (p == 2 ? r : 1));                                                                  \
        }                                                                                                                                            \
        for (int64_t i = 0; i < (s->inner == 1 ? 1 : s->length); i++) {                                                                              \
            int64_t from = i * s->inner;                                                                                                             \
            if (p == 1)                                                                                                                              \
                k->reduce->grad_##F(gx + from, x + from, factor, NULL, NULL, s->inner > 1, UG_REDUCE_L1, p, n);                                      \
            else if (s->inner == 1)                                                                                                                  \
                k->elementwise->scale_shift_##F(gx + from, x + from, *factor, 0, n);                                                                 \
            else                                                                                                                                     \
                k->elementwise->scale_shift_each_##F(gx + from, x + from, factor, none, n);                                                          \
            if (s->inner == 1)                                                                                                                       \
                k->elementwise->mul_add_one_##F(gx + from, g + from, *inverse, n);                                                                   \
            else                                                                                                                                     \
                k->elementwise->mul_add_##F(gx + from, g + from, inverse, n);                                                                        \
        }                                                                                                                                            \
    }
DEFINE_UNIT(f32, float, F32)
DEFINE_UNIT(f64, double, F64)

UG_SOFTMAX_RUN_UNITS

const upreg_method ug_method_lp_normalize_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "lp_normalize_grad",
    .family = "gradient",
    .summary = "the gradient of lp_normalize with respect to x",
    .doc =
        "With n the norm along `axis`: gx = gy / n - x sum(gy x) / n^3 where p is 2, gx = gy / n - sign(x) sum(gy x) / n^2 where p is 1; 0 where n "
        "is 0.",
    .source = "the derivative of lp_normalize",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_lp_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T gy:T -> gx:T",
    .infer = ug_softmax_infer_grad,
    .prepare = prepare,
    .run = run,
};
