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

#define WHERE(mask, yes, no) N(ug_select)(mask, yes, no)
#define ZERO SET(0)

FUNCTION(abs, N(ug_abs)(a), WHERE(a > 0, b, WHERE(a < 0, -b, b *a)))
VALUE(neg, -a)
VALUE(exp, N(ug_exp)(a))
VALUE(log, N(ug_log)(a))
FUNCTION(sqrt, N(ug_sqrt)(a), b *(S)0.5 / N(ug_sqrt)(a))
FUNCTION(reciprocal, 1 / a, -b / (a * a))
FUNCTION_OF(clip, N(ug_clip)(a, p0, p1), WHERE((a < p0) | (a > p1), ZERO, b))
FUNCTION_OF(hard_sigmoid, N(ug_hard_sigmoid)(a, p0, p1), WHERE((a * p0 + p1 > 0) & (a * p0 + p1 < 1), b *p0, ZERO))
FUNCTION(hard_swish, N(ug_hard_swish)(a), WHERE(a <= -3, ZERO, WHERE(a >= 3, b, b *N(ug_fma)(a, SET((S)(1.0 / 3)), SET((S)0.5)))))

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
