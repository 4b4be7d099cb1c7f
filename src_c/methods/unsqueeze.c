/* unsqueeze: axes of length 1 are put in. */
#include "methods/reshape_family.h"

typedef struct unsqueeze_params {
    upreg_ints axis;
} unsqueeze_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(unsqueeze_params, axis, "required", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, NULL, "places of the new axes in the output"),
};

static upreg_status new_axes(upreg_error *err, const upreg_method *method, const unsqueeze_params *q, const upreg_spec *x, int is_new[UPREG_MAX_DIMS],
                             int *ndim) {
    int axes[UPREG_MAX_DIMS], count;
    *ndim = x->ndim + q->axis.count;
    if (*ndim > UPREG_MAX_DIMS)
        return ug_fail(err, UPREG_E_SHAPE, "%s: 'x' with %d dimensions gets %d more; allowed: %d in all", method->name, x->ndim, q->axis.count,
                       UPREG_MAX_DIMS);
    UG_TRY(ug_axes_of(err, method, "axis", &q->axis, *ndim, axes, &count));
    memset(is_new, 0, sizeof *is_new * UPREG_MAX_DIMS);
    for (int i = 0; i < count && i < q->axis.count; i++) is_new[axes[i]] = 1;
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    int is_new[UPREG_MAX_DIMS], ndim;
    UG_TRY(new_axes(ctx->err, ctx->method, ctx->params, &ctx->in[0], is_new, &ndim));
    ctx->out[0] = (upreg_spec){.known = 1, .type = ctx->in[0].type, .ndim = ndim};
    for (int i = 0, k = 0; i < ndim; i++) ctx->out[0].dim[i] = is_new[i] ? 1 : ctx->in[0].dim[k++];
    return UPREG_OK;
}

const upreg_method ug_method_unsqueeze = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "unsqueeze",
    .family = "rearrange",
    .aliases = "expand_dims",
    .summary = "axes of length 1 are put in",
    .doc = "y has the numbers of x and, at the places given, further axes of length 1. Inside a graph nothing is copied.",
    .source = "NumPy expand_dims; ONNX Unsqueeze",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(unsqueeze_params),
    .flags = UG_RESHAPE_FLAGS,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = ug_reshape_prepare,
    .run = ug_reshape_run,
    .vjp = ug_reshape_vjp,
    .reach = ug_reshape_reach,
    .tile = ug_reshape_tile,
};
