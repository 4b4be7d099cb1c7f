/* Regions of interest: boxes on images of a batch, each of which becomes an image of a fixed size. */
#ifndef UG_ROI_H
#define UG_ROI_H

#include "methods/region.h"

typedef struct ug_roi_params {
    upreg_ints size;
    double spatial_scale;
    int64_t sampling_ratio;
    int32_t aligned, mode, layout;
} ug_roi_params;

#define UG_ROI_MODES "avg|max"
enum { UG_ROI_AVG, UG_ROI_MAX };
#define UG_ROI_SIZE_PARAMS                                                                                                                           \
    UG_INTS_PARAM(ug_roi_params, size, "1", 1, UG_MAX_SIZE, NULL, "spatial size of y"),                                                              \
        UG_FLOAT_PARAM(ug_roi_params, spatial_scale, "1", 1e-9, 1e9, "pixels of x per unit of the boxes")
#define UG_ROI_LAYOUT_PARAM                                                                                                                          \
    UG_CHOICE_PARAM(ug_roi_params, layout, "NCX", UG_BATCH_LAYOUTS, "order of the axes: N batch, C channels, X the spatial axes")
#define UG_ROI_ALIGN_PARAMS                                                                                                                          \
    UG_ROI_SIZE_PARAMS, UG_INT_PARAM(ug_roi_params, sampling_ratio, "0", 0, 1024, "samples of a bin along each axis; 0: one for each pixel begun"),  \
        UG_BOOL_PARAM(ug_roi_params, aligned, "false",                                                                                               \
                      "coordinates are those of pixel centres, half a pixel less; else boxes have length 1 or more"),                                \
        UG_CHOICE_PARAM(ug_roi_params, mode, "avg", UG_ROI_MODES, "mean of the samples, or the largest part that a neighbour has in one, as ONNX"),  \
        UG_ROI_LAYOUT_PARAM

/* A plan of the pools, and of their gradients, where out is that of gy. */
typedef struct ug_roi_plan {
    ug_regions r;
    int32_t columns, gradient; /* numbers of a box; whether the third input is gy, and the boxes' images come after it */
} ug_roi_plan;

/* infer, prepare and reach of (x, rois, batch?) -> y, and infer and prepare of (x, rois, gy, batch?) -> gx. */
upreg_status ug_roi_infer(upreg_infer *ctx);
upreg_status ug_roi_prepare(upreg_prepare *p);
upreg_status ug_roi_grad_infer(upreg_infer *ctx);
upreg_status ug_roi_grad_prepare(upreg_prepare *p);
/* A step that calls `grad` with the call's parameters. */
upreg_status ug_roi_vjp(upreg_vjp *ctx, const char *grad);

/* A box in pixels: the image, and where it begins and ends along every axis, in double and in the type of the tensors. */
typedef struct ug_box {
    int64_t image;
    double begin[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL];
    int32_t single; /* computed in float */
} ug_box;
/* Returns 0 and reports it where the image or a number of box k is out of range. */
int ug_box_of(const upreg_call *call, const ug_roi_plan *plan, int64_t k, ug_box *box);

/* Calls `body` for every pixel of a row of y (or of gy): `at` is its place there, n that of its box, c its channel. */
typedef struct ug_roi_call {
    const upreg_call *call;
    const ug_roi_plan *plan;
    ug_view x;
    ug_box box;
    int64_t c, o[UPREG_MAX_SPATIAL], at;
    void *scratch; /* two doubles for every number of a pixel */
} ug_roi_call;
typedef void (*ug_roi_body)(const ug_roi_call *w);
void ug_roi_run(const upreg_call *call, int64_t begin, int64_t end, int worker, ug_roi_body body);
/* The same for all boxes of an image and channel, box by box, after clearing gx there. */
void ug_roi_grad_run(const upreg_call *call, int64_t begin, int64_t end, int worker, ug_roi_body body);

#endif
