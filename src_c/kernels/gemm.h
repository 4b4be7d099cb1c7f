/* The register-blocked core of every convolution, and the loops that feed and empty it.
 *
 * tile[m - 1][v - 1] computes m output rows (channels) by v vectors of columns (pixels):
 *     c[i][j] (+)= sum over k of w[k * m + i] * x[offset[k] + j]
 * Rows of x are found through offsets, so one staged copy of the input serves every tap of a kernel. */
#ifndef UG_GEMM_H
#define UG_GEMM_H

#include <stdint.h>

enum { UG_TILE_ROWS = 8, UG_TILE_VECTORS = 3 }; /* the most that any tier has */

/* Marks a position outside the array; strides may be negative, so a negative offset is a place like any other. */
#define UG_OUTSIDE INT64_MIN

/* What is applied to a finished row of outputs; see upreg_epilogue. */
typedef struct ug_post {
    double bias, scale, shift, p[2];
    int has_bias, has_affine, activation, residual_last;
} ug_post;

/* The same for one number of each of n channels; arrays are of the kernel's type, or NULL. */
typedef struct ug_across {
    const void *bias, *scale, *shift, *residual;
    int activation, residual_last;
    double p[2];
} ug_across;

#define UG_GEMM_FAMILY(T, S)                                                                                                                         \
    int rows_##S, vectors_##S, lanes_##S; /* the largest tile of this tier; columns of one vector */                                                 \
    void (*tile_##S[UG_TILE_ROWS][UG_TILE_VECTORS])(const T *w, const T *x, const int32_t *offset, int64_t k, T *c, int64_t c_pitch, int add);       \
    /* to[i] = from[i * step] */                                                                                                                     \
    void (*take_##S)(T * to, const T *from, int64_t step, int64_t n);                                                                                \
    /* to[i * step] = from[i] */                                                                                                                     \
    void (*spread_##S)(T * to, int64_t step, const T *from, int64_t n);                                                                              \
    /* to[(i * parts + p) * step] = from[p * pitch + i], i < n; `from` may be read to the end of a vector */                                         \
    void (*weave_##S)(T * to, int64_t step, const T *from, int64_t pitch, int64_t parts, int64_t n);                                                 \
    /* The reverse: to[p * pitch + i] = from[i * parts + p].  What lies `ahead` of it will be read soon. */                                          \
    void (*unweave_##S)(T * to, int64_t pitch, const T *from, int64_t parts, int64_t n, int64_t ahead);                                              \
    /* to[i] = index[i] == UG_OUTSIDE ? fill : from[index[i]] */                                                                                     \
    void (*gather_##S)(T * to, const T *from, const int64_t *index, int64_t n, T fill);                                                              \
    /* to[index[i]] = from[i], but nothing where index[i] == UG_OUTSIDE */                                                                           \
    void (*scatter_##S)(T * to, const int64_t *index, const T *from, int64_t n);                                                                     \
    /* to[j * to_pitch + i] = from[i * from_pitch + j], i < rows, j < columns */                                                                     \
    void (*transpose_##S)(T * to, int64_t to_pitch, const T *from, int64_t from_pitch, int64_t rows, int64_t columns);                               \
    /* y[i] = act((c[i] + bias) * scale + shift + residual[i]), or the residual last; it may be NULL, y may be c */                                  \
    void (*finish_##S)(T * y, const T *c, const T *residual, int64_t n, const ug_post *post);                                                        \
    void (*finish_across_##S)(T * c, int64_t n, const ug_across *across);                                                                            \
    /* to[i] += from[i] */                                                                                                                           \
    void (*accumulate_##S)(T * to, const T *from, int64_t n);

typedef struct ug_gemm_kernels {
    UG_GEMM_FAMILY(float, f32)
    UG_GEMM_FAMILY(double, f64)
} ug_gemm_kernels;

#endif
