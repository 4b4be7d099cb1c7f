/* Exponentials and logarithms near their zeros, and what is made of them: softplus, hyperbolic functions and their inverses, activations.
 * Largest errors measured over f32 and random f64, in units in the last place: expm1 1.2, softplus 1.6, mish 3.2;
 * f64 alone (f32 goes by way of it): sinh 3.1, cosh 2.7, asinh 1.4, acosh 1.8, atanh 1.4. */
#ifndef UG_MATH_EXP_H
#define UG_MATH_EXP_H

#include "kernels/math_vector.h"

#define UG_DEFINE_EXP(F, scalar, vector, integers, BITS, BIAS, CAP)                                                                                  \
    /* exp(x) - 1 = 2 (h q + (h - 1/2)) with h = 2^(k-1), for x up to the logarithm of the largest number */                                         \
    UG_INLINE vector ug_expm1_##F(vector x) {                                                                                                        \
        integers k;                                                                                                                                  \
        vector q = ug_exp_rest_##F(ug_select_##F(x < -50, ug_set1_##F(-50), x), &k), h = (vector)((k + (BIAS - 1)) << BITS);                         \
        return 2 * ug_fma_##F(h, q, h - (scalar)0.5);                                                                                                \
    }                                                                                                                                                \
    /* log(1 + x): what the sum's rounding leaves out is added to the logarithm */                                                                   \
    UG_INLINE vector ug_log1p_##F(vector x) {                                                                                                        \
        vector u = x + 1, t = u - x, rest = (1 - t) + (x - (u - t));                                                                                 \
        return ug_log_sum_##F(u, rest / u);                                                                                                          \
    }                                                                                                                                                \
    /* max(x, 0) + log(1 + w), w = exp(-|x|): 1 + w is at most 2, so its parts are known without its bits */                                         \
    UG_INLINE vector ug_softplus_##F(vector x) {                                                                                                     \
        vector w = ug_exp_##F(-ug_abs_##F(x)), zero = {0};                                                                                           \
        integers upper = w > (scalar)0.41421356;                                                                                                     \
        vector f = ug_select_##F(upper, (w - 1) * (scalar)0.5, w), k = ug_select_##F(upper, ug_set1_##F(1), zero);                                   \
        return ug_select_##F(x > 0, x, zero) + ug_log_parts_##F(k, f, zero);                                                                         \
    }                                                                                                                                                \
    UG_INLINE vector ug_elu_##F(vector x, scalar alpha) { return ug_select_##F(x > 0, x, alpha * ug_expm1_##F(ug_select_##F(x > 0, -x, x))); }       \
    /* tanh(softplus(x)) = n / (n + 2) with n = e (e + 2), e = exp(x); beyond CAP it is 1 */                                                         \
    UG_INLINE vector ug_mish_gate_##F(vector x) {                                                                                                    \
        vector e = ug_exp_##F(ug_select_##F(x > CAP, ug_set1_##F(CAP), x)), n = e * (e + 2);                                                         \
        return n / (n + 2);                                                                                                                          \
    }

UG_DEFINE_EXP(f32, float, ug_v32, ug_vi32, 23, 127, 20)
UG_DEFINE_EXP(f64, double, ug_v64, ug_vi64, 52, 1023, 20)

/* Beyond 1 by exp(|x| / 2), whose square is only formed in halves: sinh and cosh are finite where exp is not. */
UG_INLINE ug_v64 ug_sinh_f64(ug_v64 x) {
    ug_v64 a = ug_abs_f64(x), small = ug_select_f64(a > 1, ug_set1_f64(1), a), t = ug_expm1_f64(small), e = ug_exp_f64(a * 0.5);
    return ug_sign_f64(ug_select_f64(a > 1, 0.5 * e * e - 0.5 / e / e, 0.5 * (t + t / (t + 1))), x);
}
UG_INLINE ug_v64 ug_cosh_f64(ug_v64 x) {
    ug_v64 e = ug_exp_f64(ug_abs_f64(x) * 0.5);
    return 0.5 * e * e + 0.5 / e / e;
}
UG_INLINE ug_v64 ug_asinh_f64(ug_v64 x) {
    ug_v64 a = ug_abs_f64(x), s = a * a;
    ug_v64 y = ug_log1p_f64(a + s / (1 + ug_sqrt_f64(s + 1))), far = ug_log_f64(a) + 0.69314718055994531;
    return ug_sign_f64(ug_select_f64(a > 1e9, far, y), x);
}
UG_INLINE ug_v64 ug_acosh_f64(ug_v64 x) {
    ug_v64 t = x - 1, y = ug_log1p_f64(t + ug_sqrt_f64(t * (t + 2)));
    y = ug_select_f64(x > 1e9, ug_log_f64(x) + 0.69314718055994531, y);
    return ug_select_f64(x < 1, ug_set1_f64(NAN), y);
}
UG_INLINE ug_v64 ug_atanh_f64(ug_v64 x) {
    ug_v64 a = ug_abs_f64(x);
    return ug_sign_f64(0.5 * ug_log1p_f64((a + a) / (1 - a)), x);
}

UG_VIA_F64(sinh)
UG_VIA_F64(cosh)
UG_VIA_F64(asinh)
UG_VIA_F64(acosh)
UG_VIA_F64(atanh)

#endif
