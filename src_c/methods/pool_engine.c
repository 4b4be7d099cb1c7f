#include "methods/pool_engine.h"

enum { MOST_BYTES = 1 << 19, FEWEST_PHASED = 4 };

/* ---- planning ---- */

/* Position of tap t among the pixels of its phase, relative to the output's number. */
static int64_t phase_shift(const ug_pool *pool, int64_t t) { return ug_floor_div(t * pool->w.d[2] - pool->w.begin[2], pool->w.s[2]); }

static int64_t strip_columns(const ug_pool *pool) { return (pool->rows.length - 1) * pool->w.s[2] + pool->w.d[2] * (pool->w.k[2] - 1) + 1; }

/* Bytes, or a number that is too large when they do not fit. */
static size_t bytes_of(int64_t pixels, int64_t inner, size_t element) {
    int64_t bytes;
    if (ug_mul_overflows(pixels, inner, &bytes) || ug_mul_overflows(bytes, (int64_t)element, &bytes)) return SIZE_MAX / 4;
    return ug_aligned((size_t)bytes);
}

enum { MOST_STRIDE = 16, MOST_TURNED = 1 << 18, MOST_LANES = 16 };

static int64_t planes_of(const ug_pool *pool) { return pool->rows.n * pool->rows.c; }
static int64_t pixels_of(const int64_t *x) { return x[0] * x[1] * x[2]; }

/* Whether the kernels of whole windows serve.  Sums are in the order of the strips' sums: within one block, rows first. */
static int is_whole(const ug_pool *pool, int64_t lanes) {
    const ug_window *w = &pool->w;
    int64_t rows = w->k[0] * w->k[1], inner = pool->rows.inner, image = w->in.n * w->in.c;
    if (pool->type != UPREG_F32 && pool->type != UPREG_F64) return 0;
    if (rows > UG_POOL_ROWS || rows >= UG_SUM_BLOCK || w->k[2] >= UG_SUM_BLOCK || w->s[2] > MOST_STRIDE) return 0;
    if (inner > 1 && inner < lanes / 2) return 0;
    if (pool->kind == UG_POOL_SUM && rows > 1 && !pool->fold_rows) return 0;
    /* places within a window are kept in 32 bits */
    for (int axis = 0; axis < UPREG_MAX_SPATIAL && image; axis++) image = image * w->in.x[axis] > INT32_MAX ? 0 : image * ug_max64(w->in.x[axis], 1);
    return pool->kind != UG_POOL_MAX_INDEX || image > 0;
}

/* Scratch of the kernels of whole windows: a line of folded columns, and turned planes with their results and indices. */
static size_t plan_whole(upreg_prepare *p, ug_pool *pool) {
    int64_t lanes = pool->type == UPREG_F32 ? p->kernels->pool->lanes_f32 : p->kernels->pool->lanes_f64;
    const ug_window *w = &pool->w;
    pool->whole = is_whole(pool, lanes);
    if (!pool->whole || pool->rows.inner != 1) return 0;
    size_t line = bytes_of(UG_POOL_LINES * (strip_columns(pool) + lanes * (w->s[2] + 1)), 1, pool->element);
    size_t number = (size_t)lanes * pool->element, place = (size_t)lanes * sizeof(int64_t);
    size_t turned = number * (size_t)pixels_of(w->in.x) + (number + place) * (size_t)pixels_of(w->out.x);
    if (2 * w->out.x[2] <= lanes && 2 * planes_of(pool) >= lanes && pixels_of(w->in.x) < MOST_TURNED && turned <= MOST_TURNED)
        pool->side_by_side = lanes;
    return pool->side_by_side ? ug_aligned(turned) : line;
}

