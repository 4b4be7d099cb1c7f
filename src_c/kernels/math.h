/* Functions of one number, and their gradients, on contiguous arrays of any type that has them.  y may be the memory of an input. */
#ifndef UG_KERNELS_MATH_H
#define UG_KERNELS_MATH_H

#include "kernels/types.h"

/* Those with a gradient, of floating types and of every type of number, and those without. */
#define UG_FLOAT_FUNCTIONS(X)                                                                                                                        \
    X(sqrt)                                                                                                                                          \
    X(reciprocal)                                                                                                                                    \
    X(hard_sigmoid) X(hard_swish) X(erf) X(sin) X(cos) X(tan) X(asin) X(acos) X(atan) X(sinh) X(cosh) X(asinh) X(acosh) X(atanh) X(softplus)         \
        X(softsign) X(elu) X(selu) X(celu) X(gelu) X(gelu_tanh) X(swish) X(mish) X(thresholded_relu) X(shrink)
#define UG_NUMBER_FUNCTIONS(X) X(abs) X(clip)
#define UG_FLOAT_VALUES(X) X(exp) X(log) X(floor) X(ceil) X(round)
#define UG_NUMBER_VALUES(X) X(neg) X(sign)
/* Those whose result is uint8: 1 or 0. */
#define UG_FLOAT_TESTS(X) X(is_nan) X(is_inf)

#define UG_FUNCTION_NUMBER(name) UG_FUNCTION_##name,
enum {
    UG_FLOAT_FUNCTIONS(UG_FUNCTION_NUMBER) UG_NUMBER_FUNCTIONS(UG_FUNCTION_NUMBER) UG_GRADIENT_COUNT,
    UG_LAST_WITH_GRADIENT = UG_GRADIENT_COUNT - 1,
    UG_FLOAT_VALUES(UG_FUNCTION_NUMBER) UG_NUMBER_VALUES(UG_FUNCTION_NUMBER) UG_FLOAT_TESTS(UG_FUNCTION_NUMBER) UG_FUNCTION_COUNT
};

/* p: the parameters of the method of that name, in the order of its table. */
typedef void (*ug_function)(void *y, const void *x, int64_t n, const double *p);
/* gx[i] = gy[i] * f'(x[i]) */
typedef void (*ug_function_grad)(void *gx, const void *x, const void *gy, int64_t n, const double *p);

typedef struct ug_math_kernels {
    ug_function function[UG_FUNCTION_COUNT][UG_TYPES]; /* NULL where a type does not have it */
    ug_function_grad grad[UG_GRADIENT_COUNT][UG_TYPES];
} ug_math_kernels;

#endif
