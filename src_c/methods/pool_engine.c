#include "methods/pool_engine.h"

enum { MOST_BYTES = 1 << 19, FEWEST_PHASED = 4 };

/* ---- planning ---- */

static size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

static int64_t gcd(int64_t a, int64_t b) { return b ? gcd(b, a % b) : a; }

/* Position of tap t among the pixels of its phase, relative to the output's number. */
static int64_t phase_shift(const ug_pool *pool, int64_t t) { return ug_floor_div(t * pool->w.d[2] - pool->w.begin[2], pool->w.s[2]); }

static int64_t strip_columns(const ug_pool *pool) { return (pool->rows.length - 1) * pool->w.s[2] + pool->w.d[2] * (pool->w.k[2] - 1) + 1; }

/* Bytes, or a number that is too large when they do not fit. */
static size_t bytes_of(int64_t pixels, int64_t inner, size_t element) {
    int64_t bytes;
    if (ug_mul_overflows(pixels, inner, &bytes) || ug_mul_overflows(bytes, (int64_t)element, &bytes)) return SIZE_MAX / 4;
    return aligned((size_t)bytes);
}

void ug_pool_plan(ug_pool *pool, const ug_window *w, upreg_type type, int kind, size_t extra) {
    *pool = (ug_pool){.w = *w, .type = type, .kind = kind, .element = upreg_type_size(type)};
    int widened = kind == UG_POOL_SUM && type == UPREG_U8;
    pool->sum_element = widened ? sizeof(int32_t) : pool->element;
    int64_t inner = w->out.axis_c > w->out.axis_x ? ug_max64(w->out.c, 1) : 1, s = w->s[2], k = w->k[2];
    int64_t pixel = inner * (int64_t)pool->sum_element, length = ug_max64(UG_POOL_STRIP / pixel / ug_min64(s, 8), 1);
    pool->rows = ug_rows_of(&w->out, length, 1);
    pool->fold_rows = kind != UG_POOL_MAX_INDEX && w->k[0] * w->k[1] > 1 && bytes_of(strip_columns(pool), inner, pool->sum_element) <= MOST_BYTES;
    pool->folded_element = pool->fold_rows ? pool->sum_element : pool->element;
    pool->period = s / gcd(s, w->d[2]), pool->slots = ug_min64(k, pool->period);
    pool->f_low = phase_shift(pool, 0), pool->f_span = phase_shift(pool, k - 1) - pool->f_low;
    pool->phase_bytes = s > 1 ? bytes_of(pool->rows.length + pool->f_span, inner, pool->folded_element) : 0;
    pool->phased = s == 1 || (pool->rows.length >= FEWEST_PHASED && pool->phase_bytes <= MOST_BYTES / (size_t)ug_min64(pool->slots, MOST_BYTES));
    size_t row = pool->fold_rows ? bytes_of(strip_columns(pool), inner, pool->sum_element) : 0,
           sum = bytes_of(pool->rows.length, inner, pool->sum_element);
    int blocks = kind == UG_POOL_SUM;
    pool->row_at = 0;
    pool->row_total_at = pool->row_at + row;
    pool->phase_at = pool->row_total_at + (blocks ? row : 0);
    pool->sum_at = pool->phase_at + (pool->phased ? pool->phase_bytes * (size_t)pool->slots : 0);
    pool->total_at = pool->sum_at + sum;
    pool->tap_at = pool->total_at + (blocks ? sum : 0);
    pool->extra_at = pool->tap_at + (kind == UG_POOL_MAX_INDEX ? bytes_of(pool->rows.length, inner, sizeof(int32_t)) : 0);
    pool->scratch = pool->extra_at + aligned(extra * (size_t)pool->rows.length);
}

void ug_pool_stage(upreg_prepare *p, const ug_pool *pool) {
    double window = (double)pool->w.k[0] * (double)pool->w.k[1] * (double)pool->w.k[2];
    double row = (double)(pool->rows.length * ug_max64(pool->rows.inner, 1)) * (double)pool->element;
    ug_add_stage(p, ug_rows_units(&pool->rows), row * (1 + window / 4), pool->scratch);
}

