#include "kernels/quantize.h"

#include "kernels/simd.h"

/* S is the float and F its name, T the whole number and Q its name; W holds a difference of two of them. */
#define DEFINE_DEQUANTIZE(F, S, Q, T, W)                                                                                                             \
    UG_INLINE void from_##Q##_##F(S *restrict y, const T *restrict x, const S *restrict scale, const int32_t *restrict zero, const int step,         \
                                  int64_t n) {                                                                                                       \
        for (int64_t i = 0; i < n; i++) y[i] = (S)((W)x[i] - (W)zero[i * step]) * scale[i * step];                                                   \
    }                                                                                                                                                \
    static void dequantize_##Q##_##F(void *y, const void *x, const void *scale, const int32_t *zero, int step, int64_t n) {                          \
        if (step)                                                                                                                                    \
            from_##Q##_##F(y, x, scale, zero, 1, n);                                                                                                 \
        else                                                                                                                                         \
            from_##Q##_##F(y, x, scale, zero, 0, n);                                                                                                 \
    }

#define DEFINE_QUANTIZE(F, S, Q, T, LOW, HIGH, ROUND)                                                                                                \
    /* How many steps x is away from the zero. */                                                                                                    \
    UG_INLINE int32_t steps_##Q##_##F(S x, S scale, int32_t zero) {                                                                                  \
        S q = ROUND(x / scale), low = (S)(LOW - zero), high = (S)(HIGH - zero);                                                                      \
        q = q != q ? 0 : q;                                                                                                                          \
        q = q < low ? low : q;                                                                                                                       \
        q = q > high ? high : q;                                                                                                                     \
        return (int32_t)q;                                                                                                                           \
    }                                                                                                                                                \
    UG_INLINE void to_##Q##_##F(T *restrict y, const S *restrict x, const S *restrict scale, const int32_t *restrict zero, const int step,           \
                                int64_t n) {                                                                                                         \
        for (int64_t i = 0; i < n; i++) y[i] = (T)(steps_##Q##_##F(x[i], scale[i * step], zero[i * step]) + zero[i * step]);                         \
    }                                                                                                                                                \
    UG_INLINE void over_##Q##_##F(S *y, const S *x, const S *restrict scale, const int32_t *restrict zero, const int step, int64_t n) {              \
        for (int64_t i = 0; i < n; i++) y[i] = (S)steps_##Q##_##F(x[i], scale[i * step], zero[i * step]) * scale[i * step];                          \
    }                                                                                                                                                \
    static void quantize_##Q##_##F(void *y, const void *x, const void *scale, const int32_t *zero, int step, int64_t n) {                            \
        if (step)                                                                                                                                    \
            to_##Q##_##F(y, x, scale, zero, 1, n);                                                                                                   \
        else                                                                                                                                         \
            to_##Q##_##F(y, x, scale, zero, 0, n);                                                                                                   \
    }                                                                                                                                                \
    static void fake_##Q##_##F(void *y, const void *x, const void *scale, const int32_t *zero, int step, int64_t n) {                                \
        if (step)                                                                                                                                    \
            over_##Q##_##F(y, x, scale, zero, 1, n);                                                                                                 \
        else                                                                                                                                         \
            over_##Q##_##F(y, x, scale, zero, 0, n);                                                                                                 \
    }

#define DEFINE_ALL(F, S, ROUND)                                                                                                                      \
    DEFINE_QUANTIZE(F, S, u8, uint8_t, 0, 255, ROUND)                                                                                                \
    DEFINE_QUANTIZE(F, S, i8, int8_t, -128, 127, ROUND)                                                                                              \
    DEFINE_QUANTIZE(F, S, u16, uint16_t, 0, 65535, ROUND)                                                                                            \
    DEFINE_QUANTIZE(F, S, i16, int16_t, -32768, 32767, ROUND)                                                                                        \
    DEFINE_DEQUANTIZE(F, S, u8, uint8_t, int32_t)                                                                                                    \
    DEFINE_DEQUANTIZE(F, S, i8, int8_t, int32_t)                                                                                                     \
    DEFINE_DEQUANTIZE(F, S, u16, uint16_t, int32_t)                                                                                                  \
    DEFINE_DEQUANTIZE(F, S, i16, int16_t, int32_t)                                                                                                   \
    DEFINE_DEQUANTIZE(F, S, i32, int32_t, int64_t)
DEFINE_ALL(f32, float, __builtin_rintf)
DEFINE_ALL(f64, double, __builtin_rint)

#define NARROW(name, F) [UG_TYPE_U8] = name##_u8_##F, [UG_TYPE_I8] = name##_i8_##F, [UG_TYPE_U16] = name##_u16_##F, [UG_TYPE_I16] = name##_i16_##F

extern const ug_quantize_kernels UGK(quantize);
const ug_quantize_kernels UGK(quantize) = {
    .quantize_f32 = {NARROW(quantize, f32)},
    .quantize_f64 = {NARROW(quantize, f64)},
    .fake_f32 = {NARROW(fake, f32)},
    .fake_f64 = {NARROW(fake, f64)},
    .dequantize_f32 = {NARROW(dequantize, f32), [UG_TYPE_I32] = dequantize_i32_f32},
    .dequantize_f64 = {NARROW(dequantize, f64), [UG_TYPE_I32] = dequantize_i32_f64},
};
