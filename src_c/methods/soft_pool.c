/* soft_pool: the mean of every window, weighted by exp(x). */
#include "methods/soft_pool.h"

static const upreg_param table[] = {UG_REGION_WINDOW_PARAMS};

#define DEFINE_BODY(F, T)                                                                                                                            \
    static void body_##F(const ug_region_call *w) {                                                                                                  \
        int64_t inner = w->x.inner, terms = 0;                                                                                                       \
        double *largest = w->scratch, *sum = largest + inner, *block = sum + inner, *total = block + inner;                                          \
        UG_SOFT_WEIGHTS(T, w, largest, sum, block)                                                                                                   \
        memset(block, 0, 2 * sizeof *block * (size_t)inner);                                                                                         \
        UG_REGION_ROWS(&w->region, i0, i1) {                                                                                                         \
            const T *from = (const T *)(const void *)ug_pixel(&w->x, w->n, w->c, i0, i1, 0, sizeof(T));                                              \
            UG_REGION_ROW(&w->region, i2) {                                                                                                          \
                for (int64_t k = 0; k < inner; k++) {                                                                                                \
                    double x = (double)from[i2 * inner + k], weight = w->call->kernels->reduce->exp(x - largest[k]);                                 \
                    if (weight != 0) block[k] += x * weight;                                                                                         \
                }                                                                                                                                    \
                if (++terms % UG_SUM_BLOCK) continue;                                                                                                \
                for (int64_t k = 0; k < inner; k++) total[k] += block[k], block[k] = 0;                                                              \
            }                                                                                                                                        \
        }                                                                                                                                            \
        T *y = (T *)ug_data(&w->call->out[0]) + w->at;                                                                                               \
        for (int64_t k = 0; k < inner; k++) y[k] = (T)((total[k] + block[k]) / sum[k]);                                                              \
    }
DEFINE_BODY(f32, float)
DEFINE_BODY(f64, double)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    ug_region_pool_run(call, begin, end, worker, ug_is_f32(&call->out[0]) ? body_f32 : body_f64);
}

static upreg_status vjp(upreg_vjp *ctx) { return ug_region_pool_vjp(ctx, "soft_pool_grad"); }

const upreg_method ug_method_soft_pool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "soft_pool",
    .family = "pool",
    .aliases = "softpool",
    .summary = "the mean of every window, weighted by exp(x), in 1, 2 or 3 dimensions",
    .doc = "x (N, C, m...) -> y (N, C, n...), n as in max_pool. y = sum of exp(x) x / sum of exp(x) over the elements of the window that lie in the "
           "image; computed from exp(x - the largest), so that nothing overflows.",
    .source = "Stergiou, Poppe and Kalliatakis, Refining activation downsampling with SoftPool, ICCV 2021",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_lp_pool_params),
    .flags = UPREG_HAS_TAPS,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = ug_region_pool_infer,
    .prepare = ug_region_pool_prepare,
    .run = run,
    .vjp = vjp,
    .reach = ug_region_pool_reach,
    .tile = ug_region_pool_tile,
};
