/* Products of stacks of matrices, whose leading axes broadcast: matmul and its gradient for vectors. */
#ifndef UG_MATMUL_ENGINE_H
#define UG_MATMUL_ENGINE_H

#include "methods/broadcast.h"

/* y[stack][m][n] = sum over k of a[stack][m][k] b[stack][k][n], with any strides inside a and b; y is dense. */
typedef struct ug_matmul {
    int64_t m, n, k;
    int64_t a_row, a_column, b_row, b_column;
    int32_t stack_ndim, packed; /* packed: the right side was bound, and is in the plan as panels */
    int64_t stack[UPREG_MAX_DIMS], a_stack[UPREG_MAX_DIMS], b_stack[UPREG_MAX_DIMS]; /* lengths and strides; 0 where broadcast */
    int64_t stacks, m_block, n_block, m_blocks, n_blocks;
    int64_t k_chunk, chunks;          /* long sums of few outputs are cut into chunks, which are added in order */
    size_t right_at, c_at, offset_at; /* places in a worker's scratch */
} ug_matmul;

/* One side of a product: which axes of a tensor are its matrix. */
typedef struct ug_matrix {
    const upreg_spec *spec;
    int vector;    /* the last axis is the only row of the left side, the only column of the right side */
    int transpose; /* of the last two axes, or of the row or column */
} ug_matrix;

/* Sizes and strides of left times right.  UPREG_E_SHAPE when they do not fit. */
upreg_status ug_matmul_of(upreg_error *err, const upreg_method *method, const ug_matrix *left, const ug_matrix *right, ug_matmul *mm,
                          upreg_spec *stack);
/* Reserves the plan and adds its stages; the left side is input 0, the right side input 1.  whole: of the call that this is a part of, or mm. */
upreg_status ug_matmul_prepare(upreg_prepare *p, const ug_matmul *mm, const ug_matmul *whole);
void ug_matmul_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);
/* The stack's axes, then `rows` and `columns` where they are not -1. */
upreg_status ug_matmul_spec(upreg_infer *ctx, const upreg_spec *stack, int64_t rows, int64_t columns);

#endif
