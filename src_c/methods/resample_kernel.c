#include "methods/resample_kernel.h"

static double sinc(double t) { return t == 0 ? 1 : t == floor(t) ? 0 : sin(M_PI * t) / (M_PI * t); } /* a sine of whole multiples of pi is not 0 */

/* Keys' cubic convolution kernel */
static double keys(double a, double t) {
    if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
    return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

static double lanczos(double a, double t) {
    if (t >= a || t == floor(t)) return t == 0;
    return a * sin(M_PI * t) * sin(M_PI * t / a) / (M_PI * M_PI * t * t);
}

static double mitchell(double b, double c, double t) {
    if (t < 1) return ((12 - 9 * b - 6 * c) * t * t * t + (-18 + 12 * b + 6 * c) * t * t + 6 - 2 * b) / 6;
    if (t < 2) return ((-b - 6 * c) * t * t * t + (6 * b + 30 * c) * t * t + (-12 * b - 48 * c) * t + 8 * b + 24 * c) / 6;
    return 0;
}

static double magic_2013(double t) {
    if (t <= 0.5) return 17.0 / 16 - 7.0 / 4 * t * t;
    if (t <= 1.5) return (t - 11.0 / 4) * t + 7.0 / 4;
    return t <= 2.5 ? (5.0 / 8 - t / 8) * t - 25.0 / 32 : 0;
}

static double magic_2021(double t) {
    if (t <= 0.5) return 577.0 / 576 - 239.0 / 144 * t * t;
    if (t <= 1.5) return 35.0 / 36 * (t - 1) * (t - 239.0 / 140);
    if (t <= 2.5) return 1.0 / 6 * (t - 2) * (65.0 / 24 - t);
    if (t <= 3.5) return 1.0 / 36 * (t - 3) * (t - 15.0 / 4);
    return t <= 4.5 ? -1.0 / 288 * (t - 4.5) * (t - 4.5) : 0;
}

/* ---- splines ---- */

/* The B-spline of an order, from the far end, where few terms cancel. */
static double spline(int order, double t) {
    static const double factorial[] = {1, 1, 2, 6, 24, 120};
    if (order == 0) return t >= -0.5 && t < 0.5;
    double u = (order + 1) / 2.0 - fabs(t), sum = 0, choose = 1;
    for (int k = 0; k <= order + 1 && u > k; k++) {
        sum += choose * pow(u - k, order);
        choose *= -(order + 1.0 - k) / (k + 1);
    }
    return sum / factorial[order];
}

/* The poles inside the unit circle of 1 / B(z), where B is the B-spline at whole numbers; from the roots y of B as a polynomial in z + 1/z. */
static int poles(int order, double pole[2]) {
    double y[2] = {0};
    switch (order) {
    case 2: y[0] = -6; break;
    case 3: y[0] = -4; break;
    case 4: y[1] = -38 - sqrt(1216), y[0] = 228 / y[1]; break;
    case 5: y[1] = -13 - sqrt(105), y[0] = 64 / y[1]; break;
    default: return 0;
    }
    int n = 1 + (y[1] != 0);
    for (int i = 0; i < n; i++) pole[i] = -2 / (sqrt(y[i] * y[i] - 4) - y[i]);
    return n;
}

enum { SPLINE_REACH = 52 }; /* the largest pole, 0.43, to this power is less than 2^-62 */

/* The spline through a single 1: B-splines weighted by the inverse of B, a sum of two-sided powers of the poles. */
static double cardinal_spline(int order, double t) {
    double pole[2], sum = 0;
    int n = poles(order, pole);
    if (n == 0) return spline(order, t);
    if (t == floor(t)) return t == 0;
    for (int i = 0; i < n; i++) {
        double z = pole[i], slope = 0, inner = 0; /* slope: of B at the pole */
        for (int k = 1; k <= order / 2; k++) slope += k * spline(order, k) * (pow(z, k - 1) - pow(z, -k - 1));
        for (int64_t k = (int64_t)ceil(t - (order + 1) / 2.0); k <= (int64_t)floor(t + (order + 1) / 2.0); k++)
            inner += spline(order, t - (double)k) * pow(z, (double)(k < 0 ? -k : k));
        sum += inner / (slope * z);
    }
    return sum;
}

/* ---- all of them ---- */

void ug_kernel_begin(ug_kernel *k) {
    double pole[2];
    switch (k->kind) {
    case UG_KEYS:
    case UG_MITCHELL: k->radius = 2; return;
    case UG_LANCZOS: k->radius = k->a; return;
    case UG_BOX: k->radius = 0.5; return;
    case UG_GAUSSIAN: k->radius = 3 * k->a; return;
    case UG_MAGIC: k->radius = k->newer ? 4.5 : 2.5; return;
    case UG_SPLINE: k->radius = k->prefilter && poles(k->order, pole) ? SPLINE_REACH : (k->order + 1) / 2.0; return;
    default: k->radius = 1;
    }
}

double ug_kernel_at(const ug_kernel *k, double t) {
    double d = fabs(t);
    switch (k->kind) {
    case UG_TRIANGLE: return fmax(1 - d, 0);
    case UG_KEYS: return keys(k->a, d);
    case UG_LANCZOS: return lanczos(k->a, d);
    case UG_BOX: return t >= -0.5 && t < 0.5;
    case UG_HAMMING: return d < 1 ? sinc(d) * (k->pillow ? 0.54f + 0.46f * cos(M_PI * d) : 0.54 + 0.46 * cos(M_PI * d)) : 0;
    case UG_MITCHELL: return mitchell(k->a, k->b, d);
    case UG_GAUSSIAN: return d < k->radius ? exp(-d * d / (2 * k->a * k->a)) : 0;
    case UG_MAGIC: return k->newer ? magic_2021(d) : magic_2013(d);
    default: return k->prefilter ? cardinal_spline(k->order, t) : spline(k->order, t);
    }
}

int ug_kernel_normalised(const ug_kernel *k) { return k->kind == UG_LANCZOS || k->kind == UG_HAMMING || k->kind == UG_GAUSSIAN; }

/* ---- waves ---- */

/* 1 + 2 cos(angle) + 2 cos(2 angle) + ... up to `last`; half: the angle / 2. */
static double waves_up_to(int64_t last, double half) {
    double below = sin(half);
    return fabs(below) < 1e-12 ? 2.0 * (double)last + 1 : sin((2.0 * (double)last + 1) * half) / below;
}

/* What is only the rounding of a zero is 0. */
static double near_zero(double weight) { return fabs(weight) < ldexp(1, -51) ? 0 : weight; }

double ug_fourier_weight(int64_t m, int64_t waves, double x, int64_t j) {
    double t = fmod(x - (double)j, (double)m), half = M_PI * t / (double)m, sum;
    if (waves == m && t == floor(t)) return t == 0;
    sum = waves_up_to((waves - 1) / 2, half);
    /* an even number has one wave of two signs: both halves when there were more, one half each of the two that it was */
    if (waves % 2 == 0) sum += (waves < m ? 2 : 1) * cos((double)waves * half);
    return near_zero(sum / (double)m);
}

double ug_cosine_weight(int64_t m, int64_t waves, double x, int64_t j) {
    double half = M_PI / (2.0 * (double)m), direct = x - (double)j, mirrored = x + (double)j + 1;
    if (waves == m && x == floor(x) && x >= 0 && x < (double)m) return direct == 0;
    return near_zero((waves_up_to(waves - 1, half * direct) + waves_up_to(waves - 1, half * mirrored)) / (2.0 * (double)m));
}
