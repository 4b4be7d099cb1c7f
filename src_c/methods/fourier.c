/* fourier: the sum of waves that goes through the pixels. */
#include "methods/filter.h"

static const upreg_param table[] = {UG_FOURIER_PARAMS};

UG_FILTER_FUNCTIONS(UG_FOURIER)

const upreg_method ug_method_fourier = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "fourier",
    .family = "resample",
    .aliases = "fft_resample|sinc_fft|sinc|fft_zoom",
    .summary = "resampling by the discrete Fourier transform, in 1, 2 or 3 dimensions: exact for band-limited images that repeat",
    .doc = "x (N, C, m...) -> y (N, C, n...), n = size or floor(m * scale). Separable: along each axis y is the inverse transform of x's "
           "transform with frequencies added (as zeros) or left out, times n / m: y[i] = sum over j of x[j] D(X(i) - j) with D(t) = (1 + 2 sum "
           "over k = 1 ... (w - 1) / 2 of cos(2 pi k t / m)) / m and w = min(m, n) waves; where w is even, half its highest wave when it is m's "
           "own (each of both signs), all of both when it was one of several. Every output reads every input of its axis. X(i) = i s by default, "
           "as after a transform. It is computed as a sum, not by transforms. The arithmetic of uint8 is as in linear.",
    .source = "scipy.signal.resample",
    UG_FILTER_METHOD,
};