void ug_pool_plan(upreg_prepare *p, ug_pool *pool, const ug_window *w, upreg_type type, int kind, size_t extra) {
    *pool = (ug_pool){.w = *w, .type = type, .kind = kind, .element = upreg_type_size(type)};
    int widened = kind == UG_POOL_SUM && type == UPREG_U8;
    pool->sum_element = widened ? sizeof(int32_t) : pool->element;
    int64_t inner = w->out.axis_c > w->out.axis_x ? ug_max64(w->out.c, 1) : 1, s = w->s[2], k = w->k[2];
    int64_t pixel = inner * (int64_t)pool->sum_element, length = ug_max64(UG_POOL_STRIP / pixel / ug_min64(s, 8), 1);
    pool->rows = ug_rows_of(&w->out, length, 1);
    int64_t widest =
        (ug_min64(length, ug_max64(w->row, 1)) - 1) * s + w->d[2] * (k - 1) + 1; /* a strip of the whole call: sums depend on the choice */
    pool->fold_rows = kind != UG_POOL_MAX_INDEX && w->k[0] * w->k[1] > 1 && bytes_of(widest, inner, pool->sum_element) <= MOST_BYTES;
    pool->folded_element = pool->fold_rows ? pool->sum_element : pool->element;
    pool->period = s / ug_gcd(s, w->d[2]), pool->slots = ug_min64(k, pool->period);
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
    pool->window_at = pool->extra_at + ug_aligned(extra * (size_t)pool->rows.length);
    pool->scratch = pool->window_at + plan_whole(p, pool);
    double bytes = (double)planes_of(pool) * (double)inner * (double)pixels_of(w->out.x) *
                   (double)(pool->element + (kind == UG_POOL_MAX_INDEX ? sizeof(int64_t) : 0));
    pool->stream = bytes >= UG_STREAM_BYTES;
}

