/* magic_kernel_sharp: a quadratic B-spline, sharpened. */
#include "methods/filter.h"

static const upreg_param table[] = {UG_MAGIC_PARAM, UG_FILTER_PARAMS};

UG_FILTER_FUNCTIONS(UG_MAGIC)

const upreg_method ug_method_magic_kernel_sharp = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "magic_kernel_sharp",
    .family = "resample",
    .aliases = "magic_kernel|mks",
    .summary = "the sharpened Magic Kernel of 2013 or 2021, in 1, 2 or 3 dimensions",
    .doc = "x (N, C, m...) -> y (N, C, n...), n = size or floor(m * scale). Separable: along each axis y[i] = sum over j of x[j] h(X(i) - j). "
           "2013: h(t) is 17/16 - 7/4 t^2 up to |t| = 1/2, t^2 - 11/4 |t| + 7/4 up to 3/2, -t^2/8 + 5/8 |t| - 25/32 up to 5/2. 2021: 577/576 - "
           "239/144 t^2 up to 1/2, 35/36 (|t| - 1) (|t| - 239/140) up to 3/2, 1/6 (|t| - 2) (65/24 - |t|) up to 5/2, 1/36 (|t| - 3) (|t| - 15/4) "
           "up to 7/2, -1/288 (|t| - 9/2)^2 up to 9/2. X(i), the parameters and the arithmetic of uint8 are as in linear.",
    .source = "Costella, The Magic Kernel, johncostella.com/magic, 2021",
    UG_FILTER_METHOD,
};
