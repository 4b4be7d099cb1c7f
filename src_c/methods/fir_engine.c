#include "methods/fir_engine.h"

#include "methods/pointwise.h"

/* One pass: from sizes m to sizes n, along one axis of a separable filter, else along all. */
typedef struct pass {
    int64_t m[UPREG_MAX_SPATIAL], n[UPREG_MAX_SPATIAL], up[UPREG_MAX_SPATIAL], down[UPREG_MAX_SPATIAL], begin[UPREG_MAX_SPATIAL];
    int64_t taps[UPREG_MAX_SPATIAL];
    size_t filter_at; /* of a fixed filter in the state, else 0 */
    double gain;
    int32_t from, to; /* 0: x or y, 1 and 2: buffers in the workspace */
} pass;

typedef struct plan {
    int64_t outer, inner; /* pictures, and neighbouring channels of a pixel */
    int32_t passes, convolve, mode;
    upreg_type type;
    size_t buffer_at[3];
    pass pass[UPREG_MAX_SPATIAL];
} plan;

upreg_status ug_fir_finish(upreg_error *err, const upreg_method *method, ug_fir *fir) {
    fir->y = fir->x;
    for (int a = UPREG_MAX_SPATIAL - fir->x.rank; a < UPREG_MAX_SPATIAL; a++) {
        int64_t m = fir->x.x[a], k = fir->taps[a], upsampled;
        if (m < 1) return ug_fail(err, UPREG_E_SHAPE, "%s: a spatial axis of 'x' has length 0; allowed: at least 1", method->name);
        if ((double)m * (double)fir->up[a] > UG_MAX_SIZE)
            return ug_fail(err, UPREG_E_SHAPE, "%s: %" PRId64 " pixels upsampled by %" PRId64 "; allowed: at most %.0f", method->name, m, fir->up[a],
                           UG_MAX_SIZE);
        upsampled = m * fir->up[a];
        int64_t padded = upsampled + fir->begin[a] + fir->end[a];
        if (k < 1 || padded < k || padded > (int64_t)UG_MAX_SIZE)
            return ug_fail(err, UPREG_E_SHAPE, "%s: a filter of %" PRId64 " taps does not fit %" PRId64 " samples, padding included", method->name, k,
                           padded);
        UG_TRY(ug_check_pad_mode(err, method, fir->mode, ug_max64(fir->begin[a], fir->end[a]), upsampled));
        fir->y.x[a] = (padded - k) / fir->down[a] + 1;
    }
    upreg_spec y = ug_frame_spec(&fir->y, fir->type, fir->y.n, fir->y.c, fir->y.x);
    return ug_check_size(err, method, &y);
}

upreg_status ug_fir_reach_of(upreg_reach *ctx, const ug_fir *fir) {
    ug_reach_same(ctx);
    for (int i = 0; i < fir->x.rank; i++) {
        int axis = fir->x.axis_x + i, a = UPREG_MAX_SPATIAL - fir->x.rank + i;
        int64_t up = fir->up[a], m = fir->x.x[a], from, to;
        int64_t low = ctx->out_begin[axis] * fir->down[a] - fir->begin[a];
        int64_t high = (ctx->out_end[axis] - 1) * fir->down[a] - fir->begin[a] + fir->taps[a] - 1;
        ug_reach_padded(fir->mode, low, high, m * up, &from, &to);
        ctx->in_begin[axis] = ug_min64(from / up, m), ctx->in_end[axis] = ug_max64(ctx->in_begin[axis], ug_ceil_div(to, up));
    }
    return UPREG_OK;
}

static double pixels_of(const int64_t x[UPREG_MAX_SPATIAL]) { return (double)x[0] * (double)x[1] * (double)x[2]; }