/* ---- folding ---- */

/* Where a fold goes: contiguous numbers, with a second array for sums of more than one block. */
typedef struct folded {
    char *sum, *total;
    int32_t *tap;
    int64_t n, terms; /* terms folded into `sum` since it was last emptied */
    int32_t has_total;
} folded;

typedef struct fold_context {
    const ug_pool *pool;
    const upreg_kernels *k;
} fold_context;

static void fill_lowest(const upreg_kernels *k, upreg_type type, void *to, int64_t n) {
    static const float f32 = -INFINITY;
    static const double f64 = -INFINITY;
    static const int8_t i8 = INT8_MIN;
    static const int16_t i16 = INT16_MIN;
    static const int32_t i32 = INT32_MIN;
    static const int64_t i64 = INT64_MIN;
    const void *lowest = type == UPREG_F32   ? (const void *)&f32
                         : type == UPREG_F64 ? (const void *)&f64
                         : type == UPREG_I8  ? (const void *)&i8
                         : type == UPREG_I16 ? (const void *)&i16
                         : type == UPREG_I32 ? (const void *)&i32
                         : type == UPREG_I64 ? (const void *)&i64
                                             : NULL;
    if (lowest)
        k->move->fill(to, lowest, n, (int64_t)upreg_type_size(type));
    else
        memset(to, 0, (size_t)n * upreg_type_size(type));
}

static void start(const fold_context *c, folded *f) {
    f->terms = 0, f->has_total = 0;
    if (c->pool->kind == UG_POOL_SUM)
        memset(f->sum, 0, (size_t)f->n * c->pool->sum_element);
    else
        fill_lowest(c->k, c->pool->type, f->sum, f->n);
    if (f->tap) memset(f->tap, 0xff, (size_t)f->n * sizeof *f->tap);
}

static void add(const fold_context *c, void *to, const void *from, int64_t n) {
    if (c->pool->type == UPREG_F32)
        c->k->elementwise->add_f32(to, to, from, n);
    else if (c->pool->type == UPREG_F64)
        c->k->elementwise->add_f64(to, to, from, n);
    else
        c->k->pool->add_i32(to, from, n);
}

/* Empties a block of a sum into the total. */
static void flush(const fold_context *c, folded *f) {
    if (f->has_total)
        add(c, f->total, f->sum, f->n);
    else
        memcpy(f->total, f->sum, (size_t)f->n * c->pool->sum_element);
    memset(f->sum, 0, (size_t)f->n * c->pool->sum_element);
    f->has_total = 1, f->terms = 0;
}

/* One term of every element has been folded. */
static void count_term(const fold_context *c, folded *f) {
    if (c->pool->kind == UG_POOL_SUM && c->pool->type != UPREG_U8 && ++f->terms == UG_SUM_BLOCK) flush(c, f);
}

static void finish(const fold_context *c, folded *f) {
    if (!f->has_total) return;
    add(c, f->total, f->sum, f->n);
    memcpy(f->sum, f->total, (size_t)f->n * c->pool->sum_element);
}

static void fold_max(const fold_context *c, const folded *f, int64_t at, const void *from, int64_t n) {
    const ug_pool_kernels *k = c->k->pool;
    switch (c->pool->type) {
    case UPREG_F32: k->max_fold_f32((float *)f->sum + at, from, n); break;
    case UPREG_F64: k->max_fold_f64((double *)f->sum + at, from, n); break;
    case UPREG_U8: k->max_fold_u8((uint8_t *)f->sum + at, from, n); break;
    case UPREG_I8: k->max_fold_i8((int8_t *)f->sum + at, from, n); break;
    case UPREG_U16: k->max_fold_u16((uint16_t *)f->sum + at, from, n); break;
    case UPREG_I16: k->max_fold_i16((int16_t *)f->sum + at, from, n); break;
    case UPREG_I32: k->max_fold_i32((int32_t *)f->sum + at, from, n); break;
    case UPREG_I64: k->max_fold_i64((int64_t *)f->sum + at, from, n); break;
    default: break;
    }
}

