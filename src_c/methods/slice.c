/* slice: x[start:stop] along one axis. */
#include "methods/join_engine.h"

#include <stdio.h>

typedef struct slice_params {
    int64_t axis, start, stop;
} slice_params;

static const upreg_param table[] = {
    UG_INT_PARAM(slice_params, axis, "0", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, "the axis, negative ones count from the end"),
    UG_INT_PARAM(slice_params, start, "0", -9e18, 9e18, "the first place taken, negative ones count from the end"),
    UG_INT_PARAM(slice_params, stop, "null", -9e18, 9e18, "the first place not taken; null: the end"),
};

static int64_t resolved(int64_t place, int64_t length) {
    if (place == UPREG_UNSET) return length;
    return ug_max64(0, ug_min64(length, place < 0 ? place + length : place));
}

static upreg_status geometry(upreg_error *err, const upreg_method *method, const slice_params *params, const upreg_spec *x, int *axis,
                             ug_part *part) {
    UG_TRY(ug_axis_of(err, method, params->axis, x, axis));
    int64_t m = x->dim[*axis], start = resolved(params->start, m), stop = resolved(params->stop, m);
    *part = (ug_part){0, start, ug_max64(stop - start, 0)};
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    int axis;
    ug_part part;
    UG_TRY(geometry(ctx->err, ctx->method, ctx->params, &ctx->in[0], &axis, &part));
    ctx->out[0] = ctx->in[0];
    ctx->out[0].dim[axis] = part.length;
    return UPREG_OK;
}

static upreg_status prepare(upreg_prepare *p) {
    int axis;
    ug_part part;
    UG_TRY(geometry(p->err, p->method, p->params, &p->in[0], &axis, &part));
    return ug_join_prepare(p, axis, &part, 1);
}

static upreg_status vjp(upreg_vjp *ctx) {
    int axis;
    ug_part part;
    UG_TRY(geometry(ctx->err, ctx->method, ctx->params, &ctx->in[0], &axis, &part));
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "slice_grad:axis=%d,start=%" PRId64 ",length=%" PRId64, axis, part.offset, ctx->in[0].dim[axis]);
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) {
    int axis;
    ug_part part;
    UG_TRY(geometry(ctx->err, ctx->method, ctx->params, &ctx->in[0], &axis, &part));
    ug_reach_same(ctx);
    ctx->in_begin[axis] += part.offset, ctx->in_end[axis] += part.offset;
    return UPREG_OK;
}

const upreg_method ug_method_slice = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "slice",
    .family = "rearrange",
    .aliases = "narrow",
    .summary = "x[start:stop] along one axis",
    .doc = "y = x[..., start:stop, ...] along `axis`, with Python's meaning of negative and of too large numbers. Any shape of 1 to 8 dimensions.",
    .source = "Python slices; ONNX Slice",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(slice_params),
    .flags = UPREG_LINEAR | UPREG_STRIDED,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_join_run,
    .vjp = vjp,
    .reach = reach,
};