upreg_status ug_fir_prepare(upreg_prepare *p, const ug_fir *fir) {
    plan *q = upreg_reserve(p, sizeof *q), local;
    if (!q) q = &local;
    int channels_last = fir->x.axis_c > fir->x.axis_x, first = UPREG_MAX_SPATIAL - fir->x.rank;
    *q = (plan){.outer = fir->x.n * (channels_last ? 1 : fir->x.c),
                .inner = channels_last ? fir->x.c : 1,
                .convolve = fir->convolve,
                .mode = fir->mode,
                .type = fir->type,
                .passes = fir->separable ? fir->x.rank : 1};
    int64_t m[UPREG_MAX_SPATIAL];
    size_t largest[3] = {0}, element = upreg_type_size(fir->type);
    memcpy(m, fir->x.x, sizeof m);
    for (int i = 0; i < q->passes; i++) {
        pass *s = &q->pass[i];
        *s = (pass){.up = {1, 1, 1}, .down = {1, 1, 1}, .taps = {1, 1, 1}, .gain = i == q->passes - 1 ? fir->gain : 1};
        memcpy(s->m, m, sizeof m);
        /* Along the last axis first: the others then have rows to go along. */
        for (int a = first; a < UPREG_MAX_SPATIAL; a++)
            if (!fir->separable || a == UPREG_MAX_SPATIAL - 1 - i)
                s->up[a] = fir->up[a], s->down[a] = fir->down[a], s->begin[a] = fir->begin[a], s->taps[a] = fir->taps[a], m[a] = fir->y.x[a];
        memcpy(s->n, m, sizeof m);
        s->from = i == 0 ? 0 : 1 + (i - 1) % 2, s->to = i == q->passes - 1 ? 0 : 1 + i % 2;
        size_t bytes = ug_aligned((size_t)(q->outer * q->inner) * (size_t)(m[0] * m[1] * m[2]) * element);
        if (s->to && bytes > largest[s->to]) largest[s->to] = bytes;
        int a = UPREG_MAX_SPATIAL - 1 - i;
        if (fir->design) {
            double *filter = upreg_reserve(p, (size_t)fir->taps[a] * sizeof(double));
            if (filter) fir->design(fir, a, filter), s->filter_at = (size_t)((unsigned char *)filter - p->state);
        }
        double row = (double)(s->n[2] * q->inner) * pixels_of(s->taps) / pixels_of(s->up);
        p->macs += (int64_t)(row * (double)(q->outer * m[0] * m[1]));
        ug_add_compute_stage(p, q->inner ? q->outer * m[0] * m[1] : 0, 4 * row, (size_t)(q->inner * (s->n[2] + 1)) * sizeof(double));
    }
    q->buffer_at[2] = largest[1], p->workspace = largest[1] + largest[2];
    return UPREG_OK;
}

/* The input that tap t of output o reads along an axis, or -1. */
static inline int64_t source(const plan *q, const pass *s, int axis, int64_t o, int64_t t) {
    int64_t j = ug_pad_index(q->mode, o * s->down[axis] - s->begin[axis] + t, s->m[axis] * s->up[axis]);
    return j < 0 || j % s->up[axis] ? -1 : j / s->up[axis];
}

