#include "methods/resample_engine.h"

#include <stdlib.h>

enum { UNIT_BITS = 14, UNIT = 1 << UNIT_BITS }; /* uint8: weights are whole numbers of 2^-14 */
enum { EXPANDED_INNER = 8 };                    /* up to so many channels, tables have one entry per number, not per pixel */
enum { MOST_PHASES = 16 };

/* ---- the tables of one axis ---- */

typedef struct axis_table {
    int64_t n, m;           /* outputs, inputs */
    int32_t taps;           /* the most that an output has */
    int32_t identity;       /* output i is input i */
    int32_t counted;        /* outputs have different numbers of taps */
    int64_t rows;           /* the longest stretch of inputs that one output reads */
    int32_t *index, *count; /* tap-major: [t * n + i] */
    double *weight;
} axis_table;

typedef struct pixel_phases {
    int32_t offset[MOST_PHASES * 8];
    ug_phases phases;
    int64_t begin, end; /* the outputs that repeat */
} pixel_phases;

typedef struct resample_plan {
    ug_frame in, out;
    ug_rows rows;
    axis_table axis[UPREG_MAX_SPATIAL];
    ug_taps taps;             /* the innermost axis, for the kernels */
    ug_pixel_taps pixel_taps; /* the same, where the innermost axis goes pixel by pixel */
    int32_t direct_pixels;    /* the innermost axis goes pixel by pixel: many channels, or gaps between pixels */
    int32_t copies;           /* the outer axes are identities: rows go straight to the output */
    int32_t phased;
    pixel_phases repeat;
    size_t element, sum_element;
    int32_t shift;    /* of uint8 sums */
    int64_t slots[2]; /* cached rows along the outer axes */
    int64_t most_blended;
    size_t cache_at, key_at, row_at, weight_at, store_at; /* places in a worker's scratch */
} resample_plan;

static int64_t clamped(int64_t i, int64_t m) { return i < 0 ? 0 : i >= m ? m - 1 : i; }

static double tap_weight(const ug_separable *s, const ug_span *span, int64_t position) {
    return s->weight ? s->weight(s->context, span, position) / span->total : 1.0;
}

/* Length of the table's axis on the forward side (outputs of the forward method), and of what it reads. */
static void forward_sizes(const ug_separable *s, int axis, int64_t *outputs, int64_t *inputs) {
    *outputs = s->adjoint ? s->in.x[axis] : s->out.x[axis];
    *inputs = s->adjoint ? s->out.x[axis] : s->in.x[axis];
}

/* Taps of every output, the most of them, and the widest stretch. */
static upreg_status count_taps(const ug_separable *s, int axis, axis_table *t, upreg_error *err) {
    int64_t outputs, inputs, most = 0, fewest = INT64_MAX;
    forward_sizes(s, axis, &outputs, &inputs);
    t->n = s->out.x[axis], t->m = s->in.x[axis], t->rows = 1;
    int32_t *low = NULL, *count = NULL, *high = NULL;
    if (s->adjoint) {
        low = calloc((size_t)t->n + 1, 3 * sizeof *low);
        if (!low) return ug_no_memory(err, (size_t)t->n * 3 * sizeof *low);
        count = low + t->n + 1, high = count + t->n + 1;
    }
    for (int64_t i = 0; i < outputs; i++) {
        ug_span span = s->span(s->context, axis, i);
        if (!s->adjoint) {
            most = ug_max64(most, span.count), fewest = ug_min64(fewest, span.count);
            if (span.count) t->rows = ug_max64(t->rows, clamped(span.first + span.count - 1, inputs) - clamped(span.first, inputs) + 1);
            continue;
        }
        for (int64_t k = 0; k < span.count; k++) {
            int64_t j = clamped(span.first + k, inputs);
            if (!count[j]++) low[j] = (int32_t)i;
            high[j] = (int32_t)i;
        }
    }
    for (int64_t j = 0; s->adjoint && j < t->n; j++) {
        most = ug_max64(most, count[j]), fewest = ug_min64(fewest, count[j]);
        if (count[j]) t->rows = ug_max64(t->rows, high[j] - low[j] + 1);
    }
    free(low);
    if (most > INT32_MAX / 2) return ug_fail(err, UPREG_E_SHAPE, "an axis of length %" PRId64 " is resampled with too many taps", t->m);
    t->taps = (int32_t)ug_max64(most, 1), t->counted = fewest != t->taps;
    return UPREG_OK;
}

