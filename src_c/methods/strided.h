/* Outputs whose every element is one element of the input, found by whole steps along the output's axes: transpose, slice, tile. */
#ifndef UG_STRIDED_H
#define UG_STRIDED_H

#include "methods/method.h"

enum { UG_STRIDED_AXES = 2 * UPREG_MAX_DIMS };

/* The output's axes: how long they are, which axis of the input one step goes along, and how many places. */
typedef struct ug_places {
    int32_t ndim;
    int64_t dim[UG_STRIDED_AXES], axis[UG_STRIDED_AXES], times[UG_STRIDED_AXES];
    int64_t start[UPREG_MAX_DIMS]; /* per axis of the input: the place of the output's first element */
} ug_places;

/* Reserves the plan and adds its stage.  Methods that run so have the flag UPREG_STRIDED. */
upreg_status ug_strided_prepare(upreg_prepare *p, const ug_places *places);
void ug_strided_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);
/* The gradient of what stands several times: gy in the shape `apart` of n axes, summed to the shape `summed`, in x's shape. */
upreg_status ug_repeats_vjp(upreg_vjp *ctx, int n, const int64_t *apart, const int64_t *summed);

#endif