/* A row of outputs: what every row of taps makes of a row of inputs is added in float64, in blocks. */
#define DEFINE_ROW(name, S, T)                                                                                                                       \
    static void taps_##name(const plan *q, const pass *s, const S *x, const T *filter, int64_t step, int64_t o2, double *sum, double *block) {       \
        int64_t inner = q->inner, up = s->up[2], low = o2 * s->down[2] - s->begin[2], terms = 0;                                                     \
        int inside = low >= 0 && low + s->taps[2] <= s->m[2] * up;                                                                                   \
        int64_t first = inside ? (up - low % up) % up : 0, next = inside ? (low + first) / up : 0;                                                   \
        if (inner == 1 && inside) { /* the usual case: nothing to look up, sums in a register */                                                     \
            double one = 0;                                                                                                                          \
            for (int64_t t = first; t < s->taps[2]; t += up) {                                                                                       \
                one += (double)filter[t * step] * x[next++];                                                                                         \
                if (++terms % UG_SUM_BLOCK == 0) *sum += one, one = 0;                                                                               \
            }                                                                                                                                        \
            *sum += one;                                                                                                                             \
            return;                                                                                                                                  \
        }                                                                                                                                            \
        for (int64_t t = first; t < s->taps[2]; t += inside ? up : 1) {                                                                              \
            int64_t i = inside ? next++ : source(q, s, 2, o2, t);                                                                                    \
            if (i < 0) continue;                                                                                                                     \
            double f = (double)filter[t * step];                                                                                                     \
            for (int64_t c = 0; c < inner; c++) block[c] += f * x[i * inner + c];                                                                    \
            if (++terms % UG_SUM_BLOCK == 0)                                                                                                         \
                for (int64_t c = 0; c < inner; c++) sum[c] += block[c], block[c] = 0;                                                                \
        }                                                                                                                                            \
        for (int64_t c = 0; c < inner; c++) sum[c] += block[c], block[c] = 0;                                                                        \
    }                                                                                                                                                \
    static void row_##name(const plan *q, const pass *s, const S *x, const T *filter, int64_t o0, int64_t o1, S *y, double *block) {                 \
        int64_t inner = q->inner, count = s->n[2] * inner, step = q->convolve ? -1 : 1;                                                              \
        double *sum = block + inner;                                                                                                                 \
        if (q->convolve) filter += s->taps[0] * s->taps[1] * s->taps[2] - 1;                                                                         \
        for (int64_t c = 0; c < inner + count; c++) block[c] = 0;                                                                                    \
        for (int64_t t0 = 0; t0 < s->taps[0]; t0++) {                                                                                                \
            int64_t i0 = source(q, s, 0, o0, t0);                                                                                                    \
            for (int64_t t1 = 0; i0 >= 0 && t1 < s->taps[1]; t1++) {                                                                                 \
                int64_t i1 = source(q, s, 1, o1, t1);                                                                                                \
                const T *row = filter + step * (t0 * s->taps[1] + t1) * s->taps[2];                                                                  \
                for (int64_t o2 = 0; i1 >= 0 && o2 < s->n[2]; o2++)                                                                                  \
                    taps_##name(q, s, x + (i0 * s->m[1] + i1) * s->m[2] * inner, row, step, o2, sum + o2 * inner, block);                            \
            }                                                                                                                                        \
        }                                                                                                                                            \
        for (int64_t i = 0; i < count; i++) y[i] = (S)(sum[i] * s->gain);                                                                            \
    }
DEFINE_ROW(f32, float, float)
DEFINE_ROW(f64, double, double)
DEFINE_ROW(f32_fixed, float, double)

static void *place(const upreg_call *call, const plan *q, const upreg_tensor *t, int where) {
    return where == 0 ? ug_data(t) : (void *)(call->workspace + q->buffer_at[where]);
}

void ug_fir_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const plan *q = (const plan *)call->state;
    const pass *s = &q->pass[stage];
    const void *filter = s->filter_at ? (const void *)(call->state + s->filter_at) : ug_data(&call->in[1]);
    const void *x = place(call, q, &call->in[0], s->from);
    void *y = place(call, q, &call->out[0], s->to);
    double *sum = (double *)call->scratch[worker];
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t o1 = unit % s->n[1], o0 = unit / s->n[1] % s->n[0], picture = unit / s->n[1] / s->n[0];
        int64_t from = picture * s->m[0] * s->m[1] * s->m[2] * q->inner, to = unit * s->n[2] * q->inner;
        if (q->type == UPREG_F64)
            row_f64(q, s, (const double *)x + from, filter, o0, o1, (double *)y + to, sum);
        else if (s->filter_at)
            row_f32_fixed(q, s, (const float *)x + from, filter, o0, o1, (float *)y + to, sum);
        else
            row_f32(q, s, (const float *)x + from, filter, o0, o1, (float *)y + to, sum);
    }
}
