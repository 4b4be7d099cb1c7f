/* roi_align: the mean, or the maximum, of samples in every bin of a box. */
#include "methods/roi_align.h"

static const upreg_param table[] = {UG_ROI_ALIGN_PARAMS};

ug_roi_grid ug_roi_grid_of(const ug_roi_call *w) {
    const ug_roi_params *params = w->call->params;
    const ug_regions *r = &w->plan->r;
    ug_roi_grid g = {.end = {1, 1, 1}, .count = 1, .rank = r->in.rank};
    for (int axis = UPREG_MAX_SPATIAL - g.rank; axis < UPREG_MAX_SPATIAL; axis++) {
        double begin = w->box.begin[axis] - (params->aligned ? 0.5 : 0), end = w->box.end[axis] - (params->aligned ? 0.5 : 0);
        double length = params->aligned ? end - begin : fmax(end - begin, 1), bin = length / (double)r->out.x[axis];
        /* in the type of the boxes, so that whole numbers are what they are elsewhere */
        double each = w->box.single ? (double)ceilf((float)length / (float)r->out.x[axis]) : ceil(bin);
        double samples = params->sampling_ratio > 0 ? (double)params->sampling_ratio : fmax(each, 0);
        g.count *= samples, g.step[axis] = samples > 0 ? bin / samples : 0, g.first[axis] = begin + (double)w->o[axis] * bin + 0.5 * g.step[axis];
        g.end[axis] = (int64_t)samples;
        if (g.step[axis] <= 0) continue;
        double low = floor((-1 - g.first[axis]) / g.step[axis]), high = ceil(((double)r->in.x[axis] - g.first[axis]) / g.step[axis]) + 1;
        g.begin[axis] = (int64_t)fmin(fmax(low, 0), samples), g.end[axis] = (int64_t)fmin(fmax(high, (double)g.begin[axis]), samples);
        g.outside |= g.begin[axis] > 0 || g.end[axis] < (int64_t)samples;
    }
    if (g.count == 0) g.end[0] = 0, g.outside = 0, g.count = 1;
    return g;
}

ug_roi_sample ug_roi_sample_of(const ug_frame *in, const ug_roi_grid *g, int64_t i0, int64_t i1, int64_t i2) {
    const int64_t i[] = {i0, i1, i2};
    int64_t pitch = 1;
    ug_roi_sample s = {.corners = 1, .weight = {1}};
    for (int axis = UPREG_MAX_SPATIAL - 1; axis >= UPREG_MAX_SPATIAL - g->rank; axis--) {
        int64_t m = in->x[axis];
        double x = g->first[axis] + (double)i[axis] * g->step[axis];
        if (x < -1 || x > (double)m) return (ug_roi_sample){.corners = 0};
        x = fmax(x, 0);
        int64_t low = (int64_t)x;
        if (low >= m - 1) low = m - 1, x = (double)low;
        int64_t high = ug_min64(low + 1, m - 1);
        double above = x - (double)low;
        for (int c = 0; c < s.corners; c++) {
            s.offset[s.corners + c] = s.offset[c] + high * pitch, s.weight[s.corners + c] = s.weight[c] * above;
            s.offset[c] += low * pitch, s.weight[c] *= 1 - above;
        }
        s.corners *= 2, pitch *= m;
    }
    return s;
}

