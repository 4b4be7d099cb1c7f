#include "methods/warp_engine.h"

#include "methods/pointwise.h"

/* ---- one position along one axis ---- */

static const double CUBIC_A = -0.75;

static double near(double t) { return ((CUBIC_A + 2) * t - (CUBIC_A + 3)) * t * t + 1; }
static double far(double t) { return ((CUBIC_A * t - 5 * CUBIC_A) * t + 8 * CUBIC_A) * t - 4 * CUBIC_A; }
static double near_slope(double t) { return (3 * (CUBIC_A + 2) * t - 2 * (CUBIC_A + 3)) * t; }
static double far_slope(double t) { return (3 * CUBIC_A * t - 10 * CUBIC_A) * t + 8 * CUBIC_A; }

/* The position that is read in place of one outside, and in *slope how it moves when the given one does. */
static double in_range(const ug_warp *w, double m, double position, double *slope) {
    *slope = 1;
    if (w->range == UG_WARP_FREE) return position;
    if (w->range == UG_WARP_MIRROR) {
        double low = w->align_corners ? 0 : -0.5, span = w->align_corners ? m - 1 : m;
        double away = fabs(position - low), turns = span > 0 ? floor(away / span) : 0, rest = away - turns * span;
        int back = turns - 2 * floor(turns / 2) != 0;
        *slope = (position < low) != back ? -1 : 1;
        position = span > 0 ? low + (back ? span - rest : rest) : position - position;
    }
    if (position <= 0) return *slope = 0, 0; /* not-a-number is neither: it stays */
    if (position >= m - 1) return *slope = 0, m - 1;
    return position;
}

static void no_taps(ug_warp_taps *taps, double weight) { *taps = (ug_warp_taps){.at = {-1, -1, -1, -1}, .weight = {weight, 0, 0, 0}}; }

void ug_warp_taps_of(const ug_warp *w, int axis, double position, ug_warp_taps *taps) {
    enum { BEYOND = 4 }; /* no tap of a position so far outside is a pixel */
    const double FARTHEST = 4503599627370496.0;
    int64_t m = w->x.x[axis];
    double slope, p = in_range(w, (double)m, position, &slope);
    int constant = w->border == UG_ZEROS || w->border == UG_CONSTANT;
    if (constant && (p < -BEYOND || p > (double)(m + BEYOND))) {
        no_taps(taps, 1);
        return;
    }
    if (w->border == UG_REPLICATE) p = p<-BEYOND ? -BEYOND : p>(double)(m + BEYOND) ? (double)(m + BEYOND) : p;
    if (!(p >= -FARTHEST && p <= FARTHEST)) {
        no_taps(taps, NAN);
        return;
    }
    double whole = w->mode == UG_WARP_NEAREST ? nearbyint(p) : floor(p), t = p - whole;
    int count = ug_warp_taps_per_axis(w->mode), before = w->mode == UG_WARP_CUBIC;
    if (w->mode == UG_WARP_LINEAR)
        *taps = (ug_warp_taps){.weight = {1 - t, t}, .slope = {-slope, slope}};
    else if (w->mode == UG_WARP_NEAREST)
        *taps = (ug_warp_taps){.weight = {1}};
    else
        *taps = (ug_warp_taps){.weight = {far(t + 1), near(t), near(1 - t), far(2 - t)},
                               .slope = {far_slope(t + 1), near_slope(t), -near_slope(1 - t), -far_slope(2 - t)}};
    for (int k = 0; k < count; k++) {
        int64_t i = (int64_t)whole + k - before;
        taps->at[k] = (int32_t)(constant ? i >= 0 && i < m ? i : -1 : ug_pad_index(w->border, i, m));
    }
}

/* ---- tables of a strip ---- */

typedef struct strip_table {
    double *position;
    int32_t *place;
    void *weight, *start; /* of the plan's type */
} strip_table;

static size_t table_bytes(const ug_warp *w) {
    size_t strip = (size_t)w->strip, size = upreg_type_size(w->type);
    return ug_aligned(strip * UPREG_MAX_SPATIAL * sizeof(double)) + ug_aligned(strip * (size_t)w->taps * sizeof(int32_t)) +
           ug_aligned(strip * (size_t)w->taps * size) + ug_aligned(strip * size);
}

