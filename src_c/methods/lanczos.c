/* lanczos: 2a taps per axis, a windowed sinc. */
#include "methods/filter.h"

static const upreg_param table[] = {UG_LANCZOS_PARAM, UG_FILTER_PARAMS};

UG_FILTER_FUNCTIONS(UG_LANCZOS)

const upreg_method ug_method_lanczos = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "lanczos",
    .family = "resample",
    .aliases = "windowed_sinc",
    .summary = "Lanczos interpolation in 1, 2 or 3 dimensions: a sinc windowed by a wider one, to a size or by a scale",
    .doc = "x (N, C, m...) -> y (N, C, n...), n = size or floor(m * scale). Separable: along each axis y[i] = sum over j of x[j] h(X(i) - j) / sum "
           "over j of h(X(i) - j), where h(t) = sinc(t) sinc(t / a) for |t| < a, else 0, and sinc(t) = sin(pi t) / (pi t). X(i), the parameters "
           "and the arithmetic of uint8 are as in linear. a = 3 is Pillow (with antialias), a = 4 OpenCV.",
    .source = "Duchon, Lanczos Filtering in One and Two Dimensions, Journal of Applied Meteorology, 1979",
    UG_FILTER_METHOD,
};