static void add_tap(axis_table *t, int64_t output, int64_t position, double weight) {
    int64_t at = t->count[output]++ * t->n + output;
    t->index[at] = (int32_t)position, t->weight[at] = weight;
}

/* Weights to whole numbers of 2^-14 that add up to 1: the running sum is rounded, so errors do not add up. */
static void quantise(axis_table *t) {
    for (int64_t i = 0; i < t->n; i++) {
        double sum = 0, before = 0;
        for (int32_t k = 0; k < t->count[i]; k++) {
            sum += t->weight[k * t->n + i];
            double now = k == t->count[i] - 1 ? UNIT : floor(sum * UNIT + 0.5);
            t->weight[k * t->n + i] = now - before, before = now;
        }
    }
}

static void fill_table(const ug_separable *s, int axis, axis_table *t, int whole) {
    int64_t outputs, inputs;
    forward_sizes(s, axis, &outputs, &inputs);
    for (int64_t i = 0; i < outputs; i++) {
        ug_span span = s->span(s->context, axis, i);
        for (int64_t k = 0; k < span.count; k++) {
            int64_t j = clamped(span.first + k, inputs);
            double w = tap_weight(s, &span, span.first + k);
            if (s->adjoint)
                add_tap(t, j, i, w);
            else
                add_tap(t, i, j, w);
        }
    }
    t->identity = t->n == t->m;
    for (int64_t i = 0; i < t->n; i++) {
        int ones = 0;
        for (int32_t k = 0; k < t->count[i]; k++) {
            double w = t->weight[k * t->n + i];
            if (w == 1 && t->index[k * t->n + i] == i)
                ones++;
            else if (w != 0)
                t->identity = 0;
        }
        if (ones != 1) t->identity = 0;
        for (int32_t k = t->count[i]; k < t->taps; k++) t->index[k * t->n + i] = t->count[i] ? t->index[i] : 0; /* never added, but readable */
    }
    if (t->identity) {
        t->taps = 1, t->counted = 0, t->rows = 1;
        for (int64_t i = 0; i < t->n; i++) t->index[i] = (int32_t)i, t->count[i] = 1, t->weight[i] = 1;
    } else if (whole) {
        quantise(t);
    }
}

/* ---- the innermost axis for the kernels ---- */

static void put_weight(void *to, int64_t at, upreg_type type, double w) {
    if (type == UPREG_F32)
        ((float *)to)[at] = (float)w;
    else if (type == UPREG_F64)
        ((double *)to)[at] = w;
    else
        ((int32_t *)to)[at] = (int32_t)w;
}

/* One table entry per number of a row: pixel i, channel c at i * inner + c. */
static void expand(const axis_table *t, int64_t inner, upreg_type type, int32_t *index, int32_t *count, void *weight) {
    int64_t stride = t->n * inner;
    for (int64_t i = 0; i < t->n; i++)
        for (int64_t c = 0; c < inner; c++) {
            if (count) count[i * inner + c] = t->count[i];
            for (int32_t k = 0; k < t->taps; k++) {
                index[k * stride + i * inner + c] = (int32_t)(t->index[k * t->n + i] * inner + c);
                put_weight(weight, k * stride + i * inner + c, type, t->weight[k * t->n + i]);
            }
        }
}

/* The table pixel-major. */
static void turn(const axis_table *t, upreg_type type, int32_t *index, void *weight) {
    for (int64_t i = 0; i < t->n; i++)
        for (int32_t k = 0; k < t->taps; k++) {
            index[i * t->taps + k] = t->index[k * t->n + i];
            put_weight(weight, i * t->taps + k, type, t->weight[k * t->n + i]);
        }
}

