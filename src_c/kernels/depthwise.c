#include "kernels/depthwise.h"

#include "kernels/lanes.h"
#include "kernels/tuning.h"

#define F f32
#define T float
#define V ug_v32
#include "kernels/depthwise_t.h"
#define F f64
#define T double
#define V ug_v64
#include "kernels/depthwise_t.h"

#define FAMILY(F)                                                                                                                                    \
    .stage_##F = stage_##F, .stage_halves_##F = stage_halves_##F, .rows_##F = rows_##F, .rows_3x3_##F = rows_3x3_##F, .pixels_##F = pixels_##F,      \
    .spread_##F = spread_##F

extern const ug_depthwise_kernels UGK(depthwise);
const ug_depthwise_kernels UGK(depthwise) = {FAMILY(f32), FAMILY(f64)};
