/* One engine for every convolution: a packed implicit GEMM.
 *
 * A transposed convolution of stride s is s (per axis) interleaved dense convolutions, its phases: no multiplication by inserted zeros.
 * So is one of an input enlarged by nearest neighbours: taps that read the same input are added when the weights are packed.
 * With that, everything is one form.  Along an axis, output q of a phase r lies at q * out_step + r and reads the inputs
 * q * in_step + e, one `e` per tap of that phase.
 *
 * A unit of work is a block of outputs of one image, group and channel strip.  It stages the inputs that it reads once (rows split by column
 * phase, so that every tap is a contiguous load), runs the tile kernel over channels x taps in blocks of UG_K_BLOCK terms, and stores.
 * Small maps, where rows would leave the vectors half empty, gather their columns instead ("im2col"), or the rows of their tiles where there
 * are only a few pixels; sums run in the same order. */
#ifndef UG_CONV_ENGINE_H
#define UG_CONV_ENGINE_H

#include "methods/spatial.h"

#define UG_CONV_ALGORITHMS "auto|direct|gemm|winograd|depthwise"
enum { UG_CONV_AUTO, UG_CONV_DIRECT, UG_CONV_GEMM, UG_CONV_WINOGRAD, UG_CONV_DEPTHWISE };

/* What a method asks for. */
typedef struct ug_conv_problem {
    ug_frame x_frame, y_frame;
    int transposed, flip, pad_mode, has_bias, algorithm, exact;
    int64_t n, groups, in_channels, out_channels; /* channels per group */
    int64_t in[UPREG_MAX_SPATIAL], out[UPREG_MAX_SPATIAL], kernel[UPREG_MAX_SPATIAL];
    int64_t stride[UPREG_MAX_SPATIAL], dilation[UPREG_MAX_SPATIAL];
    int64_t upscale[UPREG_MAX_SPATIAL]; /* forward only: x is first enlarged by nearest neighbours; `in` is its size before that */
    int64_t begin[UPREG_MAX_SPATIAL];   /* padding at the begin; transposed: what is cut off the begin of the full result */
    double value;                       /* what lies outside, for pad_mode constant */
    /* A tile's sums are those of the whole call: what decides them (algorithm, phases, which taps are left out) asks for these.  ug_conv_prepare
     * sets them where the problem is no tile's. */
    int is_tile;
    int64_t whole_in[UPREG_MAX_SPATIAL], whole_out[UPREG_MAX_SPATIAL], whole_begin[UPREG_MAX_SPATIAL];
} ug_conv_problem;

static inline void ug_conv_set_whole(ug_conv_problem *b) {
    memcpy(b->whole_in, b->in, sizeof b->in), memcpy(b->whole_out, b->out, sizeof b->out), memcpy(b->whole_begin, b->begin, sizeof b->begin);
}
/* The problem that a tile's is part of. */
static inline ug_conv_problem ug_conv_whole(const ug_conv_problem *b) {
    ug_conv_problem whole = *b;
    memcpy(whole.in, b->whole_in, sizeof b->in), memcpy(whole.out, b->whole_out, sizeof b->out), memcpy(whole.begin, b->whole_begin, sizeof b->begin);
    return whole;
}
/* Tiles of an axis begin, and but for the last one end, at multiples of this: at the first phase, and where pairs of outputs begin. */
int64_t ug_conv_alignment(const ug_conv_problem *whole, int a);

/* inputs: x, weight, bias; the plan's state begins with what prepare writes. */
upreg_status ug_conv_prepare(upreg_prepare *p, const ug_conv_problem *asked);
void ug_conv_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);

/* ---- shared with conv_run_t.h ---- */

typedef struct ug_conv_tap {
    int32_t tap, count; /* along its axis, in the weight; with upscale, `count` neighbouring ones read the same input and are added */
    int32_t e;
} ug_conv_tap;

typedef struct ug_conv_phase {
    int64_t count; /* outputs of this phase along its axis */
    const ug_conv_tap *taps;
    int32_t n_taps, r;
} ug_conv_phase;

