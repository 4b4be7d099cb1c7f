/* Trigonometric functions and their inverses, for f64 and by way of it for f32.
 *
 * Angles are reduced by three doubles of pi / 2, 159 bits: exact up to 2^50, whatever the angle.  Beyond that, where neighbouring f64 are a
 * quarter apart, an angle counts as its remainder by the double nearest to 2 pi.
 * Largest errors measured over random f64, in units in the last place: sin and cos 0.8, tan 1.9, asin 2.1, acos 1.1, atan 1.8; f32: 0.51. */
#ifndef UG_MATH_TRIG_H
#define UG_MATH_TRIG_H

#include "kernels/math_vector.h"

/* Minimax polynomials in z = r^2, of (sin(r) - r) / r^3, (cos(r) - 1 + z / 2) / z^2, (atan(r) - r) / r^3 and (asin(r) - r) / r^3. */
static const double ug_sin_terms[] = {-7.5786396674798394e-13, 1.6058365543173415e-10, -2.5052104903900561e-08, 2.7557319214164622e-06,
                                      -0.00019841269841255026, 0.0083333333333333228,  -0.16666666666666666};
static const double ug_cos_terms[] = {-1.1359545739615778e-11, 2.0875721635782991e-09, -2.7557314343224037e-07,
                                      2.4801587289463204e-05,  -0.0013888888888874118, 0.041666666666666602};
static const double ug_atan_terms[] = {0.015216680372027518, -0.033496183412640046, 0.045045096100505437, -0.052186484694095557,
                                       0.058770612169814399, -0.066662309730720071, 0.076922830605057863, -0.090909081588261664,
                                       0.11111111088609968,  -0.14285714285395776,  0.19999999999997742,  -0.33333333333333326};
static const double ug_asin_terms[] = {0.032654219037805965, -0.021039300888497394, 0.021735267389848188, 0.0036952940375442681, 0.010783087232857008,
                                       0.011398431468931176, 0.013980875300592627,  0.017351607893172694, 0.022372215182990707,  0.030381942702552053,
                                       0.044642857174668801, 0.074999999999708258,  0.1666666666666676};

static __attribute__((noinline)) ug_v64 ug_near_angle(ug_v64 x) {
    for (int i = 0; i < UG_LANES_f64; i++) x[i] = __builtin_fmod(x[i], 6.283185307179586);
    return x;
}

/* x = n pi / 2 + r + low, |r| <= pi / 4 */
UG_INLINE ug_v64 ug_quadrant(ug_v64 x, ug_vi64 *n, ug_v64 *low) {
    const double magic = 6755399441055744.0; /* 1.5 * 2^52 */
    ug_vi64 far = ug_abs_f64(x) > 0x1p50;
    int any = 0;
    for (int i = 0; i < UG_LANES_f64; i++) any |= far[i] != 0;
    if (any) x = ug_select_f64(far, ug_near_angle(x), x);
    const ug_v64 first = ug_set1_f64(1.5707963267948966), second = ug_set1_f64(6.123233995736766e-17);
    ug_v64 shifted = x * 0.63661977236758134 + magic, turns = shifted - magic;
    ug_v64 p = turns * first, q = turns * second;
    ug_v64 a = x - p, p_low = -ug_product_error(turns, first, p), s = a + p_low, s_low = ug_sum_error(a, p_low, s);
    ug_v64 r = s - q, rest = ug_sum_error(s, -q, r) + (s_low - (ug_product_error(turns, second, q) + turns * -1.4973849048591698e-33));
    ug_v64 high = r + rest;
    *low = (r - high) + rest;
    *n = (ug_vi64)shifted;
    return high;
}

UG_INLINE ug_v64 ug_sin_near(ug_v64 r, ug_v64 low) {
    ug_v64 z = r * r;
    return r + ug_fma_f64(r * z, ug_polynomial_f64(z, ug_sin_terms, 7), low * (1 - 0.5 * z));
}
UG_INLINE ug_v64 ug_cos_near(ug_v64 r, ug_v64 low) {
    ug_v64 z = r * r, half = 0.5 * z, w = 1 - half;
    return w + (((1 - w) - half) + ug_fma_f64(z * z, ug_polynomial_f64(z, ug_cos_terms, 6), -r * low));
}