static void fold_index(const fold_context *c, const folded *f, int64_t at, const void *from, int64_t n, int32_t number) {
    const ug_pool_kernels *k = c->k->pool;
    int32_t *tap = f->tap + at;
    switch (c->pool->type) {
    case UPREG_F32: k->max_index_f32((float *)f->sum + at, tap, from, number, n); break;
    case UPREG_F64: k->max_index_f64((double *)f->sum + at, tap, from, number, n); break;
    case UPREG_U8: k->max_index_u8((uint8_t *)f->sum + at, tap, from, number, n); break;
    case UPREG_I8: k->max_index_i8((int8_t *)f->sum + at, tap, from, number, n); break;
    case UPREG_U16: k->max_index_u16((uint16_t *)f->sum + at, tap, from, number, n); break;
    case UPREG_I16: k->max_index_i16((int16_t *)f->sum + at, tap, from, number, n); break;
    case UPREG_I32: k->max_index_i32((int32_t *)f->sum + at, tap, from, number, n); break;
    case UPREG_I64: k->max_index_i64((int64_t *)f->sum + at, tap, from, number, n); break;
    default: break;
    }
}

/* Folds n numbers into the elements from `at` on.  element: size of a number of `from`. */
static void fold(const fold_context *c, const folded *f, int64_t at, const void *from, int64_t n, size_t element, int32_t number) {
    if (c->pool->kind == UG_POOL_MAX)
        fold_max(c, f, at, from, n);
    else if (c->pool->kind == UG_POOL_MAX_INDEX)
        fold_index(c, f, at, from, n, number);
    else if (c->pool->type == UPREG_U8 && element == 1)
        c->k->pool->widen_add_u8((int32_t *)f->sum + at, from, n);
    else
        add(c, f->sum + at * (int64_t)c->pool->sum_element, from, n);
}

/* ---- one strip ---- */

/* A row whose pixels [origin, end) go through the taps: pixel `column` is at from + (column - origin) * pixel_bytes. */
typedef struct tap_row {
    const char *from;
    int64_t origin, end, pixel_bytes;
    int32_t dense;
    size_t element;
} tap_row;

static const char *column(const tap_row *r, int64_t at) { return r->from + (at - r->origin) * r->pixel_bytes; }

/* The phase of tap `slot`: every s-th pixel, those that outputs [begin, end) may need. */
static void split_phase(const fold_context *c, const tap_row *r, const ug_row *row, char *scratch, int64_t slot) {
    const ug_pool *pool = c->pool;
    int64_t s = pool->w.s[2], shift = slot * pool->w.d[2] - pool->w.begin[2];
    int64_t residue = shift - ug_floor_div(shift, s) * s;
    int64_t low = row->begin + pool->f_low, high = row->end + pool->f_low + pool->f_span;
    int64_t first = ug_max64(low, ug_ceil_div(r->origin - residue, s)), last = ug_min64(high, ug_ceil_div(r->end - residue, s));
    if (first >= last) return;
    char *to = scratch + pool->phase_at + pool->phase_bytes * (size_t)slot + (first - low) * r->pixel_bytes;
    c->k->move->take(to, column(r, first * s + residue), last - first, s, r->pixel_bytes);
}

