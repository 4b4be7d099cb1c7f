/* Reductions: many numbers folded into one.  A total is a double for the floating types and an int64 that wraps for the integers; floats are
 * summed in blocks of UG_SUM_BLOCK terms in their own type, the blocks added in order. */
#ifndef UG_REDUCE_H
#define UG_REDUCE_H

#include "kernels/types.h"

/* The last two are for floats only.  UG_FOLD_POWER sums |x|^p.  UG_FOLD_EXP has two totals: the largest number, and the sum of
 * exp(x - the largest); those of several columns follow all the largest ones. */
enum { UG_FOLD_SUM, UG_FOLD_ABS, UG_FOLD_SQUARE, UG_FOLD_PRODUCT, UG_FOLD_MAX, UG_FOLD_MIN, UG_FOLD_POWER, UG_FOLD_EXP, UG_FOLDS };
/* What a reduction makes of a total, and what belongs to its gradient: y the result, g what reaches it, m a count.
 * SUM g, MEAN g / p, MAX and MIN g / m where x is y, L1 g sign(x), L2 g x / y, LP g sign(x) (|x| / y)^(p - 1), SUM_SQUARE 2 g x, LOG_SUM g / y
 * with y the sum, LOG_SUM_EXP g exp(x - y), PROD with m zeros, and y the product of all else: g y / x if m is 0, g y at a single zero.
 * IS_BEST is 1 where x is g, IS_ZERO 1 where x is 0. */
#define UG_REDUCTIONS "sum|mean|max|min|prod|l1|l2|lp|sum_square|log_sum|log_sum_exp|is_best|is_zero"
enum {
    UG_REDUCE_SUM,
    UG_REDUCE_MEAN,
    UG_REDUCE_MAX,
    UG_REDUCE_MIN,
    UG_REDUCE_PROD,
    UG_REDUCE_L1,
    UG_REDUCE_L2,
    UG_REDUCE_LP,
    UG_REDUCE_SUM_SQUARE,
    UG_REDUCE_LOG_SUM,
    UG_REDUCE_LOG_SUM_EXP,
    UG_REDUCE_IS_BEST,
    UG_REDUCE_IS_ZERO
};
enum { UG_FOLD_COLUMNS = 512 }; /* most columns that are folded at once */

/* The kernels of one type: x is of the type, a total is double or int64_t. */
typedef struct ug_reduce_type {
    void (*row[UG_FOLDS])(void *total, const void *x, int64_t n, int64_t p);
    /* n neighbouring columns of `rows` rows, `stride` numbers apart */
    void (*columns[UG_FOLDS])(void *total, const void *x, int64_t rows, int64_t stride, int64_t n, int64_t p);
    /* total[c] folded with more[c], n totals of each */
    void (*join[UG_FOLDS])(void *total, const void *more, int64_t n);
    /* the first place (the last one if `last`) of *value, which is there and of the type of x; NaN equals NaN */
    int64_t (*find)(const void *x, const void *value, int64_t n, int last);
    /* Where x[c] is above best[c] (below when `low`): best[c] = x[c], place[c] = number.  NaN is best. */
    void (*best)(void *best, int64_t *place, const void *x, int64_t number, int64_t n, int low);
} ug_reduce_type;

typedef struct ug_reduce_kernels {
    ug_reduce_type type[UG_TYPES]; /* not all types have it */
    /* of one number */
    double (*exp)(double x);
    double (*log)(double x);
    /* gx[i] of a reduction; g, y and m are numbers for each x when they run, else one for all; those that the kind does not need may be NULL */
    void (*grad_f32)(float *gx, const float *x, const float *g, const float *y, const float *m, int runs, int kind, int64_t p, int64_t n);
    void (*grad_f64)(double *gx, const double *x, const double *g, const double *y, const double *m, int runs, int kind, int64_t p, int64_t n);
} ug_reduce_kernels;

/* The sum and the largest of n numbers; sums of n neighbouring columns are added to total[c]. */
#define UG_REDUCE_SHORT(F, S, TYPE)                                                                                                                  \
    static inline double ug_sum_##F(const ug_reduce_kernels *k, const S *x, int64_t n) {                                                             \
        double total = 0;                                                                                                                            \
        k->type[TYPE].row[UG_FOLD_SUM](&total, x, n, 0);                                                                                             \
        return total;                                                                                                                                \
    }                                                                                                                                                \
    static inline S ug_largest_##F(const ug_reduce_kernels *k, const S *x, int64_t n) {                                                              \
        double largest = (double)x[0];                                                                                                               \
        k->type[TYPE].row[UG_FOLD_MAX](&largest, x, n, 0);                                                                                           \
        return (S)largest;                                                                                                                           \
    }                                                                                                                                                \
    static inline void ug_sum_columns_##F(const ug_reduce_kernels *k, double *total, const S *x, int64_t rows, int64_t stride, int64_t n) {          \
        k->type[TYPE].columns[UG_FOLD_SUM](total, x, rows, stride, n, 0);                                                                            \
    }
UG_REDUCE_SHORT(f32, float, UG_TYPE_F32)
UG_REDUCE_SHORT(f64, double, UG_TYPE_F64)

#endif
