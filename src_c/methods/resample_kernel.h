/* The kernels h(t) of interpolation: how much an input at distance t counts. */
#ifndef UG_RESAMPLE_KERNEL_H
#define UG_RESAMPLE_KERNEL_H

#include "methods/method.h"

typedef enum ug_kernel_kind {
    UG_TRIANGLE,
    UG_KEYS,
    UG_LANCZOS,
    UG_COVER, /* the share of an input that an output covers; no function of t */
    UG_BOX,
    UG_HAMMING,
    UG_MITCHELL,
    UG_GAUSSIAN,
    UG_MAGIC,
    UG_SPLINE,
    UG_FOURIER, /* of t and the lengths: see ug_fourier_weight */
    UG_COSINE
} ug_kernel_kind;

typedef struct ug_kernel {
    int32_t kind;
    int32_t order, prefilter; /* of splines */
    int32_t newer;            /* of the magic kernel: the one of 2021 */
    int32_t pillow;           /* with Pillow's constants, where those are single */
    double a, b;              /* keys a; lanczos lobes; mitchell B and C; gaussian sigma */
    double radius;            /* h(t) = 0 where |t| is larger */
} ug_kernel;

/* Fills `radius`. */
void ug_kernel_begin(ug_kernel *k);
double ug_kernel_at(const ug_kernel *k, double t); /* t = x - position of the input */
/* Whether the samples of the kernel do not add up to 1 of themselves. */
int ug_kernel_normalised(const ug_kernel *k);

/* How much input j of m counts at x when a signal is taken as a sum of waves and the `waves` lowest are kept: of one that repeats, and of one
 * that is mirrored at its ends (half a pixel outside). */
double ug_fourier_weight(int64_t m, int64_t waves, double x, int64_t j);
double ug_cosine_weight(int64_t m, int64_t waves, double x, int64_t j);

#endif