void ug_pool_stage(upreg_prepare *p, const ug_pool *pool) {
    double window = (double)pool->w.k[0] * (double)pool->w.k[1] * (double)pool->w.k[2];
    double row = (double)(pool->rows.length * ug_max64(pool->rows.inner, 1)) * (double)pool->element;
    if (pool->whole) window = 4;
    int64_t units = ug_rows_units(&pool->rows), planes = planes_of(pool);
    if (pool->side_by_side && units)
        ug_add_stage(p, ug_ceil_div(planes, pool->side_by_side), row * (double)(units / planes * pool->side_by_side), pool->scratch);
    else
        ug_add_stage(p, units, row * (1 + window / 4), pool->scratch);
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

static void fold_strip(const ug_pool *pool, const upreg_kernels *k, const ug_view *x, const ug_row *row, char *scratch) {
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

/* ---- whole windows ---- */

/* The tensors of a call; `places` of indices only. */
typedef struct pool_views {
    ug_view x, y, places;
} pool_views;

/* The windows of a row of outputs over `x`, all but what the method adds.  Places are those of the image and channel 0. */
static void windows_of(const ug_pool *pool, const ug_view *x, const ug_row *row, ug_pool_window *p) {
    const ug_window *w = &pool->w;
    const int64_t *place = pool->form.x;
    int64_t first0, last0, first1, last1, begin0 = row->x0 * w->s[0] - w->begin[0], begin1 = row->x1 * w->s[1] - w->begin[1];
    p->k = w->k[2], p->s = w->s[2], p->d = w->d[2], p->begin = w->begin[2], p->in = w->in.x[2];
    p->inner = x->inner, p->x_step = x->stride_x[2];
    p->divisor = 1, p->count = NULL, p->index = NULL;
    p->base = pool->first + begin0 * place[0] + begin1 * place[1] - w->begin[2] * place[2];
    p->step_place = w->s[2] * place[2], p->inner_place = pool->form.c, p->tap_place = w->d[2] * place[2];
    p->rows = 0;
    ug_window_taps(w, 0, row->x0, &first0, &last0);
    ug_window_taps(w, 1, row->x1, &first1, &last1);
    for (int64_t t0 = first0; t0 < last0; t0++)
        for (int64_t t1 = first1; t1 < last1; t1++, p->rows++) {
            p->row[p->rows] = ug_pixel(x, row->n, row->c, begin0 + t0 * w->d[0], begin1 + t1 * w->d[1], 0, pool->element);
            p->row_place[p->rows] = t0 * w->d[0] * place[0] + t1 * w->d[1] * place[1];
        }
}

/* Outputs [row->begin, row->end); a window that holds nothing but padding has no rows. */
static void fold_windows(const ug_pool *pool, const upreg_kernels *k, const ug_row *row, const ug_pool_window *p, char *y) {
    const ug_pool_kernels *f = k->pool;
    if (p->rows == 0) {
        for (int64_t i = 0; i < row->end - row->begin; i++) memset(y + i * p->y_step * (int64_t)pool->element, 0, (size_t)p->inner * pool->element);
        return;
    }
    if (pool->type == UPREG_F32)
        (p->inner == 1 ? f->window_rows_f32 : f->window_pixels_f32)((float *)y, p, row->begin, row->end, pool->kind);
    else
        (p->inner == 1 ? f->window_rows_f64 : f->window_pixels_f64)((double *)y, p, row->begin, row->end, pool->kind);
}

/* How many rows of outputs from this one on differ in nothing but their place: all of their windows' rows lie inside. */
static int64_t equal_lines(const ug_pool *pool, const ug_row *row, int64_t most) {
    const ug_window *w = &pool->w;
    int64_t start = row->x1 * w->s[1] - w->begin[1], room = w->in.x[1] - 1 - w->d[1] * (w->k[1] - 1) - start;
    if (start < 0 || room < 0 || pool->rows.inner != 1) return 1;
    return ug_min64(ug_min64(most, w->out.x[1] - row->x1), room / w->s[1] + 1);
}

/* One row, or several where that is as good; returns how many. */
static int64_t do_rows(const upreg_call *call, const ug_pool_method *method, const pool_views *v, const ug_row *row, int64_t most, char *scratch) {
    const ug_pool *pool = (const ug_pool *)call->state;
    int dense = ug_pixels_dense(&v->x) && ug_pixels_dense(&v->y) && ug_pixels_dense(&v->places);
    if (!pool->whole || (pool->rows.inner == 1 && (pool->side_by_side || !dense))) {
        fold_strip(pool, call->kernels, &v->x, row, scratch);
        method->store(call, row, scratch);
        return 1;
    }
    ug_pool_window p;
    windows_of(pool, &v->x, row, &p);
    if (method->window) method->window(pool, row, &p);
    p.line = scratch + pool->window_at, p.stream = pool->stream, p.y_step = v->y.stride_x[2], p.index_step = v->places.stride_x[2];
    p.lines = equal_lines(pool, row, most), p.x_line = pool->w.s[1] * v->x.stride_x[1], p.y_line = v->y.stride_x[1];
    p.index_line = v->places.stride_x[1], p.line_place = pool->w.s[1] * pool->form.x[1];
    p.base += row->n * pool->form.n + row->c * pool->form.c;
    if (v->places.data) p.index = (int64_t *)ug_pixel(&v->places, row->n, row->c, row->x0, row->x1, row->begin, sizeof(int64_t));
    fold_windows(pool, call->kernels, row, &p, ug_pixel(&v->y, row->n, row->c, row->x0, row->x1, row->begin, pool->element));
    return p.lines;
}

/* ---- planes side by side ---- */

static int is_dense_plane(const ug_view *v) {
    return ug_pixels_dense(v) && (v->x[1] <= 1 || v->stride_x[1] == v->x[2]) && (v->x[0] <= 1 || v->stride_x[0] == v->x[1] * v->x[2]);
}

/* A plane of pixels with `inner` numbers each. */
static ug_view turned_view(void *data, const int64_t *x, int64_t inner) {
    return (ug_view){.data = data, .inner = inner, .x = {x[0], x[1], x[2]}, .stride_x = {x[1] * x[2] * inner, x[2] * inner, inner}};
}

/* Planes are turned into channels, pooled as such, and turned back; lanes without a plane repeat the last one. */
static void do_planes(const upreg_call *call, const ug_pool_method *method, const pool_views *v, int64_t first, char *scratch) {
    const ug_pool *pool = (const ug_pool *)call->state;
    const ug_pool_kernels *k = call->kernels->pool;
    const ug_window *w = &pool->w;
    int64_t lanes = pool->side_by_side, out = pixels_of(w->out.x), element = (int64_t)pool->element, add[MOST_LANES];
    char *from[MOST_LANES], *to[MOST_LANES];
    int64_t *to_places[MOST_LANES];
    for (int64_t l = 0; l < lanes; l++) {
        int64_t plane = ug_min64(first + l, planes_of(pool) - 1), n = plane / pool->rows.c, c = plane % pool->rows.c;
        from[l] = ug_pixel(&v->x, n, c, 0, 0, 0, pool->element), to[l] = ug_pixel(&v->y, n, c, 0, 0, 0, pool->element);
        to_places[l] = (int64_t *)ug_pixel(&v->places, n, c, 0, 0, 0, sizeof(int64_t)), add[l] = n * pool->form.n + c * pool->form.c;
    }
    ug_view x = turned_view(scratch + pool->window_at, w->in.x, lanes);
    ug_view y = turned_view(x.data + pixels_of(w->in.x) * lanes * element, w->out.x, lanes);
    ug_view places = turned_view(y.data + out * lanes * element, w->out.x, lanes);
    if (pool->type == UPREG_F32)
        k->turn_f32((float *)x.data, (const float *const *)from, pixels_of(w->in.x));
    else
        k->turn_f64((double *)x.data, (const double *const *)from, pixels_of(w->in.x));
    ug_row row = {.end = w->out.x[2]};
    ug_pool_window p;
    for (row.x0 = 0; row.x0 < w->out.x[0]; row.x0++)
        for (row.x1 = 0; row.x1 < w->out.x[1]; row.x1++) {
            windows_of(pool, &x, &row, &p);
            if (method->window) method->window(pool, &row, &p);
            p.stream = 0, p.y_step = p.index_step = lanes, p.inner_place = 0;
            p.index = (int64_t *)ug_pixel(&places, 0, 0, row.x0, row.x1, 0, sizeof(int64_t));
            fold_windows(pool, call->kernels, &row, &p, ug_pixel(&y, 0, 0, row.x0, row.x1, 0, pool->element));
        }
    if (pool->type == UPREG_F32)
        k->turn_back_f32((float *const *)to, (const float *)y.data, lanes, out);
    else
        k->turn_back_f64((double *const *)to, (const double *)y.data, lanes, out);
    for (int64_t l = 0; l < lanes && pool->kind == UG_POOL_MAX_INDEX; l += k->lanes_f64)
        k->turn_back_index(to_places + l, (const int64_t *)places.data + l, lanes, out, add + l);
}

void ug_pool_run(const upreg_call *call, const ug_pool_method *method, int64_t begin, int64_t end, int worker) {
    const ug_pool *pool = (const ug_pool *)call->state;
    char *scratch = (char *)call->scratch[worker];
    pool_views v = {.x = ug_view_of(&pool->w.in, &call->in[0]), .y = ug_view_of(&pool->w.out, &call->out[0])};
    if (pool->kind == UG_POOL_MAX_INDEX) v.places = ug_view_of(&pool->w.out, &call->out[1]);
    int turns = is_dense_plane(&v.x) && is_dense_plane(&v.y) && is_dense_plane(&v.places);
    int64_t units = ug_rows_units(&pool->rows), per_unit = pool->side_by_side ? units / planes_of(pool) * pool->side_by_side : 1;
    if (pool->side_by_side && turns) {
        for (int64_t unit = begin; unit < end; unit++) do_planes(call, method, &v, unit * pool->side_by_side, scratch);
        return;
    }
    int64_t last = ug_min64(end * per_unit, units);
    for (int64_t i = begin * per_unit, done; i < last; i += done) {
        ug_row row = ug_rows_find(&pool->rows, i);
        done = do_rows(call, method, &v, &row, last - i, scratch);
    }
    if (pool->stream) call->kernels->move->streamed();
}
