/* Samples of roi_align. */
#ifndef UG_ROI_ALIGN_H
#define UG_ROI_ALIGN_H

#include "methods/roi.h"

/* The samples of a bin: those along each axis that may lie in the image, where number 0 lies, and how far they are apart; `count` of them all. */
typedef struct ug_roi_grid {
    int64_t begin[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL];
    double first[UPREG_MAX_SPATIAL], step[UPREG_MAX_SPATIAL], count;
    int32_t rank, outside; /* outside: there are others, which are 0 */
} ug_roi_grid;
ug_roi_grid ug_roi_grid_of(const ug_roi_call *w);

/* The pixels that make one sample, and how much each counts: corner i is offset[i] pixels into the image.  0 outside of the image. */
typedef struct ug_roi_sample {
    int32_t corners;
    int64_t offset[1 << UPREG_MAX_SPATIAL];
    double weight[1 << UPREG_MAX_SPATIAL];
} ug_roi_sample;
ug_roi_sample ug_roi_sample_of(const ug_frame *in, const ug_roi_grid *grid, int64_t i0, int64_t i1, int64_t i2);

#define UG_ROI_SAMPLES(g, i0, i1, i2)                                                                                                                \
    for (int64_t i0 = (g)->begin[0]; i0 < (g)->end[0]; i0++)                                                                                         \
        for (int64_t i1 = (g)->begin[1]; i1 < (g)->end[1]; i1++)                                                                                     \
            for (int64_t i2 = (g)->begin[2]; i2 < (g)->end[2]; i2++)

#endif
