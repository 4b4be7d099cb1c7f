/* Activations and the scale-shift on vectors, for f32 and f64: the elementwise kernels and the epilogues of the convolutions share these
 * functions, so that fused and unfused agree bit for bit.  A tail is computed on a padded vector, never by other arithmetic.
 *
 * Own exponential and hyperbolic tangent, since libm's bits differ by platform.  Largest errors measured over
 * f32 and random f64, in units in the last place: exp 1.0, sigmoid 2.3, tanh 1.4. */
#ifndef UG_ACTIVATION_H
#define UG_ACTIVATION_H

#include "kernels/simd.h"

/* The numbers of upreg_activation: layer 1 does not know the public header. */
#define UG_ACTIVATIONS(X) X(NONE) X(RELU) X(LEAKY_RELU) X(SIGMOID) X(TANH) X(SWISH) X(CLIP) X(HARD_SIGMOID) X(HARD_SWISH)
#define UG_ACTIVATION_NUMBER(name) UG_ACT_##name,
enum { UG_ACTIVATIONS(UG_ACTIVATION_NUMBER) };

/* mask ? a : b, for masks of all ones or all zeros */
UG_INLINE ug_v32 ug_select_f32(ug_vi32 mask, ug_v32 a, ug_v32 b) { return (ug_v32)(((ug_vi32)a & mask) | ((ug_vi32)b & ~mask)); }
UG_INLINE ug_v64 ug_select_f64(ug_vi64 mask, ug_v64 a, ug_v64 b) { return (ug_v64)(((ug_vi64)a & mask) | ((ug_vi64)b & ~mask)); }
UG_INLINE ug_v32 ug_abs_f32(ug_v32 x) { return (ug_v32)((ug_vi32)x & 0x7fffffff); }
UG_INLINE ug_v64 ug_abs_f64(ug_v64 x) { return (ug_v64)((ug_vi64)x & 0x7fffffffffffffff); }
/* the magnitude of a with the sign of b; a must not be negative */
UG_INLINE ug_v32 ug_sign_f32(ug_v32 a, ug_v32 b) { return (ug_v32)((ug_vi32)a | ((ug_vi32)b & (int32_t)0x80000000)); }
UG_INLINE ug_v64 ug_sign_f64(ug_v64 a, ug_v64 b) { return (ug_v64)((ug_vi64)a | ((ug_vi64)b & (int64_t)0x8000000000000000)); }

/* exp(x) = 2^k exp(r), |r| <= log(2) / 2: k, and exp(r) - 1 */
UG_INLINE ug_v32 ug_exp_rest_f32(ug_v32 x, ug_vi32 *k) {
    const float magic = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer, found in the low bits */
    ug_v32 shifted = ug_fma_f32(x, ug_set1_f32(1.44269504f), ug_set1_f32(magic));
    ug_v32 n = shifted - magic;
    ug_v32 r = ug_fma_f32(n, ug_set1_f32(-0.693359375f), x);
    r = ug_fma_f32(n, ug_set1_f32(2.12194440e-4f), r);
    ug_v32 p = ug_set1_f32(1.9875691500e-4f);
    p = ug_fma_f32(p, r, ug_set1_f32(1.3981999507e-3f));
    p = ug_fma_f32(p, r, ug_set1_f32(8.3334519073e-3f));
    p = ug_fma_f32(p, r, ug_set1_f32(4.1665795894e-2f));
    p = ug_fma_f32(p, r, ug_set1_f32(1.6666665459e-1f));
    p = ug_fma_f32(p, r, ug_set1_f32(5.0000001201e-1f));
    *k = (ug_vi32)shifted - 0x4b400000;
    return ug_fma_f32(p, r * r, r);
}

