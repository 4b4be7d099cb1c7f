/* lp_pool_grad: gx of lp_pool. */
#include "methods/lp_pool.h"

static const upreg_param table[] = {UG_LP_POOL_PARAMS};

/* What x adds to the norm y, as a part of it: the derivative of y. */
static double derivative(double x, double y, int64_t p, int torch) {
    double size = ug_whole_power(fabs(x) / fabs(y), p - 1);
    if (y == 0) return 0;
    if (torch && p % 2) return y != y ? y : size;
    return x > 0 ? size : x < 0 ? -size : x * size;
}

#define DEFINE_BODY(F, T)                                                                                                                            \
    static void body_##F(const ug_region_call *w) {                                                                                                  \
        const ug_lp_pool_params *params = w->call->params;                                                                                           \
        int64_t inner = w->x.inner, p = params->p;                                                                                                   \
        int torch = params->sign_rule == UG_SIGN_TORCH;                                                                                              \
        double share = torch ? w->plan->taps / ug_region_count(&w->region) : 1;                                                                      \
        const T *x = ug_data(&w->call->in[0]), *y = (const T *)ug_data(&w->call->in[1]) + w->at, *gy = (const T *)ug_data(&w->call->in[2]) + w->at;  \
        T *gx = ug_data(&w->call->out[0]);                                                                                                           \
        UG_REGION_ROWS(&w->region, i0, i1) {                                                                                                         \
            int64_t from = ug_offset(&w->x, w->n, w->c, i0, i1);                                                                                     \
            UG_REGION_ROW(&w->region, i2)                                                                                                            \
            for (int64_t k = 0, at = from + i2 * inner; k < inner; k++, at++) gx[at] +=                                                              \
                (T)((double)gy[k] * share * derivative((double)x[at], (double)y[k], p, torch));                                                      \
        }                                                                                                                                            \
    }
DEFINE_BODY(f32, float)
DEFINE_BODY(f64, double)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    ug_region_grad_run(call, begin, end, worker, ug_is_f32(&call->out[0]) ? body_f32 : body_f64);
}

const upreg_method ug_method_lp_pool_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "lp_pool_grad",
    .family = "gradient",
    .summary = "the gradient of lp_pool with respect to x",
    .doc = "gx = sum over the windows that hold x of gy sign(x) (|x| / y)^(p - 1), without the sign where it is of x^p with p odd; 0 where y is 0.",
    .source = "the derivative of lp_pool",
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
