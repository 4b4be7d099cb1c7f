/* gaussian: a bell cut off at three standard deviations. */
#include "methods/filter.h"

static const upreg_param table[] = {UG_GAUSSIAN_PARAM, UG_FILTER_PARAMS};

UG_FILTER_FUNCTIONS(UG_GAUSSIAN)

const upreg_method ug_method_gaussian = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "gaussian",
    .family = "resample",
    .aliases = "gaussian_resize",
    .summary = "a Gaussian kernel in 1, 2 or 3 dimensions, cut off at three standard deviations: a blur without overshoot",
    .doc = "x (N, C, m...) -> y (N, C, n...), n = size or floor(m * scale). Separable: along each axis y[i] = sum over j of x[j] h(X(i) - j) / "
           "sum over j of h(X(i) - j), where h(t) = exp(-t^2 / (2 sigma^2)) for |t| < 3 sigma, else 0. X(i), the parameters and the arithmetic "
           "of uint8 are as in linear.",
    .source = "TensorFlow image.resize, ResizeMethod.GAUSSIAN",
    UG_FILTER_METHOD,
};
