/* grid_sample_grad: the adjoint of grid_sample. */
#include "methods/filter.h"
#include "methods/warp_grid.h"

static const upreg_param table[] = {UG_GRID_PARAMS, UG_INPUT_SIZE_PARAM(ug_grid_params)};

static upreg_status geometry(const ug_ask *ask, ug_warp *w) {
    const ug_grid_params *q = ask->params;
    ug_frame x, gy;
    UG_TRY(ug_frame_of(ask->err, ask->method, q->layout, ask->rank, &ask->in[0], &gy));
    UG_TRY(ug_input_frame(ask->err, ask->method, &q->input_size, &gy, &x));
    UG_TRY(ug_grid_warp_of(ask, &x, 1, w));
    return ug_check_output(ask->err, ask->method, &gy, w->y.x);
}

UG_WARP_FUNCTIONS(geometry, x, ug_warp_prepare_adjoint)

static upreg_status vjp(upreg_vjp *ctx) {
    const ug_grid_params *q = ctx->params;
    char text[400] = "";
    if (ctx->wrt != 0) return ug_fail(ctx->err, UPREG_E_PARAMETER, "%s: the gradient of a gradient exists for 'gy' only", ctx->method->name);
    ug_text_choice(text, sizeof text, "mode", UG_WARP_MODES, q->mode);
    ug_text_choice(text, sizeof text, "padding_mode", "zeros|border|reflection", q->padding_mode);
    ug_text_choice(text, sizeof text, "align_corners", "false|true", q->align_corners);
    ug_text_choice(text, sizeof text, "layout", UG_LAYOUTS, q->layout);
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1)), "grid_sample:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_grid_sample_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "grid_sample_grad",
    .family = "gradient",
    .summary = "the adjoint of grid_sample: every output pixel goes back to the pixels it was made from, by the same weights",
    .doc = "gy (N, C, n...), grid (N, n..., r) -> gx (N, C, input_size...). gx[j] = sum over i of the weight that x[j] has in y[i], times gy[i], in\n"
           "float64 and in the order of the output pixels.",
    .source = "the transpose of grid_sample",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_grid_params),
    .flags = UPREG_LINEAR | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "gy:T grid:T=const -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_warp_run_adjoint,
    .vjp = vjp,
};