/* Folds a row along itself.  rows_number: the number of this row among the window's rows. */
static void fold_taps(const fold_context *c, folded *f, const tap_row *r, const ug_row *row, char *scratch, int64_t row_number) {
    const ug_pool *pool = c->pool;
    int64_t s = pool->w.s[2], d = pool->w.d[2], k = pool->w.k[2], inner = pool->rows.inner;
    int phases = pool->phased && r->dense;
    for (int64_t slot = 0; phases && s > 1 && slot < pool->slots; slot++) split_phase(c, r, row, scratch, slot);
    for (int64_t t = 0; t < k; t++) {
        int64_t first, last;
        ug_window_outputs(&pool->w, 2, t, &first, &last);
        first = ug_max64(first, row->begin), last = ug_min64(last, row->end);
        int32_t number = (int32_t)(row_number * k + t);
        int64_t at = (first - row->begin) * inner, n = (last - first) * inner;
        if (first < last && phases && s > 1) {
            int64_t pixel = first + phase_shift(pool, t) - (row->begin + pool->f_low);
            const char *phase = scratch + pool->phase_at + pool->phase_bytes * (size_t)(t % pool->period);
            fold(c, f, at, phase + pixel * r->pixel_bytes, n, r->element, number);
        } else if (first < last && phases) {
            fold(c, f, at, column(r, first + t * d - pool->w.begin[2]), n, r->element, number);
        } else {
            for (int64_t i = first; i < last; i++)
                fold(c, f, (i - row->begin) * inner, column(r, i * s + t * d - pool->w.begin[2]), inner, r->element, number);
        }
        count_term(c, f);
    }
}

/* Folds one row of the window into the row buffer, columns [origin, origin + columns). */
static void fold_row(const fold_context *c, folded *f, const ug_view *x, const char *from, int64_t origin, int64_t columns) {
    int64_t element = (int64_t)c->pool->element, inner = c->pool->rows.inner;
    if (ug_pixels_dense(x))
        fold(c, f, 0, from + origin * inner * element, columns * inner, c->pool->element, 0);
    else
        for (int64_t i = 0; i < columns; i++) fold(c, f, i * inner, from + (origin + i) * x->stride_x[2] * element, inner, c->pool->element, 0);
    count_term(c, f);
}

void ug_pool_strip(const ug_pool *pool, const upreg_kernels *k, const ug_view *x, const ug_row *row, char *scratch) {
    fold_context c = {pool, k};
    const ug_window *w = &pool->w;
    int64_t inner = pool->rows.inner, first0, last0, first1, last1;
    int64_t origin = ug_max64(row->begin * w->s[2] - w->begin[2], 0);
    int64_t end = ug_min64((row->end - 1) * w->s[2] - w->begin[2] + w->d[2] * (w->k[2] - 1) + 1, w->in.x[2]), columns = ug_max64(end - origin, 0);
    folded result = {.sum = scratch + pool->sum_at, .total = scratch + pool->total_at, .n = (row->end - row->begin) * inner};
    folded line = {.sum = scratch + pool->row_at, .total = scratch + pool->row_total_at, .n = columns * inner};
    if (pool->kind == UG_POOL_MAX_INDEX) result.tap = (int32_t *)(scratch + pool->tap_at);
    ug_window_taps(w, 0, row->x0, &first0, &last0);
    ug_window_taps(w, 1, row->x1, &first1, &last1);
    start(&c, &result);
    if (pool->fold_rows) start(&c, &line);
    for (int64_t t0 = first0; t0 < last0; t0++)
        for (int64_t t1 = first1; t1 < last1; t1++) {
            int64_t x0 = row->x0 * w->s[0] + t0 * w->d[0] - w->begin[0], x1 = row->x1 * w->s[1] + t1 * w->d[1] - w->begin[1];
            const char *from = ug_pixel(x, row->n, row->c, x0, x1, 0, pool->element);
            tap_row r = {from, 0, w->in.x[2], x->stride_x[2] * (int64_t)pool->element, ug_pixels_dense(x), pool->element};
            if (r.dense) r.pixel_bytes = inner * (int64_t)pool->element;
            if (pool->fold_rows)
                fold_row(&c, &line, x, from, origin, columns);
            else
                fold_taps(&c, &result, &r, row, scratch, t0 * w->k[1] + t1);
        }
    if (pool->fold_rows) {
        finish(&c, &line);
        tap_row r = {line.sum, origin, origin + columns, inner * (int64_t)pool->sum_element, 1, pool->sum_element};
        fold_taps(&c, &result, &r, row, scratch, 0);
    }
    finish(&c, &result);
}
