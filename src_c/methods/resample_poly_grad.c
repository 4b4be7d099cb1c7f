/* resample_poly_grad: the adjoint of resample_poly. */
#include "methods/filter.h"
#include "methods/resample_poly.h"

static const upreg_param table[] = {UG_POLY_PARAMS, UG_INPUT_SIZE_PARAM(ug_poly_params)};

/* The same filter, which is symmetric, with up and down exchanged. */
static upreg_status geometry(const ug_ask *ask, ug_fir *fir) {
    const ug_poly_params *q = ask->params;
    ug_fir forward = {0};
    ug_frame gy;
    UG_TRY(ug_frame_of(ask->err, ask->method, q->layout, ask->rank, &ask->in[0], &gy));
    UG_TRY(ug_input_frame(ask->err, ask->method, &q->input_size, &gy, &forward.x));
    UG_TRY(ug_poly_of(ask, &forward));
    UG_TRY(ug_check_output(ask->err, ask->method, &gy, forward.y.x));
    *fir = forward, fir->x = gy;
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {
        int64_t up = forward.up[a], down = forward.down[a], half = (forward.taps[a] - 1) / 2;
        fir->up[a] = down, fir->down[a] = up;
        fir->begin[a] = half, fir->end[a] = (forward.x.x[a] - 1) * up + half + 1 - gy.x[a] * down;
    }
    return ug_fir_finish(ask->err, ask->method, fir);
}

UG_FIR_FUNCTIONS(geometry)

static upreg_status vjp(upreg_vjp *ctx) {
    const ug_poly_params *q = ctx->params;
    ug_fir fir;
    char text[400] = "";
    UG_TRY(geometry(UG_ASK(ctx), &fir));
    int rank = fir.x.rank, first = UPREG_MAX_SPATIAL - rank;
    ug_text_ints(text, sizeof text, "up", rank, fir.down + first);
    ug_text_ints(text, sizeof text, "down", rank, fir.up + first);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "resample_poly:beta=%.17g,layout=%s%s", q->beta, ug_layout_names[q->layout], text);
    return UPREG_OK;
}

const upreg_method ug_method_resample_poly_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "resample_poly_grad",
    .family = "gradient",
    .summary = "the adjoint of resample_poly",
    .doc = "gy (N, C, n...) -> gx (N, C, input_size...). gx[j] = sum over i of h[i down - j up] gy[i].",
    .source = "the transpose of resample_poly",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_poly_params),
    .flags = UPREG_LINEAR | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "gy:T -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_fir_run,
    .vjp = vjp,
};
