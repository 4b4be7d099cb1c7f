/* One number in, one number out (or two in), on contiguous arrays.  Written on whole vectors, with padded vectors for the tail, so y may be
 * the memory of an input. */
#ifndef UG_ELEMENTWISE_H
#define UG_ELEMENTWISE_H

#include <stdint.h>

/* The kernels of one floating type. */
#define UG_ELEMENTWISE_KERNELS(F, scalar)                                                                                                            \
    /* y[i] = x[i] > 0 ? x[i] : slope * x[i]; NaN stays NaN. */                                                                                      \
    void (*leaky_relu_##F)(scalar * y, const scalar *x, int64_t n, scalar slope);                                                                    \
    /* As leaky_relu with slope 0, but everything that is not above 0 becomes +0, -infinity too. */                                                  \
    void (*relu_##F)(scalar * y, const scalar *x, int64_t n);                                                                                        \
    void (*sigmoid_##F)(scalar * y, const scalar *x, int64_t n);                                                                                     \
    void (*tanh_##F)(scalar * y, const scalar *x, int64_t n);                                                                                        \
    /* y[i] = x[i] > 0 ? x[i] : slope[i] * x[i] */                                                                                                   \
    void (*prelu_##F)(scalar * y, const scalar *x, const scalar *slope, int64_t n);                                                                  \
    /* y[i] = x[i] * scale + shift, and with one scale and shift for each element */                                                                 \
    void (*scale_shift_##F)(scalar * y, const scalar *x, scalar scale, scalar shift, int64_t n);                                                     \
    void (*scale_shift_each_##F)(scalar * y, const scalar *x, const scalar *scale, const scalar *shift, int64_t n);                                  \
    /* y[i] = a[i] + b[i] */                                                                                                                         \
    void (*add_##F)(scalar * y, const scalar *a, const scalar *b, int64_t n);                                                                        \
    /* y[i] += a[i] * b[i]; `_one`: b is one number */                                                                                               \
    void (*mul_add_##F)(scalar * y, const scalar *a, const scalar *b, int64_t n);                                                                    \
    void (*mul_add_one_##F)(scalar * y, const scalar *a, scalar b, int64_t n);                                                                       \
    /* y[i] = g[i] where x[i] > 0, else slope * g[i] (+0 when the slope is 0); `_each`: one slope for each element */                                \
    void (*leaky_relu_grad_##F)(scalar * y, const scalar *x, const scalar *g, int64_t n, scalar slope);                                              \
    void (*prelu_grad_##F)(scalar * y, const scalar *x, const scalar *g, const scalar *slope, int64_t n);                                            \
    /* y[i] = x[i] > 0 ? 0 : x[i] * g[i]: what reaches a learned slope */                                                                            \
    void (*prelu_grad_slope_##F)(scalar * y, const scalar *x, const scalar *g, int64_t n);                                                           \
    /* of the outputs s and t of sigmoid and tanh: y[i] = g[i] * s[i] * (1 - s[i]), y[i] = g[i] * (1 - t[i] * t[i]) */                               \
    void (*sigmoid_grad_##F)(scalar * y, const scalar *s, const scalar *g, int64_t n);                                                               \
    void (*tanh_grad_##F)(scalar * y, const scalar *t, const scalar *g, int64_t n);                                                                  \
    /* y[i] = exp(x[i] - shift[i]); `_one`: one shift */                                                                                             \
    void (*exp_shift_##F)(scalar * y, const scalar *x, const scalar *shift, int64_t n);                                                              \
    void (*exp_shift_one_##F)(scalar * y, const scalar *x, scalar shift, int64_t n);                                                                 \
    void (*div_##F)(scalar * y, const scalar *a, const scalar *b, int64_t n);                                                                        \
    void (*div_one_##F)(scalar * y, const scalar *a, scalar b, int64_t n);                                                                           \
    /* y[i] = a[i] * (b[i] - c[i]); `_one`: one c */                                                                                                 \
    void (*mul_diff_##F)(scalar * y, const scalar *a, const scalar *b, const scalar *c, int64_t n);                                                  \
    void (*mul_diff_one_##F)(scalar * y, const scalar *a, const scalar *b, scalar c, int64_t n);

typedef struct ug_elementwise_kernels {
    UG_ELEMENTWISE_KERNELS(f32, float)
    UG_ELEMENTWISE_KERNELS(f64, double)
} ug_elementwise_kernels;

#endif
