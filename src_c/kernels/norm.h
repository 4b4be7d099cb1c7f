/* Sums for statistics: blocks of UG_SUM_BLOCK terms in the numbers' own type, the blocks added in order in double. */
#ifndef UG_NORM_H
#define UG_NORM_H

#include <stdint.h>

#define UG_NORM_KERNELS(F, S)                                                                                                                        \
    /* sum of (x[i] - mean)^2 */                                                                                                                     \
    double (*squares_##F)(const S *x, double mean, int64_t n);                                                                                       \
    /* sum of g[i] * (x[i] - mean) */                                                                                                                \
    double (*products_##F)(const S *g, const S *x, double mean, int64_t n);                                                                          \
    /* The same for n neighbouring columns of `rows` rows, `stride` numbers apart: total[c] += ... */                                                \
    void (*squares_columns_##F)(double *total, const S *x, const double *mean, int64_t rows, int64_t stride, int64_t n);                             \
    void (*products_columns_##F)(double *total, const S *g, const S *x, const double *mean, int64_t rows, int64_t stride, int64_t n);

typedef struct ug_norm_kernels {
    UG_NORM_KERNELS(f32, float)
    UG_NORM_KERNELS(f64, double)
} ug_norm_kernels;

#endif
