/* grid_sample_grad_grid: the gradient of grid_sample for the positions. */
#include "methods/pointwise.h"
#include "methods/warp_grid.h"

static const upreg_param table[] = {UG_GRID_PARAMS};

enum { X, GRID, GY };

static upreg_status geometry(const ug_ask *ask, ug_warp *w) {
    char a[256], b[256];
    ug_frame x;
    UG_TRY(ug_frame_of(ask->err, ask->method, ((const ug_grid_params *)ask->params)->layout, ask->rank, &ask->in[X], &x));
    UG_TRY(ug_grid_warp_of(ask, &x, GRID, w));
    upreg_spec y = ug_frame_spec(&w->y, w->type, w->y.n, w->y.c, w->y.x);
    if (!ug_same_shape(&y, &ask->in[GY]))
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: input 'gy' has shape %s; allowed: %s", ask->method->name,
                       ug_shape_text(a, sizeof a, ask->in[GY].ndim, ask->in[GY].dim), ug_shape_text(b, sizeof b, y.ndim, y.dim));
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    ug_warp w;
    UG_TRY(geometry(UG_ASK(ctx), &w));
    ctx->out[0] = ctx->in[GRID];
    return UPREG_OK;
}

static upreg_status prepare(upreg_prepare *p) {
    ug_warp w, *plan = upreg_reserve(p, sizeof *plan);
    UG_TRY(geometry(UG_ASK(p), &w));
    if (plan) *plan = w;
    p->macs = w.y.n * w.y.c * w.y_pixels * w.taps * w.x.rank;
    ug_add_compute_stage(p, w.y.n * w.strips, 8.0 * (double)w.strip * w.taps * (double)w.y.c * w.x.rank,
                         ug_aligned((size_t)w.strip * UPREG_MAX_SPATIAL * sizeof(double)));
    return UPREG_OK;
}

/* The pixels that one position reads, and the change of their weights along every axis. */
typedef struct slopes {
    int32_t count;
    int64_t place[64];
    double weight[64][UPREG_MAX_SPATIAL];
} slopes;

static void slopes_of(const ug_warp *w, const double *position, slopes *s) {
    int first = UPREG_MAX_SPATIAL - w->x.rank, per_axis = ug_warp_taps_per_axis(w->mode);
    int n0 = first < 1 ? per_axis : 1, n1 = first < 2 ? per_axis : 1;
    ug_warp_taps taps[UPREG_MAX_SPATIAL] = {{.weight = {1}}, {.weight = {1}}};
    for (int a = first; a < UPREG_MAX_SPATIAL; a++) ug_warp_taps_of(w, a, position[a * w->strip], &taps[a]);
    s->count = 0;
    for (int k0 = 0; k0 < n0; k0++)
        for (int k1 = 0; k1 < n1; k1++)
            for (int k2 = 0; k2 < per_axis; k2++) {
                if ((taps[0].at[k0] | taps[1].at[k1] | taps[2].at[k2]) < 0) continue;
                s->place[s->count] = (taps[0].at[k0] * w->x.x[1] + taps[1].at[k1]) * w->x.x[2] + taps[2].at[k2];
                double *to = s->weight[s->count++];
                to[0] = taps[0].slope[k0] * taps[1].weight[k1] * taps[2].weight[k2];
                to[1] = taps[0].weight[k0] * taps[1].slope[k1] * taps[2].weight[k2];
                to[2] = taps[0].weight[k0] * taps[1].weight[k1] * taps[2].slope[k2];
            }
}

/* Sums over channels, in float64 and in blocks. */
#define DEFINE_PIXEL(name, S)                                                                                                                        \
    static void pixel_##name(const ug_warp *w, const slopes *s, const S *x, const S *gy, S *g) {                                                     \
        for (int k = 0; k < w->x.rank; k++) {                                                                                                        \
            int axis = UPREG_MAX_SPATIAL - 1 - k;                                                                                                    \
            double total = 0;                                                                                                                        \
            for (int64_t from = 0; from < w->x.c; from += UG_SUM_BLOCK) {                                                                            \
                double block = 0;                                                                                                                    \
                for (int64_t c = from; c < ug_min64(from + UG_SUM_BLOCK, w->x.c); c++) {                                                             \
                    double change = 0;                                                                                                               \
                    for (int t = 0; t < s->count; t++) change += s->weight[t][axis] * x[s->place[t] * w->pixel_step_x + c * w->channel_step_x];      \
                    block += change * gy[c * w->channel_step_y];                                                                                     \
                }                                                                                                                                    \
                total += block;                                                                                                                      \
            }                                                                                                                                        \
            g[k] = (S)(total * ug_grid_step(w, axis));                                                                                               \
        }                                                                                                                                            \
    }
DEFINE_PIXEL(f32, float)
DEFINE_PIXEL(f64, double)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const ug_warp *w = (const ug_warp *)call->state;
    double *position = (double *)call->scratch[worker];
    slopes s;
    (void)stage;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t n = unit / w->strips, from = unit % w->strips * w->strip, count = ug_min64(w->strip, w->y_pixels - from);
        w->positions(w, call, n, from, count, position);
        int64_t x = n * w->x.c * w->x_pixels, gy = n * w->y.c * w->y_pixels + from * w->pixel_step_y, g = (n * w->y_pixels + from) * w->x.rank;
        for (int64_t i = 0; i < count; i++) {
            slopes_of(w, position + i, &s);
            if (w->type == UPREG_F32)
                pixel_f32(w, &s, ug_f32(&call->in[X]) + x, ug_f32(&call->in[GY]) + gy + i * w->pixel_step_y,
                          ug_f32(&call->out[0]) + g + i * w->x.rank);
            else
                pixel_f64(w, &s, ug_f64(&call->in[X]) + x, ug_f64(&call->in[GY]) + gy + i * w->pixel_step_y,
                          ug_f64(&call->out[0]) + g + i * w->x.rank);
        }
    }
}

const upreg_method ug_method_grid_sample_grad_grid = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "grid_sample_grad_grid",
    .family = "gradient",
    .summary = "the gradient of grid_sample for the positions",
    .doc =
        "x (N, C, m...), grid (N, n..., r), gy (N, C, n...) -> ggrid (N, n..., r): sum over channels of gy times the slope of what is read there.\n"
        "0 along an axis where the position was clipped to the picture, where nothing is read, and with mode nearest.",
    .source = "the derivative of grid_sample",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_grid_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T grid:T gy:T -> ggrid:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};
