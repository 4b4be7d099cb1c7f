/* linear: two taps per axis, triangle weights. */
#include "methods/filter.h"

static const upreg_param table[] = {UG_FILTER_PARAMS};

UG_FILTER_FUNCTIONS(UG_TRIANGLE)

const upreg_method ug_method_linear = {
    .struct_size = sizeof(upreg_method),
    .version = 2,
    .name = "linear",
    .family = "resample",
    .aliases = "linear_interpolation|bilinear_interpolation|triangle|tent|lerp_resize",
    .summary = "linear interpolation in 1, 2 or 3 dimensions (linear, bilinear, trilinear), to a size or by a scale",
    .doc =
        "x (N, C, m...) -> y (N, C, n...), n = size or floor(m * scale). Separable: along each axis y[i] = sum over j of x[j] h(X(i) - j) with "
        "h(t) = max(1 - |t|, 0). X(i), with s = m / n, or 1 / scale when a scale is given and recompute_scale is not set: half_pixel (i + 1/2) "
        "s - 1/2; asymmetric i s; align_corners i (m - 1) / (n - 1); half_pixel_symmetric half_pixel + m/2 (1 - n s / m); pytorch_half_pixel as "
        "half_pixel, but 0 when n = 1. antialias stretches h by max(1, s). With a box from b to e, m is e - b and X begins at b. uint8 is computed with whole weights of 2^-14 that add up to 1; "
        "between passes (rows first where that makes few numbers many, else last) it is rounded to 16 bits with 7 binary places, fewer where "
        "the kernel overshoots; the end is rounded and kept in 0..255.",
    .source = "PyTorch functional.interpolate; ONNX Resize",
    UG_FILTER_METHOD,
};
