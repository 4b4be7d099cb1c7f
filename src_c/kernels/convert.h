/* Half-width floats to and from float32. */
#ifndef UG_CONVERT_H
#define UG_CONVERT_H

#include <stdint.h>

typedef struct ug_convert_kernels {
    void (*f16_to_f32)(float *to, const uint16_t *from, int64_t n);
    void (*bf16_to_f32)(float *to, const uint16_t *from, int64_t n);
    /* Round to nearest, ties to even; overflow to infinity; NaN stays NaN. */
    void (*f32_to_f16)(uint16_t *to, const float *from, int64_t n);
    void (*f32_to_bf16)(uint16_t *to, const float *from, int64_t n);
} ug_convert_kernels;

#endif
