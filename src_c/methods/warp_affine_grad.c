/* warp_affine_grad: the adjoint of warp_affine. */
#include "methods/filter.h"
#include "methods/warp_matrix.h"

static const upreg_param table[] = {UG_AFFINE_PARAMS, UG_INPUT_SIZE_PARAM(ug_affine_params)};

static upreg_status geometry(const ug_ask *ask, ug_warp *w) {
    const ug_affine_params *q = ask->params;
    ug_frame x, gy;
    UG_TRY(ug_frame_of(ask->err, ask->method, q->layout, ask->rank, &ask->in[0], &gy));
    UG_TRY(ug_input_frame(ask->err, ask->method, &q->input_size, &gy, &x));
    UG_TRY(ug_affine_warp_of(ask, &x, w));
    return ug_check_output(ask->err, ask->method, &gy, w->y.x);
}

UG_WARP_FUNCTIONS(geometry, x, ug_warp_prepare_adjoint)

/* A constant outside does not come back. */
static upreg_status vjp(upreg_vjp *ctx) {
    const ug_affine_params *q = ctx->params;
    char text[400] = "";
    ug_warp w;
    UG_TRY(geometry(UG_ASK(ctx), &w));
    ug_text_ints(text, sizeof text, "size", w.y.rank, w.y.x + UPREG_MAX_SPATIAL - w.y.rank);
    ug_text_choice(text, sizeof text, "mode", UG_WARP_MODES, q->mode);
    ug_text_choice(text, sizeof text, "padding_mode", UG_PAD_MODES, q->padding_mode == UG_CONSTANT ? UG_ZEROS : q->padding_mode);
    ug_text_choice(text, sizeof text, "inverse_map", "false|true", q->inverse_map);
    ug_text_choice(text, sizeof text, "layout", UG_LAYOUTS, q->layout);
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1)), "warp_affine:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_warp_affine_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "warp_affine_grad",
    .family = "gradient",
    .summary = "the adjoint of warp_affine: every output pixel goes back to the pixels it was made from, by the same weights",
    .doc =
        "gy (N, C, size...), matrix -> gx (N, C, input_size...). gx[j] = sum over i of the weight that x[j] has in y[i], times gy[i], in float64 and\n"
        "in the order of the output pixels.",
    .source = "the transpose of warp_affine",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_affine_params),
    .flags = UPREG_LINEAR | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "gy:T matrix:T=const -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_warp_run_adjoint,
    .vjp = vjp,
};
