/* Reductions along any axes: sums, extremes, norms; sum_to, channel_sum and the global pools are reductions too. */
#ifndef UG_REDUCE_ENGINE_H
#define UG_REDUCE_ENGINE_H

#include "methods/pointwise.h"

enum { UG_REDUCED_TYPES = UG_FLOATING | 1u << UPREG_U8 | 1u << UPREG_I8 | 1u << UPREG_I32 | 1u << UPREG_I64 };

typedef struct ug_reduce_params {
    upreg_ints axis;
    int32_t keepdims;
} ug_reduce_params;
extern const upreg_param ug_reduce_table[2];

/* Which axes of a tensor are summed: reduced[axis]. */
typedef struct ug_axes {
    int32_t reduced[UPREG_MAX_DIMS];
} ug_axes;
/* `axis` as given: every axis when it is null, none when it is []. */
upreg_status ug_reduce_axes(upreg_error *err, const upreg_method *method, const upreg_ints *axis, const upreg_spec *x, ug_axes *axes);
/* The shape of x with reduced axes of length 1, or without them. */
upreg_spec ug_reduced_spec(const upreg_spec *x, const ug_axes *axes, int keepdims);

/* x as merged axes, outermost first, each kept or reduced.  The innermost axis is either reduced, and every output folds rows, or it is kept,
 * and neighbouring outputs fold columns together.  What an output folds is cut into steps, and steps into chunks: chunks are joined in order. */
typedef struct ug_reduce {
    int32_t kind, fold, type, ndim, columns;
    int64_t p; /* of UG_REDUCE_LP */
    int64_t dim[UPREG_MAX_DIMS], stride[UPREG_MAX_DIMS];
    int32_t kept[UPREG_MAX_DIMS];
    int64_t outputs, count;      /* count: numbers that each output folds */
    int64_t row, strip, strips;  /* columns: outputs of a row, of a strip (the last one may be narrower), strips of a row; else 1 */
    int64_t length, down;        /* of the innermost reduced axis, and from one number of a column to the next */
    int64_t step, steps, places; /* numbers of a step along `length`; steps along it; places along the other reduced axes */
    int64_t side;                /* rows of columns that are folded side by side, as one wider row */
    int64_t chunks, chunk_steps; /* chunks per unit */
} ug_reduce;

/* Reserves the plan and adds its stages; x is input 0, and the output is dense.  p: the exponent of UG_REDUCE_LP. */
upreg_status ug_reduce_prepare_axes(upreg_prepare *p, int kind, const ug_axes *axes, int64_t power);
void ug_reduce_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);

/* n totals of nothing; one total as a number of the type, at place `at` of y. */
void ug_reduce_clear(int type, int fold, void *total, int64_t n);
void ug_reduce_put(int type, void *y, int64_t at, const void *total);

/* infer, prepare and reach of a method with ug_reduce_params. */
upreg_status ug_reduce_infer(upreg_infer *ctx);
upreg_status ug_reduce_prepare(upreg_prepare *p, int kind);
upreg_status ug_reduce_reach(upreg_reach *ctx);
upreg_status ug_reduce_tile(upreg_tiling *ctx);
/* Steps of the gradient: calls of reduce_grad along these axes, and of what it needs. */
upreg_status ug_reduce_vjp_axes(upreg_vjp *ctx, int kind, const ug_axes *axes, int keepdims, int64_t power);
upreg_status ug_reduce_vjp(upreg_vjp *ctx, int kind);
/* reach of any reduction: everything along reduced axes. */
void ug_reduce_reach_axes(upreg_reach *ctx, const ug_axes *axes, int keepdims);

/* prepare and vjp of a method file. */
#define UG_REDUCE_FUNCTIONS(kind)                                                                                                                    \
    static upreg_status prepare(upreg_prepare *p) { return ug_reduce_prepare(p, kind); }                                                             \
    static upreg_status vjp(upreg_vjp *ctx) { return ug_reduce_vjp(ctx, kind); }

#endif
