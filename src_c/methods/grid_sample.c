/* grid_sample: a picture read at the positions that a grid names. */
#include "methods/warp_grid.h"

static const upreg_param table[] = {UG_GRID_PARAMS};

static upreg_status geometry(const ug_ask *ask, ug_warp *w) {
    ug_frame x;
    UG_TRY(ug_frame_of(ask->err, ask->method, ((const ug_grid_params *)ask->params)->layout, ask->rank, &ask->in[0], &x));
    return ug_grid_warp_of(ask, &x, 1, w);
}

UG_WARP_FUNCTIONS(geometry, y, ug_warp_prepare)

/* A grid may name any pixel of its image. */
static upreg_status reach(upreg_reach *ctx) {
    ug_warp w;
    UG_TRY(geometry(UG_ASK(ctx), &w));
    int n = w.x.axis_n, c = w.x.axis_c;
    if (n >= 0) ctx->in_begin[n] = ctx->out_begin[n], ctx->in_end[n] = ctx->out_end[n];
    if (ctx->port == 0 && c >= 0) ctx->in_begin[c] = ctx->out_begin[c], ctx->in_end[c] = ctx->out_end[c];
    for (int i = 0; ctx->port == 1 && i < w.x.rank; i++) {
        int to = (n >= 0) + i, from = w.x.axis_x + i;
        ctx->in_begin[to] = ctx->out_begin[from], ctx->in_end[to] = ctx->out_end[from];
    }
    return UPREG_OK;
}

static upreg_status vjp(upreg_vjp *ctx) {
    const ug_grid_params *q = ctx->params;
    ug_warp w;
    char text[400] = "";
    UG_TRY(geometry(UG_ASK(ctx), &w));
    if (ctx->wrt == 0) ug_text_input_size(text, sizeof text, &w.x);
    ug_text_choice(text, sizeof text, "mode", UG_WARP_MODES, q->mode);
    ug_text_choice(text, sizeof text, "padding_mode", "zeros|border|reflection", q->padding_mode);
    ug_text_choice(text, sizeof text, "align_corners", "false|true", q->align_corners);
    ug_text_choice(text, sizeof text, "layout", UG_LAYOUTS, q->layout);
    if (ctx->wrt == 0)
        ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1)), "grid_sample_grad:%s", text + 1);
    else
        ctx->result = ug_step(ctx, 3, UG_REFS(UG_INPUT(0), UG_INPUT(1), UG_GRAD), "grid_sample_grad_grid:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_grid_sample = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "grid_sample",
    .family = "warp",
    .aliases = "spatial_transformer_sampler",
    .summary = "a picture read at the positions that a grid names",
    .doc =
        "x (N, C, m...), grid (N, n..., r) -> y (N, C, n...), r the number of spatial axes. The last axis of grid names a position in x, last spatial\n"
        "axis first: (x), (x, y) or (x, y, z), from -1 to 1 across the picture. Along an axis of m pixels it is ((g + 1) m - 1) / 2, with align_corners\n"
        "(g + 1) / 2 (m - 1), computed in float64 for every type. linear and nearest put positions outside where padding_mode says and read there;\n"
        "cubic puts each of its 4 taps per axis there. Layouts without N: grid (n..., r). A position that is not a number makes y not a number.",
    .source = "Jaderberg et al., Spatial Transformer Networks, NIPS 2015; PyTorch functional.grid_sample; ONNX GridSample",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_grid_params),
    .flags = UPREG_LINEAR,
    .types = UG_FLOATING,
    .ports = "x:T grid:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_warp_run,
    .vjp = vjp,
    .reach = reach,
    .tile = ug_tile_same,
};
