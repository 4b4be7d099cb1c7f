/* Bins of roi_pool. */
#ifndef UG_ROI_POOL_H
#define UG_ROI_POOL_H

#include "methods/roi.h"

#define UG_ROI_POOL_TABLE {UG_ROI_SIZE_PARAMS, UG_ROI_LAYOUT_PARAM}

/* The pixels of the bin of w: rounded boxes in as many parts as y has pixels, each with all pixels that it touches. */
void ug_roi_bin(const ug_roi_call *w, ug_region *region);

#endif
