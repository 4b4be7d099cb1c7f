/* Work of spatial methods is cut into strips of output rows.  A pixel is `inner` neighbouring numbers: the channels where they are
 * innermost, else one. */
#ifndef UG_ROWS_H
#define UG_ROWS_H

#include "methods/blocks.h"
#include "methods/spatial.h"

/* What infer, prepare, vjp and reach all know: geometry is found from it. */
typedef struct ug_ask {
    upreg_error *err;
    const upreg_method *method;
    const void *params;
    int rank, n_in;
    const upreg_spec *in;
} ug_ask;
#define UG_ASK(ctx) (&(const ug_ask){(ctx)->err, (ctx)->method, (ctx)->params, (ctx)->rank, (ctx)->n_in, (ctx)->in})

typedef struct ug_rows {
    int64_t n, c, x[UPREG_MAX_SPATIAL]; /* of the output; c is 1 where channels are innermost */
    int64_t inner;
    int64_t strips, length; /* strips per row, pixels per strip */
} ug_rows;

typedef struct ug_row {
    int64_t n, c, x0, x1, begin, end; /* pixels [begin, end) of the row (n, c, x0, x1) */
} ug_row;

/* `length`: the wanted pixels per strip, rounded up to a multiple of `step`. */
ug_rows ug_rows_of(const ug_frame *out, int64_t length, int64_t step);
static inline int64_t ug_rows_units(const ug_rows *rows) { return rows->n * rows->c * rows->x[0] * rows->strips * rows->x[1]; }
/* Units that follow one another go down the rows of one strip. */
ug_row ug_rows_find(const ug_rows *rows, int64_t unit);
/* The row of `unit`, when `row` is that of the unit before it: mostly the next one down, which costs no divisions. */
static inline void ug_rows_next(const ug_rows *rows, int64_t unit, ug_row *row) {
    if (++row->x1 >= rows->x[1]) *row = ug_rows_find(rows, unit);
}

/* Pixels that fit about `bytes`. */
int64_t ug_pixels_within(const ug_frame *frame, size_t element, size_t bytes);

/* Address of pixel `begin` of a row. */
static inline char *ug_pixel(const ug_view *v, int64_t n, int64_t c, int64_t x0, int64_t x1, int64_t begin, size_t element) {
    return v->data + (ug_offset(v, n, c, x0, x1) + begin * v->stride_x[2]) * (int64_t)element;
}
/* Whether the pixels of a row follow one another without gaps. */
static inline int ug_pixels_dense(const ug_view *v) { return v->x[2] <= 1 || v->stride_x[2] == v->inner; }

/* Copies n pixels that lie stride_x[2] apart into dense memory, and back. */
void ug_pack_pixels(void *to, const ug_view *v, const char *from, int64_t n, size_t element);
void ug_unpack_pixels(const ug_view *v, char *to, const void *from, int64_t n, size_t element);
/* The pixels themselves where they are dense, else a copy in `scratch`. */
static inline const void *ug_dense_pixels(const ug_view *v, const char *from, int64_t n, size_t element, void *scratch) {
    if (ug_pixels_dense(v)) return from;
    ug_pack_pixels(scratch, v, from, n, element);
    return scratch;
}

#endif
