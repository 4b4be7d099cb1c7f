/* Every element, divided, added to all of its window: avg_unpool, and the adjoint of avg_pool. */
#include "methods/avg_pool.h"
#include "methods/pointwise.h"

/* gx is written in strips of its rows.  Rows of gy, divided, are summed into one line; the line is then spread tap by tap.  With a stride s,
 * the strip is kept as s phases and interleaved at the end. */
typedef struct grad_plan {
    ug_window w; /* of the forward method: w.in is gx, w.out is gy */
    ug_rows rows;
    ug_divisors divisors;
    size_t element;
    int64_t line_pixels, phase_pixels;
    size_t share_at, line_at, line_total_at, phase_at, phase_total_at, divisor_at, store_at;
} grad_plan;

/* Windows [*first, *last) of the innermost axis that may hold pixels [begin, end). */
static void windows_over(const ug_window *w, int64_t begin, int64_t end, int64_t *first, int64_t *last) {
    int64_t reach = w->d[2] * (w->k[2] - 1);
    *first = ug_max64(0, ug_ceil_div(begin + w->begin[2] - reach, w->s[2]));
    *last = ug_max64(*first, ug_min64(w->out.x[2], ug_floor_div(end - 1 + w->begin[2], w->s[2]) + 1));
}

static size_t lay_out(grad_plan *plan) {
    const ug_window *w = &plan->w;
    int64_t inner = ug_max64(plan->rows.inner, 1), reach = w->d[2] * (w->k[2] - 1);
    size_t pixel = (size_t)inner * plan->element;
    plan->line_pixels = ug_min64(w->out.x[2], (plan->rows.length + reach) / w->s[2] + 2);
    plan->phase_pixels = plan->rows.length / w->s[2];
    size_t line = ((size_t)plan->line_pixels * pixel + 63) / 64 * 64, phases = ((size_t)plan->rows.length * pixel + 63) / 64 * 64;
    plan->share_at = 0;
    plan->line_at = plan->share_at + line;
    plan->line_total_at = plan->line_at + line;
    plan->phase_at = plan->line_total_at + line;
    plan->phase_total_at = plan->phase_at + phases;
    plan->store_at = plan->phase_total_at + phases;
    plan->divisor_at = plan->store_at + phases;
    return plan->divisor_at + sizeof(double) * (size_t)plan->line_pixels;
}

void ug_avg_spread_prepare(upreg_prepare *p, const ug_window *given) {
    ug_window w = *given;
    grad_plan *plan = upreg_reserve(p, sizeof *plan), local;
    if (!plan) plan = &local;
    *plan = (grad_plan){.w = w, .element = upreg_type_size(p->in[0].type)};
    plan->rows = ug_rows_of(&w.in, ug_pixels_within(&w.in, plan->element, UG_POOL_STRIP), w.s[2]);
    ug_divisors_of(p, &w, &plan->divisors);
    size_t scratch = lay_out(plan);
    double windows = (double)(w.k[0] * w.k[1]) / (double)(w.s[0] * w.s[1]) + (double)w.k[2] / (double)w.s[2];
    ug_add_stage(p, ug_rows_units(&plan->rows), (double)(plan->rows.length * plan->rows.inner) * (double)plan->element * (1 + windows), scratch);
}

/* y += x */
static void add(const upreg_call *call, void *y, const void *x, int64_t n) {
    if (ug_is_f32(&call->out[0]))
        call->kernels->elementwise->add_f32(y, y, x, n);
    else
        call->kernels->elementwise->add_f64(y, y, x, n);
}

/* A sum in blocks: `block` is added to `total` after every UG_SUM_BLOCK terms. */
typedef struct blocks {
    char *block, *total;
    int64_t n, terms;
    size_t bytes;
    int32_t has_total;
} blocks;

static void count_term(const upreg_call *call, blocks *b) {
    if (++b->terms < UG_SUM_BLOCK) return;
    if (b->has_total)
        add(call, b->total, b->block, b->n);
    else
        memcpy(b->total, b->block, b->bytes);
    memset(b->block, 0, b->bytes);
    b->has_total = 1, b->terms = 0;
}

static void finish(const upreg_call *call, blocks *b) {
    if (!b->has_total) return;
    add(call, b->total, b->block, b->n);
    memcpy(b->block, b->total, b->bytes);
}

