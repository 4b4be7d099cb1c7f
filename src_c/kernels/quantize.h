/* Floats to and from whole numbers of few bits, with a scale and a zero. */
#ifndef UG_QUANTIZE_H
#define UG_QUANTIZE_H

#include "kernels/types.h"

/* y[i] = round(x[i] / scale) + zero, half to even, the nearest number of the type where it has none; NaN becomes zero.  step: 1 when every
 * number has a scale and a zero of its own, else 0. */
typedef void (*ug_quantize)(void *y, const void *x, const void *scale, const int32_t *zero, int step, int64_t n);
/* y[i] = (x[i] - zero) * scale */
typedef void (*ug_dequantize)(void *y, const void *x, const void *scale, const int32_t *zero, int step, int64_t n);
/* y[i] = (the number that ug_quantize makes - zero) * scale */
typedef void (*ug_fake_quantize)(void *y, const void *x, const void *scale, const int32_t *zero, int step, int64_t n);

/* By the type of the whole numbers; those that there is none for are NULL. */
typedef struct ug_quantize_kernels {
    ug_quantize quantize_f32[UG_TYPES], quantize_f64[UG_TYPES];
    ug_dequantize dequantize_f32[UG_TYPES], dequantize_f64[UG_TYPES];
    ug_fake_quantize fake_f32[UG_TYPES], fake_f64[UG_TYPES];
} ug_quantize_kernels;

#endif
