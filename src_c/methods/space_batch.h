/* space_to_batch and batch_to_space: pixels of a block to images of the batch, and back. */
#ifndef UG_SPACE_BATCH_H
#define UG_SPACE_BATCH_H

#include "methods/resize.h"
#include "methods/rows.h"

typedef struct ug_space_batch_params {
    upreg_ints block, border; /* padding, or crop */
    int32_t layout;
} ug_space_batch_params;

#define UG_SPACE_BATCH_PARAMS(name, help)                                                                                                            \
    UG_INTS_PARAM(ug_space_batch_params, block, "required", 1, UG_MAX_SIZE, NULL, "pixels that a block has along each axis"),                        \
        {name, UPREG_PAIRS, offsetof(ug_space_batch_params, border), "0", 0, UG_MAX_SIZE, NULL, help},                                               \
        UG_CHOICE_PARAM(ug_space_batch_params, layout, "NCX", UG_BATCH_LAYOUTS, "order of the axes: N batch, C channels, X the spatial axes")

/* The small images are `cells` times as many as the large ones: image a * n + i has pixel a of the blocks of image i. */
typedef struct ug_space_batch {
    ug_frame large, small;
    int64_t block[UPREG_MAX_SPATIAL], cells;
    int64_t begin[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL]; /* of the large images: what blocks reach beyond them */
    ug_rows rows;                                             /* of the output */
    int64_t pixel;                                            /* bytes */
} ug_space_batch;

/* The frame of the first input in *frame, which is one of the two, and the block. */
upreg_status ug_space_batch_begin(const ug_ask *ask, const char *border, ug_frame *frame, ug_space_batch *s);
/* Makes it that of a tile and reserves the plan; `out` and `in` are those of s. */
upreg_status ug_space_batch_prepare(upreg_prepare *p, ug_space_batch *s, int to_space);
/* A step that calls the other direction. */
upreg_status ug_space_batch_vjp(upreg_vjp *ctx, const ug_space_batch *s, const char *other, const char *border);

#endif
