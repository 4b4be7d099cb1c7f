#include "methods/pointwise.h"

#include "kernels/activation.h"

_Static_assert((int)UG_ACT_NONE == (int)UPREG_ACT_NONE && (int)UG_ACT_RELU == (int)UPREG_ACT_RELU && (int)UG_ACT_TANH == (int)UPREG_ACT_TANH &&
                   (int)UG_ACT_HARD_SWISH == (int)UPREG_ACT_HARD_SWISH,
               "the kernels' numbers of activations must be the public ones");

upreg_status ug_prepare_pointwise(upreg_prepare *p) {
    ug_add_stage(p, ug_elements(&p->in[0]), (double)upreg_type_size(p->in[0].type), 0);
    return UPREG_OK;
}

upreg_status ug_same_as_first(upreg_infer *ctx, int port, const char *name, const char *first) {
    char a[256], b[256];
    const upreg_spec *x = &ctx->in[0], *other = &ctx->in[port];
    if (ug_same_shape(x, other)) return UPREG_OK;
    return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input '%s' has shape %s; allowed: the shape of '%s', %s", ctx->method->name, name,
                   ug_shape_text(b, sizeof b, other->ndim, other->dim), first, ug_shape_text(a, sizeof a, x->ndim, x->dim));
}

upreg_status ug_infer_pair(upreg_infer *ctx) {
    UG_TRY(ug_same_as_first(ctx, 1, "gy", "the first input"));
    return ug_infer_same(ctx);
}

void ug_run_unary(const upreg_call *call, int64_t begin, int64_t end, ug_unary_f32 f32, ug_unary_f64 f64) {
    const upreg_tensor *x = &call->in[0], *y = &call->out[0];
    if (ug_is_f32(x))
        f32(ug_f32(y) + begin, ug_f32(x) + begin, end - begin);
    else
        f64(ug_f64(y) + begin, ug_f64(x) + begin, end - begin);
}

void ug_run_binary(const upreg_call *call, int64_t begin, int64_t end, ug_binary_f32 f32, ug_binary_f64 f64) {
    const upreg_tensor *a = &call->in[0], *b = &call->in[1], *y = &call->out[0];
    if (ug_is_f32(a))
        f32(ug_f32(y) + begin, ug_f32(a) + begin, ug_f32(b) + begin, end - begin);
    else
        f64(ug_f64(y) + begin, ug_f64(a) + begin, ug_f64(b) + begin, end - begin);
}
