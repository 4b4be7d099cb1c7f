/* uint8 as OpenCV 5 resizes it: tables of taps with its rounding, and the passes that they go with. */
#ifndef UG_RESAMPLE_OPENCV_H
#define UG_RESAMPLE_OPENCV_H

#include "methods/resample_engine.h"
#include "methods/resample_kernel.h"

/* Replaces span, weight and context of a geometry that is complete by OpenCV's; `exact`: INTER_LINEAR_EXACT. */
upreg_status ug_opencv_begin(const ug_ask *ask, ug_separable *s, const ug_resize *resize, ug_kernel_kind kind, int exact);

/* Weights as OpenCV has them: whole numbers of 2^-bits, or the single precision that they already have. */
void ug_opencv_round(int mode, int32_t *bits, double *weight, int64_t n);

#endif
