/* The transforms of Winograd's minimal filtering F(2, n): two outputs of an n-tap filter from n + 1 inputs by n + 1 products.
 * Tiles lie along vectors: lane j of a vector belongs to tile j.  A and B are the sizes along rows and columns, 0 where an axis is not
 * transformed (one input, one output).  Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, arXiv 1509.09308. */
#ifndef UG_WINOGRAD_H
#define UG_WINOGRAD_H

#include <stdint.h>

enum { UG_WINOGRAD_SIZES = 4, UG_WINOGRAD_MOST = 16 }; /* n is 0 to 3; products of a tile at most */

#define UG_WINOGRAD_FAMILY(T, S)                                                                                                                     \
    /* Tiles in rows of n, each after the other: u[p * u_step + r * n + j] = what goes into product p of tile j of row r (and, past the last         \
     * row, to a whole vector); read i of that tile is x[r * x_row + offset[i] + j] */                                                               \
    void (*input_##S[UG_WINOGRAD_SIZES][UG_WINOGRAD_SIZES])(const T *x, int64_t x_row, const int32_t *offset, T *u, int64_t u_step, int64_t n,       \
                                                            int64_t rows);                                                                           \
    /* y[r * y_step + 2 * j + c] = output (r, c) of tile j from its products m[p * m_step + j] (one column per tile where B is 0) */                 \
    void (*output_##S[UG_WINOGRAD_SIZES][UG_WINOGRAD_SIZES])(const T *m, int64_t m_step, T *y, int64_t y_step, int64_t n);

typedef struct ug_winograd_kernels {
    UG_WINOGRAD_FAMILY(float, f32)
    UG_WINOGRAD_FAMILY(double, f64)
} ug_winograd_kernels;

#endif
