/* Pooling: every output is a fold (maximum or sum) over a window.  The rows of a window are folded into one row first, which is then folded
 * along itself.  Small windows of floats go to kernels that do both in registers; others are folded strip by strip, tap by tap, over contiguous
 * pixels: with a stride the row is split into its phases. */
#ifndef UG_POOL_ENGINE_H
#define UG_POOL_ENGINE_H

#include "methods/window.h"

/* How a pool call works; part of a method's plan. */
typedef struct ug_pool {
    ug_window w;
    ug_rows rows; /* of the output */
    upreg_type type;
    int32_t kind;          /* UG_POOL_MAX, ... */
    int32_t whole, stream; /* windows go to the kernels of whole windows; results are written past the caches */
    int64_t side_by_side;  /* planes that are turned into channels, because their rows are shorter than vectors; 0: none */
    ug_index_form form;    /* of UG_POOL_MAX_INDEX */
    int64_t first;         /* the index of the first pixel of the input, which may be a part */
    int32_t fold_rows;     /* rows are folded first; else every row goes through the taps */
    int32_t phased;        /* pixels of a tap are contiguous: stride 1, or split into phases */
    int64_t period, slots; /* taps t and t + period share a phase; phases kept */
    int64_t f_low, f_span; /* tap t of output i is pixel i + f of its phase: the lowest f, and how many */
    size_t element, sum_element, folded_element;
    size_t row_at, row_total_at, phase_at, phase_bytes, sum_at, total_at, tap_at, extra_at, window_at; /* places in a worker's scratch */
    size_t scratch;
} ug_pool;

/* extra: bytes of scratch per output pixel that the method wants for itself.  A pool method's plan begins with its ug_pool. */
void ug_pool_plan(upreg_prepare *p, ug_pool *pool, const ug_window *w, upreg_type type, int kind, size_t extra);
/* Adds the stage. */
void ug_pool_stage(upreg_prepare *p, const ug_pool *pool);

/* What a method adds to the folds. */
typedef struct ug_pool_method {
    /* Divisors, or what makes an index, of one row's windows: divisor and count, or the places. */
    void (*window)(const void *plan, const ug_row *row, ug_pool_window *window);
    /* Stores a strip that was folded: the results (of the sum type) lie dense at sum_at in the scratch, the winning taps at tap_at. */
    void (*store)(const upreg_call *call, const ug_row *row, char *scratch);
} ug_pool_method;
void ug_pool_run(const upreg_call *call, const ug_pool_method *method, int64_t begin, int64_t end, int worker);

#endif
