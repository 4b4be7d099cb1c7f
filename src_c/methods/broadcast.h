/* Shapes that broadcast to one another, numpy style: add, mul, broadcast_to and its adjoint sum_to. */
#ifndef UG_BROADCAST_H
#define UG_BROADCAST_H

#include "methods/pointwise.h"

/* The shape that all inputs broadcast to.  UPREG_E_SHAPE when there is none. */
upreg_status ug_broadcast_shape(upreg_error *err, const upreg_method *method, const upreg_spec *in, int n_in, upreg_spec *out);

/* The output as rows of contiguous elements.  Axes over which every input is equally contiguous or constant are merged. */
typedef struct ug_broadcast {
    int32_t ndim, n_in;
    int64_t dim[UPREG_MAX_DIMS];      /* merged; the last is the row */
    int64_t pieces, length;           /* a unit is a piece of a row */
    int64_t stride[][UPREG_MAX_DIMS]; /* per input, in elements; 0 where it is constant */
} ug_broadcast;

/* Reserves the plan and adds its stage. */
upreg_status ug_broadcast_prepare(upreg_prepare *p);

/* One piece: where it begins in the output, its length, and where each input begins. */
typedef struct ug_piece {
    int64_t row, begin, n;
} ug_piece;
ug_piece ug_broadcast_piece(const ug_broadcast *plan, int64_t unit);
/* Offset of the piece's first element in input i, and whether the input runs along the row (1) or is one number (0). */
int64_t ug_broadcast_offset(const ug_broadcast *plan, int input, const ug_piece *piece);
static inline int ug_broadcast_runs(const ug_broadcast *plan, int input) { return plan->stride[input][plan->ndim - 1] != 0; }
static inline int64_t ug_broadcast_out(const ug_broadcast *plan, const ug_piece *piece) {
    return piece->row * plan->dim[plan->ndim - 1] + piece->begin;
}

/* run of a method whose output is its one input, repeated. */
void ug_broadcast_repeat(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);

/* The reference itself, or a step that sums it to the shape of input `wrt`. */
upreg_ref ug_sum_to_input(upreg_vjp *ctx, upreg_ref value, const upreg_spec *from);
upreg_status ug_broadcast_reach(upreg_reach *ctx);

/* The `shape` parameter of broadcast_to and sum_to. */
typedef struct ug_shape_params {
    upreg_ints shape;
} ug_shape_params;
extern const upreg_param ug_shape_table[1];
upreg_spec ug_shape_of(const ug_shape_params *params, upreg_type type);
/* A step that calls `method` with a shape. */
upreg_ref ug_shape_step(upreg_vjp *ctx, const char *method, upreg_ref value, const upreg_spec *shape);

#endif
