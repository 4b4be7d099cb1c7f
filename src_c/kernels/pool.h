/* Pooling: small windows of floats are folded whole, others tap by tap over contiguous runs of pixels. */
#ifndef UG_POOL_H
#define UG_POOL_H

#include <stdint.h>

#define UG_POOL_TYPES(X)                                                                                                                             \
    X(f32, float)                                                                                                                                    \
    X(f64, double)                                                                                                                                   \
    X(u8, uint8_t)                                                                                                                                   \
    X(i8, int8_t)                                                                                                                                    \
    X(u16, uint16_t)                                                                                                                                 \
    X(i16, int16_t)                                                                                                                                  \
    X(i32, int32_t)                                                                                                                                  \
    X(i64, int64_t)

/* What max_unpool does where several inputs have the same index. */
typedef enum ug_unpool_rule { UG_UNPOOL_LAST, UG_UNPOOL_FIRST, UG_UNPOOL_SUM, UG_UNPOOL_MEAN, UG_UNPOOL_MAX } ug_unpool_rule;

enum { UG_POOL_MAX, UG_POOL_MAX_INDEX, UG_POOL_SUM };
enum { UG_POOL_ROWS = 32, UG_POOL_LINES = 4 }; /* most rows of a window that is folded whole; lines that are folded before they are read */

/* The windows of one row of outputs.  Positions are in pixels, distances in elements. */
typedef struct ug_pool_window {
    int64_t k, s, d, begin, in;    /* along the row: taps, stride, dilation, padding; length of the input's row */
    int64_t rows;                  /* rows of the window that lie in the input, one at least */
    const void *row[UG_POOL_ROWS]; /* pixel 0 of each */
    int64_t inner, x_step, y_step; /* numbers of a pixel; from pixel to pixel */
    int64_t lines, x_line, y_line; /* rows of outputs (of window_rows only); from one to the next */
    void *line;                    /* scratch for UG_POOL_LINES times the columns that a row of outputs reads, and stride + 1 vectors more */
    double divisor;                /* of a sum, */
    const void *count;             /* times count[output] where there is one */
    /* The place of tap t of window row r of output i, channel c, is base + i * step_place + c * inner_place + row_place[r] + t * tap_place. */
    int64_t *index, index_step, index_line, base, step_place, line_place, inner_place, tap_place, row_place[UG_POOL_ROWS];
    int32_t stream; /* the results are too large to be found in a cache later: see ug_move_kernels.streamed */
} ug_pool_window;

/* Windows folded whole, for the floating types: outputs [begin, end) of a row to y.  `pixels`: along the channels of each; `rows`: along
 * the row, `lines` rows of outputs. */
#define UG_WINDOW_KERNELS(F, T)                                                                                                                      \
    void (*window_pixels_##F)(T * y, const ug_pool_window *p, int64_t begin, int64_t end, int32_t kind);                                             \
    void (*window_rows_##F)(T * y, const ug_pool_window *p, int64_t begin, int64_t end, int32_t kind);                                               \
    /* For every l below a vector's lanes, of which there are lanes_F: to[i * lanes_F + l] = from[l][i], and to[l][i] = from[i * step + l]. */       \
    void (*turn_##F)(T * to, const T *const *from, int64_t n);                                                                                       \
    void (*turn_back_##F)(T *const *to, const T *from, int64_t step, int64_t n);                                                                     \
    int lanes_##F;

#define UG_POOL_KERNELS(F, T)                                                                                                                        \
    /* y[i] = max(y[i], x[i]); NaN wins */                                                                                                           \
    void (*max_fold_##F)(T * y, const T *x, int64_t n);                                                                                              \
    /* The same, noting in tap[i] the number of the tap that won (the first of equals); -1: none yet, y is not looked at. */                         \
    void (*max_index_##F)(T * y, int32_t *tap, const T *x, int32_t number, int64_t n);                                                               \
    /* For i in [0, n): at = place[i] < 0 ? skip : place[i]; puts x[i] at y[at] as the rule says (not for MEAN).  For FIRST the caller goes          \
     * backwards; for MAX every place must hold one of its own values before. */                                                                     \
    void (*unpool_##F)(T * y, const T *x, const int64_t *place, int64_t n, int32_t rule);                                                            \
    /* The usual case in one go, zeros and all: n pixels of `channels` numbers, `step` numbers apart; number c of pixel i goes to number c of pixel  \
     * index[i * step + c] - first of y, or is added there.  Stops and returns 0 at an index outside [first, first + pixels). */                     \
    int (*unpool_flat_##F)(T * y, const T *x, const int64_t *index, int64_t first, int64_t pixels, int64_t channels, int64_t step, int64_t n,        \
                           int32_t sums);

typedef struct ug_pool_kernels {
    UG_POOL_TYPES(UG_POOL_KERNELS)
    UG_WINDOW_KERNELS(f32, float)
    UG_WINDOW_KERNELS(f64, double)
    /* turn_back of lanes_f64 rows of indices: to[l][i] = add[l] + from[i * step + l] */
    void (*turn_back_index)(int64_t *const *to, const int64_t *from, int64_t step, int64_t n, const int64_t *add);
    /* out[i * inner + c] = base + i * step + c * inner_step + offset[tap[i * inner + c]] */
    void (*index)(int64_t *out, const int32_t *tap, const int64_t *offset, int64_t base, int64_t step, int64_t inner_step, int64_t n, int64_t inner);
    /* y[i] += x[i], in wider integers */
    void (*widen_add_u8)(int32_t *y, const uint8_t *x, int64_t n);
    void (*add_i32)(int32_t *y, const int32_t *x, int64_t n);
    /* y[i * inner + c] = sum[i * inner + c] / divisor[i]; u8 rounds half up */
    void (*mean_f32)(float *y, const float *sum, const float *divisor, int64_t n, int64_t inner);
    void (*mean_f64)(double *y, const double *sum, const double *divisor, int64_t n, int64_t inner);
    void (*mean_u8)(uint8_t *y, const int32_t *sum, const int64_t *divisor, int64_t n, int64_t inner);
} ug_pool_kernels;

#endif
