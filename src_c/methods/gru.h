/* gru: what its file and the template of its arithmetic share. */
#ifndef UG_GRU_H
#define UG_GRU_H

#include "methods/gemm_block.h"
#include "methods/pointwise.h"

enum { UG_GRU_X, UG_GRU_W, UG_GRU_R, UG_GRU_BIAS, UG_GRU_INITIAL, UG_GRU_LENGTHS };

/* Three stages: weights are packed; products of all inputs with w; the steps in time, for some sequences of one direction each. */
typedef struct ug_gru {
    int64_t steps, batch, in, hidden, directions;
    int32_t reverse, after, batch_first;                                               /* after: the reset gate is applied after the matrix product */
    int64_t x_step, x_batch, y_step, y_batch, y_direction, last_batch, last_direction; /* numbers between neighbours */
    int64_t pitch, gates_pitch;             /* rows of products: three times hidden, and twice, rounded up to whole panels */
    int64_t sequences, blocks;              /* sequences of a unit of the last stage, units of a direction */
    int64_t rows, row_blocks;               /* rows of a unit of the second */
    int64_t w_size, gates_size, new_size;   /* packed numbers of a direction: all of w, two thirds of r, the last third */
    size_t packed_at, products_at, bias_at; /* in the workspace, in numbers */
} ug_gru;

static inline int ug_gru_given(const upreg_call *call, int port) { return port < call->n_in && upreg_type_of(call->in[port].dtype) != UPREG_NONE; }

#endif
