#include "methods/resample_poly.h"

enum { ZERO_CROSSINGS = 10 }; /* of the sinc, on either side of its middle */

/* The modified Bessel function of order 0: a series of positive terms. */
static double bessel_i0(double x) {
    double term = 1, sum = 1;
    for (int k = 1; term > sum * 1e-17; k++) term *= x * x / (4.0 * k * k), sum += term;
    return sum;
}

/* A windowed sinc whose taps add up to up: the mean is kept. */
static void design(const ug_fir *fir, int axis, double *filter) {
    double beta = ((const ug_poly_params *)fir->params)->beta, sum = 0;
    int64_t half = (fir->taps[axis] - 1) / 2, rate = half / ZERO_CROSSINGS;
    for (int64_t t = -half; t <= half && half > 0; t++) {
        double at = (double)t / (double)half, phase = (double)t / (double)rate;
        double sinc = t == 0 ? 1 : t % rate == 0 ? 0 : sin(M_PI * phase) / (M_PI * phase);
        sum += filter[t + half] = sinc * bessel_i0(beta * sqrt(1 - at * at));
    }
    if (half == 0) filter[0] = sum = 1; /* the rate stays */
    for (int64_t t = 0; t < fir->taps[axis]; t++) filter[t] /= sum;
}

upreg_status ug_poly_of(const ug_ask *ask, ug_fir *fir) {
    const ug_poly_params *q = ask->params;
    int rank = fir->x.rank;
    fir->separable = 1, fir->design = design, fir->params = q, fir->gain = 1, fir->mode = UG_ZEROS, fir->type = ask->in[0].type;
    UG_TRY(ug_axes_int(ask->err, ask->method, "up", &q->up, rank, 1, fir->up));
    UG_TRY(ug_axes_int(ask->err, ask->method, "down", &q->down, rank, 1, fir->down));
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {
        int64_t common = ug_gcd(fir->up[a], fir->down[a]), up = fir->up[a] /= common, down = fir->down[a] /= common;
        int64_t half = up == 1 && down == 1 ? 0 : ZERO_CROSSINGS * ug_max64(up, down), m = fir->x.x[a], n = ug_ceil_div(m * up, down);
        fir->taps[a] = 2 * half + 1, fir->gain *= (double)up;
        fir->begin[a] = half, fir->end[a] = (n - 1) * down + half + 1 - m * up;
    }
    return ug_fir_finish(ask->err, ask->method, fir);
}
