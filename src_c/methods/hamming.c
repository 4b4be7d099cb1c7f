/* hamming: a sinc of one lobe in Hamming's window. */
#include "methods/filter.h"

static const upreg_param table[] = {UG_FILTER_PARAMS};

UG_FILTER_FUNCTIONS(UG_HAMMING)

const upreg_method ug_method_hamming = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "hamming",
    .family = "resample",
    .aliases = "hamming_window",
    .summary = "a sinc of one lobe in a Hamming window, in 1, 2 or 3 dimensions: sharper than linear at its cost",
    .doc = "x (N, C, m...) -> y (N, C, n...), n = size or floor(m * scale). Separable: along each axis y[i] = sum over j of x[j] h(X(i) - j) / "
           "sum over j of h(X(i) - j), where h(t) = sinc(t) (0.54 + 0.46 cos(pi t)) for |t| < 1, else 0. X(i), the parameters and the arithmetic "
           "of uint8 are as in linear.",
    .source = "Pillow, Resampling.HAMMING",
    UG_FILTER_METHOD,
};
