/* soft_pool_grad: gx of soft_pool. */
#include "methods/soft_pool.h"

static const upreg_param table[] = {UG_REGION_WINDOW_PARAMS};

#define DEFINE_BODY(F, T)                                                                                                                            \
    static void body_##F(const ug_region_call *w) {                                                                                                  \
        int64_t inner = w->x.inner;                                                                                                                  \
        double *largest = w->scratch, *sum = largest + inner, *block = sum + inner;                                                                  \
        UG_SOFT_WEIGHTS(T, w, largest, sum, block)                                                                                                   \
        const T *x = ug_data(&w->call->in[0]), *y = (const T *)ug_data(&w->call->in[1]) + w->at, *gy = (const T *)ug_data(&w->call->in[2]) + w->at;  \
        T *gx = ug_data(&w->call->out[0]);                                                                                                           \
        UG_REGION_ROWS(&w->region, i0, i1) {                                                                                                         \
            int64_t from = ug_offset(&w->x, w->n, w->c, i0, i1);                                                                                     \
            UG_REGION_ROW(&w->region, i2) for (int64_t k = 0, at = from + i2 * inner; k < inner; k++, at++) {                                        \
                double weight = w->call->kernels->reduce->exp((double)x[at] - largest[k]) / sum[k];                                                  \
                if (weight != 0) gx[at] += (T)((double)gy[k] * weight * (1 + (double)x[at] - (double)y[k]));                                         \
            }                                                                                                                                        \
        }                                                                                                                                            \
    }
DEFINE_BODY(f32, float)
DEFINE_BODY(f64, double)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    ug_region_grad_run(call, begin, end, worker, ug_is_f32(&call->out[0]) ? body_f32 : body_f64);
}

const upreg_method ug_method_soft_pool_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "soft_pool_grad",
    .family = "gradient",
    .summary = "the gradient of soft_pool with respect to x",
    .doc = "gx = sum over the windows that hold x of gy w (1 + x - y), with w = exp(x) / sum of exp over the window.",
    .source = "the derivative of soft_pool",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_lp_pool_params),
    .flags = UPREG_HAS_TAPS | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T y:T gy:T -> gx:T",
    .infer = ug_region_grad_infer,
    .prepare = ug_region_grad_prepare,
    .run = run,
};