UG_INLINE ug_v64 ug_exp_rest_f64(ug_v64 x, ug_vi64 *k) {
    static const double c[] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320,
                               1.0 / 5040,       1.0 / 720,       1.0 / 120,      1.0 / 24,      1.0 / 6,      0.5};
    const double magic = 6755399441055744.0; /* 1.5 * 2^52 */
    ug_v64 shifted = ug_fma_f64(x, ug_set1_f64(1.4426950408889634), ug_set1_f64(magic));
    ug_v64 n = shifted - magic;
    ug_v64 r = ug_fma_f64(n, ug_set1_f64(-6.93147180369123816490e-01), x);
    r = ug_fma_f64(n, ug_set1_f64(-1.90821492927058770002e-10), r);
    ug_v64 p = ug_set1_f64(c[0]);
    for (int i = 1; i < 12; i++) p = ug_fma_f64(p, r, ug_set1_f64(c[i]));
    *k = (ug_vi64)shifted - 0x4338000000000000;
    return ug_fma_f64(p, r * r, r);
}

/* Processors take hundreds of cycles to multiply their way to a denormal number.  exp(x) of numbers where that would happen is put together as
 * whole multiples of the smallest number, rounded once; p = exp(r). */
UG_INLINE ug_v32 ug_exp_low_f32(ug_v32 p, ug_vi32 k) {
    const float whole = 8388608.0f; /* 2^23: adding it rounds to a whole number, found in the low bits */
    return (ug_v32)((ug_vi32)(p * (ug_v32)((k + (149 + 127)) << 23) + whole) - 0x4b000000);
}
UG_INLINE ug_v64 ug_exp_low_f64(ug_v64 p, ug_vi64 k) {
    const double whole = 4503599627370496.0; /* 2^52 */
    return (ug_v64)((ug_vi64)(p * (ug_v64)((k + (1074 + 1023)) << 52) + whole) - 0x4330000000000000);
}

/* The range is closed at both ends: 0 below -104 (-746), infinity above 88.7 (709.7); NaN stays NaN.
 * 2^k is applied in two halves, since 2^128 is no number. */
#define UG_DEFINE_EXP_OF(F, scalar, vector, integers, BITS, BIAS, LEAST, LOW, MOST)                                                                  \
    UG_INLINE vector ug_exp_##F(vector x) {                                                                                                          \
        x = ug_select_##F(x < (scalar)LEAST, ug_set1_##F((scalar)LEAST), x);                                                                         \
        x = ug_select_##F(x > (scalar)MOST, ug_set1_##F((scalar)MOST), x);                                                                           \
        integers k, low = x < (scalar)LOW;                                                                                                           \
        vector p = ug_exp_rest_##F(x, &k) + 1, tiny = {0};                                                                                           \
        if (ug_any_##F(low)) {                                                                                                                       \
            low &= ((integers)p >> BITS) + k < 1;                                                                                                    \
            tiny = ug_exp_low_##F(p, k);                                                                                                             \
            k &= ~low;                                                                                                                               \
        }                                                                                                                                            \
        integers half = k >> 1;                                                                                                                      \
        return ug_select_##F(low, tiny, p * (vector)((half + BIAS) << BITS) * (vector)((k - half + BIAS) << BITS));                                  \
    }
UG_DEFINE_EXP_OF(f32, float, ug_v32, ug_vi32, 23, 127, -104, -87, 89)
UG_DEFINE_EXP_OF(f64, double, ug_v64, ug_vi64, 52, 1023, -746, -708, 710)

/* tanh(x) for 0 <= x < 0.625 */
UG_INLINE ug_v32 ug_tanh_small_f32(ug_v32 x) {
    ug_v32 z = x * x, p = ug_set1_f32(-5.70498872745e-3f);
    p = ug_fma_f32(p, z, ug_set1_f32(2.06390887954e-2f));
    p = ug_fma_f32(p, z, ug_set1_f32(-5.37397155531e-2f));
    p = ug_fma_f32(p, z, ug_set1_f32(1.33314422036e-1f));
    p = ug_fma_f32(p, z, ug_set1_f32(-3.33332819422e-1f));
    return ug_fma_f32(p * z, x, x);
}

