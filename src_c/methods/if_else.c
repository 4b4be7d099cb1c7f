/* if_else: one of two inputs, as a condition says. */
#include "methods/reshape_family.h"

static upreg_status infer(upreg_infer *ctx) {
    char a[256], b[256];
    const upreg_spec *condition = &ctx->in[0], *x = &ctx->in[1], *other = &ctx->in[2];
    if (ug_elements(condition) != 1)
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: 'condition' has shape %s; allowed: one number", ctx->method->name,
                       ug_shape_text(a, sizeof a, condition->ndim, condition->dim));
    if (!ug_same_shape(x, other))
        return ug_fail(ctx->err, UPREG_E_SHAPE,
                       "%s: 'x' has shape %s and 'otherwise' %s; allowed: one shape, unless the condition is a constant of a graph",
                       ctx->method->name, ug_shape_text(a, sizeof a, x->ndim, x->dim), ug_shape_text(b, sizeof b, other->ndim, other->dim));
    ctx->out[0] = *x;
    return UPREG_OK;
}

static upreg_status prepare(upreg_prepare *p) {
    ug_add_stage(p, ug_elements(&p->out[0]), (double)upreg_type_size(p->out[0].type), 0);
    return UPREG_OK;
}

static int holds(const upreg_tensor *condition) {
    const unsigned char *at = ug_data(condition);
    int yes = 0;
    for (int i = 0; i < condition->dtype.bits / 8; i++) yes |= at[i] != 0;
    return yes;
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    int64_t width = call->out[0].dtype.bits / 8;
    const char *from = ug_data(&call->in[holds(&call->in[0]) ? 1 : 2]);
    memcpy((char *)ug_data(&call->out[0]) + begin * width, from + begin * width, (size_t)((end - begin) * width));
}

const upreg_method ug_method_if_else = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "if_else",
    .family = "arithmetic",
    .aliases = "if|cond",
    .summary = "x where the one number `condition` is not 0, else `otherwise`",
    .doc =
        "y = x or otherwise, as a whole. Both have one shape; but in a graph where the condition follows from shapes and constants only the one that is "
        "chosen counts, and the other is not computed.",
    .source = "ONNX If",
    .flags = UPREG_CHOOSES | UPREG_OVERLAP_REFUSE,
    .types = UG_ANY_TYPE,
    .ports = "condition:any=const x:T otherwise:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};