/* Sums in blocks: those of the samples of a row first. */
#define DEFINE_BODY(F, T)                                                                                                                            \
    static void avg_##F(const ug_roi_call *w) {                                                                                                      \
        int64_t inner = w->x.inner;                                                                                                                  \
        ug_roi_grid g = ug_roi_grid_of(w);                                                                                                           \
        double *block = w->scratch, *total = block + inner;                                                                                          \
        const T *x = (const T *)(const void *)w->x.data + ug_offset(&w->x, w->box.image, w->c, 0, 0);                                                \
        T *y = (T *)ug_data(&w->call->out[0]) + w->at;                                                                                               \
        memset(block, 0, 2 * sizeof *block * (size_t)inner);                                                                                         \
        UG_ROI_SAMPLES(&g, i0, i1, i2) {                                                                                                             \
            ug_roi_sample s = ug_roi_sample_of(&w->plan->r.in, &g, i0, i1, i2);                                                                      \
            for (int c = 0; c < s.corners; c++)                                                                                                      \
                for (int64_t k = 0; k < inner; k++) block[k] += s.weight[c] * (double)x[s.offset[c] * inner + k];                                    \
            for (int64_t k = 0; i2 == g.end[2] - 1 && k < inner; k++) total[k] += block[k], block[k] = 0;                                            \
        }                                                                                                                                            \
        for (int64_t k = 0; k < inner; k++) y[k] = (T)(total[k] / g.count);                                                                          \
    }                                                                                                                                                \
    static void max_##F(const ug_roi_call *w) {                                                                                                      \
        int64_t inner = w->x.inner;                                                                                                                  \
        ug_roi_grid g = ug_roi_grid_of(w);                                                                                                           \
        const T *x = (const T *)(const void *)w->x.data + ug_offset(&w->x, w->box.image, w->c, 0, 0);                                                \
        T *y = (T *)ug_data(&w->call->out[0]) + w->at;                                                                                               \
        int any = g.outside;                                                                                                                         \
        for (int64_t k = 0; k < inner; k++) y[k] = 0;                                                                                                \
        UG_ROI_SAMPLES(&g, i0, i1, i2) {                                                                                                             \
            ug_roi_sample s = ug_roi_sample_of(&w->plan->r.in, &g, i0, i1, i2);                                                                      \
            for (int c = 0; c < (s.corners ? s.corners : 1); c++, any = 1)                                                                           \
                for (int64_t k = 0; k < inner; k++) {                                                                                                \
                    T part = s.corners ? (T)(s.weight[c] * (double)x[s.offset[c] * inner + k]) : 0;                                                  \
                    if (!any || part > y[k] || part != part) y[k] = part;                                                                            \
                }                                                                                                                                    \
        }                                                                                                                                            \
    }
DEFINE_BODY(f32, float)
DEFINE_BODY(f64, double)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    int largest = ((const ug_roi_params *)call->params)->mode == UG_ROI_MAX;
    ug_roi_run(call, begin, end, worker, ug_is_f32(&call->out[0]) ? (largest ? max_f32 : avg_f32) : (largest ? max_f64 : avg_f64));
}

static upreg_status vjp(upreg_vjp *ctx) { return ug_roi_vjp(ctx, "roi_align_grad"); }

const upreg_method ug_method_roi_align = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "roi_align",
    .family = "pool",
    .summary = "boxes on the images as images of one size, by samples in between pixels, in 1, 2 or 3 dimensions",
    .doc =
        "x (N, C, m...), rois (K, 1 + 2 axes), or (K, 2 axes) and batch (K) -> y (K, C, size...). A box is its image, unless batch says it, where "
        "it begins along each axis, the last axis first (in 2 dimensions x, y), and where it ends, both multiplied by spatial_scale; aligned takes "
        "half a pixel from them. It is cut into bins of equal length. y is the mean of the samples of a bin, which are taken by linear "
        "interpolation at the centres of equal parts of it, 0 more than a pixel outside of the image. mode=max: the largest product of a pixel and "
        "its weight in a sample, as ONNX defines it.",
    .source = "He, Gkioxari, Dollar and Girshick, Mask R-CNN, ICCV 2017; torchvision roi_align; ONNX RoiAlign",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_roi_params),
    .flags = UPREG_HAS_TAPS,
    .types = UG_FLOATING,
    .ports = "x:T rois:T=const batch?:i64=index -> y:T",
    .infer = ug_roi_infer,
    .prepare = ug_roi_prepare,
    .run = run,
    .vjp = vjp,
};
