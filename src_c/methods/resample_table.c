#include "methods/resample_table.h"
#include "methods/resample_opencv.h"

#include <stdlib.h>

enum { PILLOW_BITS = 22 };
enum { WEIGHT_BITS = 14, LARGEST_WEIGHT = 32766, LARGEST_SUM = 65000 }; /* uint8: pairs of products with 16 bits stay within 32 */
enum { MOST_STEPS = 16, MOST_LANES = 16, RECENT_PATTERNS = 8 };

/* The first and the last input of a span; where the border folds, of all its positions. */
static void ends_of(const ug_separable *s, const ug_span *span, int64_t m, int64_t *first, int64_t *last) {
    int64_t end = span->first + span->count;
    *first = INT64_MAX, *last = -1;
    if (span->count > 0 && span->first >= 0 && end <= m) {
        *first = span->first, *last = end - 1;
        return;
    }
    for (int64_t i = span->first; i < end; i++) {
        int64_t j = ug_pad_index(s->border, i, m);
        if (j >= 0) *first = ug_min64(*first, j), *last = ug_max64(*last, j);
    }
}

static double tap_weight(const ug_separable *s, const ug_span *span, int64_t position) {
    return s->weight ? s->weight(s->context, span, position) / span->total : 1.0;
}

/* Length of an axis on the forward side (outputs of the forward method), and of what it reads. */
static void forward_sizes(const ug_separable *s, int axis, int64_t *outputs, int64_t *inputs) {
    *outputs = s->adjoint ? s->in.x[axis] : s->out.x[axis];
    *inputs = s->adjoint ? s->out.x[axis] : s->in.x[axis];
}

/* Whether every output is the input of its place; then the adjoint is the same. */
static int is_identity(const ug_separable *s, int axis) {
    int64_t outputs, inputs;
    forward_sizes(s, axis, &outputs, &inputs);
    if (axis < UPREG_MAX_SPATIAL - s->in.rank) return 1; /* there is no such axis */
    for (int64_t i = 0; i < outputs; i++) {
        int ones = 0;
        ug_span span = s->span(s->context, axis, i);
        for (int64_t k = 0; k < span.count; k++) {
            double w = tap_weight(s, &span, span.first + k);
            if (w == 1 && ug_pad_index(s->border, span.first + k, inputs) == i)
                ones++;
            else if (w != 0)
                return 0;
        }
        if (ones != 1) return 0;
    }
    return outputs == inputs;
}

