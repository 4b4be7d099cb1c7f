/* Convolutions of one channel each.  Sums run over the taps in order, in blocks of UG_K_BLOCK terms, as those of the tiles do. */
#ifndef UG_DEPTHWISE_H
#define UG_DEPTHWISE_H

#include <stdint.h>

#define UG_DEPTHWISE_FAMILY(T, S)                                                                                                                    \
    /* Copies `rows` rows of n numbers to lines, `low` times `fill` before and `high` times after them; up to a vector more is overwritten. */       \
    void (*stage_##S)(T * to, int64_t line, const T *from, int64_t x_row, int64_t rows, int64_t low, int64_t n, int64_t high, T fill);               \
    /* The same for rows that are split: place i of the padded row goes to to[i % 2 * pitch + i / 2]; `places` of each half are filled. */           \
    void (*stage_halves_##S)(T * to, int64_t pitch, int64_t line, const T *from, int64_t x_row, int64_t rows, int64_t low, int64_t n,                \
                             int64_t places, T fill);                                                                                                \
    /* c[r * c_row + j] = sum over t of w[t] * x[r * x_row + offset[t] + j], r < rows, j < n; a vector may be read past the last x. */               \
    void (*rows_##S)(T * c, int64_t c_row, const T *x, int64_t x_row, const T *w, const int32_t *offset, int64_t taps, int64_t rows, int64_t n);     \
    /* The same for 3 x 3 neighbouring taps and steps of one: row t / 3, column t % 3. */                                                            \
    void (*rows_3x3_##S)(T * c, int64_t c_row, const T *x, int64_t x_row, const T *w, int64_t rows, int64_t n);                                      \
    /* y[i * y_step + c] = sum over t of w[t * channels + c] * x[t][i * x_step + c], i < pixels */                                                   \
    void (*pixels_##S)(T * y, int64_t y_step, const T *const *x, int64_t x_step, const T *w, int64_t taps, int64_t pixels, int64_t channels);        \
    /* Outputs [first, first + n) of a transposed convolution of `in` columns: y[o - first] = sum over the given rows r, then taps t of              \
     * w[r][t] * x[r][(o - t) / s], wherever that is a column.  At most UG_K_BLOCK terms each. */                                                    \
    void (*spread_##S)(T * y, int64_t first, int64_t n, const T *const *x, const T *const *w, int64_t rows, int64_t in, int64_t k, int64_t s);

typedef struct ug_depthwise_kernels {
    UG_DEPTHWISE_FAMILY(float, f32)
    UG_DEPTHWISE_FAMILY(double, f64)
} ug_depthwise_kernels;

#endif
