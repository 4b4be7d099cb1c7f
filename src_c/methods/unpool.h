/* max_unpool and its gradient: where every element goes. */
#ifndef UG_UNPOOL_H
#define UG_UNPOOL_H

#include "methods/resize.h"
#include "methods/window.h"

typedef struct ug_unpool_params {
    upreg_ints kernel, stride, padding, output_size;
    int32_t overlap, indices, storage_order, include_batch, layout;
} ug_unpool_params;

#define UG_OVERLAPS "last|first|sum|mean|max" /* the order of ug_unpool_rule */

extern const upreg_param ug_unpool_table[9];

/* The tensors are cut into lanes: one channel of one image, or UG_LANE_CHANNELS neighbouring channels where channels are innermost.  An index
 * normally stays in its own lane, so lanes are independent; when some index leaves its lane, everything is done again, in order, in one go. */
typedef struct ug_unpool {
    ug_frame small, large;
    int32_t channels_last, form, column, include_batch;
    int64_t lanes_per_image, lane_channels, lanes;
    int64_t small_pixels, large_pixels;
    size_t element;
    /* Of a part, an element whose index lies in its own window, or one beside it, but not in the part is left out (a pool's windows may be larger
     * than those that are given here); one farther away is an error: it might lie in a part that does not read it. */
    int32_t is_part;
    ug_frame whole; /* the large tensor of the whole call, which indices count in */
    int64_t k[UPREG_MAX_SPATIAL], s[UPREG_MAX_SPATIAL], begin[UPREG_MAX_SPATIAL];
    ug_origin origin;
} ug_unpool;

upreg_status ug_unpool_of(const ug_ask *ask, ug_unpool *u);
void ug_unpool_cut(ug_unpool *u, const upreg_tile *tile);
upreg_status ug_unpool_tile(upreg_tiling *ctx);

/* The elements of a lane of the small tensor come in groups of neighbours. */
typedef struct ug_lane {
    int64_t n, c, channels; /* image, first channel, channels */
    int64_t groups, group;  /* groups of neighbouring elements, elements in one */
} ug_lane;
ug_lane ug_lane_of(const ug_unpool *u, int64_t lane);
int64_t ug_lane_start(const ug_unpool *u, const ug_lane *lane, int64_t group);

/* Offset in the large tensor of an index found at (n, c); -1: out of range; -2: in another lane than `own` (-1: any lane is right). */
int64_t ug_unpool_place(const ug_unpool *u, int64_t index, int64_t n, int64_t c, int64_t own);
/* The places of elements [begin, begin + count) of the small tensor, all of one group.  Wrong indices are reported (port 1). */
int ug_unpool_places(const upreg_call *call, const ug_unpool *u, const ug_lane *lane, int64_t own, int64_t begin, int64_t count, int64_t *place);

/* Calls `body` for pieces of neighbouring elements of a lane in order, or backwards.  place: room for UG_PIECE. */
typedef void (*ug_unpool_body)(void *context, int64_t begin, int64_t count, const int64_t *place);
int ug_unpool_each(const upreg_call *call, const ug_unpool *u, int64_t lane, int64_t own, int backwards, int64_t *place, ug_unpool_body body,
                   void *context);

/* What `value` fills of the large tensor's lane, elements of `element` bytes: memset over the lane. */
void ug_unpool_clear(const ug_unpool *u, int64_t lane, void *large, int value, size_t element);

#endif
