/* gather_nd: slices of x, each addressed by a vector of indices. */
#include "methods/scatter_nd.h"

upreg_status ug_slices_of(upreg_error *err, const upreg_method *method, const upreg_spec *whole, const upreg_spec *indices, ug_slices *s,
                          upreg_spec *part) {
    int64_t depth = indices->ndim ? indices->dim[indices->ndim - 1] : 0;
    int n = indices->ndim - 1 + whole->ndim - (int)depth;
    if (indices->ndim < 1 || depth < 1 || depth > whole->ndim)
        return ug_fail(err, UPREG_E_SHAPE, "%s: the last axis of 'indices' has length %" PRId64 "; allowed: 1 to %d, the dimensions of 'x'",
                       method->name, depth, whole->ndim);
    if (n > UPREG_MAX_DIMS)
        return ug_fail(err, UPREG_E_SHAPE, "%s: the slices together have %d dimensions; allowed: 0 to %d", method->name, n, UPREG_MAX_DIMS);
    *s = (ug_slices){.depth = (int)depth, .count = 1, .inner = 1};
    *part = (upreg_spec){.known = 1, .type = whole->type, .ndim = n};
    for (int i = 0; i < indices->ndim - 1; i++) part->dim[i] = indices->dim[i], s->count *= indices->dim[i];
    for (int i = 0; i < depth; i++) s->dim[i] = whole->dim[i];
    for (int i = (int)depth; i < whole->ndim; i++) part->dim[indices->ndim - 1 + i - depth] = whole->dim[i], s->inner *= whole->dim[i];
    return ug_check_size(err, method, part);
}

int64_t ug_slice_at(const upreg_call *call, const ug_slices *s, int port, int64_t i) {
    const int64_t *vector = (const int64_t *)ug_data(&call->in[port]) + i * s->depth;
    int64_t at = 0;
    for (int k = 0; k < s->depth; k++) {
        int64_t place = ug_place_of(vector[k], s->dim[k]);
        if (place < 0) {
            upreg_call_fail(call, port, i * s->depth + k, (double)vector[k]);
            return -1;
        }
        at = at * s->dim[k] + place;
    }
    return at;
}

static upreg_status infer(upreg_infer *ctx) {
    ug_slices s;
    return ug_slices_of(ctx->err, ctx->method, &ctx->in[0], &ctx->in[1], &s, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_slices *s = upreg_reserve(p, sizeof *s), local;
    upreg_spec part;
    if (!s) s = &local;
    UG_TRY(ug_slices_of(p->err, p->method, &p->in[0], &p->in[1], s, &part));
    ug_add_stage(p, s->count, (double)s->inner * (double)upreg_type_size(p->in[0].type), 0);
    return UPREG_OK;
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_slices *s = (const ug_slices *)call->state;
    int64_t row = s->inner * (call->out[0].dtype.bits / 8);
    for (int64_t i = begin; i < end; i++) {
        int64_t at = ug_slice_at(call, s, 1, i);
        if (at >= 0) memcpy((char *)ug_data(&call->out[0]) + i * row, (const char *)ug_data(&call->in[0]) + at * row, (size_t)row);
    }
}

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_step(ctx, 3, UG_REFS(UG_INPUT(0), UG_INPUT(1), UG_GRAD), "scatter_nd:reduction=add,onto=zeros");
    return UPREG_OK;
}

const upreg_method ug_method_gather_nd = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "gather_nd",
    .family = "rearrange",
    .summary = "slices of x, each addressed by a vector of indices",
    .doc =
        "y[i] = x[indices[i, 0], indices[i, 1], ...] for every i of the axes of `indices` but the last. Negative indices count from the end; others "
        "outside x are a DataError.",
    .source = "ONNX GatherND",
    .flags = UPREG_LINEAR | UPREG_OVERLAP_REFUSE,
    .types = UG_ANY_TYPE,
    .ports = "x:T indices:i64=index -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
};
