/* Logarithm, power, root and rounding on vectors, for f32 and f64; exp, tanh and the activations are in activation.h.
 * Own approximations, since libm's bits differ by platform.  Special values are those of C99's functions of these names.
 * Largest errors measured over f32 and random f64, in units in the last place: log 0.8, pow 1.6. */
#ifndef UG_MATH_VECTOR_H
#define UG_MATH_VECTOR_H

#include <float.h>

#include "kernels/activation.h"

#if defined(UG_TIER_AVX512)
UG_INLINE ug_v32 ug_sqrt_f32(ug_v32 x) { return (ug_v32)_mm512_sqrt_ps((__m512)x); }
UG_INLINE ug_v64 ug_sqrt_f64(ug_v64 x) { return (ug_v64)_mm512_sqrt_pd((__m512d)x); }
UG_INLINE void ug_widen(ug_v32 x, ug_v64 to[2]) {
    to[0] = (ug_v64)_mm512_cvtps_pd(_mm512_castps512_ps256((__m512)x)), to[1] = (ug_v64)_mm512_cvtps_pd(_mm512_extractf32x8_ps((__m512)x, 1));
}
UG_INLINE ug_v32 ug_narrow(ug_v64 a, ug_v64 b) {
    return (ug_v32)_mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps((__m512d)a)), _mm512_cvtpd_ps((__m512d)b), 1);
}
#elif defined(UG_TIER_AVX2)
UG_INLINE ug_v32 ug_sqrt_f32(ug_v32 x) { return (ug_v32)_mm256_sqrt_ps((__m256)x); }
UG_INLINE ug_v64 ug_sqrt_f64(ug_v64 x) { return (ug_v64)_mm256_sqrt_pd((__m256d)x); }
UG_INLINE void ug_widen(ug_v32 x, ug_v64 to[2]) {
    to[0] = (ug_v64)_mm256_cvtps_pd(_mm256_castps256_ps128((__m256)x)), to[1] = (ug_v64)_mm256_cvtps_pd(_mm256_extractf128_ps((__m256)x, 1));
}
UG_INLINE ug_v32 ug_narrow(ug_v64 a, ug_v64 b) { return (ug_v32)_mm256_set_m128(_mm256_cvtpd_ps((__m256d)b), _mm256_cvtpd_ps((__m256d)a)); }
#else
UG_INLINE ug_v32 ug_sqrt_f32(ug_v32 x) {
    for (int i = 0; i < UG_LANES_f32; i++) x[i] = __builtin_sqrtf(x[i]);
    return x;
}
UG_INLINE ug_v64 ug_sqrt_f64(ug_v64 x) {
    for (int i = 0; i < UG_LANES_f64; i++) x[i] = __builtin_sqrt(x[i]);
    return x;
}
UG_INLINE void ug_widen(ug_v32 x, ug_v64 to[2]) {
    for (int i = 0; i < UG_LANES_f32; i++) to[i / UG_LANES_f64][i % UG_LANES_f64] = x[i];
}
UG_INLINE ug_v32 ug_narrow(ug_v64 a, ug_v64 b) {
    ug_v32 x;
    for (int i = 0; i < UG_LANES_f32; i++) x[i] = (float)(i < UG_LANES_f64 ? a[i] : b[i - UG_LANES_f64]);
    return x;
}
#endif

/* f32 by way of f64, where the functions are too rare to have approximations of their own. */
#define UG_VIA_F64(name)                                                                                                                             \
    UG_INLINE ug_v32 ug_##name##_f32(ug_v32 x) {                                                                                                     \
        ug_v64 wide[2];                                                                                                                              \
        ug_widen(x, wide);                                                                                                                           \
        return ug_narrow(ug_##name##_f64(wide[0]), ug_##name##_f64(wide[1]));                                                                        \
    }

/* a * b = p + e exactly, unless something overflows.  Without a fused multiply-add each factor is cut into halves whose products are exact. */
UG_INLINE ug_v64 ug_product_error(ug_v64 a, ug_v64 b, ug_v64 p) {
#if defined(UG_TIER_AVX512) || defined(UG_TIER_AVX2)
    return ug_fma_f64(a, b, -p);
#else
    ug_v64 a_high = (ug_v64)((ug_vi64)a & ~0x7ffffff), b_high = (ug_v64)((ug_vi64)b & ~0x7ffffff), a_low = a - a_high, b_low = b - b_high;
    return ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low;
#endif
}
/* s = a + b: what its rounding left out */
UG_INLINE ug_v64 ug_sum_error(ug_v64 a, ug_v64 b, ug_v64 s) {
    ug_v64 t = s - a;
    return (a - (s - t)) + (b - t);
}

