/* roi_pool_grad: gx of roi_pool. */
#include "methods/roi_pool.h"

static const upreg_param table[] = UG_ROI_POOL_TABLE;

#define DEFINE_BODY(F, T)                                                                                                                            \
    static void body_##F(const ug_roi_call *w) {                                                                                                     \
        const ug_regions *r = &w->plan->r;                                                                                                           \
        int64_t inner = w->x.inner, *place = w->scratch;                                                                                             \
        T *largest = (T *)(void *)(place + inner), *gx = (T *)ug_data(&w->call->out[0]) + ug_offset(&w->x, w->box.image, w->c, 0, 0);                \
        const T *gy = (const T *)ug_data(&w->call->in[2]) + w->at;                                                                                   \
        ug_region region;                                                                                                                            \
        ug_roi_bin(w, &region);                                                                                                                      \
        ug_region_max(r->type, &w->x, w->box.image, w->c, &region, largest, place, inner);                                                           \
        for (int64_t k = 0; k < inner; k++)                                                                                                          \
            if (place[k] >= 0) gx[place[k] * inner + k] += gy[k];                                                                                    \
    }
DEFINE_BODY(f32, float)
DEFINE_BODY(f64, double)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    ug_roi_grad_run(call, begin, end, worker, ug_is_f32(&call->out[0]) ? body_f32 : body_f64);
}

const upreg_method ug_method_roi_pool_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "roi_pool_grad",
    .family = "gradient",
    .summary = "the gradient of roi_pool with respect to x",
    .doc = "gx = sum of gy of the bins whose largest element x is, the first of equals.",
    .source = "the derivative of roi_pool",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_roi_params),
    .flags = UPREG_HAS_TAPS | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T rois:T=const gy:T batch?:i64=index -> gx:T",
    .infer = ug_roi_grad_infer,
    .prepare = ug_roi_grad_prepare,
    .run = run,
};
