/* mitchell: the cubic kernels of Mitchell and Netravali. */
#include "methods/filter.h"

static const upreg_param table[] = {UG_MITCHELL_PARAMS, UG_FILTER_PARAMS};

UG_FILTER_FUNCTIONS(UG_MITCHELL)

const upreg_method ug_method_mitchell = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "mitchell",
    .family = "resample",
    .aliases = "mitchell_netravali|bc_spline|mitchellcubic",
    .summary = "the cubic kernels of Mitchell and Netravali with parameters B and C, in 1, 2 or 3 dimensions",
    .doc = "x (N, C, m...) -> y (N, C, n...), n = size or floor(m * scale). Separable: along each axis y[i] = sum over j of x[j] h(X(i) - j), "
           "where 6 h(t) is (12 - 9B - 6C) |t|^3 + (-18 + 12B + 6C) |t|^2 + 6 - 2B up to 1, (-B - 6C) |t|^3 + (6B + 30C) |t|^2 + (-12B - 48C) "
           "|t| + 8B + 24C up to 2. It blurs also at scale 1 unless B = 0. B = 0, C = 1/2 is Catmull-Rom. X(i), the parameters and the "
           "arithmetic of uint8 are as in linear.",
    .source = "Mitchell and Netravali, Reconstruction Filters in Computer Graphics, SIGGRAPH 1988",
    UG_FILTER_METHOD,
};
