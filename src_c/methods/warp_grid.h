/* grid_sample and its gradients: positions are an input, from -1 to 1 across the picture. */
#ifndef UG_WARP_GRID_H
#define UG_WARP_GRID_H

#include "methods/resize.h"
#include "methods/warp_engine.h"

typedef struct ug_grid_params {
    int32_t mode, padding_mode, align_corners, layout;
    upreg_ints input_size; /* of the adjoint only */
} ug_grid_params;

#define UG_GRID_PARAMS                                                                                                                               \
    UG_WARP_MODE_PARAM(ug_grid_params),                                                                                                              \
        UG_CHOICE_PARAM(ug_grid_params, padding_mode, "zeros", "zeros|border|reflection",                                                            \
                        "positions outside: 0; the nearest pixel; mirrored, about the pixels at the ends with align_corners, else about the edges"), \
        UG_BOOL_PARAM(ug_grid_params, align_corners, "false", "-1 and 1 are the centres of the pixels at the ends, not the edges of the picture"),   \
        UG_LAYOUT_PARAM(ug_grid_params)

/* x: the frame of the picture that is read; grid (N, n..., r) is input `port`.  w->y gets the frame of what is made. */
upreg_status ug_grid_warp_of(const ug_ask *ask, const ug_frame *x, int port, ug_warp *w);
/* Input pixels per unit of the grid along an axis. */
static inline double ug_grid_step(const ug_warp *w, int axis) { return (double)(w->x.x[axis] - (w->align_corners ? 1 : 0)) / 2; }

#endif
