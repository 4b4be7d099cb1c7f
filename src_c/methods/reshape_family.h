/* Methods that only name the same numbers anew: reshape, flatten, squeeze, unsqueeze, identity. */
#ifndef UG_RESHAPE_FAMILY_H
#define UG_RESHAPE_FAMILY_H

#include "methods/axes.h"

upreg_status ug_reshape_prepare(upreg_prepare *p);
void ug_reshape_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);
/* Axes of x that are axes of y, alone with their lengths, are read where y is made; all others whole. */
upreg_status ug_reshape_reach(upreg_reach *ctx);
upreg_status ug_reshape_tile(upreg_tiling *ctx);
/* gy in the shape of x. */
upreg_status ug_reshape_vjp(upreg_vjp *ctx);

#define UG_RESHAPE_FLAGS (UPREG_LINEAR | UPREG_VIEW)

#endif
