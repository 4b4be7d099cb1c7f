/* warp_affine: a picture rotated, scaled, sheared and moved by a matrix. */
#include "methods/warp_matrix.h"

static const upreg_param table[] = {UG_AFFINE_PARAMS};

static upreg_status geometry(const ug_ask *ask, ug_warp *w) {
    ug_frame x;
    UG_TRY(ug_frame_of(ask->err, ask->method, ((const ug_affine_params *)ask->params)->layout, ask->rank, &ask->in[0], &x));
    return ug_affine_warp_of(ask, &x, w);
}

UG_WARP_FUNCTIONS(geometry, y, ug_warp_prepare)

/* The matrix is known when the method runs, not before. */
static upreg_status reach(upreg_reach *ctx) {
    ug_warp w;
    UG_TRY(geometry(UG_ASK(ctx), &w));
    int axes[] = {w.x.axis_n, w.x.axis_c};
    for (int i = 0; ctx->port == 0 && i < 2; i++)
        if (axes[i] >= 0) ctx->in_begin[axes[i]] = ctx->out_begin[axes[i]], ctx->in_end[axes[i]] = ctx->out_end[axes[i]];
    return UPREG_OK;
}

static upreg_status vjp(upreg_vjp *ctx) {
    const ug_affine_params *q = ctx->params;
    ug_warp w;
    char text[400] = "";
    UG_TRY(geometry(UG_ASK(ctx), &w));
    int first = UPREG_MAX_SPATIAL - w.x.rank;
    ug_text_input_size(text, sizeof text, &w.x);
    ug_text_ints(text, sizeof text, "size", w.y.rank, w.y.x + first);
    ug_text_choice(text, sizeof text, "mode", UG_WARP_MODES, q->mode);
    ug_text_choice(text, sizeof text, "padding_mode", UG_PAD_MODES, q->padding_mode == UG_CONSTANT ? UG_ZEROS : q->padding_mode);
    ug_text_choice(text, sizeof text, "inverse_map", "false|true", q->inverse_map);
    ug_text_choice(text, sizeof text, "layout", UG_LAYOUTS, q->layout);
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1)), "warp_affine_grad:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_warp_affine = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "warp_affine",
    .family = "warp",
    .summary = "a picture rotated, scaled, sheared and moved by a matrix",
    .doc =
        "x (N, C, m...), matrix (r, r + 1) or one for each image (N, r, r + 1) -> y (N, C, size...). With inverse_map, output pixel p is x at matrix\n"
        "(p, 1); without, the matrix says where pixels of x go and its inverse is used: one without an inverse is an error. Positions count pixels from\n"
        "the centre of the first, last axis first: (x), (x, y) or (x, y, z), and are computed in float64. Taps outside of x read what padding_mode says.\n"
        "The matrix has no gradient; affine_grid and grid_sample have.",
    .source = "OpenCV warpAffine; its linear and cubic weights are rounded, these are not",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_affine_params),
    .flags = UPREG_LINEAR,
    .types = UG_FLOATING,
    .ports = "x:T matrix:T=const -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_warp_run,
    .vjp = vjp,
    .reach = reach,
};