UG_INLINE ug_v64 ug_tanh_small_f64(ug_v64 x) {
    ug_v64 z = x * x, p = ug_set1_f64(-9.64399179425052238628e-1), q = z + 1.12811678491632931402e2;
    p = ug_fma_f64(p, z, ug_set1_f64(-9.92877231001918586564e1));
    p = ug_fma_f64(p, z, ug_set1_f64(-1.61468768441708447952e3));
    q = ug_fma_f64(q, z, ug_set1_f64(2.23548839060100448583e3));
    q = ug_fma_f64(q, z, ug_set1_f64(4.84406305325125486048e3));
    return ug_fma_f64(p / q * z, x, x);
}

/* What the two types share.  relu gives +0 for everything that is not above 0, and keeps NaN. */
#define UG_DEFINE_ACTIVATIONS(F, scalar, vector)                                                                                                     \
    UG_INLINE vector ug_scale_shift_##F(vector x, vector scale, vector shift) { return ug_fma_##F(x, scale, shift); }                                \
    UG_INLINE vector ug_relu_##F(vector x) { return ug_select_##F(x <= 0, (vector){0}, x); }                                                         \
    UG_INLINE vector ug_leaky_relu_##F(vector x, scalar slope) { return ug_select_##F(x > 0, x, x * slope); }                                        \
    UG_INLINE vector ug_sigmoid_##F(vector x) { /* exp of the negative side only: no overflow, and tiny results keep their digits */                 \
        vector z = ug_exp_##F(-ug_abs_##F(x));  /* below -40 z + 1 is 1, and dividing a denormal number would be slow */                             \
        vector top = ug_select_##F(x < 0, z, ug_set1_##F(1)), zero = {0};                                                                            \
        return ug_select_##F(x < -40, z, ug_select_##F(x < -40, zero, top) / (z + 1));                                                               \
    }                                                                                                                                                \
    UG_INLINE vector ug_swish_##F(vector x, scalar alpha) { return x * ug_sigmoid_##F(x * alpha); }                                                  \
    UG_INLINE vector ug_tanh_##F(vector x) {                                                                                                         \
        vector a = ug_abs_##F(x), large = 1 - 2 / (ug_exp_##F(a + a) + 1);                                                                           \
        return ug_sign_##F(ug_select_##F(a < (scalar)0.625, ug_tanh_small_##F(a), large), x);                                                        \
    }                                                                                                                                                \
    /* bounds that are NaN do not bound */                                                                                                           \
    UG_INLINE vector ug_clip_##F(vector x, scalar low, scalar high) {                                                                                \
        x = ug_select_##F(x < low, ug_set1_##F(low), x);                                                                                             \
        return ug_select_##F(x > high, ug_set1_##F(high), x);                                                                                        \
    }                                                                                                                                                \
    UG_INLINE vector ug_hard_sigmoid_##F(vector x, scalar alpha, scalar beta) { return ug_clip_##F(x * alpha + beta, 0, 1); }                        \
    UG_INLINE vector ug_hard_swish_##F(vector x) { return x * ug_clip_##F(x + 3, 0, 6) / 6; }                                                        \
    UG_INLINE vector ug_act_##F(vector x, int activation, scalar p0, scalar p1) {                                                                    \
        switch (activation) {                                                                                                                        \
        case UG_ACT_RELU: return ug_relu_##F(x);                                                                                                     \
        case UG_ACT_LEAKY_RELU: return ug_leaky_relu_##F(x, p0);                                                                                     \
        case UG_ACT_SIGMOID: return ug_sigmoid_##F(x);                                                                                               \
        case UG_ACT_TANH: return ug_tanh_##F(x);                                                                                                     \
        case UG_ACT_SWISH: return ug_swish_##F(x, p0);                                                                                               \
        case UG_ACT_CLIP: return ug_clip_##F(x, p0, p1);                                                                                             \
        case UG_ACT_HARD_SIGMOID: return ug_hard_sigmoid_##F(x, p0, p1);                                                                             \
        case UG_ACT_HARD_SWISH: return ug_hard_swish_##F(x);                                                                                         \
        default: return x;                                                                                                                           \
        }                                                                                                                                            \
    }

UG_DEFINE_ACTIVATIONS(f32, float, ug_v32)
UG_DEFINE_ACTIVATIONS(f64, double, ug_v64)

#endif
