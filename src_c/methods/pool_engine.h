/* Pooling: every output is a fold (maximum or sum) over a window.  The rows of a window are folded into one row first, which is then folded
 * along itself, tap by tap, over contiguous pixels: with a stride the row is split into its phases. */
#ifndef UG_POOL_ENGINE_H
#define UG_POOL_ENGINE_H

#include "methods/window.h"

enum { UG_POOL_MAX, UG_POOL_MAX_INDEX, UG_POOL_SUM };

/* How a pool call works; part of a method's plan. */
typedef struct ug_pool {
    ug_window w;
    ug_rows rows; /* of the output */
    upreg_type type;
    int32_t kind;
    int32_t fold_rows;     /* rows are folded first; else every row goes through the taps */
    int32_t phased;        /* pixels of a tap are contiguous: stride 1, or split into phases */
    int64_t period, slots; /* taps t and t + period share a phase; phases kept */
    int64_t f_low, f_span; /* tap t of output i is pixel i + f of its phase: the lowest f, and how many */
    size_t element, sum_element, folded_element;
    size_t row_at, row_total_at, phase_at, phase_bytes, sum_at, total_at, tap_at, extra_at; /* places in a worker's scratch */
    size_t scratch;
} ug_pool;

/* extra: bytes of scratch per output pixel that the method wants for itself. */
void ug_pool_plan(ug_pool *pool, const ug_window *w, upreg_type type, int kind, size_t extra);
/* Adds the stage: a unit is a strip of an output row. */
void ug_pool_stage(upreg_prepare *p, const ug_pool *pool);
/* Folds the windows of one strip; the results (of the sum type) lie dense at sum_at in the scratch, the winning taps at tap_at. */
void ug_pool_strip(const ug_pool *pool, const upreg_kernels *k, const ug_view *x, const ug_row *row, char *scratch);

#endif
