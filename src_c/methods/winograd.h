/* Convolution by Winograd's minimal filtering F(2, n), n up to 3: along one or both of the last two axes, pairs of outputs are made from
 * n + 1 products instead of 2n.  A transposed convolution is transformed phase by phase, a dilated one on its sub-lattices.
 *
 * A unit of work is some rows of tiles, of one image or of several, or of some neighbouring planes of one.  It stages the inputs as the
 * direct algorithm does (a tile is an "output" that steps by two), transforms them, multiplies with the tile kernel of the direct
 * algorithm, one product of all tiles at a time, and transforms back.  An axis that is not transformed only adds terms to the sums. */
#ifndef UG_METHODS_WINOGRAD_H
#define UG_METHODS_WINOGRAD_H

#include "methods/conv_engine.h"

/* One combination of phases along the three axes. */
typedef struct ug_winograd_part {
    const ug_conv_phase *axis[UPREG_MAX_SPATIAL]; /* taps: what a tile reads, in order; the last of a transformed axis has no weight */
    const int32_t *offset;                        /* of those reads in a staged plane: [line of a channel and plane][read of a tile] */
    const int32_t *line;                          /* offset of each term's line of transformed inputs, for the unit's first plane */
    int64_t terms, lines, reads;                  /* of a channel; of a channel and plane; inputs of a tile, which are its products too */
    int64_t weights;                              /* where its packed weights begin, in elements, within a group's */
} ug_winograd_part;

typedef struct ug_winograd_plan {
    ug_conv_plan conv;               /* its axes count tiles where `pair` is set; phase->count are outputs */
    int32_t pair[UPREG_MAX_SPATIAL]; /* transformed */
    int32_t gathers;                 /* rows have so few tiles that the inputs of all tiles are gathered */
    const ug_winograd_part *parts;
    int64_t n_packed_parts;                      /* the phases of a dilated convolution share their weights */
    int64_t most_lines, most_terms, most_reads;  /* of a part: lines of a plane, terms (both of all channels), products */
    int64_t tile_rows_all, tiles;                /* rows of tiles in the whole batch; tiles of a unit and plane */
    int64_t side_by_side;                        /* column phases whose transformed inputs are kept at once: all or one */
    int64_t block;                               /* output channels that a product meets before the next product */
    int64_t u_pitch, product_pitch, part_pitch;  /* of transformed inputs: of lines, of products, of column phases */
    int64_t y_pitch, y_channel, y_part;          /* of results: of rows within tiles, of channels, of column phases */
    size_t u_at, m_at, y_at, spare_at, index_at; /* places in a worker's scratch */
} ug_winograd_plan;

/* Whether this problem is for Winograd: possible, and (unless it was asked for) expected to be faster. */
int ug_winograd_fits(const upreg_prepare *p, const ug_conv_problem *problem);
/* What pairs of outputs begin at multiples of along an axis; 1 where it has none. */
int64_t ug_winograd_alignment(const ug_conv_problem *problem, int a);
upreg_status ug_winograd_prepare(upreg_prepare *p, const ug_conv_problem *problem);
void ug_winograd_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);

#endif