/* gy / divisor for windows [first, last) of window row (o0, o1), dense. */
static void share(const upreg_call *call, const grad_plan *plan, const ug_view *gy, const ug_row *row, int64_t o0, int64_t o1, int64_t first,
                  int64_t last, char *scratch) {
    int64_t rest = plan->divisors.count[0][o0] * plan->divisors.count[1][o1], n = last - first;
    const int64_t *count = plan->divisors.count[2] + first;
    char *to = scratch + plan->share_at;
    const void *from = ug_dense_pixels(gy, ug_pixel(gy, row->n, row->c, o0, o1, first, plan->element), n, plan->element, to);
    void *divisor = scratch + plan->divisor_at;
    if (plan->element == 4) {
        for (int64_t i = 0; i < n; i++) ((float *)divisor)[i] = (float)(count[i] * rest);
        call->kernels->pool->mean_f32((float *)to, from, divisor, n, plan->rows.inner);
    } else {
        for (int64_t i = 0; i < n; i++) ((double *)divisor)[i] = (double)(count[i] * rest);
        call->kernels->pool->mean_f64((double *)to, from, divisor, n, plan->rows.inner);
    }
}

/* The window that holds pixel x with its tap t, or -1. */
static int64_t window_at(const ug_window *w, int axis, int64_t x, int64_t t) {
    int64_t start = x + w->begin[axis] - t * w->d[axis];
    return start >= 0 && start % w->s[axis] == 0 && start / w->s[axis] < w->out.x[axis] ? start / w->s[axis] : -1;
}

/* Sums the rows of windows that hold row (x0, x1) into the line. */
static void sum_rows(const upreg_call *call, const grad_plan *plan, const ug_view *gy, const ug_row *row, int64_t first, int64_t last,
                     char *scratch) {
    const ug_window *w = &plan->w;
    int64_t n = (last - first) * plan->rows.inner;
    blocks line = {.block = scratch + plan->line_at, .total = scratch + plan->line_total_at, .n = n, .bytes = (size_t)n * plan->element};
    memset(line.block, 0, line.bytes);
    for (int64_t t0 = 0; t0 < w->k[0]; t0++)
        for (int64_t t1 = 0; t1 < w->k[1]; t1++) {
            int64_t o0 = window_at(w, 0, row->x0, t0), o1 = window_at(w, 1, row->x1, t1);
            if (o0 < 0 || o1 < 0) continue;
            share(call, plan, gy, row, o0, o1, first, last, scratch);
            add(call, line.block, scratch + plan->share_at, n);
            count_term(call, &line);
        }
    finish(call, &line);
}

/* Adds the line to the strip once per tap. */
static void spread(const upreg_call *call, const grad_plan *plan, const ug_row *row, int64_t first, int64_t last, char *scratch) {
    const ug_window *w = &plan->w;
    int64_t s = w->s[2], inner = plan->rows.inner, pixel = inner * (int64_t)plan->element, n = plan->rows.length * inner;
    int64_t base = row->begin / s, padded = plan->phase_pixels;
    blocks strip = {.block = scratch + plan->phase_at, .total = scratch + plan->phase_total_at, .n = n, .bytes = (size_t)n * plan->element};
    memset(strip.block, 0, strip.bytes);
    for (int64_t t = 0; t < w->k[2]; t++) {
        int64_t shift = t * w->d[2] - w->begin[2], f = ug_floor_div(shift, s), residue = shift - f * s;
        /* window o reaches pixel o + f of this phase */
        int64_t low = ug_max64(first, base - f), high = ug_min64(last, base + padded - f);
        if (low < high)
            add(call, strip.block + (residue * padded + low + f - base) * pixel, scratch + plan->line_at + (low - first) * pixel,
                (high - low) * inner);
        count_term(call, &strip);
    }
    finish(call, &strip);
}

void ug_avg_spread_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    const grad_plan *plan = (const grad_plan *)call->state;
    char *scratch = (char *)call->scratch[worker];
    ug_view gy = ug_view_of(&plan->w.out, &call->in[0]), gx = ug_view_of(&plan->w.in, &call->out[0]);
    int64_t pixel = plan->rows.inner * (int64_t)plan->element, s = plan->w.s[2];
    for (int64_t unit = begin; unit < end; unit++) {
        ug_row row = ug_rows_find(&plan->rows, unit);
        int64_t first, last, n = row.end - row.begin;
        windows_over(&plan->w, row.begin, row.end, &first, &last);
        sum_rows(call, plan, &gy, &row, first, last, scratch);
        spread(call, plan, &row, first, last, scratch);
        char *to = ug_pixel(&gx, row.n, row.c, row.x0, row.x1, row.begin, plan->element), *strip = scratch + plan->phase_at;
        if (s > 1) {
            call->kernels->move->interleave(scratch + plan->store_at, strip, plan->phase_pixels * pixel, plan->phase_pixels, s, pixel, 0);
            strip = scratch + plan->store_at;
        }
        if (ug_pixels_dense(&gx))
            memcpy(to, strip, (size_t)(n * pixel));
        else
            ug_unpack_pixels(&gx, to, strip, n, plan->element);
    }
}
