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
    UG_INLINE void to_##Q##_##F(T *restrict y, const S *restrict x, const S *restrict scale, const int32_t *restrict zero, const int step,           \
                                int64_t n) {                                                                                                         \
        for (int64_t i = 0; i < n; i++) {                                                                                                            \
            S q = ROUND(x[i] / scale[i * step]), low = (S)(LOW - zero[i * step]), high = (S)(HIGH - zero[i * step]);                                 \
            q = q != q ? 0 : q;                                                                                                                      \
            q = q < low ? low : q;                                                                                                                   \
            q = q > high ? high : q;                                                                                                                 \
            y[i] = (T)((int32_t)q + zero[i * step]);                                                                                                 \
        }                                                                                                                                            \
    }                                                                                                                                                \
    static void quantize_##Q##_##F(void *y, const void *x, const void *scale, const int32_t *zero, int step, int64_t n) {                            \
        if (step)                                                                                                                                    \
            to_##Q##_##F(y, x, scale, zero, 1, n);                                                                                                   \
        else                                                                                                                                         \
            to_##Q##_##F(y, x, scale, zero, 0, n);                                                                                                   \
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
    .dequantize_f32 = {NARROW(dequantize, f32), [UG_TYPE_I32] = dequantize_i32_f32},
    .dequantize_f64 = {NARROW(dequantize, f64), [UG_TYPE_I32] = dequantize_i32_f64},
};
