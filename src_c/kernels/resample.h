/* Separable resampling by tables of taps.  Every kernel forms w0 * x0, then adds the other taps in order by fused multiply-add (in blocks of
 * UG_SUM_BLOCK taps), so all ways to compute one output give the same bits. */
#ifndef UG_RESAMPLE_H
#define UG_RESAMPLE_H

#include <stdint.h>

/* The taps of one axis, tap-major: the tap t of output i is at [t * stride + i]. */
typedef struct ug_taps {
    const int32_t *index; /* input position; places past `count` hold a valid one */
    const void *weight;   /* float, double, or int32_t in units of 2^-14 */
    const int32_t *count; /* taps of each output, or NULL when all have `taps` */
    int64_t stride;
    int32_t taps;
} ug_taps;

/* The same, pixel-major: the tap t of output i is at [i * taps + t]. */
typedef struct ug_pixel_taps {
    const int32_t *index;
    const void *weight;
    const int32_t *count; /* taps of each output */
    int32_t taps;
} ug_pixel_taps;

/* An axis whose outputs repeat: pixel i * factor + p of y = sum over t of weight[p * taps + t] * pixel (i + offset[p * taps + t]) of x.
 * A pixel is `inner` neighbouring numbers; offsets count numbers. */
typedef struct ug_phases {
    const int32_t *offset;
    const void *weight;
    int32_t factor, taps, inner;
} ug_phases;

#define UG_RESAMPLE_KERNELS(F, T, A)                                                                                                                 \
    /* y[i] for outputs [begin, begin + n) of the table; x: the row's position 0 */                                                                  \
    void (*gather_##F)(A * y, const T *x, const ug_taps *taps, int64_t begin, int64_t n);                                                            \
    /* n input pixels, each in the middle of its own taps */                                                                                         \
    void (*phases_##F)(A * y, const T *x, const ug_phases *phases, int64_t n);                                                                       \
    /* n output pixels of `inner` numbers, input pixels `step` numbers apart*/                                                                       \
    void (*pixels_##F)(A * y, const T *x, const ug_pixel_taps *taps, int64_t begin, int64_t n, int64_t inner, int64_t step);                         \
    /* y[i] = sum over t of weight[t] * row[t][i] */                                                                                                 \
    void (*blend_##F)(A * y, const T *const *row, const A *weight, int64_t taps, int64_t n);

typedef struct ug_resample_kernels {
    UG_RESAMPLE_KERNELS(f32, float, float)
    UG_RESAMPLE_KERNELS(f64, double, double)
    UG_RESAMPLE_KERNELS(u8, uint8_t, int32_t)
    /* y[i] = clamp((sum over t of weight[t] * row[t][i] + half) >> shift), exact in 64 bits */
    void (*blend_i32)(uint8_t *y, const int32_t *const *row, const int32_t *weight, int64_t taps, int64_t n, int shift);
} ug_resample_kernels;

#endif