/* Taps of every output, the most of them, and the longest stretch. */
static upreg_status count_taps(const ug_separable *s, int axis, ug_axis_table *t, upreg_error *err) {
    int64_t outputs, inputs, most = 0, fewest = INT64_MAX;
    forward_sizes(s, axis, &outputs, &inputs);
    t->rows = 1;
    int32_t *low = NULL, *count = NULL, *high = NULL;
    if (s->adjoint) {
        low = calloc((size_t)t->n + 1, 3 * sizeof *low);
        if (!low) return ug_no_memory(err, (size_t)t->n * 3 * sizeof *low);
        count = low + t->n + 1, high = count + t->n + 1;
    }
    for (int64_t i = 0; i < outputs; i++) {
        ug_span span = s->span(s->context, axis, i);
        if (!s->adjoint) {
            int64_t first, last, inside = span.count;
            ends_of(s, &span, inputs, &first, &last);
            if (last >= 0) t->rows = ug_max64(t->rows, last - first + 1);
            if (s->border == UG_ZEROS) inside = ug_max64(last - first + 1, 0);
            most = ug_max64(most, inside), fewest = ug_min64(fewest, inside);
            continue;
        }
        for (int64_t k = 0; k < span.count; k++) {
            int64_t j = ug_pad_index(s->border, span.first + k, inputs);
            if (j < 0) continue;
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
    t->taps.taps = (int32_t)ug_max64(most, 1), t->taps.counted = fewest != t->taps.taps;
    return UPREG_OK;
}

static void add_tap(ug_axis_table *t, int64_t output, int64_t position, double weight) {
    int64_t at = output * t->taps.taps + t->count[output]++;
    t->index[at] = (int32_t)position, t->weight[at] = weight;
}

/* Weights to whole numbers of 2^-bits, which add up to 1 where those do: the running sum is rounded, so errors do not add up. */
static void quantise(ug_axis_table *t) {
    double largest = 1, sums = 1;
    for (int64_t i = 0; i < t->n; i++) {
        double positive = 0, negative = 0;
        for (int32_t k = 0; k < t->count[i]; k++) {
            double w = t->weight[i * t->taps.taps + k];
            positive += fmax(w, 0), negative += fmax(-w, 0), largest = fmax(largest, fabs(w));
        }
        t->positive = fmax(t->positive, positive), t->negative = fmax(t->negative, negative), sums = fmax(sums, positive + negative);
    }
    for (t->bits = WEIGHT_BITS; t->bits > 0 && (ldexp(largest, t->bits) > LARGEST_WEIGHT || ldexp(sums, t->bits) > LARGEST_SUM);) t->bits--;
    for (int64_t i = 0; i < t->n; i++) {
        double sum = 0, before = 0;
        for (int32_t k = 0; k < t->count[i]; k++) {
            int64_t at = i * t->taps.taps + k;
            sum += t->weight[at];
            int whole = k == t->count[i] - 1 && fabs(sum - 1) < 1e-6;
            double now = floor(ldexp(whole ? 1 : sum, t->bits) + 0.5);
            t->weight[at] = fmax(fmin(now - before, LARGEST_WEIGHT), -LARGEST_WEIGHT), before = now;
        }
    }
}

/* Taps of the same input become one. */
static void merge(ug_axis_table *t) {
    for (int64_t i = 0; i < t->n; i++) {
        int64_t at = i * t->taps.taps;
        int32_t kept = 0;
        for (int32_t k = 0; k < t->count[i]; k++) {
            if (kept && t->index[at + kept - 1] == t->index[at + k])
                t->weight[at + kept - 1] += t->weight[at + k];
            else
                t->index[at + kept] = t->index[at + k], t->weight[at + kept++] = t->weight[at + k];
        }
        if (kept < t->taps.taps) t->taps.counted = 1;
        for (int32_t k = kept; k < t->count[i]; k++) t->index[at + k] = 0, t->weight[at + k] = 0;
        t->count[i] = kept;
    }
}

/* Pillow: 22 binary places.  torch: as many as let the largest weight stay below 2^15.  Each weight rounded by itself. */
static void quantise_as(int arith, ug_axis_table *t) {
    double largest = 0;
    if (arith == UG_ARITH_TORCH) merge(t);
    for (int64_t at = 0; at < t->n * t->taps.taps; at++) largest = fmax(largest, t->weight[at]);
    t->bits = PILLOW_BITS;
    if (arith == UG_ARITH_TORCH)
        for (t->bits = 0; t->bits < PILLOW_BITS && floor(0.5 + ldexp(largest, t->bits + 1)) < 1 << 15;) t->bits++;
    for (int64_t at = 0; at < t->n * t->taps.taps; at++) t->weight[at] = round(ldexp(t->weight[at], t->bits));
}

/* The type of the weights of a call whose numbers have this type. */
static upreg_type typed_as(const ug_separable *s, upreg_type type) {
    if (type != UPREG_U8) return type;
    if (s->opencv == UG_OPENCV_AREA) return UPREG_F32;
    return s->arith == UG_ARITH_PILLOW ? UPREG_I32 : UPREG_I16;
}

static void put_weight(void *to, int64_t at, upreg_type type, double w) {
    if (type == UPREG_F32)
        ((float *)to)[at] = (float)w;
    else if (type == UPREG_I32)
        ((int32_t *)to)[at] = (int32_t)w;
    else if (type == UPREG_F64)
        ((double *)to)[at] = w;
    else
        ((int16_t *)to)[at] = (int16_t)w;
}

static void fill(const ug_separable *s, int axis, ug_axis_table *t, upreg_type type) {
    int64_t outputs, inputs;
    forward_sizes(s, axis, &outputs, &inputs);
    for (int64_t i = 0; i < outputs; i++) {
        ug_span span = s->span(s->context, axis, i);
        for (int64_t k = 0; k < span.count; k++) {
            int64_t j = ug_pad_index(s->border, span.first + k, inputs);
            if (j < 0) continue;
            double w = tap_weight(s, &span, span.first + k);
            add_tap(t, s->adjoint ? j : i, s->adjoint ? i : j, w);
        }
    }
    upreg_type typed = typed_as(s, type);
    if (s->opencv)
        ug_opencv_round(s->opencv, &t->bits, t->weight, t->n * t->taps.taps);
    else if (type == UPREG_U8 && s->arith)
        quantise_as(s->arith, t);
    else if (type == UPREG_U8)
        quantise(t);
    for (int64_t at = 0; at < t->n * t->taps.taps; at++) put_weight(t->typed, at, typed, t->weight[at]);
    t->taps.index = t->index, t->taps.count = t->count, t->taps.weight = t->typed;
}

upreg_status ug_axis_prepare(upreg_prepare *p, const ug_separable *s, int axis, upreg_type type, ug_axis_table *t) {
    t->n = s->out.x[axis], t->m = s->in.x[axis], t->rows = 1;
    t->identity = t->n == t->m && is_identity(s, axis);
    /* OpenCV's passes need one another: both axes, or none */
    if (s->opencv && axis > 0) t->identity = s->out.x[1] == s->in.x[1] && s->out.x[2] == s->in.x[2];
    if (t->identity) return UPREG_OK;
    UG_TRY(count_taps(s, axis, t, p->err));
    size_t entries = (size_t)t->n * (size_t)t->taps.taps;
    t->index = upreg_reserve(p, entries * sizeof *t->index);
    t->weight = upreg_reserve(p, entries * sizeof *t->weight);
    t->typed_size = upreg_type_size(typed_as(s, type));
    t->typed = upreg_reserve(p, entries * t->typed_size);
    t->count = upreg_reserve(p, (size_t)t->n * sizeof *t->count);
    if (p->fill) fill(s, axis, t, type);
    return UPREG_OK;
}

void ug_axis_cut(ug_axis_table *t, const ug_origin *origin, int axis, int fill) {
    int64_t first = origin->out_begin[axis] * t->taps.taps;
    t->n = origin->out[axis], t->m = origin->in[axis];
    if (t->identity || !fill) return;
    t->index += first, t->weight += first, t->count += origin->out_begin[axis];
    t->typed = (char *)t->typed + (size_t)first * t->typed_size;
    t->taps.index = t->index, t->taps.count = t->count, t->taps.weight = t->typed;
    for (int64_t i = 0; i < t->n * t->taps.taps; i++) t->index[i] -= (int32_t)origin->in_begin[axis];
}

/* ---- windows ---- */

static int64_t steps_of(const ug_axis_table *t, upreg_type type) { return type == UPREG_U8 ? (t->taps.taps + 1) / 2 : t->taps.taps; }

ug_window_memory ug_windows_reserve(upreg_prepare *p, const ug_axis_table *t, int64_t inner, upreg_type type) {
    int64_t steps = steps_of(t, type), entries = (t->n * inner + MOST_LANES) * steps;
    ug_window_memory memory = {0};
    /* windows sum without blocks; the build with tiny ones has shorter windows, so that their sums are those of pixels there, too */
    if (t->identity || steps > MOST_STEPS || (type != UPREG_U8 && steps > UG_SUM_BLOCK)) return memory;
    memory.base = upreg_reserve(p, (size_t)entries * sizeof *memory.base);
    memory.pattern = upreg_reserve(p, (size_t)(t->n * inner + 1) * sizeof *memory.pattern);
    memory.count = upreg_reserve(p, (size_t)(t->n * inner + MOST_LANES) * sizeof *memory.count);
    memory.run = upreg_reserve(p, (size_t)(t->n * inner + 1) * sizeof *memory.run);
    memory.index = upreg_reserve(p, (size_t)entries * sizeof(int32_t));
    memory.weight = upreg_reserve(p, (size_t)entries * ug_max64(upreg_type_size(type), sizeof(int32_t)));
    return memory;
}

/* Where the window of one step of a group begins, or -1 where what it reads does not fit into one of `size` numbers. */
static int64_t window_base(const ug_axis_table *t, int64_t inner, int64_t group, int lanes, int32_t tap0, int32_t tap1, int64_t size) {
    int64_t low = INT64_MAX, high = -1, length = t->m * inner;
    for (int64_t i = group * lanes; i < ug_min64((group + 1) * lanes, t->n * inner); i++)
        for (int32_t tap = tap0; tap < ug_min64(tap1, t->count[i / inner]); tap++) {
            int64_t at = t->index[i / inner * t->taps.taps + tap] * inner + i % inner;
            low = ug_min64(low, at), high = ug_max64(high, at);
        }
    if (high < 0) return 0;
    int64_t even = low / lanes * lanes; /* loads from there do not cross cache lines; in narrow windows it would make many patterns of one */
    if (size > lanes && high - even < size) low = even;
    low = ug_max64(ug_min64(low, length - size), 0);
    return high - low < size ? low : -1;
}

/* Writes the pattern of one group behind the others; false where it does not fit. */
static int write_pattern(const ug_window_memory *memory, const ug_axis_table *t, int64_t inner, upreg_type type, const ug_resample_pass *k,
                         const ug_windows *w, int64_t group, int64_t pattern) {
    int whole = type == UPREG_U8, per_step = whole ? 2 : 1, lanes = k->lanes;
    for (int32_t step = 0; step < w->steps; step++) {
        int64_t base = window_base(t, inner, group, lanes, step * per_step, (step + 1) * per_step, k->window[w->kind]);
        if (base < 0) return 0;
        memory->base[group * w->steps + step] = (int32_t)base;
        for (int lane = 0; lane < lanes; lane++)
            for (int part = 0; part < per_step; part++) {
                int64_t i = group * lanes + lane, to = ((pattern * w->steps + step) * lanes + lane) * per_step + part;
                int32_t tap = step * per_step + part;
                int has = i < t->n * inner && tap < t->count[i / inner];
                int64_t from = has ? i / inner * t->taps.taps + tap : 0, place = has ? t->index[from] * inner + i % inner - base : 0;
                if (whole)
                    ((int16_t *)memory->index)[to] = (int16_t)place;
                else
                    ((int32_t *)memory->index)[to] = (int32_t)place;
                put_weight(memory->weight, to, type, has ? t->weight[from] : 0);
            }
    }
    memory->run[group] = 1;
    for (int lane = 0; lane < lanes; lane++) {
        int64_t i = group * lanes + lane;
        int32_t count = i < t->n * inner ? t->count[i / inner] : 0;
        memory->count[pattern * lanes + lane] = count;
        if (count < t->taps.taps) memory->run[group] = 0;
    }
    return 1;
}

static int same_pattern(const ug_window_memory *memory, size_t entries, size_t weight, size_t lanes, int64_t a, int64_t b) {
    size_t bytes = entries * sizeof(int32_t), width = entries * weight;
    return !memcmp((char *)memory->index + (size_t)a * bytes, (char *)memory->index + (size_t)b * bytes, bytes) &&
           !memcmp((char *)memory->weight + (size_t)a * width, (char *)memory->weight + (size_t)b * width, width) &&
           !memcmp(memory->count + (size_t)a * lanes, memory->count + (size_t)b * lanes, lanes * sizeof *memory->count);
}

int ug_windows_fill(const ug_window_memory *memory, const ug_axis_table *t, int64_t inner, upreg_type type, const ug_resample_pass *k,
                    ug_windows *w) {
    if (k->lanes == 0 || !memory->base || t->m * inner > INT32_MAX) return 0;
    *w = (ug_windows){.base = memory->base, .pattern = memory->pattern, .index = memory->index, .weight = memory->weight};
    w->length = t->m * inner, w->steps = (int32_t)steps_of(t, type);
    w->count = memory->count, w->run = memory->run;
    size_t entries = (size_t)w->steps * (size_t)k->lanes, weight = ug_max64(upreg_type_size(type), sizeof(int32_t));
    int64_t groups = ug_ceil_div(t->n * inner, k->lanes);
    for (w->kind = 0; w->kind < UG_WINDOW_KINDS && k->window[w->kind]; w->kind++) {
        int64_t patterns = 0, group = 0;
        for (; group < groups && write_pattern(memory, t, inner, type, k, w, group, patterns); group++) {
            int64_t same = ug_max64(patterns - RECENT_PATTERNS, 0);
            while (same < patterns && !same_pattern(memory, entries, weight, (size_t)k->lanes, same, patterns)) same++;
            memory->pattern[group] = (int32_t)same;
            patterns += same == patterns;
        }
        if (group < groups) continue;
        for (group = groups - 2; group >= 0; group--)
            if (memory->run[group] && memory->pattern[group] == memory->pattern[group + 1]) memory->run[group] += memory->run[group + 1];
        return 1;
    }
    return 0;
}

/* ---- reach ---- */

void ug_axis_reach(const ug_separable *s, int axis, int64_t begin, int64_t end, int64_t *low, int64_t *high) {
    int64_t outputs, inputs;
    forward_sizes(s, axis, &outputs, &inputs);
    if (outputs == inputs && is_identity(s, axis)) {
        *low = begin, *high = end;
        return;
    }
    *low = INT64_MAX, *high = 0;
    for (int64_t i = s->adjoint ? 0 : begin; i < (s->adjoint ? outputs : end); i++) {
        ug_span span = s->span(s->context, axis, i);
        if (!span.count) continue;
        int64_t first, last;
        ends_of(s, &span, inputs, &first, &last);
        if (last < 0) continue;
        if (!s->adjoint)
            *low = ug_min64(*low, first), *high = ug_max64(*high, last + 1);
        else if (first < end && last >= begin)
            *low = ug_min64(*low, i), *high = i + 1;
    }
    if (*high == 0) *low = 0;
}
