/* resample_poly: a change of the sampling rate by a fraction, by a windowed sinc. */
#include "methods/resample_poly.h"

static const upreg_param table[] = {UG_POLY_PARAMS};

static upreg_status geometry(const ug_ask *ask, ug_fir *fir) {
    *fir = (ug_fir){0};
    UG_TRY(ug_frame_of(ask->err, ask->method, ((const ug_poly_params *)ask->params)->layout, ask->rank, &ask->in[0], &fir->x));
    return ug_poly_of(ask, fir);
}

UG_FIR_FUNCTIONS(geometry)

static upreg_status reach(upreg_reach *ctx) {
    ug_fir fir;
    UG_TRY(geometry(UG_ASK(ctx), &fir));
    return ug_fir_reach_of(ctx, &fir);
}

static upreg_status vjp(upreg_vjp *ctx) {
    const ug_poly_params *q = ctx->params;
    ug_fir fir;
    char text[400] = "";
    UG_TRY(geometry(UG_ASK(ctx), &fir));
    int rank = fir.x.rank, first = UPREG_MAX_SPATIAL - rank;
    ug_text_ints(text, sizeof text, "up", rank, fir.up + first);
    ug_text_ints(text, sizeof text, "down", rank, fir.down + first);
    ug_text_input_size(text, sizeof text, &fir.x);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "resample_poly_grad:beta=%.17g,layout=%s%s", q->beta, ug_layout_names[q->layout], text);
    return UPREG_OK;
}

const upreg_method ug_method_resample_poly = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "resample_poly",
    .family = "fir",
    .summary = "a change of the sampling rate by a fraction, by a windowed sinc",
    .doc =
        "x (N, C, m...) -> y (N, C, n...), n = m up / down rounded up; y[i] = sum over j of h[i down - j up] x[j]. With up and down without a common\n"
        "divisor and r the larger of them, h is sinc(t / r) times a Kaiser window, |t| <= 10 r, scaled to the sum up. Zeros lie outside of x.",
    .source = "SciPy signal.resample_poly, window ('kaiser', beta), padtype 'constant'",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_poly_params),
    .flags = UPREG_LINEAR | UPREG_UPSAMPLES,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_fir_run,
    .vjp = vjp,
    .reach = reach,
};