/* Whether input pixel i makes its `factor` outputs exactly as pixel `model` does. */
static int same_phases(const axis_table *t, int64_t factor, int64_t i, int64_t model) {
    for (int64_t p = 0; p < factor; p++)
        for (int32_t k = 0; k < t->taps; k++) {
            int64_t a = k * t->n + i * factor + p, b = k * t->n + model * factor + p;
            if (t->index[a] - i != t->index[b] - model || t->weight[a] != t->weight[b] || t->count[i * factor + p] != t->taps) return 0;
        }
    return 1;
}

/* Finds the stretch where the table repeats from input pixel to input pixel: there no table is needed. */
static void find_phases(resample_plan *plan, int64_t inner, upreg_type type, void *weight) {
    const axis_table *t = &plan->axis[2];
    int64_t factor = t->m > 0 ? t->n / t->m : 0;
    if (factor < 2 || factor > MOST_PHASES || t->n != factor * t->m || t->taps > 8 || t->m < UG_PHASED_PIXELS) return;
    int64_t model = t->m / 2, begin = model, end = model + 1;
    if (!same_phases(t, factor, model, model)) return;
    while (begin > 0 && same_phases(t, factor, begin - 1, model)) begin--;
    while (end < t->m && same_phases(t, factor, end, model)) end++;
    if (end - begin < UG_PHASED_PIXELS) return;
    for (int64_t p = 0; p < factor; p++)
        for (int32_t k = 0; k < t->taps; k++) {
            int64_t at = k * t->n + model * factor + p;
            plan->repeat.offset[p * t->taps + k] = (int32_t)((t->index[at] - model) * inner);
            put_weight(weight, p * t->taps + k, type, t->weight[at]);
        }
    plan->phased = 1, plan->repeat.begin = begin * factor, plan->repeat.end = end * factor;
    plan->repeat.phases = (ug_phases){plan->repeat.offset, weight, (int32_t)factor, t->taps, (int32_t)inner};
}

/* ---- preparing ---- */

