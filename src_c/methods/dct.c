/* dct: the sum of cosines that goes through the pixels. */
#include "methods/filter.h"

static const upreg_param table[] = {UG_COSINE_PARAMS};

UG_FILTER_FUNCTIONS(UG_COSINE)

const upreg_method ug_method_dct = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "dct",
    .family = "resample",
    .aliases = "dct_resample|cosine_resample",
    .summary = "resampling by the discrete cosine transform, in 1, 2 or 3 dimensions: as by Fourier's, of the mirrored image",
    .doc = "x (N, C, m...) -> y (N, C, n...), n = size or floor(m * scale). Separable: along each axis y is the inverse DCT-II of x's DCT-II "
           "with frequencies added (as zeros) or left out, times n / m in the orthogonal form's square: y[i] = 1/m sum over j of x[j] (1 + 2 sum "
           "over k = 1 ... min(m, n) - 1 of cos(pi k (j + 1/2) / m) cos(pi k (X(i) + 1/2) / m)), X(i) = (i + 1/2) s - 1/2. Every output reads "
           "every input of its axis. The arithmetic of uint8 is as in linear.",
    .source =
        "Dugad and Ahuja, A Fast Scheme for Image Size Change in the Compressed Domain, IEEE Transactions on Circuits and Systems for Video Technology, 2001",
    UG_FILTER_METHOD,
};
