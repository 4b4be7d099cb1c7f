/* Separable resampling by tables of taps, one axis at a time.
 *
 * Floating kernels form w0 * x0, then add the other taps in order by fused multiply-add (in blocks of UG_SUM_BLOCK taps).  Whole-number kernels
 * compute (sum of w * x + half) >> shift exactly in 32 bits.  So all ways to compute one output give the same bits. */
#ifndef UG_RESAMPLE_H
#define UG_RESAMPLE_H

#include <stdint.h>

/* The taps of outputs along one axis: tap t of output i is at [i * taps + t].  Weights have the type of the sums, int16_t for whole numbers. */
typedef struct ug_taps {
    const int32_t *index;
    const void *weight;
    const int32_t *count; /* taps of each output, at most `taps` */
    int32_t taps;
    int32_t counted; /* not all outputs have `taps` */
} ug_taps;

enum { UG_WINDOW_KINDS = 3 };

/* The same for groups of `lanes` neighbouring numbers of a row, looked up inside vectors: all that step t of a group reads lies in one window of
 * the row.  A step is a tap, for whole numbers a pair of taps.  Groups that look alike share a pattern. */
typedef struct ug_windows {
    const int32_t *base;    /* [group * steps + step]: where the window begins */
    const int32_t *pattern; /* [group] */
    const void *index;      /* [(pattern * steps + step) * lanes + lane]: int32_t places in the window; whole numbers: pairs of int16_t */
    const void *weight;     /* the same; whole numbers: pairs of int16_t */
    const int32_t *count;   /* [pattern * lanes + lane]: taps; whole numbers have weights of 0 instead */
    const int32_t *run;     /* [group]: from here on so many have the same pattern; 0 where some lanes have fewer than all taps */
    int64_t length;         /* numbers in the row: no window goes beyond, unless the row is shorter than one */
    int32_t steps, kind;    /* which of the pass's kinds of windows these are */
} ug_windows;

/* How a blend meets the memory. */
typedef struct ug_way {
    const char *ahead[2]; /* memory as long as the row that is soon read, or NULL */
    int32_t stream;       /* results go past the caches; they are there after settle() */
} ug_way;

/* What the numbers of one pass are made by: from one type to another. */
typedef struct ug_resample_pass {
    int32_t lanes, window[UG_WINDOW_KINDS]; /* outputs per group; numbers in each kind of windows, ascending.  lanes 0: there is no `windows` */
    /* n numbers of a row, from group `group` on; x: number 0 of the row */
    void (*windows)(void *y, const void *x, const ug_windows *windows, int64_t group, int64_t n, int shift);
    /* n pixels of `inner` neighbouring numbers, from pixel `begin` on; x: pixel 0 of the row */
    void (*pixels)(void *y, const void *x, const ug_taps *taps, int64_t begin, int64_t n, int64_t inner, int shift);
    /* y[i] = sum over t of weight[t] * row[t][i]; taps >= 1 */
    void (*blend)(void *y, const void *const *row, const void *weight, int64_t taps, int64_t n, int shift, const ug_way *way);
} ug_resample_pass;

typedef enum ug_whole_type { UG_WHOLE_U8, UG_WHOLE_U16, UG_WHOLE_I16 } ug_whole_type;

typedef struct ug_resample_kernels {
    ug_resample_pass f32, f64;
    ug_resample_pass u8_i16, i16_i16, i16_u8, u8_u8; /* to u8: clamped */
    ug_resample_pass u8_wide;                        /* u8 to u8, by weights of int32_t */
    ug_resample_pass u8_i32, i32_u8;                 /* all places kept; then (sum + half) >> shift */
    ug_resample_pass i32_mean;                       /* sum / `shift`, ties to even */
    ug_resample_pass u8_i16_down, i16_linear;        /* cut off instead of rounded; then OpenCV's linear blend */
    ug_resample_pass u8_f32, f32_u8;                 /* sums of products without fused multiply-add */
    /* n whole numbers as floats, and floats as whole numbers: rounded to even and kept in range */
    void (*to_floats)(float *to, const void *from, ug_whole_type type, int64_t n);
    void (*from_floats)(void *to, const float *from, ug_whole_type type, int64_t n);
    void (*settle)(void); /* what was streamed is written before what follows */
} ug_resample_kernels;

#endif