static strip_table table_in(const ug_warp *w, unsigned char *scratch) {
    size_t strip = (size_t)w->strip;
    strip_table t = {.position = (double *)scratch};
    scratch += ug_aligned(strip * UPREG_MAX_SPATIAL * sizeof(double)), t.place = (int32_t *)scratch;
    scratch += ug_aligned(strip * (size_t)w->taps * sizeof(int32_t)), t.weight = scratch;
    t.start = scratch + ug_aligned(strip * (size_t)w->taps * upreg_type_size(w->type));
    return t;
}

/* Weights are products in float64, rounded once.  What taps outside add is known: it is where a sum starts. */
#define DEFINE_FILL(name, S)                                                                                                                         \
    static void fill_##name(const ug_warp *w, const strip_table *table, int64_t count) {                                                             \
        int first = UPREG_MAX_SPATIAL - w->x.rank, per_axis = ug_warp_taps_per_axis(w->mode);                                                        \
        int n0 = first < 1 ? per_axis : 1, n1 = first < 2 ? per_axis : 1;                                                                            \
        ug_warp_taps taps[UPREG_MAX_SPATIAL] = {{.weight = {1}}, {.weight = {1}}};                                                                   \
        for (int64_t i = 0; i < count; i++) {                                                                                                        \
            int32_t *place = table->place + i;                                                                                                       \
            S *weight = (S *)table->weight + i;                                                                                                      \
            double outside = 0;                                                                                                                      \
            for (int a = first; a < UPREG_MAX_SPATIAL; a++) ug_warp_taps_of(w, a, table->position[a * w->strip + i], &taps[a]);                      \
            for (int k0 = 0; k0 < n0; k0++)                                                                                                          \
                for (int k1 = 0; k1 < n1; k1++) {                                                                                                    \
                    double above = taps[0].weight[k0] * taps[1].weight[k1];                                                                          \
                    int32_t row = taps[0].at[k0] | taps[1].at[k1];                                                                                   \
                    if (row >= 0) row = (int32_t)((taps[0].at[k0] * w->x.x[1] + taps[1].at[k1]) * w->x.x[2]);                                        \
                    for (int k2 = 0; k2 < per_axis; k2++, place += w->strip, weight += w->strip) {                                                   \
                        double product = above * taps[2].weight[k2];                                                                                 \
                        *place = row < 0 || taps[2].at[k2] < 0 ? -1 : row + taps[2].at[k2];                                                          \
                        *weight = (S)product;                                                                                                        \
                        if (*place < 0) outside += product;                                                                                          \
                    }                                                                                                                                \
                }                                                                                                                                    \
            ((S *)table->start)[i] = (S)(outside * w->value);                                                                                        \
        }                                                                                                                                            \
    }
DEFINE_FILL(f32, float)
DEFINE_FILL(f64, double)

/* The usual case, as vectors: places are counted in 32 bits there, a little outside too. */
static int is_usual(const ug_warp *w) {
    int flat = w->mode == UG_WARP_LINEAR && w->x.rank == 2 && (double)(w->x.x[1] + 3) * (double)w->x.x[2] < UG_MAX_SIZE;
    return flat && w->border == UG_ZEROS && w->range != UG_WARP_MIRROR;
}

static void corners_of(const ug_warp *w, const ug_warp_kernels *k, const strip_table *table, int64_t count) {
    int clip = w->range == UG_WARP_CLIP;
    double rows = (double)w->x.x[1], columns = (double)w->x.x[2];
    const double range[4] = {clip ? 0 : -2, clip ? rows - 1 : rows + 1, clip ? 0 : -2, clip ? columns - 1 : columns + 1};
    const int32_t size[2] = {(int32_t)w->x.x[1], (int32_t)w->x.x[2]};
    const double *row = table->position + w->strip, *column = table->position + 2 * w->strip;
    if (w->type == UPREG_F32)
        k->corners_f32(table->place, table->weight, row, column, range, size, count, w->strip);
    else
        k->corners_f64(table->place, table->weight, row, column, range, size, count, w->strip);
}