upreg_status ug_separable_infer(upreg_infer *ctx, ug_separable_of of) {
    ug_separable s = {0};
    UG_TRY(of(UG_ASK(ctx), &s));
    ctx->out[0] = ug_frame_spec(&s.out, ctx->in[0].type, s.out.n, s.out.c, s.out.x);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

/* Lays out a worker's scratch and the strips: the cached rows of a strip should stay in the second cache. */
static size_t lay_out(resample_plan *plan) {
    int64_t inner = plan->out.axis_c > plan->out.axis_x ? ug_max64(plan->out.c, 1) : 1;
    plan->slots[0] = plan->axis[0].rows, plan->slots[1] = plan->axis[1].rows;
    int64_t slots = plan->slots[0] * plan->slots[1], step = plan->phased ? plan->repeat.phases.factor : 1;
    int64_t pixels = UG_RESAMPLE_CACHE / (slots * inner * (int64_t)plan->sum_element);
    plan->rows = ug_rows_of(&plan->out, ug_max64(pixels, 1), step);
    plan->most_blended = (int64_t)plan->axis[0].taps * plan->axis[1].taps;
    size_t row = aligned((size_t)(plan->rows.length * inner) * plan->sum_element);
    plan->cache_at = 0;
    plan->key_at = plan->cache_at + row * (size_t)slots;
    plan->row_at = plan->key_at + aligned(3 * sizeof(int64_t) * (size_t)slots);
    plan->weight_at = plan->row_at + aligned(sizeof(void *) * (size_t)plan->most_blended);
    plan->store_at = plan->weight_at + aligned(sizeof(double) * (size_t)plan->most_blended);
    return plan->store_at + row;
}

upreg_status ug_separable_prepare(upreg_prepare *p, ug_separable_of of) {
    ug_separable s = {0};
    UG_TRY(of(UG_ASK(p), &s));
    resample_plan *plan = upreg_reserve(p, sizeof *plan), local = {0};
    if (!plan) plan = &local;
    upreg_type type = p->in[0].type;
    int whole = type == UPREG_U8;
    plan->in = s.in, plan->out = s.out;
    plan->element = upreg_type_size(type), plan->sum_element = whole ? sizeof(int32_t) : plan->element;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        axis_table *t = &plan->axis[axis];
        UG_TRY(count_taps(&s, axis, t, p->err));
        size_t entries = (size_t)t->n * (size_t)t->taps;
        t->index = upreg_reserve(p, entries * sizeof *t->index);
        t->weight = upreg_reserve(p, entries * sizeof *t->weight);
        t->count = upreg_reserve(p, (size_t)t->n * sizeof *t->count);
        if (p->fill) fill_table(&s, axis, t, whole);
        plan->shift += whole && !t->identity ? UNIT_BITS : 0;
    }
    const axis_table *t = &plan->axis[2];
    int64_t inner = s.out.axis_c > s.out.axis_x ? s.out.c : 1;
    plan->direct_pixels = inner > EXPANDED_INNER || t->m * inner > INT32_MAX;
    size_t numbers = (size_t)(t->n * (plan->direct_pixels ? 1 : inner));
    int32_t *index = upreg_reserve(p, numbers * (size_t)t->taps * sizeof *index);
    int32_t *count = t->counted ? upreg_reserve(p, numbers * sizeof *count) : NULL;
    void *weight = upreg_reserve(p, numbers * (size_t)t->taps * plan->sum_element);
    int32_t *pixel_index = upreg_reserve(p, (size_t)t->n * (size_t)t->taps * sizeof *pixel_index);
    void *pixel_weight = upreg_reserve(p, (size_t)t->n * (size_t)t->taps * plan->sum_element);
    void *phase_weight = upreg_reserve(p, sizeof(double) * MOST_PHASES * 8);
    if (p->fill) {
        expand(t, plan->direct_pixels ? 1 : inner, whole ? UPREG_I32 : type, index, count, weight);
        plan->taps = (ug_taps){index, weight, count, (int64_t)numbers, t->taps};
        turn(t, whole ? UPREG_I32 : type, pixel_index, pixel_weight);
        plan->pixel_taps = (ug_pixel_taps){pixel_index, pixel_weight, t->count, t->taps};
        if (!plan->direct_pixels) find_phases(plan, inner, whole ? UPREG_I32 : type, phase_weight);
        plan->copies = !whole && plan->axis[0].identity && plan->axis[1].identity;
    }
    size_t scratch = lay_out(plan);
    double width = (double)(plan->rows.length * inner);
    p->macs = (int64_t)((double)ug_elements(&p->out[0]) *
                        ((double)t->taps * (double)plan->axis[1].m / (double)ug_max64(plan->axis[1].n, 1) + (double)plan->most_blended));
    strncpy(p->algorithm, plan->phased ? "separable phases" : "separable", sizeof p->algorithm - 1);
    ug_add_stage(p, ug_rows_units(&plan->rows), width * ((double)plan->element + (double)plan->most_blended / 4), scratch);
    return UPREG_OK;
}

/* ---- running ---- */

typedef struct worker_state {
    const resample_plan *plan;
    const ug_resample_kernels *k;
    ug_view x, y;
    char *cache;
    int64_t (*key)[3]; /* what each cached row holds: the row, its place along axis 0 and 1 */
    const void **row;  /* what makes an output row, and with what weights */
    void *weight;
    char *store;
    size_t row_bytes;
    upreg_type type;
} worker_state;

static void *at(void *base, int64_t number, size_t element) { return (char *)base + number * (int64_t)element; }

/* The weighted sum of the first `taps` rows, n numbers of a floating type each. */
static void blend(const worker_state *w, void *to, int64_t taps, int64_t n) {
    if (taps == 0)
        memset(to, 0, (size_t)n * w->plan->sum_element);
    else if (w->type == UPREG_F32)
        w->k->blend_f32(to, (const float *const *)w->row, w->weight, taps, n);
    else
        w->k->blend_f64(to, (const double *const *)w->row, w->weight, taps, n);
}