typedef struct ug_conv_axis {
    const ug_conv_phase *phases;
    int64_t in, out, in_step, out_step, most; /* most: outputs of the longest phase */
    int64_t e_min, e_max, f_min, f_span;      /* f = floor(e / in_step): smallest, largest minus smallest */
    int32_t n_phases, most_taps, block_taps;  /* block_taps: the most of any phase of the whole call */
} ug_conv_axis;

/* One combination of phases along the three axes. */
typedef struct ug_conv_part {
    const ug_conv_phase *axis[UPREG_MAX_SPATIAL];
    const int32_t *offset;   /* of each k = (channel, tap) of a chunk in the staged input */
    int64_t n_taps, weights; /* weights: where this part's packed weights begin, in elements, within a group's */
} ug_conv_part;

typedef struct ug_conv_plan {
    int32_t kind; /* which algorithm the state belongs to: UG_CONV_WINOGRAD, or this engine's */
    ug_conv_problem problem;
    ug_conv_axis axis[UPREG_MAX_SPATIAL];
    const ug_conv_part *parts;
    int64_t n_parts;
    /* flat: all rows of a unit are one run of columns; swapped: columns of tiles are output channels, rows_of_tile of them */
    int32_t im2col, flat, swapped, bound, rows_of_tile;
    int64_t group_weights;                                 /* packed elements per group */
    int64_t block_channels;                                /* terms of so many channels are a block of a sum */
    int64_t chunk;                                         /* channels staged at once: whole blocks */
    int64_t strip, n_strips;                               /* output channels of a unit */
    int64_t rows, columns, n_row_blocks, n_column_blocks;  /* outputs of a unit, per phase */
    int64_t depth;                                         /* planes of outputs of a unit */
    int64_t planes, row_count, row_pitch, channel_pitch;   /* of the staged input */
    int64_t c_row, c_pitch, n_column_phases;               /* of the tile results */
    int64_t pixels, n_pixel_blocks;                        /* im2col: columns of a unit */
    int64_t units_per_image, parts_of_unit, n_part_blocks; /* a unit makes several combinations of phases, with all those of a row */
    int64_t indexed;                                       /* entries of a table of places */
    size_t staged_bytes, c_bytes, index_bytes;
    const unsigned char *packed;
} ug_conv_plan;

/* The taps of output phase r of `phases`, where outputs lie `out_step` apart.  taps may be NULL; returns their number. */
int ug_conv_phase_taps(const ug_conv_problem *problem, int a, int64_t out_step, int64_t r, ug_conv_tap *taps);
/* Fills in what follows from an axis's phases. */
void ug_conv_measure_axis(ug_conv_axis *axis);
/* Where the input that a combination of taps reads lies in the staged input, for the first output of a unit. */
int64_t ug_conv_tap_offset(const ug_conv_plan *plan, const ug_conv_tap *t0, const ug_conv_tap *t1, const ug_conv_tap *t2);
/* Bias and epilogue of one output channel. */
ug_post ug_conv_post(const upreg_call *call, const void *bias, int64_t channel, int is_double);
/* Rows of each tile over `out` output channels when a tile has at most `most`: 5 + 4 rather than 8 + 1. */
static inline int64_t ug_conv_tile_rows(int64_t out, int64_t most) { return ug_max64(ug_ceil_div(out, ug_max64(ug_ceil_div(out, most), 1)), 1); }
/* Vectors of the next tile when `left` are to do and a tile has `most`: 2 + 2 rather than 3 + 1. */
static inline int64_t ug_conv_tile_vectors(int64_t left, int64_t most) { return left == most + 1 && most > 2 ? 2 : ug_min64(left, most); }
/* Where the input at (i0, i1, i2) lies relative to its channel; each is -1 outside. */
static inline int64_t ug_conv_place(const ug_view *x, int64_t n, int64_t i0, int64_t i1, int64_t i2) {
    return i0 < 0 || i1 < 0 || i2 < 0 ? UG_OUTSIDE : ug_offset(x, n, 0, i0, i1) + i2 * x->stride_x[2];
}

enum { UG_CONV_INDEXED = 1024 }; /* a unit's tables of places have no more entries */

/* Terms summed before they are added to the total, at position k of a part's channels x taps. */
int64_t ug_conv_block(const ug_conv_plan *plan, const ug_conv_part *part, int64_t k);

#endif
