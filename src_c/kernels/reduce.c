#include "kernels/reduce.h"

#include "kernels/activation.h"
#include "kernels/lanes.h"
#include "kernels/tuning.h"

/* ---- totals ---- */

static double exp_of(double x) { return ug_exp_f64(ug_set1_f64(x))[0]; }

/* log(2^k f) = k log(2) + 2 atanh((f - 1) / (f + 1)), with f in [sqrt(1/2), sqrt(2)); the series ends below half a unit in the last place. */
static double log_of(double x) {
    const double log2_high = 0x1.62e42fefa38p-1, log2_low = 0x1.ef35793c7673p-45;
    if (!(x > 0)) return x == 0 ? -INFINITY : NAN;
    if (x == INFINITY) return x;
    int64_t bits, k = 0;
    if (x < 0x1p-1022) x *= 0x1p54, k = -54;
    memcpy(&bits, &x, sizeof bits);
    k += (bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffff) | 0x3ff0000000000000;
    memcpy(&x, &bits, sizeof x);
    if (x > 1.4142135623730951) x *= 0.5, k++;
    double s = (x - 1) / (x + 1), z = s * s, p = 0;
    for (int n = 23; n >= 3; n -= 2) p = ug_sfma_f64(p, z, 1.0 / n);
    return (double)k * log2_high + (2 * s + (2 * s * (z * p) + (double)k * log2_low));
}

/* What is subtracted before the exponential: the largest number, unless that is infinite or NaN. */
static double shift_of(double largest) { return largest - largest == 0 ? largest : 0; }

/* A sum of exp(x - old) as one of exp(x - new). */
static double shifted(double sum, double old, double new) {
    return sum == 0 || shift_of(old) == shift_of(new) ? sum : sum * exp_of(shift_of(old) - shift_of(new));
}

static void exp_join(void *total, const void *more, int64_t n) {
    double *all = total;
    const double *other = more;
    for (int64_t c = 0; c < n; c++) {
        double old = all[c], largest = (other[c] > old) | (other[c] != other[c]) ? other[c] : old;
        all[c] = largest;
        all[n + c] = shifted(all[n + c], old, largest) + shifted(other[n + c], other[c], largest);
    }
}

#define DEFINE_JOIN(name, T, expression)                                                                                                             \
    static void name(void *total, const void *more, int64_t n) {                                                                                     \
        T *restrict all = total;                                                                                                                     \
        const T *restrict other = more;                                                                                                              \
        for (int64_t c = 0; c < n; c++) {                                                                                                            \
            T a = all[c], b = other[c];                                                                                                              \
            all[c] = expression;                                                                                                                     \
        }                                                                                                                                            \
    }
DEFINE_JOIN(add_join, double, a + b)
DEFINE_JOIN(product_join, double, a *b)
DEFINE_JOIN(max_join, double, (b > a) | (b != b) ? b : a)
DEFINE_JOIN(min_join, double, (b < a) | (b != b) ? b : a)
DEFINE_JOIN(add_join_whole, uint64_t, a + b)
DEFINE_JOIN(product_join_whole, uint64_t, a *b)
DEFINE_JOIN(max_join_whole, int64_t, b > a ? b : a)
DEFINE_JOIN(min_join_whole, int64_t, b < a ? b : a)

/* ---- types ---- */

#define F f32
#define S float
#define V ug_v32
#include "kernels/reduce_t.h"
#define F f64
#define S double
#define V ug_v64
#include "kernels/reduce_t.h"

#define F u8
#define S uint8_t
#include "kernels/reduce_whole_t.h"
#define F i8
#define S int8_t
#include "kernels/reduce_whole_t.h"
#define F i32
#define S int32_t
#include "kernels/reduce_whole_t.h"
#define F i64
#define S int64_t
#include "kernels/reduce_whole_t.h"

#define IS_NAN(x) ((x) != (x))
#define F f32
#define S float
#include "kernels/reduce_best_t.h"
#define F f64
#define S double
#include "kernels/reduce_best_t.h"
#undef IS_NAN
#define IS_NAN(x) 0
#define F u8
#define S uint8_t
#include "kernels/reduce_best_t.h"
#define F i8
#define S int8_t
#include "kernels/reduce_best_t.h"
#define F i32
#define S int32_t
#include "kernels/reduce_best_t.h"
#define F i64
#define S int64_t
#include "kernels/reduce_best_t.h"

#define FOLDS(way, F) sum_##way##_##F, abs_##way##_##F, square_##way##_##F, product_##way##_##F, max_##way##_##F, min_##way##_##F
#define FLOATS(F)                                                                                                                                    \
    {                                                                                                                                                \
        {FOLDS(row, F), power_sum_row_##F, exp_row_##F},                                                                                             \
        {FOLDS(columns, F), power_sum_columns_##F, exp_columns_##F},                                                                                 \
        {add_join, add_join, add_join, product_join, max_join, min_join, add_join, exp_join},                                                        \
        find_##F,                                                                                                                                    \
        best_##F,                                                                                                                                    \
    }
#define WHOLE(F)                                                                                                                                     \
    {                                                                                                                                                \
        {FOLDS(row, F)},                                                                                                                             \
        {FOLDS(columns, F)},                                                                                                                         \
        {add_join_whole, add_join_whole, add_join_whole, product_join_whole, max_join_whole, min_join_whole},                                        \
        find_##F,                                                                                                                                    \
        best_##F,                                                                                                                                    \
    }

extern const ug_reduce_kernels UGK(reduce);
const ug_reduce_kernels UGK(reduce) = {{FLOATS(f32), FLOATS(f64), WHOLE(u8), WHOLE(i8), WHOLE(i32), WHOLE(i64)}, exp_of, log_of, grad_f32, grad_f64};