/* The sine of x + quarters * pi / 2. */
UG_INLINE ug_v64 ug_sine(ug_v64 x, int64_t quarters) {
    ug_vi64 n;
    ug_v64 low, r = ug_quadrant(x, &n, &low);
    n += quarters;
    ug_v64 y = ug_select_f64(-(n & 1), ug_cos_near(r, low), ug_sin_near(r, low));
    return (ug_v64)((ug_vi64)y ^ ((n & 2) << 62));
}
UG_INLINE ug_v64 ug_sin_f64(ug_v64 x) { return ug_select_f64(x == 0, x, ug_sine(x, 0)); }
UG_INLINE ug_v64 ug_cos_f64(ug_v64 x) { return ug_sine(x, 1); }
UG_INLINE ug_v64 ug_tan_f64(ug_v64 x) {
    ug_vi64 n;
    ug_v64 low, r = ug_quadrant(x, &n, &low), s = ug_sin_near(r, low), c = ug_cos_near(r, low);
    ug_vi64 odd = -(n & 1);
    return ug_select_f64(x == 0, x, ug_select_f64(odd, -c, s) / ug_select_f64(odd, s, c));
}

/* Around 0, 1 and infinity: atan(a) = base + atan(t). */
UG_INLINE ug_v64 ug_atan_f64(ug_v64 x) {
    ug_v64 a = ug_abs_f64(x), one = ug_set1_f64(1);
    ug_vi64 middle = a > 0.41421356237309503, far = a > 2.4142135623730950;
    ug_v64 t = ug_select_f64(far, -one, ug_select_f64(middle, a - 1, a)) / ug_select_f64(far, a, ug_select_f64(middle, a + 1, one));
    ug_v64 base = ug_select_f64(far, ug_set1_f64(1.5707963267948966), ug_select_f64(middle, ug_set1_f64(0.78539816339744831), ug_set1_f64(0)));
    ug_v64 base_low = base * 3.8981718325193755e-17; /* the part of pi that its double lacks, as a multiple */
    ug_v64 z = t * t;
    return ug_sign_f64(base + (t + ug_fma_f64(t * z, ug_polynomial_f64(z, ug_atan_terms, 12), base_low)), x);
}

/* asin(s) for s up to 1/2, given z = s^2 */
UG_INLINE ug_v64 ug_asin_near(ug_v64 s, ug_v64 z) { return ug_fma_f64(s * z, ug_polynomial_f64(z, ug_asin_terms, 13), s); }
/* Above 1/2 by the half angle. */
UG_INLINE ug_v64 ug_asin_f64(ug_v64 x) {
    ug_v64 a = ug_abs_f64(x);
    ug_vi64 outer = a > 0.5;
    ug_v64 z = ug_select_f64(outer, (1 - a) * 0.5, a * a), p = ug_asin_near(ug_select_f64(outer, ug_sqrt_f64(z), a), z);
    return ug_sign_f64(ug_select_f64(outer, 1.5707963267948966 - (2 * p - 6.123233995736766e-17), p), x);
}
UG_INLINE ug_v64 ug_acos_f64(ug_v64 x) {
    ug_v64 a = ug_abs_f64(x);
    ug_vi64 outer = a > 0.5;
    ug_v64 z = ug_select_f64(outer, (1 - a) * 0.5, a * a), p = ug_asin_near(ug_select_f64(outer, ug_sqrt_f64(z), x), z);
    ug_v64 end = ug_select_f64(x > 0, 2 * p, 3.1415926535897931 - (2 * p - 1.2246467991473532e-16));
    return ug_select_f64(outer, end, 1.5707963267948966 - (p - 6.123233995736766e-17));
}

UG_VIA_F64(sin)
UG_VIA_F64(cos)
UG_VIA_F64(tan)
UG_VIA_F64(asin)
UG_VIA_F64(acos)
UG_VIA_F64(atan)

#endif
