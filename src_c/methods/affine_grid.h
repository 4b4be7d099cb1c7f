/* affine_grid and its adjoint: the positions of output pixels, from -1 to 1, as numbers that a matrix is multiplied by. */
#ifndef UG_AFFINE_GRID_H
#define UG_AFFINE_GRID_H

#include "methods/rows.h"

typedef struct ug_affine_grid_params {
    upreg_ints size;
    int32_t align_corners;
} ug_affine_grid_params;

#define UG_AFFINE_GRID_PARAMS                                                                                                                        \
    UG_INTS_PARAM(ug_affine_grid_params, size, "required", 1, UG_MAX_SIZE, NULL, "spatial size of the picture that the grid makes"),                 \
        UG_BOOL_PARAM(ug_affine_grid_params, align_corners, "false", "-1 and 1 are the centres of the pixels at the ends, not the edges")

typedef struct ug_affine_grid {
    int64_t n, x[UPREG_MAX_SPATIAL];
    int32_t rank, align_corners;
    upreg_type type;
} ug_affine_grid;

/* theta (N, r, r + 1) and grid (N, n..., r) of a call; `rank`: of the tensor that is given. */
static inline upreg_status ug_affine_grid_of(const ug_ask *ask, int64_t n, int rank, ug_affine_grid *g) {
    const ug_affine_grid_params *q = ask->params;
    *g = (ug_affine_grid){.n = n, .rank = rank, .align_corners = q->align_corners, .type = ask->in[0].type};
    return ug_axes_int(ask->err, ask->method, "size", &q->size, rank, 1, g->x);
}

static inline double ug_affine_position(const ug_affine_grid *g, int axis, int64_t i) {
    double n = (double)g->x[axis];
    return g->align_corners ? (n > 1 ? 2 * (double)i / (n - 1) - 1 : 0) : (2 * (double)i + 1) / n - 1;
}

#endif
