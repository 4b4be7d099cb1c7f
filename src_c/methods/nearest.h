/* The parameters and the index arithmetic of nearest, shared with its adjoint. */
#ifndef UG_NEAREST_H
#define UG_NEAREST_H

#include "methods/resize.h"

typedef struct ug_nearest_params {
    ug_target target;
    upreg_floats roi;
    int32_t coordinates, rounding, arith, layout;
    upreg_ints input_size; /* of the adjoint only */
} ug_nearest_params;

#define UG_ROUNDINGS "floor|ceil|round_prefer_floor|round_prefer_ceil"
#define UG_NEAREST_ARITH "torch|double|accumulated"
#define UG_NEAREST_PARAMS                                                                                                                            \
    UG_TARGET_PARAMS(ug_nearest_params),                                                                                                             \
        UG_CHOICE_PARAM(ug_nearest_params, coordinates, "asymmetric", UG_COORDINATES_NEAREST, "where an output pixel lies in the input"),            \
        UG_ROI_PARAM(ug_nearest_params),                                                                                                             \
        UG_CHOICE_PARAM(ug_nearest_params, rounding, "floor", UG_ROUNDINGS, "how its coordinate becomes an index"),                                  \
        UG_CHOICE_PARAM(                                                                                                                             \
            ug_nearest_params, arith, "torch", UG_NEAREST_ARITH,                                                                                     \
            "torch: float32 coordinates where torch has the mode (asymmetric or tf_half_pixel_for_nn, with floor); accumulated: step by step "       \
            "from 1/2 step in double, as Pillow and OpenCV's INTER_NEAREST_EXACT"),                                                                  \
        UG_LAYOUT_PARAM(ug_nearest_params)

typedef struct ug_nearest_map {
    const ug_nearest_params *params;
    ug_resize resize;
    int64_t last[UPREG_MAX_SPATIAL]; /* accumulated: where the sum of an axis has come to */
    double sum[UPREG_MAX_SPATIAL];
} ug_nearest_map;

/* The input position of output i along an axis, or -1 where there is none; `map` is a ug_nearest_map. */
int64_t ug_nearest_at(const void *map, int axis, int64_t i);

#endif