static void gather(const worker_state *w, void *to, const char *from, int64_t begin, int64_t n) {
    if (n <= 0) return;
    if (w->type == UPREG_F32)
        w->k->gather_f32(to, (const float *)from, &w->plan->taps, begin, n);
    else if (w->type == UPREG_F64)
        w->k->gather_f64(to, (const double *)from, &w->plan->taps, begin, n);
    else
        w->k->gather_u8(to, (const uint8_t *)from, &w->plan->taps, begin, n);
}

static void phases(const worker_state *w, void *to, const char *from, int64_t n) {
    const ug_phases *p = &w->plan->repeat.phases;
    if (w->type == UPREG_F32)
        w->k->phases_f32(to, (const float *)from, p, n);
    else if (w->type == UPREG_F64)
        w->k->phases_f64(to, (const double *)from, p, n);
    else
        w->k->phases_u8(to, (const uint8_t *)from, p, n);
}

/* Output pixels [begin, end) of an input row along the innermost axis, one after the other. */
static void row_by_pixel(const worker_state *w, void *to, const char *from, int64_t begin, int64_t end) {
    const ug_pixel_taps *taps = &w->plan->pixel_taps;
    int64_t n = end - begin, inner = w->x.inner, step = w->x.stride_x[2];
    if (w->type == UPREG_F32)
        w->k->pixels_f32(to, (const float *)from, taps, begin, n, inner, step);
    else if (w->type == UPREG_F64)
        w->k->pixels_f64(to, (const double *)from, taps, begin, n, inner, step);
    else
        w->k->pixels_u8(to, (const uint8_t *)from, taps, begin, n, inner, step);
}

static void resample_row(const worker_state *w, void *to, const char *from, int64_t begin, int64_t end) {
    const resample_plan *plan = w->plan;
    int64_t inner = w->x.inner;
    if (plan->direct_pixels || !ug_pixels_dense(&w->x)) {
        row_by_pixel(w, to, from, begin, end);
        return;
    }
    if (!plan->phased) {
        gather(w, to, from, begin * inner, (end - begin) * inner);
        return;
    }
    const pixel_phases *r = &plan->repeat;
    int64_t first = ug_min64(ug_max64(begin, r->begin), end), last = ug_max64(ug_min64(end, r->end), first);
    gather(w, to, from, begin * inner, (first - begin) * inner);
    if (last > first)
        phases(w, at(to, (first - begin) * inner, plan->sum_element), from + first / r->phases.factor * inner * (int64_t)plan->element,
               (last - first) / r->phases.factor);
    gather(w, at(to, (last - begin) * inner, plan->sum_element), from, last * inner, (end - last) * inner);
}

/* The strip of input row (x0, x1), resampled along the innermost axis: from the input itself where nothing is to be done, or from the cache. */
static const void *resampled_row(const worker_state *w, const ug_row *row, int64_t strip_key, int64_t x0, int64_t x1) {
    const resample_plan *plan = w->plan;
    const char *from = ug_pixel(&w->x, row->n, row->c, x0, x1, 0, plan->element);
    if (plan->axis[2].identity && w->type != UPREG_U8 && ug_pixels_dense(&w->x)) return from + row->begin * w->x.inner * (int64_t)plan->element;
    int64_t slot = x0 % plan->slots[0] * plan->slots[1] + x1 % plan->slots[1];
    char *cached = w->cache + (size_t)slot * w->row_bytes;
    int64_t *key = w->key[slot];
    if (key[0] == strip_key && key[1] == x0 && key[2] == x1) return cached;
    key[0] = strip_key, key[1] = x0, key[2] = x1;
    resample_row(w, cached, from, row->begin, row->end);
    return cached;
}

