/* Blocks of a matrix product on the tile kernels: both sides are packed, the right one as panels of columns that a tile is wide, the left one
 * as groups of rows that a tile is high.  Terms are summed in blocks of UG_K_BLOCK. */
#ifndef UG_GEMM_BLOCK_H
#define UG_GEMM_BLOCK_H

#include "methods/method.h"

/* Functions of one element type, by suffix. */
#define UG_GEMM_BLOCK(T, S)                                                                                                                          \
    /* columns of a panel */                                                                                                                         \
    int64_t ug_panel_width_##S(const ug_gemm_kernels *g);                                                                                            \
    /* to[panel][k][column]: `terms` rows, `columns` columns; a last panel that is not full is filled with zeros */                                  \
    void ug_pack_right_##S(const ug_gemm_kernels *g, T *to, const T *from, int64_t row, int64_t column, int64_t terms, int64_t columns);             \
    /* to[group][k][row] */                                                                                                                          \
    void ug_pack_left_##S(const ug_gemm_kernels *g, T *to, const T *from, int64_t row, int64_t column, int64_t rows, int64_t terms);                 \
    /* c[row][panel][column] (+)= left * panel, for the packed left side and one panel, whose row k begins at offset[k] */                           \
    void ug_multiply_panel_##S(const ug_gemm_kernels *g, T *c, int64_t pitch, const T *left, const T *panel, const int32_t *offset, int64_t rows,    \
                               int64_t terms, int64_t columns, int add);                                                                             \
    /* a whole right side: to[block of terms][panel][k][column] */                                                                                   \
    void ug_pack_matrix_##S(const ug_gemm_kernels *g, T *to, const T *from, int64_t row, int64_t column, int64_t terms, int64_t columns);            \
    /* c = left * matrix, for rows of `terms` neighbouring numbers, `step` apart, and a packed matrix; rows of c have whole panels.                  \
     * scratch: ug_multiply_scratch of as many rows */                                                                                               \
    void ug_multiply_##S(const ug_gemm_kernels *g, T *c, int64_t pitch, const T *left, int64_t step, const T *matrix, int64_t rows, int64_t terms,   \
                         int64_t columns, void *scratch);
UG_GEMM_BLOCK(float, f32)
UG_GEMM_BLOCK(double, f64)

static inline size_t ug_multiply_scratch(int64_t rows, size_t element) {
    return ug_aligned((size_t)(rows * UG_K_BLOCK) * element) + UG_K_BLOCK * sizeof(int32_t);
}

#endif
