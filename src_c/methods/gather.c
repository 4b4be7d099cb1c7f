/* gather: rows of x looked up by index along one axis. */
#include "methods/gather.h"

typedef struct gather_params {
    int64_t axis;
} gather_params;

static const upreg_param table[] = {
    UG_INT_PARAM(gather_params, axis, "0", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, "the axis of x that is indexed; negative ones count from the end"),
};

static upreg_status infer(upreg_infer *ctx) {
    const upreg_spec *x = &ctx->in[0], *indices = &ctx->in[1];
    int axis, n = x->ndim + indices->ndim - 1;
    UG_TRY(ug_axis_of(ctx->err, ctx->method, ((const gather_params *)ctx->params)->axis, x, &axis));
    if (n > UPREG_MAX_DIMS)
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: the output would have %d dimensions; allowed: 0 to %d", ctx->method->name, n, UPREG_MAX_DIMS);
    upreg_spec *y = &ctx->out[0];
    *y = (upreg_spec){.known = 1, .type = x->type, .ndim = n};
    for (int i = 0; i < axis; i++) y->dim[i] = x->dim[i];
    for (int i = 0; i < indices->ndim; i++) y->dim[axis + i] = indices->dim[i];
    for (int i = axis + 1; i < x->ndim; i++) y->dim[indices->ndim + i - 1] = x->dim[i];
    return ug_check_size(ctx->err, ctx->method, y);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_gather *g = upreg_reserve(p, sizeof *g), local;
    int axis;
    if (!g) g = &local;
    UG_TRY(ug_axis_of(p->err, p->method, ((const gather_params *)p->params)->axis, &p->in[0], &axis));
    *g = (ug_gather){1, p->in[0].dim[axis], 1, ug_elements(&p->in[1])};
    for (int i = 0; i < axis; i++) g->outer *= p->in[0].dim[i];
    for (int i = axis + 1; i < p->in[0].ndim; i++) g->inner *= p->in[0].dim[i];
    ug_add_stage(p, g->outer * g->count, (double)g->inner * (double)upreg_type_size(p->in[0].type), 0);
    return UPREG_OK;
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_gather *g = (const ug_gather *)call->state;
    int64_t row = g->inner * (call->out[0].dtype.bits / 8);
    const int64_t *indices = ug_data(&call->in[1]);
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t outer = unit / g->count, k = unit % g->count, place = ug_place_of(indices[k], g->length);
        if (place < 0) {
            upreg_call_fail(call, 1, k, (double)indices[k]);
            continue;
        }
        memcpy((char *)ug_data(&call->out[0]) + unit * row, (const char *)ug_data(&call->in[0]) + (outer * g->length + place) * row, (size_t)row);
    }
}

static upreg_status vjp(upreg_vjp *ctx) {
    int axis;
    UG_TRY(ug_axis_of(ctx->err, ctx->method, ((const gather_params *)ctx->params)->axis, &ctx->in[0], &axis));
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1)), "gather_grad:axis=%d,length=%" PRId64, axis, ctx->in[0].dim[axis]);
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) { /* the axes before the indexed one are the output's */
    int axis;
    UG_TRY(ug_axis_of(ctx->err, ctx->method, ((const gather_params *)ctx->params)->axis, &ctx->in[0], &axis));
    for (int i = 0; i < axis && ctx->port == 0; i++) ctx->in_begin[i] = ctx->out_begin[i], ctx->in_end[i] = ctx->out_end[i];
    return UPREG_OK;
}

const upreg_method ug_method_gather = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "gather",
    .family = "rearrange",
    .aliases = "take|index_select|embedding",
    .summary = "rows of x looked up by index along one axis",
    .doc =
        "y[a, i, b] = x[a, indices[i], b], where a and b run over the axes before and after `axis`. Negative indices count from the end; others outside "
        "x are a DataError.",
    .source = "NumPy take; ONNX Gather",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(gather_params),
    .flags = UPREG_LINEAR | UPREG_OVERLAP_REFUSE,
    .types = UG_ANY_TYPE,
    .ports = "x:T indices:i64=index -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
};
