/* affine_grid_grad: the adjoint of affine_grid. */
#include "methods/affine_grid.h"
#include "methods/pointwise.h"
#include "methods/resize.h"

static const upreg_param table[] = {UG_AFFINE_GRID_PARAMS};

static upreg_status geometry(const ug_ask *ask, ug_affine_grid *g) {
    const upreg_spec *grid = &ask->in[0];
    char shape[256];
    int rank = grid->ndim - 2, wrong = rank < 1 || rank > UPREG_MAX_SPATIAL || grid->dim[grid->ndim - 1] != rank;
    if (!wrong) UG_TRY(ug_affine_grid_of(ask, grid->dim[0], rank, g));
    for (int i = 0; !wrong && i < rank; i++) wrong = grid->dim[1 + i] != g->x[UPREG_MAX_SPATIAL - rank + i];
    if (wrong)
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: input 'ggrid' has shape %s; allowed: (images, size..., number of spatial axes)",
                       ask->method->name, ug_shape_text(shape, sizeof shape, grid->ndim, grid->dim));
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    ug_affine_grid g;
    UG_TRY(geometry(UG_ASK(ctx), &g));
    ctx->out[0] = ug_spec(g.type, 3, (const int64_t[]){g.n, g.rank, g.rank + 1});
    return UPREG_OK;
}

/* A unit is a row of a matrix. */
static upreg_status prepare(upreg_prepare *p) {
    ug_affine_grid g, *plan = upreg_reserve(p, sizeof *plan);
    UG_TRY(geometry(UG_ASK(p), &g));
    if (plan) *plan = g;
    ug_add_stage(p, g.n * g.rank, (double)(g.x[0] * g.x[1] * g.x[2]) * 16, 0);
    return UPREG_OK;
}

/* Sums over pixels in float64, in blocks. */
#define DEFINE_ROW(name, S)                                                                                                                          \
    static void row_##name(const ug_affine_grid *g, const S *gy, S *gtheta) {                                                                        \
        double total[UPREG_MAX_SPATIAL + 1] = {0}, block[UPREG_MAX_SPATIAL + 1] = {0}, position[UPREG_MAX_SPATIAL + 1] = {0};                        \
        int64_t pixels = g->x[0] * g->x[1] * g->x[2];                                                                                                \
        position[g->rank] = 1;                                                                                                                       \
        for (int64_t p = 0; p < pixels; p++) {                                                                                                       \
            int64_t rest = p;                                                                                                                        \
            for (int j = 0, axis = UPREG_MAX_SPATIAL - 1; j < g->rank; j++, axis--)                                                                  \
                position[j] = ug_affine_position(g, axis, rest % g->x[axis]), rest /= g->x[axis];                                                    \
            for (int j = 0; j <= g->rank; j++) block[j] += gy[p * g->rank] * position[j];                                                            \
            if (p % UG_SUM_BLOCK < UG_SUM_BLOCK - 1 && p < pixels - 1) continue;                                                                     \
            for (int j = 0; j <= g->rank; j++) total[j] += block[j], block[j] = 0;                                                                   \
        }                                                                                                                                            \
        for (int j = 0; j <= g->rank; j++) gtheta[j] = (S)total[j];                                                                                  \
    }
DEFINE_ROW(f32, float)
DEFINE_ROW(f64, double)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const ug_affine_grid *g = (const ug_affine_grid *)call->state;
    (void)stage, (void)worker;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t n = unit / g->rank, k = unit % g->rank;
        int64_t from = n * g->x[0] * g->x[1] * g->x[2] * g->rank + k, to = unit * (g->rank + 1);
        if (g->type == UPREG_F32)
            row_f32(g, ug_f32(&call->in[0]) + from, ug_f32(&call->out[0]) + to);
        else
            row_f64(g, ug_f64(&call->in[0]) + from, ug_f64(&call->out[0]) + to);
    }
}

static upreg_status vjp(upreg_vjp *ctx) {
    ug_affine_grid g;
    char text[200] = "";
    UG_TRY(geometry(UG_ASK(ctx), &g));
    ug_text_ints(text, sizeof text, "size", g.rank, g.x + UPREG_MAX_SPATIAL - g.rank);
    ug_text_choice(text, sizeof text, "align_corners", "false|true", g.align_corners);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "affine_grid:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_affine_grid_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "affine_grid_grad",
    .family = "gradient",
    .summary = "the adjoint of affine_grid",
    .doc = "ggrid (N, size..., r) -> gtheta (N, r, r + 1): the sum over pixels i of ggrid[n, i] (p, 1)^T, p the position of pixel i.",
    .source = "the transpose of affine_grid",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_affine_grid_params),
    .flags = UPREG_LINEAR | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "ggrid:T -> gtheta:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
};
