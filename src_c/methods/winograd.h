/* Convolution by Winograd's minimal filtering F(2, n), n up to 3: along one or both of the last two axes, pairs of outputs are made from
 * n + 1 products instead of 2n.  A transposed convolution is transformed phase by phase, a dilated one on its sub-lattices.
 *
 * A unit of work is some rows of tiles, of one image or of several.  It stages the inputs as the direct algorithm does (a tile is an
 * "output" that steps by two), transforms them, multiplies with the tile kernel of the direct algorithm, one product of all tiles at a time,
 * and transforms back.  An axis that is not transformed only adds terms to the sums. */
#ifndef UG_METHODS_WINOGRAD_H
#define UG_METHODS_WINOGRAD_H

#include "methods/conv_engine.h"

/* One combination of phases along the three axes. */
typedef struct ug_winograd_part {
    const ug_conv_phase *axis[UPREG_MAX_SPATIAL]; /* taps: what a tile reads, in order; the last of a transformed axis has no weight */
    const int32_t *offset;                        /* of those reads in the staged input: [term of a channel][read of a tile] */
    int64_t terms, reads;                         /* terms of one channel; inputs of one tile, which are its products too */
    int64_t weights;                              /* where its packed weights begin, in elements, within a group's */
} ug_winograd_part;

typedef struct ug_winograd_plan {
    ug_conv_plan conv;               /* its axes count tiles where `pair` is set; phase->count are outputs */
    int32_t pair[UPREG_MAX_SPATIAL]; /* transformed */
    const ug_winograd_part *parts;
    const int32_t *line;                           /* offset of each term's line of transformed inputs */
    int64_t most_terms, most_reads;                /* of a part: terms of all channels, products */
    int64_t tile_rows_all, tiles, u_pitch, y_pitch; /* rows of tiles in the whole batch; tiles of a unit; distances of lines */
    size_t u_at, m_at, y_at, spare_at;             /* places in a worker's scratch */
} ug_winograd_plan;

/* Whether this problem is for Winograd: possible, and (unless it was asked for) expected to be faster. */
int ug_winograd_fits(const upreg_prepare *p, const ug_conv_problem *problem);
upreg_status ug_winograd_prepare(upreg_prepare *p, const ug_conv_problem *problem);
void ug_winograd_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);

#endif
