/* Sums of a few numbers that lie anywhere in a plane, by tables of their places and weights. */
#ifndef UG_WARP_H
#define UG_WARP_H

#include <stdint.h>

#define UG_WARP_KERNELS(F, S)                                                                                                                        \
    /* y[i] = start[i] + sum over t < taps of weight[t * step + i] * x[place[t * step + i]]; a place of -1 reads 0.  start may be NULL. */           \
    void (*pick_##F)(S * y, const S *x, const int32_t *place, const S *weight, const S *start, int64_t n, int64_t step, int taps);                   \
    /* The same for one pixel of n neighbouring numbers: y[c] = start + sum over t of weight[t * step] * x[place[t * step] * n + c] */               \
    void (*blend_##F)(S * y, const S *x, const int32_t *place, const S *weight, S start, int64_t n, int64_t step, int taps);                         \
    /* Places and weights (4 of each, step apart) of the corners around positions in a picture of size[0] rows and size[1] columns; the positions    \
     * are first put into range: row from [0] to [1], column from [2] to [3], all of them between -2 and the size + 1. */                            \
    void (*corners_##F)(int32_t *place, S *weight, const double *row, const double *column, const double range[4], const int32_t size[2], int64_t n, \
                        int64_t step);

typedef struct ug_warp_kernels {
    UG_WARP_KERNELS(f32, float)
    UG_WARP_KERNELS(f64, double)
} ug_warp_kernels;

#endif
