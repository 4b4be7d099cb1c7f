/* bspline: B-splines, through the pixels by default. */
#include "methods/filter.h"

static const upreg_param table[] = {UG_SPLINE_PARAMS, UG_FILTER_PARAMS};

UG_FILTER_FUNCTIONS(UG_SPLINE)

const upreg_method ug_method_bspline = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "bspline",
    .family = "resample",
    .aliases = "spline|cardinal_spline|spline_interpolation",
    .summary = "B-spline interpolation of order 0 to 5 in 1, 2 or 3 dimensions",
    .doc = "x (N, C, m...) -> y (N, C, n...), n = size or floor(m * scale). Separable: along each axis y[i] = sum over j of x[j] h(X(i) - j). "
           "Without prefilter h is the B-spline of this order, the box convolved with itself `order` times. With it, h is the cardinal spline, "
           "the one spline that is 1 at 0 and 0 at all other whole numbers: sum over k of B-spline(t - k) g(k), where g is the inverse of the "
           "B-spline's samples, a sum of powers of the poles z: sqrt 8 - 3 (order 2), sqrt 3 - 2 (3), two each of orders 4 and 5. It is cut off "
           "at |t| = 52, where it is below 2^-62. border says how the image goes on: reflect is scipy's mirror, symmetric its reflect. X(i), the "
           "parameters and the arithmetic of uint8 are as in linear.",
    .source = "Unser, Aldroubi and Eden, B-Spline Signal Processing, IEEE Transactions on Signal Processing, 1993",
    UG_FILTER_METHOD,
};
