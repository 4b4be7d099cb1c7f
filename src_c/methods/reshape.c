/* reshape: the same numbers in another shape. */
#include "methods/reshape_family.h"

typedef struct reshape_params {
    upreg_ints shape;
    int32_t zero_copies;
} reshape_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(reshape_params, shape, "required", -1, UG_MAX_SIZE, NULL, "the output's shape, a list; one -1 stands for what is left over"),
    UG_BOOL_PARAM(reshape_params, zero_copies, "true", "0 stands for the input's length of the same axis (ONNX's allowzero=0)"),
};

static upreg_status infer(upreg_infer *ctx) {
    const reshape_params *q = ctx->params;
    const upreg_spec *x = &ctx->in[0];
    char a[256], b[256];
    int free_axis = -1;
    int64_t rest = 1, n = ug_elements(x);
    upreg_spec *y = &ctx->out[0];
    *y = (upreg_spec){.known = 1, .type = x->type, .ndim = q->shape.count};
    if (y->ndim > UPREG_MAX_DIMS)
        return ug_fail(ctx->err, UPREG_E_PARAMETER, "%s: parameter 'shape' has %d axes; allowed: 0 to %d", ctx->method->name, y->ndim,
                       UPREG_MAX_DIMS);
    for (int i = 0; i < y->ndim; i++) {
        int64_t m = q->shape.v[i];
        if (m == -1 && free_axis >= 0)
            return ug_fail(ctx->err, UPREG_E_PARAMETER, "%s: parameter 'shape' has -1 twice; allowed: once", ctx->method->name);
        if (m == -1) {
            free_axis = i;
            continue;
        }
        if (m == 0 && q->zero_copies && i >= x->ndim)
            return ug_fail(ctx->err, UPREG_E_PARAMETER, "%s: parameter 'shape' has 0 for axis %d, which 'x' of shape %s does not have",
                           ctx->method->name, i, ug_shape_text(a, sizeof a, x->ndim, x->dim));
        y->dim[i] = m == 0 && q->zero_copies ? x->dim[i] : m;
        if (ug_mul_overflows(rest, y->dim[i], &rest)) rest = -1;
    }
    if (free_axis >= 0 && rest > 0 && n % rest == 0) y->dim[free_axis] = n / rest, rest = n;
    if (rest != n)
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: 'x' of shape %s has %" PRId64 " numbers and cannot take the 'shape' %s", ctx->method->name,
                       ug_shape_text(a, sizeof a, x->ndim, x->dim), n, ug_shape_text(b, sizeof b, y->ndim, q->shape.v));
    return UPREG_OK;
}

const upreg_method ug_method_reshape = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "reshape",
    .family = "rearrange",
    .aliases = "view",
    .summary = "the same numbers in another shape",
    .doc = "y has the numbers of x in row-major order in the given shape; -1 is found from the others, 0 is x's length of that axis. Inside a graph "
           "nothing is copied.",
    .source = "NumPy reshape; ONNX Reshape",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(reshape_params),
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
