/* roi_align_grad: gx of roi_align. */
#include "methods/roi_align.h"

static const upreg_param table[] = {UG_ROI_ALIGN_PARAMS};

#define DEFINE_BODY(F, T)                                                                                                                            \
    static void avg_##F(const ug_roi_call *w) {                                                                                                      \
        int64_t inner = w->x.inner;                                                                                                                  \
        ug_roi_grid g = ug_roi_grid_of(w);                                                                                                           \
        T *gx = (T *)ug_data(&w->call->out[0]) + ug_offset(&w->x, w->box.image, w->c, 0, 0);                                                         \
        const T *gy = (const T *)ug_data(&w->call->in[2]) + w->at;                                                                                   \
        UG_ROI_SAMPLES(&g, i0, i1, i2) {                                                                                                             \
            ug_roi_sample s = ug_roi_sample_of(&w->plan->r.in, &g, i0, i1, i2);                                                                      \
            for (int c = 0; c < s.corners; c++)                                                                                                      \
                for (int64_t k = 0; k < inner; k++) gx[s.offset[c] * inner + k] += (T)(s.weight[c] * (double)gy[k] / g.count);                       \
        }                                                                                                                                            \
    }                                                                                                                                                \
    /* To the pixel with the largest part, the first of equals. */                                                                                   \
    static void max_##F(const ug_roi_call *w) {                                                                                                      \
        int64_t inner = w->x.inner;                                                                                                                  \
        ug_roi_grid g = ug_roi_grid_of(w);                                                                                                           \
        const T *x = (const T *)(const void *)w->x.data + ug_offset(&w->x, w->box.image, w->c, 0, 0);                                                \
        T *gx = (T *)ug_data(&w->call->out[0]) + ug_offset(&w->x, w->box.image, w->c, 0, 0);                                                         \
        const T *gy = (const T *)ug_data(&w->call->in[2]) + w->at;                                                                                   \
        for (int64_t k = 0; k < inner; k++) {                                                                                                        \
            int64_t place = -1;                                                                                                                      \
            double weight = 0;                                                                                                                       \
            T largest = 0;                                                                                                                           \
            int any = g.outside;                                                                                                                     \
            UG_ROI_SAMPLES(&g, i0, i1, i2) {                                                                                                         \
                ug_roi_sample s = ug_roi_sample_of(&w->plan->r.in, &g, i0, i1, i2);                                                                  \
                for (int c = 0; c < (s.corners ? s.corners : 1); c++) {                                                                              \
                    T part = s.corners ? (T)(s.weight[c] * (double)x[s.offset[c] * inner + k]) : 0;                                                  \
                    if (any && !(part > largest) && !(part != part && largest == largest)) continue;                                                 \
                    any = 1, largest = part, place = s.corners ? s.offset[c] : -1, weight = s.corners ? s.weight[c] : 0;                             \
                }                                                                                                                                    \
            }                                                                                                                                        \
            if (place >= 0) gx[place * inner + k] += (T)(weight * (double)gy[k]);                                                                    \
        }                                                                                                                                            \
    }
DEFINE_BODY(f32, float)
DEFINE_BODY(f64, double)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    int largest = ((const ug_roi_params *)call->params)->mode == UG_ROI_MAX;
    ug_roi_grad_run(call, begin, end, worker, ug_is_f32(&call->out[0]) ? (largest ? max_f32 : avg_f32) : (largest ? max_f64 : avg_f64));
}

const upreg_method ug_method_roi_align_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "roi_align_grad",
    .family = "gradient",
    .summary = "the gradient of roi_align with respect to x",
    .doc = "gx = sum over the samples that read x of its weight times gy / samples of a bin; mode=max: of the bins whose largest part is that of x.",
    .source = "the derivative of roi_align",
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
