/* area: the mean over what an output pixel covers. */
#include "methods/filter.h"

static const upreg_param table[] = {UG_AREA_PARAMS};

UG_FILTER_FUNCTIONS(UG_COVER)

const upreg_method ug_method_area = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "area",
    .family = "resample",
    .aliases = "box_average",
    .summary = "mean over the area that an output pixel covers, in 1, 2 or 3 dimensions, to a size or by a scale",
    .doc =
        "x (N, C, m...) -> y (N, C, n...), n = size or floor(m * scale). Separable: along each axis y[i] is the mean over [i s, (i + 1) s), cut "
        "off at m, of the function that is x[j] on [j, j + 1), with s = m / n, or 1 / scale when a scale is given and recompute_scale is not "
        "set. Ends within 1e-9 of a whole number are that number. rule=adaptive: over all pixels that the interval touches, whole: what torch calls "
        "area and adaptive average pooling. rule=opencv: exact where no axis grows; else y[i] = x[j] (1 - f) + x[j + 1] f with j = floor(i s), "
        "f = (i + 1) - (j + 1) / s, 0 where negative, else without its whole part. The arithmetic of uint8 is as in linear.",
    .source = "OpenCV resize, INTER_AREA; PyTorch adaptive_avg_pool",
    UG_FILTER_METHOD,
};
