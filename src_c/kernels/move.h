/* Moving pixels without looking at them: `width` is a pixel's size in bytes, counts are in pixels. */
#ifndef UG_MOVE_H
#define UG_MOVE_H

#include <stdint.h>

typedef struct ug_move_kernels {
    /* y[i] = x[index[i]] */
    void (*gather)(void *y, const void *x, const int32_t *index, int64_t n, int64_t width);
    /* every one of n pixels `times` times */
    void (*repeat)(void *y, const void *x, int64_t n, int64_t times, int64_t width);
    /* The same into `rows` rows that lie row_step bytes apart.  stream: written past the caches, see `streamed`. */
    void (*repeat_rows)(void *y, int64_t row_step, int64_t rows, const void *x, int64_t n, int64_t times, int64_t width, int32_t stream);
    /* y[i * step + corner] = x[i], zeros elsewhere; y has n * step pixels */
    void (*spread)(void *y, const void *x, int64_t n, int64_t step, int64_t corner, int64_t width);
    /* y[i] = x[i * step] */
    void (*take)(void *y, const void *x, int64_t n, int64_t step, int64_t width);
    /* y[i] = *value */
    void (*fill)(void *y, const void *value, int64_t n, int64_t width);
    /* y[i * parts + j] = x_j[i], where x_j starts j * step bytes after x */
    void (*interleave)(void *y, const void *x, int64_t step, int64_t n, int64_t parts, int64_t width, int32_t stream);
    /* y[p * y_step[0] + j * y_step[1] + c * y_step[2]] = x[p * x_step[0] + j * x_step[1] + c * x_step[2]] for p, j, c below count[0..2];
     * the last loop is the innermost */
    void (*permute)(void *y, const int64_t y_step[3], const void *x, const int64_t x_step[3], const int64_t count[3], int64_t width);
    /* After the last piece that a thread wrote with `stream`. */
    void (*streamed)(void);
} ug_move_kernels;

#endif
