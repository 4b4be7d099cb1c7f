/* Pooling: windows are folded tap by tap over contiguous runs of pixels. */
#ifndef UG_POOL_H
#define UG_POOL_H

#include <stdint.h>

#define UG_POOL_TYPES(X)                                                                                                                             \
    X(f32, float)                                                                                                                                    \
    X(f64, double)                                                                                                                                   \
    X(u8, uint8_t)                                                                                                                                   \
    X(i8, int8_t)                                                                                                                                    \
    X(u16, uint16_t)                                                                                                                                 \
    X(i16, int16_t)                                                                                                                                  \
    X(i32, int32_t)                                                                                                                                  \
    X(i64, int64_t)

/* What max_unpool does where several inputs have the same index. */
typedef enum ug_unpool_rule { UG_UNPOOL_LAST, UG_UNPOOL_FIRST, UG_UNPOOL_SUM, UG_UNPOOL_MEAN, UG_UNPOOL_MAX } ug_unpool_rule;

#define UG_POOL_KERNELS(F, T)                                                                                                                        \
    /* y[i] = max(y[i], x[i]); NaN wins */                                                                                                           \
    void (*max_fold_##F)(T * y, const T *x, int64_t n);                                                                                              \
    /* The same, noting in tap[i] the number of the tap that won (the first of equals); -1: none yet, y is not looked at. */                         \
    void (*max_index_##F)(T * y, int32_t *tap, const T *x, int32_t number, int64_t n);                                                               \
    /* For i in [0, n): at = place[i] < 0 ? skip : place[i]; puts x[i] at y[at] as the rule says (not for MEAN).  For FIRST the caller goes          \
     * backwards; for MAX every place must hold one of its own values before. */                                                                     \
    void (*unpool_##F)(T * y, const T *x, const int64_t *place, int64_t n, int32_t rule);

typedef struct ug_pool_kernels {
    UG_POOL_TYPES(UG_POOL_KERNELS)
    /* out[i * inner + c] = base + i * step + c * inner_step + offset[tap[i * inner + c]] */
    void (*index)(int64_t *out, const int32_t *tap, const int64_t *offset, int64_t base, int64_t step, int64_t inner_step, int64_t n, int64_t inner);
    /* y[i] += x[i], in wider integers */
    void (*widen_add_u8)(int32_t *y, const uint8_t *x, int64_t n);
    void (*add_i32)(int32_t *y, const int32_t *x, int64_t n);
    /* y[i * inner + c] = sum[i * inner + c] / divisor[i]; u8 rounds half up */
    void (*mean_f32)(float *y, const float *sum, const float *divisor, int64_t n, int64_t inner);
    void (*mean_f64)(double *y, const double *sum, const double *divisor, int64_t n, int64_t inner);
    void (*mean_u8)(uint8_t *y, const int32_t *sum, const int64_t *divisor, int64_t n, int64_t inner);
} ug_pool_kernels;

#endif
