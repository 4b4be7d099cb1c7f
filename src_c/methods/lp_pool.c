/* lp_pool: the p-norm of every window. */
#include "methods/lp_pool.h"

static const upreg_param table[] = {UG_LP_POOL_PARAMS};

static double root(const ug_reduce_kernels *k, double total, int64_t p) {
    if (p == 1) return total;
    if (p == 2) return sqrt(total);
    if (total < 0) return total == -INFINITY ? INFINITY : (double)NAN; /* as C's pow has it */
    return total > 0 && total < INFINITY ? k->exp(k->log(total) / (double)p) : total;
}

/* Sums in blocks; `block` and `total` are numbers for each of a pixel. */
#define DEFINE_BODY(F, T)                                                                                                                            \
    static void body_##F(const ug_region_call *w) {                                                                                                  \
        const ug_lp_pool_params *params = w->call->params;                                                                                           \
        int64_t inner = w->x.inner, p = params->p, terms = 0;                                                                                        \
        int torch = params->sign_rule == UG_SIGN_TORCH;                                                                                              \
        double *block = w->scratch, *total = block + inner, share = torch ? w->plan->taps / ug_region_count(&w->region) : 1;                         \
        memset(block, 0, 2 * sizeof *block * (size_t)inner);                                                                                         \
        UG_REGION_ROWS(&w->region, i0, i1) {                                                                                                         \
            const T *from = (const T *)(const void *)ug_pixel(&w->x, w->n, w->c, i0, i1, 0, sizeof(T));                                              \
            UG_REGION_ROW(&w->region, i2) {                                                                                                          \
                const T *pixel = from + i2 * inner;                                                                                                  \
                for (int64_t k = 0; k < inner; k++) block[k] += ug_whole_power(torch ? (double)pixel[k] : fabs((double)pixel[k]), p);                \
                if (++terms % UG_SUM_BLOCK) continue;                                                                                                \
                for (int64_t k = 0; k < inner; k++) total[k] += block[k], block[k] = 0;                                                              \
            }                                                                                                                                        \
        }                                                                                                                                            \
        T *y = (T *)ug_data(&w->call->out[0]) + w->at;                                                                                               \
        for (int64_t k = 0; k < inner; k++) y[k] = (T)root(w->call->kernels->reduce, (total[k] + block[k]) * share, p);                              \
    }
DEFINE_BODY(f32, float)
DEFINE_BODY(f64, double)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    ug_region_pool_run(call, begin, end, worker, ug_is_f32(&call->out[0]) ? body_f32 : body_f64);
}

static upreg_status vjp(upreg_vjp *ctx) { return ug_region_pool_vjp(ctx, "lp_pool_grad"); }

const upreg_method ug_method_lp_pool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "lp_pool",
    .family = "pool",
    .aliases = "power_pool|power_average_pool",
    .summary = "the p-norm of every window, in 1, 2 or 3 dimensions",
    .doc =
        "x (N, C, m...) -> y (N, C, n...), n as in max_pool. y = (sum of |x|^p over the window)^(1/p). sign_rule=torch: the sum is of x^p, times the "
        "elements of a whole window by those that lie in the image, as torch's lp_pool has it; the root of a negative sum is NaN. The gradient "
        "where y is 0 is 0.",
    .source = "ONNX LpPool; PyTorch functional.lp_pool2d",
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
