/* The weight gradient of every convolution: a GEMM over the pixels. */
#ifndef UG_CONV_GRAD_WEIGHT_H
#define UG_CONV_GRAD_WEIGHT_H

#include "methods/conv_family.h"

/* problem: the forward convolution (not transposed) that x went through; inputs are x and grad_y, the output is (out, in / groups, kernel...). */
upreg_status ug_conv_grad_weight_prepare(upreg_prepare *p, const ug_conv_problem *problem);
void ug_conv_grad_weight_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);

/* ---- shared with conv_grad_weight_t.h ---- */

typedef struct ug_grad_weight_plan {
    ug_conv_problem problem;
    int64_t rows, columns, n_column_blocks; /* rows of grad_y in the batch; columns of a block of pixels */
    int64_t block, chunk, n_chunks;         /* rows of a block of pixels; of one partial sum (the partial sums are added in order) */
    int64_t out_strip, n_out_strips;        /* channels of grad_y in a unit */
    int64_t in_strip, n_in_strips;          /* channels of x in a unit */
    int64_t lines, n_line_blocks;           /* rows of taps in a unit */
    int64_t panel_columns, panel_pitch;     /* of the staged rows of x: their pixels; the numbers of a pixel */
    int64_t weights;
    size_t panel_at, c_at, offset_at; /* places in a worker's scratch; grad_y's block is at its begin */
} ug_grad_weight_plan;

#endif