/* Minimax polynomials in z of (log((1 + s) / (1 - s)) - 2 s) / s z, with s up to (sqrt(2) - 1) / (sqrt(2) + 1) and z = s^2. */
static const float ug_log_terms_f32[] = {0.23576045f, 0.285376787f, 0.400003284f, 0.666666687f};
static const double ug_log_terms_f64[] = {0.14787958205792498, 0.15314905112249194, 0.18183528175790317, 0.22222199337999046,
                                          0.28571428734002574, 0.39999999999458657, 0.66666666666667262};
enum { UG_LOG_TERMS_f32 = 4, UG_LOG_TERMS_f64 = 7 };

/* BITS are a mantissa's, SMALLEST the smallest normal number, ROOT the bits of sqrt(1/2), MAGIC is 1.5 * 2^BITS and MAGIC_BITS its bits. */
#define UG_DEFINE_MATH(F, scalar, vector, integers, BITS, SMALLEST, SCALE, ROOT, MAGIC, MAGIC_BITS, LN2_HIGH, LN2_LOW)                               \
    UG_INLINE vector ug_polynomial_##F(vector x, const scalar *c, int n) {                                                                           \
        vector p = ug_set1_##F(c[0]);                                                                                                                \
        for (int i = 1; i < n; i++) p = ug_fma_##F(p, x, ug_set1_##F(c[i]));                                                                         \
        return p;                                                                                                                                    \
    }                                                                                                                                                \
    /* |x| = 2^k m, m from sqrt(1/2) to sqrt(2); the bits of k stand above those of a mantissa */                                                    \
    UG_INLINE vector ug_split_##F(vector x, vector *k) {                                                                                             \
        vector a = ug_abs_##F(x);                                                                                                                    \
        integers tiny = a < SMALLEST, bits = (integers)ug_select_##F(tiny, a * SCALE, a), above = bits - ROOT;                                       \
        vector count = (vector)((above >> BITS) + MAGIC_BITS) - MAGIC;                                                                               \
        *k = ug_select_##F(tiny, count - BITS, count);                                                                                               \
        return (vector)(bits - (above & ~(((int64_t)1 << BITS) - 1)));                                                                               \
    }                                                                                                                                                \
    /* k log(2) + log(1 + f) + low, for f from sqrt(1/2) - 1 to sqrt(2) - 1 and a small low */                                                       \
    UG_INLINE vector ug_log_parts_##F(vector k, vector f, vector low) {                                                                              \
        vector s = f / (f + 2), z = s * s, half = f * f * (scalar)0.5;                                                                               \
        vector rest = s * ug_fma_##F(z, ug_polynomial_##F(z, ug_log_terms_##F, UG_LOG_TERMS_##F), half);                                             \
        return ug_fma_##F(k, ug_set1_##F(LN2_HIGH), f - (half - (rest + ug_fma_##F(k, ug_set1_##F(LN2_LOW), low))));                                 \
    }                                                                                                                                                \
    /* log(x) + low */                                                                                                                               \
    UG_INLINE vector ug_log_sum_##F(vector x, vector low) {                                                                                          \
        vector k, f = ug_split_##F(x, &k) - 1, y = ug_log_parts_##F(k, f, low);                                                                      \
        y = ug_select_##F(x > 0, y, ug_select_##F(x == 0, ug_set1_##F(-(scalar)INFINITY), x * (scalar)NAN));                                         \
        return ug_select_##F(x == (scalar)INFINITY, x, y);                                                                                           \
    }                                                                                                                                                \
    UG_INLINE vector ug_log_##F(vector x) { return ug_log_sum_##F(x, (vector){0}); }                                                                 \
    /* The nearest whole number, the even one of two; beyond 2^BITS all numbers are whole. */                                                        \
    UG_INLINE vector ug_round_##F(vector x) {                                                                                                        \
        const scalar whole = (scalar)((int64_t)1 << BITS);                                                                                           \
        vector a = ug_abs_##F(x), y = ug_sign_##F((a + whole) - whole, x);                                                                           \
        return ug_select_##F(a < whole, y, x);                                                                                                       \
    }                                                                                                                                                \
    UG_INLINE vector ug_floor_##F(vector x) {                                                                                                        \
        vector y = ug_round_##F(x);                                                                                                                  \
        return ug_select_##F(y > x, y - 1, y);                                                                                                       \
    }                                                                                                                                                \
    /* NaN where an input is; of zeros with different signs, b */                                                                                    \
    UG_INLINE vector ug_minimum_##F(vector a, vector b) { return ug_select_##F((a < b) | (a != a), a, b); }                                          \
    UG_INLINE vector ug_maximum_##F(vector a, vector b) { return ug_select_##F((a > b) | (a != a), a, b); }

