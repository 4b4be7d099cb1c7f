/* Sliding windows of pools: sizes, taps that lie inside, and the three ways to write an index down. */
#ifndef UG_WINDOW_H
#define UG_WINDOW_H

#include "methods/rows.h"

#define UG_POOL_PADS "valid|same_upper|same_lower"
#define UG_INDEX_FORMS "spatial_flat|global_flat|nhwc_flat"
enum { UG_SPATIAL_FLAT, UG_GLOBAL_FLAT, UG_NHWC_FLAT };

/* Per axis (right-aligned): kernel, stride, dilation, padding, and the sizes of both tensors. */
typedef struct ug_window {
    ug_frame in, out;
    int64_t k[UPREG_MAX_SPATIAL], s[UPREG_MAX_SPATIAL], d[UPREG_MAX_SPATIAL];
    int64_t begin[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL];
    int64_t row; /* outputs in a row of the whole call */
} ug_window;

/* input: the frame of what is pooled.  dilation may be NULL. */
upreg_status ug_window_of(const ug_ask *ask, const upreg_ints *kernel, const upreg_ints *stride, const upreg_ints *padding,
                          const upreg_ints *dilation, int ceil_mode, const ug_frame *input, ug_window *w);
/* UPREG_E_SHAPE when a window holds no element at all. */
upreg_status ug_window_not_empty(const ug_ask *ask, const ug_window *w);

/* Taps [*first, *last) of output o along an axis lie inside the input. */
void ug_window_taps(const ug_window *w, int axis, int64_t o, int64_t *first, int64_t *last);
/* Outputs [*first, *last) along an axis whose tap t lies inside the input. */
void ug_window_outputs(const ug_window *w, int axis, int64_t t, int64_t *first, int64_t *last);
/* Range of inputs that outputs [begin, end) read. */
void ug_window_reach(const ug_window *w, upreg_reach *ctx);
/* The windows of a tile: its sizes, and padding only where it lies at the border of the image. */
void ug_window_cut(ug_window *w, const upreg_tile *tile);
/* ",kernel=...,stride=...,padding=...,dilation=..." in numbers */
void ug_window_text(char *text, size_t size, const ug_window *w);

/* The frame of what a pool made `small` of: of spatial size output_size, or (m - 1) stride - begin - end + kernel.  Then, whether windows on it
 * are as many as `small` has elements. */
upreg_status ug_unpooled_frame(const ug_ask *ask, const upreg_ints *kernel, const upreg_ints *stride, const upreg_ints *padding,
                               const upreg_ints *output_size, const ug_frame *small, ug_frame *large);
upreg_status ug_check_unpooled(const ug_ask *ask, const ug_window *w, const ug_frame *small);

/* An index as a sum: n * step_n + c * step_c + sum of x * step_x. */
typedef struct ug_index_form {
    int64_t n, c, x[UPREG_MAX_SPATIAL];
} ug_index_form;
ug_index_form ug_index_form_of(const ug_frame *plane, int form, int column, int include_batch);

#endif
