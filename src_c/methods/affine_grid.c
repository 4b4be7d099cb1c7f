/* affine_grid: the positions that an affine map gives the pixels of a picture, for grid_sample. */
#include "methods/affine_grid.h"

#include "methods/pointwise.h"
#include "methods/resize.h"

static const upreg_param table[] = {UG_AFFINE_GRID_PARAMS};

static upreg_status geometry(const ug_ask *ask, ug_affine_grid *g) {
    const upreg_spec *theta = &ask->in[0];
    char shape[256];
    if (theta->ndim != 3 || theta->dim[1] < 1 || theta->dim[1] > UPREG_MAX_SPATIAL || theta->dim[2] != theta->dim[1] + 1)
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: input 'theta' has shape %s; allowed: (images, r, r + 1), r of 1 to 3", ask->method->name,
                       ug_shape_text(shape, sizeof shape, theta->ndim, theta->dim));
    return ug_affine_grid_of(ask, theta->dim[0], (int)theta->dim[1], g);
}

static upreg_status infer(upreg_infer *ctx) {
    ug_affine_grid g;
    UG_TRY(geometry(UG_ASK(ctx), &g));
    upreg_spec y = {.known = 1, .ndim = g.rank + 2, .type = g.type};
    y.dim[0] = g.n, y.dim[g.rank + 1] = g.rank;
    for (int i = 0; i < g.rank; i++) y.dim[1 + i] = g.x[UPREG_MAX_SPATIAL - g.rank + i];
    ctx->out[0] = y;
    return ug_check_size(ctx->err, ctx->method, &y);
}

/* A unit is a row of pixels. */
static upreg_status prepare(upreg_prepare *p) {
    ug_affine_grid g, *plan = upreg_reserve(p, sizeof *plan);
    UG_TRY(geometry(UG_ASK(p), &g));
    if (plan) *plan = g;
    ug_add_stage(p, g.n * g.x[0] * g.x[1], (double)g.x[2] * g.rank * (double)upreg_type_size(g.type), 0);
    return UPREG_OK;
}

#define DEFINE_ROW(name, S)                                                                                                                          \
    static void row_##name(const ug_affine_grid *g, const S *theta, int64_t i0, int64_t i1, S *y) {                                                  \
        double upper[UPREG_MAX_SPATIAL + 1] = {0}; /* of x, y, z and 1 */                                                                            \
        if (g->rank > 1) upper[1] = ug_affine_position(g, 1, i1);                                                                                    \
        if (g->rank > 2) upper[2] = ug_affine_position(g, 0, i0);                                                                                    \
        upper[g->rank] = 1;                                                                                                                          \
        for (int64_t i = 0; i < g->x[2]; i++) {                                                                                                      \
            upper[0] = ug_affine_position(g, 2, i);                                                                                                  \
            for (int k = 0; k < g->rank; k++) {                                                                                                      \
                double sum = 0;                                                                                                                      \
                for (int j = 0; j <= g->rank; j++) sum += theta[k * (g->rank + 1) + j] * upper[j];                                                   \
                *y++ = (S)sum;                                                                                                                       \
            }                                                                                                                                        \
        }                                                                                                                                            \
    }
DEFINE_ROW(f32, float)
DEFINE_ROW(f64, double)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const ug_affine_grid *g = (const ug_affine_grid *)call->state;
    (void)stage, (void)worker;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t i1 = unit % g->x[1], i0 = unit / g->x[1] % g->x[0], n = unit / g->x[1] / g->x[0];
        int64_t from = n * g->rank * (g->rank + 1), to = unit * g->x[2] * g->rank;
        if (g->type == UPREG_F32)
            row_f32(g, ug_f32(&call->in[0]) + from, i0, i1, ug_f32(&call->out[0]) + to);
        else
            row_f64(g, ug_f64(&call->in[0]) + from, i0, i1, ug_f64(&call->out[0]) + to);
    }
}

static upreg_status reach(upreg_reach *ctx) {
    ctx->in_begin[0] = ctx->out_begin[0], ctx->in_end[0] = ctx->out_end[0];
    return UPREG_OK;
}

static upreg_status vjp(upreg_vjp *ctx) {
    ug_affine_grid g;
    char text[200] = "";
    UG_TRY(geometry(UG_ASK(ctx), &g));
    ug_text_ints(text, sizeof text, "size", g.rank, g.x + UPREG_MAX_SPATIAL - g.rank);
    ug_text_choice(text, sizeof text, "align_corners", "false|true", g.align_corners);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "affine_grid_grad:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_affine_grid = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "affine_grid",
    .family = "warp",
    .summary = "the positions that an affine map gives the pixels of a picture, for grid_sample",
    .doc =
        "theta (N, r, r + 1) -> grid (N, size..., r), r of 1 to 3. grid[n, i] = theta[n] (p, 1), p the position of pixel i from -1 to 1, last axis\n"
        "first: (2 i + 1) / n - 1 along an axis of n pixels, with align_corners 2 i / (n - 1) - 1 (0 if n is 1).",
    .source = "Jaderberg et al., Spatial Transformer Networks, NIPS 2015; PyTorch functional.affine_grid; ONNX AffineGrid",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_affine_grid_params),
    .flags = UPREG_LINEAR,
    .types = UG_FLOATING,
    .ports = "theta:T -> grid:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
};