static strip_table table_of(const ug_warp *w, const upreg_call *call, int64_t n, int64_t begin, int64_t count, int worker) {
    strip_table table = table_in(w, call->scratch[worker]);
    w->positions(w, call, n, begin, count, table.position);
    if (is_usual(w)) {
        corners_of(w, call->kernels->warp, &table, count);
        return table;
    }
    (w->type == UPREG_F32 ? fill_f32 : fill_f64)(w, &table, count);
    return table;
}

/* ---- plans ---- */

upreg_status ug_warp_finish(upreg_error *err, const upreg_method *method, ug_warp *w) {
    enum { FEWEST = 8, GROUP_BYTES = 8 << 20 };
    int per_axis = ug_warp_taps_per_axis(w->mode), inner = w->x.axis_c > w->x.axis_x;
    double pixels = (double)w->x.x[0] * (double)w->x.x[1] * (double)w->x.x[2];
    w->taps = 1, w->x_pixels = w->y_pixels = 1;
    for (int a = UPREG_MAX_SPATIAL - w->x.rank; a < UPREG_MAX_SPATIAL; a++) {
        if (w->x.x[a] < 1)
            return ug_fail(err, UPREG_E_SHAPE, "%s: a spatial axis of the picture that is read has length 0; allowed: at least 1", method->name);
        w->taps *= per_axis;
    }
    if (pixels > UG_MAX_SIZE)
        return ug_fail(err, UPREG_E_SHAPE, "%s: the picture that is read has %.0f pixels; allowed: at most %.0f", method->name, pixels, UG_MAX_SIZE);
    upreg_spec y = ug_frame_spec(&w->y, w->type, w->y.n, w->y.c, w->y.x), x = ug_frame_spec(&w->x, w->type, w->x.n, w->x.c, w->x.x);
    UG_TRY(ug_check_size(err, method, &y));
    UG_TRY(ug_check_size(err, method, &x));
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) w->x_pixels *= w->x.x[a], w->y_pixels *= w->y.x[a];
    w->channel_step_x = inner ? 1 : w->x_pixels, w->channel_step_y = inner ? 1 : w->y_pixels;
    w->pixel_step_x = w->pixel_step_y = inner ? w->x.c : 1;
    w->strip = ug_max64(ug_min64(UG_PIECE / (2 * w->taps), w->y_pixels), FEWEST);
    w->strips = ug_ceil_div(w->y_pixels, w->strip);
    w->group = (int32_t)ug_max64(ug_min64(GROUP_BYTES / (8 * w->x_pixels), UG_LANE_CHANNELS), 1);
    return UPREG_OK;
}

upreg_status ug_warp_prepare(upreg_prepare *p, const ug_warp *w) {
    ug_warp *plan = upreg_reserve(p, sizeof *plan);
    if (plan) *plan = *w;
    p->macs = w->y.n * w->y.c * w->y_pixels * w->taps;
    int64_t units = w->y.c > 0 ? w->y.n * w->strips : 0;
    ug_add_compute_stage(p, units, 8.0 * (double)w->strip * w->taps * (double)w->y.c, table_bytes(w));
    return UPREG_OK;
}

#define DEFINE_STRIP(name, S)                                                                                                                        \
    static void strip_##name(const ug_warp *w, const upreg_call *call, const strip_table *table, int64_t n, int64_t begin, int64_t count) {          \
        const ug_warp_kernels *k = call->kernels->warp;                                                                                              \
        const S *x = (const S *)ug_data(&call->in[0]) + n * w->x.c * w->x_pixels, *start = w->value != 0 ? table->start : NULL;                      \
        S *y = (S *)ug_data(&call->out[0]) + n * w->y.c * w->y_pixels + begin * w->pixel_step_y;                                                     \
        const S *weight = table->weight;                                                                                                             \
        if (w->x.axis_c > w->x.axis_x)                                                                                                               \
            for (int64_t i = 0; i < count; i++)                                                                                                      \
                k->blend_##name(y + i * w->y.c, x, table->place + i, weight + i, start ? start[i] : 0, w->y.c, w->strip, w->taps);                   \
        else                                                                                                                                         \
            for (int64_t c = 0; c < w->y.c; c++)                                                                                                     \
                k->pick_##name(y + c * w->y_pixels, x + c * w->x_pixels, table->place, weight, start, count, w->strip, w->taps);                     \
    }