UG_DEFINE_MATH(f32, float, ug_v32, ug_vi32, 23, FLT_MIN, 0x1p23f, 0x3f3504f3, 12582912.0f, 0x4b400000, 6.9313812256e-01f, 9.0580006145e-06f)
UG_DEFINE_MATH(f64, double, ug_v64, ug_vi64, 52, DBL_MIN, 0x1p52, 0x3fe6a09e667f3bcd, 6755399441055744.0, 0x4338000000000000,
               6.93147180369123816490e-01, 1.90821492927058770002e-10)

/* log(x) as high + low, to some 65 bits, for positive finite x: 2 s (1 + z (1/3 + z tail)) + k log(2), each leading term with its error. */
UG_INLINE ug_v64 ug_long_log(ug_v64 x, ug_v64 *low) {
    static const double tail[] = {0.054645771351136976, 0.05217527438088837, 0.058839666926253024, 0.066666325776812752, 0.076923081312732927,
                                  0.090909090875599063, 0.11111111111124961, 0.1428571428571426,   0.20000000000000001};
    const ug_v64 third = ug_set1_f64(1.0 / 3);
    ug_v64 k, m = ug_split_f64(x, &k), f = m - 1, d = m + 1, s = f / d, p = s * d;
    ug_v64 s_low = (((f - p) - ug_product_error(s, d, p)) - s * (m - (d - 1))) / d;
    ug_v64 z = s * s, z_low = ug_product_error(s, s, z) + 2 * s * s_low;
    ug_v64 rest = z * ug_polynomial_f64(z, tail, 9) + 1.8503717077085943e-17; /* what the double 1/3 lacks */
    ug_v64 c = third + rest, c_low = (third - c) + rest;
    ug_v64 q = z * c, q_low = ug_product_error(z, c, q) + (z * c_low + z_low * c);
    ug_v64 w = s * q, w_low = ug_product_error(s, q, w) + (s * q_low + s_low * q);
    ug_v64 y = s + w, y_low = ug_sum_error(s, w, y) + (s_low + w_low);
    ug_v64 base = k * 6.93147180369123816490e-01, twice = y + y, sum = base + twice; /* 32 bits, so the product is exact */
    ug_v64 rounded = ug_sum_error(base, twice, sum) + (y_low + y_low + k * 1.90821492927058770002e-10);
    ug_v64 high = sum + rounded;
    *low = (sum - high) + rounded;
    return high;
}

/* exp(x + low) where low is small */
UG_INLINE ug_v64 ug_exp_long(ug_v64 x, ug_v64 low) {
    ug_v64 y = ug_exp_f64(x), more = y * low;
    return ug_select_f64(more - more == 0, y + more, y);
}

/* From |x| to the power of y to x to the power of y: 1 where that is so whatever the other is, the sign of odd powers, NaN where there is none. */
UG_INLINE ug_v64 ug_pow_cases(ug_v64 x, ug_v64 y, ug_v64 power) {
    ug_v64 one = ug_set1_f64(1), half = y * 0.5;
    ug_vi64 whole = ug_floor_f64(y) == y, odd = whole & (ug_floor_f64(half) != half), minus = (ug_vi64)x < 0;
    power = ug_select_f64((ug_abs_f64(x) == 1) & (y == y), one, power);
    power = (ug_v64)((ug_vi64)power ^ (odd & minus & (int64_t)0x8000000000000000));
    power = ug_select_f64((x < 0) & ~whole & (ug_abs_f64(x) != INFINITY) & (ug_abs_f64(y) != INFINITY), ug_set1_f64(NAN), power);
    return ug_select_f64((y == 0) | (x == 1), one, power);
}

UG_INLINE ug_v64 ug_pow_f64(ug_v64 x, ug_v64 y) {
    ug_v64 a = ug_abs_f64(x), low, high = ug_long_log(a, &low);
    ug_vi64 plain = (a > 0) & (a < INFINITY);
    high = ug_select_f64(plain, high, ug_log_f64(a));
    ug_v64 p = high * y, p_low = ug_product_error(high, y, p) + low * y;
    p_low = ug_select_f64(plain & (ug_abs_f64(p) < 1000), p_low, ug_set1_f64(0));
    return ug_select_f64(y == 2, x * x, ug_pow_cases(x, y, ug_exp_long(p, p_low)));
}

UG_INLINE ug_v64 ug_short_pow(ug_v64 x, ug_v64 y) { return ug_pow_cases(x, y, ug_exp_f64(ug_log_f64(ug_abs_f64(x)) * y)); }
UG_INLINE ug_v32 ug_pow_f32(ug_v32 x, ug_v32 y) {
    ug_v64 wide_x[2], wide_y[2];
    ug_widen(x, wide_x), ug_widen(y, wide_y);
    return ug_select_f32(y == 2, x * x, ug_narrow(ug_short_pow(wide_x[0], wide_y[0]), ug_short_pow(wide_x[1], wide_y[1])));
}

#endif
