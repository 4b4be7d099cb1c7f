/* box: the pixel whose cell the coordinate lies in, or with antialias the mean of a window. */
#include "methods/filter.h"

static const upreg_param table[] = {UG_FILTER_PARAMS};

UG_FILTER_FUNCTIONS(UG_BOX)

const upreg_method ug_method_box = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "box",
    .family = "resample",
    .aliases = "box_filter",
    .summary = "the box kernel in 1, 2 or 3 dimensions: nearest neighbour where the image grows, with antialias a mean where it shrinks",
    .doc = "x (N, C, m...) -> y (N, C, n...), n = size or floor(m * scale). Separable: along each axis y[i] = sum over j of x[j] h((X(i) - j) / "
           "s') / sum over j of h((X(i) - j) / s'), where h(t) is 1 for -1/2 <= t < 1/2, else 0, and s' is max(1, s) with antialias, else 1. "
           "Pixels count whole or not at all; area weighs them by how much of them is covered. X(i), the parameters and the arithmetic of uint8 "
           "are as in linear.",
    .source = "Pillow, Resampling.BOX",
    UG_FILTER_METHOD,
};
