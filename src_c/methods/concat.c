/* concat: the inputs one after the other along an axis. */
#include "methods/join_engine.h"

#include <stdlib.h>

typedef struct concat_params {
    int64_t axis;
} concat_params;

static const upreg_param table[] = {
    UG_INT_PARAM(concat_params, axis, "1", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, "the axis, negative ones count from the end"),
};

static upreg_status infer(upreg_infer *ctx) {
    char a[256], b[256];
    int axis;
    const upreg_spec *first = &ctx->in[0];
    UG_TRY(ug_axis_of(ctx->err, ctx->method, ((const concat_params *)ctx->params)->axis, first, &axis));
    ctx->out[0] = *first;
    for (int i = 1; i < ctx->n_in; i++) {
        upreg_spec other = ctx->in[i];
        other.dim[axis] = first->dim[axis];
        if (!ug_same_shape(first, &other))
            return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input %d has shape %s, the first %s; allowed: they differ along axis %d only",
                           ctx->method->name, i, ug_shape_text(a, sizeof a, ctx->in[i].ndim, ctx->in[i].dim),
                           ug_shape_text(b, sizeof b, first->ndim, first->dim), axis);
        if (ug_add_overflows(ctx->out[0].dim[axis], ctx->in[i].dim[axis], &ctx->out[0].dim[axis]))
            return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: the output is too long along axis %d", ctx->method->name, axis);
    }
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static int axis_of(const void *params, const upreg_spec *first) {
    int64_t axis = ((const concat_params *)params)->axis;
    return (int)(axis < 0 ? axis + first->ndim : axis);
}

static upreg_status prepare(upreg_prepare *p) {
    int axis = axis_of(p->params, &p->in[0]);
    ug_part *parts = malloc(sizeof *parts * (size_t)p->n_in);
    if (!parts) return ug_no_memory(p->err, sizeof *parts * (size_t)p->n_in);
    for (int i = 0; i < p->n_in; i++) parts[i] = (ug_part){i, 0, p->in[i].dim[axis]};
    upreg_status status = ug_join_prepare(p, axis, parts, p->n_in);
    free(parts);
    return status;
}

/* Where input `port` begins along the axis. */
static int64_t offset_of(const upreg_spec *in, int port, int axis) {
    int64_t offset = 0;
    for (int i = 0; i < port; i++) offset += in[i].dim[axis];
    return offset;
}

static upreg_status vjp(upreg_vjp *ctx) {
    int axis = axis_of(ctx->params, &ctx->in[0]);
    int64_t start = offset_of(ctx->in, ctx->wrt, axis);
    ctx->result =
        ug_step(ctx, 1, UG_REFS(UG_GRAD), "slice:axis=%d,start=%" PRId64 ",stop=%" PRId64, axis, start, start + ctx->in[ctx->wrt].dim[axis]);
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) {
    int axis = axis_of(ctx->params, &ctx->in[0]);
    int64_t start = offset_of(ctx->in, ctx->port, axis), length = ctx->in[ctx->port].dim[axis];
    ug_reach_same(ctx);
    ctx->in_begin[axis] = ug_min64(ug_max64(ctx->out_begin[axis] - start, 0), length);
    ctx->in_end[axis] = ug_max64(ug_min64(ctx->out_end[axis] - start, length), ctx->in_begin[axis]);
    return UPREG_OK;
}

const upreg_method ug_method_concat = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "concat",
    .family = "rearrange",
    .aliases = "concatenate|cat|skip_concat",
    .summary = "the inputs one after the other along an axis",
    .doc = "xs, of one rank and equal but along `axis` -> y, whose length along `axis` is their sum. One input or more.",
    .source = "NumPy concatenate; ONNX Concat",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(concat_params),
    .flags = UPREG_LINEAR | UPREG_STRIDED,
    .types = UG_ANY_TYPE,
    .ports = "xs*:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_join_run,
    .vjp = vjp,
    .reach = reach,
    .tile = ug_tile_same,
};
