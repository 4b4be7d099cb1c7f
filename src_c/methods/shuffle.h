/* pixel_shuffle and pixel_unshuffle: channels to pixels and back. */
#ifndef UG_SHUFFLE_H
#define UG_SHUFFLE_H

#include "methods/resize.h"
#include "methods/rows.h"

typedef struct ug_shuffle_params {
    upreg_ints scale;
    int32_t order, layout;
} ug_shuffle_params;

extern const upreg_param ug_shuffle_table[3];

/* The small tensor has more channels, the large one more pixels. */
typedef struct ug_shuffle {
    ug_frame small, large;
    int64_t scale[UPREG_MAX_SPATIAL], cell; /* pixels in a cell: channels of the small tensor per channel of the large one */
    int64_t part_step, channel_step;        /* channels of the small tensor between pixels of a cell, and between channels of the large one */
    ug_rows rows;                           /* of the output */
    size_t element;
    int32_t stream; /* the output is too large to be found in a cache later */
} ug_shuffle;

/* The frame of the first input and the cell; the caller fills in the other frame, then ends with the order of the channels. */
upreg_status ug_shuffle_begin(const ug_ask *ask, ug_frame *frame, ug_shuffle *shuffle);
void ug_shuffle_end(const ug_ask *ask, ug_shuffle *shuffle);
upreg_status ug_shuffle_prepare(upreg_prepare *p, const ug_shuffle *shuffle, const ug_frame *out, int64_t step);
/* A step that calls the other direction with the same parameters. */
upreg_status ug_shuffle_vjp(upreg_vjp *ctx, const char *other);

#endif
