/* Batch, channels and one to three spatial axes, in any of the five layouts. */
#ifndef UG_SPATIAL_H
#define UG_SPATIAL_H

#include "methods/method.h"

enum { UG_NCX, UG_NXC, UG_CX, UG_XC, UG_X };
#define UG_LAYOUTS "NCX|NXC|CX|XC|X"
extern const char *const ug_layout_names[];
#define UG_LAYOUT_PARAM(S) UG_CHOICE_PARAM(S, layout, "NCX", UG_LAYOUTS, "order of the axes: N batch, C channels, X the spatial axes")

/* Of methods that need a batch. */
#define UG_BATCH_LAYOUTS "NCX|NXC"

/* How a layout names the axes of one tensor.  x[] is right-aligned in three: missing leading axes are 1. */
typedef struct ug_frame {
    int layout, ndim, rank;
    int axis_n, axis_c, axis_x; /* -1 where there is none; axis_x: the first spatial axis */
    int64_t n, c, x[UPREG_MAX_SPATIAL];
} ug_frame;

/* rank: what a preset fixes, or 0.  Rejects other ranks with an error that says what the layout wants. */
upreg_status ug_frame_of(upreg_error *err, const upreg_method *method, int layout, int rank, const upreg_spec *spec, ug_frame *frame);
/* The spec of a tensor in the same layout with other sizes (x right-aligned). */
upreg_spec ug_frame_spec(const ug_frame *frame, upreg_type type, int64_t n, int64_t c, const int64_t x[UPREG_MAX_SPATIAL]);

/* A tensor seen as (n, c, x0, x1, x2, inner): inner is the channels where they are innermost (then c is 1), else 1.
 * Strides are in elements; the inner axis is contiguous. */
typedef struct ug_view {
    char *data;
    int64_t n, c, x[UPREG_MAX_SPATIAL], inner;
    int64_t stride_n, stride_c, stride_x[UPREG_MAX_SPATIAL];
} ug_view;

/* Only layout, ndim and the axes of `frame` are used: it may be the frame of another tensor in the same layout. */
ug_view ug_view_of(const ug_frame *frame, const upreg_tensor *tensor);
/* The residual that the call adds to its output, of this frame; data is NULL where there is none. */
ug_view ug_residual_of(const ug_frame *frame, const upreg_call *call);
static inline int64_t ug_offset(const ug_view *v, int64_t n, int64_t c, int64_t x0, int64_t x1) {
    return n * v->stride_n + c * v->stride_c + x0 * v->stride_x[0] + x1 * v->stride_x[1];
}

/* Distance of neighbouring channels in memory. */
static inline int64_t ug_channel_step(const ug_frame *frame, const ug_view *v) { return frame->axis_c > frame->axis_x ? 1 : v->stride_c; }

/* Spatial parameters, expanded to three axes (right-aligned; leading ones get `missing`).  Checks the number of values given. */
upreg_status ug_axes_int(upreg_error *err, const upreg_method *method, const char *name, const upreg_ints *given, int rank, int64_t missing,
                         int64_t out[UPREG_MAX_SPATIAL]);
upreg_status ug_axes_float(upreg_error *err, const upreg_method *method, const char *name, const upreg_floats *given, int rank, double missing,
                           double out[UPREG_MAX_SPATIAL]);
/* Begin/end pairs of numbers (not of names). */
upreg_status ug_axes_pairs(upreg_error *err, const upreg_method *method, const char *name, const upreg_ints *given, int rank,
                           int64_t begin[UPREG_MAX_SPATIAL], int64_t end[UPREG_MAX_SPATIAL]);

/* Tiles.  A tile holds all of the axes that are not spatial, and prepare is told its ranges.  period, shift: of three axes, or NULL. */
void ug_tile_spatial(upreg_tiling *ctx, const ug_frame *frame, const int64_t *period, const int64_t *shift);
/* The ranges of a tile along three axes: of the outputs, and of the first input.  Without a tile, all of them: from 0. */
typedef struct ug_origin {
    int64_t out_begin[UPREG_MAX_SPATIAL], out[UPREG_MAX_SPATIAL], in_begin[UPREG_MAX_SPATIAL], in[UPREG_MAX_SPATIAL];
} ug_origin;
ug_origin ug_origin_of(const upreg_tile *tile, const ug_frame *in, const ug_frame *out);

/* Padding by number or by name. */
#define UG_PAD_NAMES "valid|same_upper|same_lower|full|causal"
enum { UG_PAD_NUMBERS = -1, UG_PAD_VALID, UG_PAD_SAME_UPPER, UG_PAD_SAME_LOWER, UG_PAD_FULL, UG_PAD_CAUSAL };
/* Padding of a forward window operation: x, ke (dilated kernel) and s per axis give the numbers that a name means. */
upreg_status ug_resolve_padding(upreg_error *err, const upreg_method *method, const upreg_ints *given, int rank, const int64_t *x, const int64_t *ke,
                                const int64_t *s, int64_t *begin, int64_t *end);

/* What lies outside an array. `value` belongs to the mode constant; given with another it would be ignored, so it is refused. */
#define UG_PAD_MODES "zeros|constant|reflect|symmetric|replicate|circular"
enum { UG_ZEROS, UG_CONSTANT, UG_REFLECT, UG_SYMMETRIC, UG_REPLICATE, UG_CIRCULAR };
extern const char *const ug_pad_mode_names[];
/* The position inside [0, m) that position i reads, or -1 for the constant. */
int64_t ug_pad_index(int mode, int64_t i, int64_t m);
upreg_status ug_check_pad_value(upreg_error *err, const upreg_method *method, int mode, double value);
/* Rejects padding that a mode cannot serve: reflect needs < m, symmetric and circular <= m, all but constants need m >= 1. */
upreg_status ug_check_pad_mode(upreg_error *err, const upreg_method *method, int mode, int64_t amount, int64_t m);
/* The range of an axis of length m that reading positions first..last (inclusive) touches, with what lies outside mapped back inside. */
void ug_reach_padded(int mode, int64_t first, int64_t last, int64_t m, int64_t *begin, int64_t *end);

#endif