/* The rows that make one output row, and their weights. */
static int64_t choose_rows(const worker_state *w, const ug_row *row, int64_t strip_key) {
    const axis_table *a = &w->plan->axis[0], *b = &w->plan->axis[1];
    int64_t taps = 0;
    for (int32_t i = 0; i < a->count[row->x0]; i++)
        for (int32_t j = 0; j < b->count[row->x1]; j++, taps++) {
            int64_t ia = i * a->n + row->x0, jb = j * b->n + row->x1;
            put_weight(w->weight, taps, w->type == UPREG_U8 ? UPREG_I32 : w->type, a->weight[ia] * b->weight[jb]);
            w->row[taps] = resampled_row(w, row, strip_key, a->index[ia], b->index[jb]);
        }
    return taps;
}

static void make_row(const worker_state *w, const ug_row *row, int64_t strip_key) {
    const resample_plan *plan = w->plan;
    int64_t pixels = row->end - row->begin, n = pixels * plan->rows.inner;
    char *to = ug_pixel(&w->y, row->n, row->c, row->x0, row->x1, row->begin, plan->element), *store = ug_pixels_dense(&w->y) ? to : w->store;
    if (plan->copies) {
        resample_row(w, store, ug_pixel(&w->x, row->n, row->c, row->x0, row->x1, 0, plan->element), row->begin, row->end);
    } else {
        int64_t taps = choose_rows(w, row, strip_key);
        if (w->type == UPREG_U8)
            w->k->blend_i32((uint8_t *)store, (const int32_t *const *)w->row, w->weight, taps, n, plan->shift);
        else
            blend(w, store, taps, n);
    }
    if (store != to) ug_unpack_pixels(&w->y, to, store, pixels, plan->element);
}

void ug_separable_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    const resample_plan *plan = (const resample_plan *)call->state;
    char *scratch = (char *)call->scratch[worker];
    int64_t slots = plan->slots[0] * plan->slots[1];
    worker_state w = {.plan = plan, .k = call->kernels->resample, .type = upreg_type_of(call->in[0].dtype)};
    w.x = ug_view_of(&plan->in, &call->in[0]), w.y = ug_view_of(&plan->out, &call->out[0]);
    w.cache = scratch + plan->cache_at, w.store = scratch + plan->store_at, w.key = (int64_t (*)[3])(scratch + plan->key_at);
    w.row_bytes = (plan->key_at - plan->cache_at) / (size_t)slots;
    w.row = (const void **)(scratch + plan->row_at), w.weight = scratch + plan->weight_at;
    for (int64_t i = 0; i < slots; i++) w.key[i][0] = -1;
    for (int64_t unit = begin; unit < end; unit++) {
        ug_row row = ug_rows_find(&plan->rows, unit);
        int64_t strip_key = (row.n * plan->rows.c + row.c) * plan->rows.strips + row.begin / plan->rows.length;
        make_row(&w, &row, strip_key);
    }
}

/* ---- reach ---- */

/* Along one axis, the inputs read by outputs [begin, end). */
static void axis_reach(const ug_separable *s, int axis, int64_t begin, int64_t end, int64_t *low, int64_t *high) {
    int64_t outputs, inputs;
    forward_sizes(s, axis, &outputs, &inputs);
    *low = INT64_MAX, *high = 0;
    for (int64_t i = s->adjoint ? 0 : begin; i < (s->adjoint ? outputs : end); i++) {
        ug_span span = s->span(s->context, axis, i);
        if (!span.count) continue;
        int64_t first = clamped(span.first, inputs), last = clamped(span.first + span.count - 1, inputs);
        if (!s->adjoint)
            *low = ug_min64(*low, first), *high = ug_max64(*high, last + 1);
        else if (first < end && last >= begin)
            *low = ug_min64(*low, i), *high = i + 1;
    }
    if (*high == 0) *low = 0;
}

upreg_status ug_separable_reach(upreg_reach *ctx, ug_separable_of of) {
    ug_separable s = {0};
    UG_TRY(of(UG_ASK(ctx), &s));
    ug_reach_same(ctx);
    for (int k = 0; k < s.in.rank; k++) {
        int axis = s.in.axis_x + k;
        axis_reach(&s, UPREG_MAX_SPATIAL - s.in.rank + k, ctx->out_begin[axis], ctx->out_end[axis], &ctx->in_begin[axis], &ctx->in_end[axis]);
    }
    return UPREG_OK;
}
