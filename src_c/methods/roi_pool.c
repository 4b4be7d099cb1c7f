/* roi_pool: the largest element of every bin of a box. */
#include "methods/roi_pool.h"

static const upreg_param table[] = UG_ROI_POOL_TABLE;

void ug_roi_bin(const ug_roi_call *w, ug_region *region) {
    const ug_regions *r = &w->plan->r;
    ug_region_begin(r, region);
    for (int axis = UPREG_MAX_SPATIAL - r->in.rank; axis < UPREG_MAX_SPATIAL; axis++) {
        int64_t begin = (int64_t)round(w->box.begin[axis]), end = (int64_t)round(w->box.end[axis]), m = r->in.x[axis];
        int64_t length = ug_max64(end - begin + 1, 1), o = w->o[axis], first, last;
        if (w->box.single) {
            float bin = (float)length / (float)r->out.x[axis];
            first = (int64_t)floorf((float)o * bin), last = (int64_t)ceilf((float)(o + 1) * bin);
        } else {
            double bin = (double)length / (double)r->out.x[axis];
            first = (int64_t)floor((double)o * bin), last = (int64_t)ceil((double)(o + 1) * bin);
        }
        region->begin[axis] = ug_min64(ug_max64(first + begin, 0), m), region->end[axis] = ug_min64(ug_max64(last + begin, 0), m);
    }
}

static void body(const ug_roi_call *w) {
    const ug_regions *r = &w->plan->r;
    ug_region region;
    ug_roi_bin(w, &region);
    void *y = (char *)ug_data(&w->call->out[0]) + w->at * (int64_t)r->element;
    ug_region_max(r->type, &w->x, w->box.image, w->c, &region, y, w->scratch, w->x.inner);
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    ug_roi_run(call, begin, end, worker, body);
}

static upreg_status vjp(upreg_vjp *ctx) { return ug_roi_vjp(ctx, "roi_pool_grad"); }

const upreg_method ug_method_roi_pool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "roi_pool",
    .family = "pool",
    .aliases = "max_roi_pool|roi_max_pool",
    .summary = "the largest element of every bin of boxes on the images, in 1, 2 or 3 dimensions",
    .doc =
        "x (N, C, m...), rois (K, 1 + 2 axes), or (K, 2 axes) and batch (K) -> y (K, C, size...). A box is its image, unless batch says it, where "
        "it begins along each axis, the last axis first (in 2 dimensions x, y), and where it ends. Both are multiplied by spatial_scale and rounded "
        "half away from zero; the pixels from one to the other are cut into bins of equal length, and a bin has all pixels that it touches. A bin "
        "without any is 0. NaN is larger than everything.",
    .source = "Girshick, Fast R-CNN, ICCV 2015; torchvision roi_pool; ONNX MaxRoiPool",
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
