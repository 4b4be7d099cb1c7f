/* transpose: the axes in another order. */
#include "methods/axes.h"
#include "methods/strided.h"

typedef struct transpose_params {
    upreg_ints axis;
} transpose_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(transpose_params, axis, "null", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, NULL,
                  "the input's axes in the output's order, every one once; null: reversed"),
};

static upreg_status order_of(upreg_error *err, const upreg_method *method, const transpose_params *params, const upreg_spec *x,
                             int axes[UPREG_MAX_DIMS]) {
    int count;
    UG_TRY(ug_axes_of(err, method, "axis", &params->axis, x->ndim, axes, &count));
    if (count != x->ndim)
        return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'axis' names %d of %d axes; allowed: all of them", method->name, count, x->ndim);
    if (params->axis.count == 0 && !params->axis.is_list)
        for (int i = 0; i < count; i++) axes[i] = count - 1 - i;
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    int axes[UPREG_MAX_DIMS];
    UG_TRY(order_of(ctx->err, ctx->method, ctx->params, &ctx->in[0], axes));
    ctx->out[0] = ctx->in[0];
    for (int i = 0; i < ctx->in[0].ndim; i++) ctx->out[0].dim[i] = ctx->in[0].dim[axes[i]];
    return UPREG_OK;
}

static upreg_status prepare(upreg_prepare *p) {
    int axes[UPREG_MAX_DIMS];
    UG_TRY(order_of(p->err, p->method, p->params, &p->in[0], axes));
    ug_places places = {.ndim = p->in[0].ndim};
    for (int i = 0; i < places.ndim; i++) places.dim[i] = p->out[0].dim[i], places.axis[i] = axes[i], places.times[i] = 1;
    return ug_strided_prepare(p, &places);
}

static upreg_status vjp(upreg_vjp *ctx) {
    int axes[UPREG_MAX_DIMS];
    int64_t back[UPREG_MAX_DIMS];
    char text[200] = "";
    UG_TRY(order_of(ctx->err, ctx->method, ctx->params, &ctx->in[0], axes));
    for (int i = 0; i < ctx->in[0].ndim; i++) back[axes[i]] = i;
    ug_text_ints(text, sizeof text, "axis", ctx->in[0].ndim, back);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "transpose:%s", text + 1);
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) {
    int axes[UPREG_MAX_DIMS];
    UG_TRY(order_of(ctx->err, ctx->method, ctx->params, &ctx->in[0], axes));
    for (int i = 0; i < ctx->in[0].ndim; i++) ctx->in_begin[axes[i]] = ctx->out_begin[i], ctx->in_end[axes[i]] = ctx->out_end[i];
    return UPREG_OK;
}

const upreg_method ug_method_transpose = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "transpose",
    .family = "rearrange",
    .aliases = "permute",
    .summary = "the axes in another order",
    .doc = "y[i[axis[0]], i[axis[1]], ...] = x[i[0], i[1], ...]: axis k of y is axis `axis[k]` of x. Any shape of 0 to 8 dimensions.",
    .source = "NumPy transpose; ONNX Transpose",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(transpose_params),
    .flags = UPREG_LINEAR | UPREG_STRIDED,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_strided_run,
    .vjp = vjp,
    .reach = reach,
    .tile = ug_tile_same,
};
