/* squeeze: axes of length 1 are left out. */
#include "methods/reshape_family.h"

typedef struct squeeze_params {
    upreg_ints axis;
} squeeze_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(squeeze_params, axis, "null", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, NULL, "axes of length 1; null: all of them"),
};

/* gone[i]: axis i is left out. */
static upreg_status gone_axes(upreg_error *err, const upreg_method *method, const squeeze_params *q, const upreg_spec *x, int gone[UPREG_MAX_DIMS]) {
    int axes[UPREG_MAX_DIMS], count, all = q->axis.count == 0 && !q->axis.is_list;
    UG_TRY(ug_axes_of(err, method, "axis", &q->axis, x->ndim, axes, &count));
    memset(gone, 0, sizeof *gone * UPREG_MAX_DIMS);
    for (int i = 0; i < count; i++) {
        gone[axes[i]] = x->dim[axes[i]] == 1;
        if (!all && !gone[axes[i]])
            return ug_fail(err, UPREG_E_SHAPE, "%s: axis %d of 'x' has length %" PRId64 "; allowed: 1", method->name, axes[i], x->dim[axes[i]]);
    }
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    int gone[UPREG_MAX_DIMS];
    const upreg_spec *x = &ctx->in[0];
    UG_TRY(gone_axes(ctx->err, ctx->method, ctx->params, x, gone));
    ctx->out[0] = (upreg_spec){.known = 1, .type = x->type};
    for (int i = 0; i < x->ndim; i++)
        if (!gone[i]) ctx->out[0].dim[ctx->out[0].ndim++] = x->dim[i];
    return UPREG_OK;
}

const upreg_method ug_method_squeeze = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "squeeze",
    .family = "rearrange",
    .summary = "axes of length 1 are left out",
    .doc = "y has the numbers of x without the axes given, which must have length 1. Inside a graph nothing is copied.",
    .source = "NumPy squeeze; ONNX Squeeze",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(squeeze_params),
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