DEFINE_STRIP(f32, float)
DEFINE_STRIP(f64, double)

void ug_warp_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const ug_warp *w = (const ug_warp *)call->state;
    (void)stage;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t n = unit / w->strips, from = unit % w->strips * w->strip, count = ug_min64(w->strip, w->y_pixels - from);
        strip_table table = table_of(w, call, n, from, count, worker);
        (w->type == UPREG_F32 ? strip_f32 : strip_f64)(w, call, &table, n, from, count);
    }
}

/* ---- adjoint ---- */

/* A unit is a few channels of an image: what comes to a pixel is added in float64, in the order of the output pixels. */
upreg_status ug_warp_prepare_adjoint(upreg_prepare *p, const ug_warp *w) {
    ug_warp *plan = upreg_reserve(p, sizeof *plan);
    if (plan) *plan = *w;
    p->macs = w->y.n * w->y.c * w->y_pixels * w->taps;
    double unit = 8.0 * (double)w->group * ((double)w->y_pixels * w->taps + (double)w->x_pixels);
    ug_add_compute_stage(p, w->x.n * ug_ceil_div(w->x.c, w->group), unit, table_bytes(w) + (size_t)(w->x_pixels * w->group) * sizeof(double));
    return UPREG_OK;
}

#define DEFINE_SPREAD(name, S)                                                                                                                       \
    static void spread_##name(const ug_warp *w, const strip_table *table, const S *gy, double *sum, int64_t channels, int64_t count) {               \
        for (int64_t i = 0; i < count; i++, gy += w->pixel_step_y)                                                                                   \
            for (int t = 0; t < w->taps; t++) {                                                                                                      \
                int32_t place = table->place[t * w->strip + i];                                                                                      \
                double weight = ((const S *)table->weight)[t * w->strip + i];                                                                        \
                for (int64_t c = 0; place >= 0 && c < channels; c++) sum[place * channels + c] += weight * gy[c * w->channel_step_y];                \
            }                                                                                                                                        \
    }                                                                                                                                                \
    static void unit_##name(const ug_warp *w, const upreg_call *call, int64_t unit, int worker) {                                                    \
        int64_t groups = ug_ceil_div(w->x.c, w->group), n = unit / groups, c = unit % groups * w->group;                                             \
        int64_t channels = ug_min64(w->group, w->x.c - c);                                                                                           \
        double *sum = (double *)(call->scratch[worker] + table_bytes(w));                                                                            \
        const S *gy = (const S *)ug_data(&call->in[0]) + n * w->y.c * w->y_pixels + c * w->channel_step_y;                                           \
        S *gx = (S *)ug_data(&call->out[0]) + n * w->x.c * w->x_pixels + c * w->channel_step_x;                                                      \
        for (int64_t i = 0; i < w->x_pixels * channels; i++) sum[i] = 0;                                                                             \
        for (int64_t from = 0; from < w->y_pixels; from += w->strip) {                                                                               \
            int64_t count = ug_min64(w->strip, w->y_pixels - from);                                                                                  \
            strip_table table = table_of(w, call, n, from, count, worker);                                                                           \
            spread_##name(w, &table, gy + from * w->pixel_step_y, sum, channels, count);                                                             \
        }                                                                                                                                            \
        for (int64_t i = 0; i < w->x_pixels; i++)                                                                                                    \
            for (int64_t k = 0; k < channels; k++) gx[i * w->pixel_step_x + k * w->channel_step_x] = (S)sum[i * channels + k];                       \
    }
DEFINE_SPREAD(f32, float)
DEFINE_SPREAD(f64, double)

void ug_warp_run_adjoint(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const ug_warp *w = (const ug_warp *)call->state;
    (void)stage;
    for (int64_t unit = begin; unit < end; unit++) (w->type == UPREG_F32 ? unit_f32 : unit_f64)(w, call, unit, worker);
}
