/* The functions of one floating type: F names it, S is the number, V the vector.  A line has the value at a, and
 * what reaches a when b arrives. */
#define START_ONE                                                                                                                                    \
    S *y = to;                                                                                                                                       \
    const S *xa = x
#define START_TWO START_ONE, *xb = gy
#define PARAMETERS                                                                                                                                   \
    const S p0 = (S)p[0], p1 = (S)p[1];                                                                                                              \
    (void)p1

#define VALUE(name, value)                                                                                                                           \
    static void N(name)(void *to, const void *x, int64_t n, const double *p) {                                                                       \
        (void)p;                                                                                                                                     \
        START_ONE;                                                                                                                                   \
        LOOP1(value)                                                                                                                                 \
    }
#define FUNCTION(name, value, gradient)                                                                                                              \
    VALUE(name, value)                                                                                                                               \
    static void N(name##_grad)(void *to, const void *x, const void *gy, int64_t n, const double *p) {                                                \
        (void)p;                                                                                                                                     \
        START_TWO;                                                                                                                                   \
        LOOP2(gradient)                                                                                                                              \
    }
#define FUNCTION_OF(name, value, gradient) /* with parameters */                                                                                     \
    static void N(name)(void *to, const void *x, int64_t n, const double *p) {                                                                       \
        PARAMETERS;                                                                                                                                  \
        START_ONE;                                                                                                                                   \
        LOOP1(value)                                                                                                                                 \
    }                                                                                                                                                \
    static void N(name##_grad)(void *to, const void *x, const void *gy, int64_t n, const double *p) {                                                \
        PARAMETERS;                                                                                                                                  \
        START_TWO;                                                                                                                                   \
        LOOP2(gradient)                                                                                                                              \
    }

/* The slope of x sigmoid(v), where v depends on x and turn is x v': s (1 + turn (1 - s)). */
UG_INLINE V N(swish_slope)(V v, V turn) {
    V s = N(ug_sigmoid)(v);
    return s * (1 + turn * N(ug_sigmoid)(-v));
}
UG_INLINE V N(mish_slope)(V x) {
    V gate = N(ug_mish_gate)(x);
    return gate + x * (1 - gate * gate) * N(ug_sigmoid)(x);
}
UG_INLINE V N(square)(V x) { return x * x; }

#define WHERE(mask, yes, no) N(ug_select)(mask, yes, no)
#define ZERO SET(0)

VALUE(neg, -a)
VALUE(exp, N(ug_exp)(a))
VALUE(log, N(ug_log)(a))
VALUE(sign, WHERE(a > 0, SET(1), WHERE(a < 0, SET(-1), a)))
VALUE(floor, N(ug_floor)(a))
VALUE(ceil, -N(ug_floor)(-a))
VALUE(round, N(ug_round)(a))
FUNCTION(abs, N(ug_abs)(a), WHERE(a > 0, b, WHERE(a < 0, -b, b *a)))
FUNCTION(sqrt, N(ug_sqrt)(a), b *(S)0.5 / N(ug_sqrt)(a))
FUNCTION(reciprocal, 1 / a, -b / (a * a))
FUNCTION(erf, N(ug_erf)(a), b *(S)1.1283791670955126 * N(ug_exp)(-a * a))
FUNCTION(sin, N(ug_sin)(a), b *N(ug_cos)(a))
FUNCTION(cos, N(ug_cos)(a), -b *N(ug_sin)(a))
FUNCTION(tan, N(ug_tan)(a), b / N(square)(N(ug_cos)(a)))
FUNCTION(asin, N(ug_asin)(a), b / N(ug_sqrt)((1 - a) * (1 + a)))
FUNCTION(acos, N(ug_acos)(a), -b / N(ug_sqrt)((1 - a) * (1 + a)))
FUNCTION(atan, N(ug_atan)(a), b / (1 + a * a))
FUNCTION(sinh, N(ug_sinh)(a), b *N(ug_cosh)(a))
FUNCTION(cosh, N(ug_cosh)(a), b *N(ug_sinh)(a))
FUNCTION(asinh, N(ug_asinh)(a), b / N(ug_sqrt)(1 + a * a))
FUNCTION(acosh, N(ug_acosh)(a), b / (N(ug_sqrt)(a - 1) * N(ug_sqrt)(a + 1)))
FUNCTION(atanh, N(ug_atanh)(a), b / ((1 - a) * (1 + a)))
FUNCTION(softplus, N(ug_softplus)(a), b *N(ug_sigmoid)(a))
FUNCTION(softsign, a / (1 + N(ug_abs)(a)), b / N(square)(1 + N(ug_abs)(a)))
FUNCTION_OF(elu, N(ug_elu)(a, p0), WHERE(a > 0, b, b * p0 * N(ug_exp)(a)))
FUNCTION_OF(selu, p1 *N(ug_elu)(a, p0), b * p1 * WHERE(a > 0, SET(1), p0 *N(ug_exp)(a)))
FUNCTION_OF(celu, WHERE(a > 0, a, p0 *N(ug_elu)(a / p0, 1)), WHERE(a > 0, b, b *N(ug_exp)(a / p0)))
FUNCTION(gelu, N(ug_gelu)(a), b *N(ug_gelu_slope)(a))
FUNCTION(gelu_tanh, N(ug_gelu_tanh)(a), b *N(swish_slope)(N(ug_gelu_angle)(a), a *N(ug_gelu_turn)(a)))
FUNCTION_OF(swish, N(ug_swish)(a, p0), b *N(swish_slope)(a *p0, a *p0))
FUNCTION(mish, WHERE(a >= (S)INFINITY, a, a *N(ug_mish_gate)(a)), b *N(mish_slope)(a))
FUNCTION_OF(clip, N(ug_clip)(a, p0, p1), WHERE((a < p0) | (a > p1), ZERO, b))
FUNCTION_OF(hard_sigmoid, N(ug_hard_sigmoid)(a, p0, p1), WHERE((a * p0 + p1 > 0) & (a * p0 + p1 < 1), b *p0, ZERO))
FUNCTION(hard_swish, N(ug_hard_swish)(a), WHERE(a <= -3, ZERO, WHERE(a >= 3, b, b *N(ug_fma)(a, SET((S)(1.0 / 3)), SET((S)0.5)))))
FUNCTION_OF(thresholded_relu, WHERE(a <= p0, ZERO, a), WHERE(a > p0, b, ZERO))
FUNCTION_OF(shrink, WHERE(a < -p0, a + p1, WHERE(a > p0, a - p1, WHERE(a == a, ZERO, a))), WHERE((a < -p0) | (a > p0), b, ZERO))

static void N(is_nan)(void *to, const void *x, int64_t n, const double *p) {
    (void)p;
    uint8_t *restrict y = to;
    const S *restrict xa = x;
    for (int64_t i = 0; i < n; i++) y[i] = xa[i] != xa[i];
}

/* p: whether infinity and whether minus infinity count */
static void N(is_inf)(void *to, const void *x, int64_t n, const double *p) {
    const uint8_t above = p[0] != 0, below = p[1] != 0;
    uint8_t *restrict y = to;
    const S *restrict xa = x;
    for (int64_t i = 0; i < n; i++) y[i] = (uint8_t)((xa[i] > MOST) & above) | (uint8_t)((xa[i] < -MOST) & below);
}

#undef START_ONE
#undef START_TWO
#undef PARAMETERS
#undef VALUE
#undef FUNCTION
#undef FUNCTION_OF
#undef WHERE
#undef ZERO
#undef F
#undef S
#undef V
#undef MOST
