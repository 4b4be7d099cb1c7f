/* flatten: the axes from one on, and those before it, as one axis each. */
#include "methods/reshape_family.h"

typedef struct flatten_params {
    int64_t axis;
} flatten_params;

static const upreg_param table[] = {
    UG_INT_PARAM(flatten_params, axis, "1", -UPREG_MAX_DIMS, UPREG_MAX_DIMS, "the first axis of the second part; negative ones count from the end"),
};

static upreg_status infer(upreg_infer *ctx) {
    const upreg_spec *x = &ctx->in[0];
    int64_t axis = ((const flatten_params *)ctx->params)->axis;
    if (axis < -x->ndim || axis > x->ndim)
        return ug_fail(ctx->err, UPREG_E_PARAMETER, "%s: parameter 'axis' = %" PRId64 " with %d dimensions; allowed: %d to %d", ctx->method->name,
                       axis, x->ndim, -x->ndim, x->ndim);
    if (axis < 0) axis += x->ndim;
    ctx->out[0] = ug_spec(x->type, 2, (int64_t[]){1, 1});
    for (int i = 0; i < x->ndim; i++) ctx->out[0].dim[i >= axis] *= x->dim[i];
    return UPREG_OK;
}

const upreg_method ug_method_flatten = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "flatten",
    .family = "rearrange",
    .summary = "two axes: those before `axis` as one, the others as one",
    .doc = "y (prod of x's lengths before axis, prod of the others) has the numbers of x in row-major order. Inside a graph nothing is copied.",
    .source = "ONNX Flatten; torch flatten with start_dim = axis = 1",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(flatten_params),
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
