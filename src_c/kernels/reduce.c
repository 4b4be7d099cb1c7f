#include "kernels/reduce.h"

#include "kernels/lanes.h"
#include "kernels/math_vector.h"
#include "kernels/tuning.h"

/* ---- totals ---- */

static double exp_of(double x) { return ug_exp_f64(ug_set1_f64(x))[0]; }

static double log_of(double x) { return ug_log_f64(ug_set1_f64(x))[0]; }

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
const ug_reduce_kernels UGK(reduce) = {
    .type = {[UG_TYPE_F32] = FLOATS(f32),
             [UG_TYPE_F64] = FLOATS(f64),
             [UG_TYPE_U8] = WHOLE(u8),
             [UG_TYPE_I8] = WHOLE(i8),
             [UG_TYPE_I32] = WHOLE(i32),
             [UG_TYPE_I64] = WHOLE(i64)},
    .exp = exp_of,
    .log = log_of,
    .grad_f32 = grad_f32,
    .grad_f64 = grad_f64,
};
