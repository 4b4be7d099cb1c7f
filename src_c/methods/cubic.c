/* cubic: four taps per axis, cubic convolution. */
#include "methods/filter.h"

static const upreg_param table[] = {UG_CUBIC_PARAM, UG_FILTER_PARAMS};

UG_FILTER_FUNCTIONS(UG_KEYS)

const upreg_method ug_method_cubic = {
    .struct_size = sizeof(upreg_method),
    .version = 2,
    .name = "cubic",
    .family = "resample",
    .aliases = "cubic_convolution|bicubic_interpolation|keys",
    .summary = "cubic convolution interpolation in 1, 2 or 3 dimensions (bicubic, tricubic), to a size or by a scale",
    .doc = "x (N, C, m...) -> y (N, C, n...), n = size or floor(m * scale). Separable: along each axis y[i] = sum over j of x[j] h(X(i) - j), "
           "where h(t) is (a + 2) |t|^3 - (a + 3) |t|^2 + 1 up to 1, a |t|^3 - 5a |t|^2 + 8a |t| - 4a up to 2. X(i), the parameters and the "
           "arithmetic of uint8 are as in linear. a = -0.75 is torch and OpenCV, a = -0.5 Pillow and torch with antialias.",
    .source =
        "Keys, Cubic Convolution Interpolation for Digital Image Processing, IEEE Transactions on Acoustics, Speech, and Signal Processing, 1981",
    UG_FILTER_METHOD,
};
