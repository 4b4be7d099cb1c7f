/* gather_nd: slices of x, each addressed by a vector of indices. */
#include "methods/scatter_nd.h"

typedef struct gather_nd_params {
    int64_t batch_dims;
} gather_nd_params;

static const upreg_param table[] = {UG_BATCH_DIMS_PARAM(gather_nd_params)};

upreg_status ug_slices_of(upreg_error *err, const upreg_method *method, const upreg_spec *whole, const upreg_spec *indices, int64_t batch_dims,
                          ug_slices *s, upreg_spec *part) {
    int batch = (int)batch_dims, outer = indices->ndim - 1;
    int64_t depth = indices->ndim ? indices->dim[outer] : 0, places = 1;
    if (indices->ndim > 0 && (batch_dims > outer || batch_dims > whole->ndim))
        return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'batch_dims' = %" PRId64 "; allowed: 0 to %d", method->name, batch_dims,
                       (int)ug_min64(outer, whole->ndim));
    int n = outer + whole->ndim - (int)depth - batch;
    if (indices->ndim < 1 || depth < 1 || depth > whole->ndim - batch)
        return ug_fail(err, UPREG_E_SHAPE, "%s: the last axis of 'indices' has length %" PRId64 "; allowed: 1 to %d, the dimensions of 'x'%s",
                       method->name, depth, whole->ndim - batch, batch ? " after those of the batch" : "");
    if (n > UPREG_MAX_DIMS)
        return ug_fail(err, UPREG_E_SHAPE, "%s: the slices together have %d dimensions; allowed: 0 to %d", method->name, n, UPREG_MAX_DIMS);
    for (int i = 0; i < batch; i++, places *= whole->dim[i - 1])
        if (whole->dim[i] != indices->dim[i])
            return ug_fail(err, UPREG_E_SHAPE,
                           "%s: axis %d of the batch has length %" PRId64 " in 'x' and %" PRId64 " in 'indices'; allowed: equal ones", method->name,
                           i, whole->dim[i], indices->dim[i]);
    *s = (ug_slices){.depth = (int)depth, .count = 1, .inner = 1, .all = 1};
    *part = (upreg_spec){.known = 1, .type = whole->type, .ndim = n};
    for (int i = 0; i < outer; i++) part->dim[i] = indices->dim[i], s->count *= indices->dim[i];
    for (int i = 0; i < depth; i++) s->dim[i] = whole->dim[batch + i], s->all *= s->dim[i];
    for (int i = batch + (int)depth; i < whole->ndim; i++) part->dim[outer + i - batch - depth] = whole->dim[i], s->inner *= whole->dim[i];
    s->each = places ? s->count / places : 0;
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
    return i / s->each * s->all + at;
}

static upreg_status infer(upreg_infer *ctx) {
    ug_slices s;
    int64_t batch = ((const gather_nd_params *)ctx->params)->batch_dims;
    return ug_slices_of(ctx->err, ctx->method, &ctx->in[0], &ctx->in[1], batch, &s, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_slices *s = upreg_reserve(p, sizeof *s), local;
    upreg_spec part;
    if (!s) s = &local;
    UG_TRY(ug_slices_of(p->err, p->method, &p->in[0], &p->in[1], ((const gather_nd_params *)p->params)->batch_dims, s, &part));
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
    ctx->result = ug_step(ctx, 3, UG_REFS(UG_INPUT(0), UG_INPUT(1), UG_GRAD), "scatter_nd:reduction=add,onto=zeros,batch_dims=%" PRId64,
                          ((const gather_nd_params *)ctx->params)->batch_dims);
    return UPREG_OK;
}

const upreg_method ug_method_gather_nd = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "gather_nd",
    .family = "rearrange",
    .summary = "slices of x, each addressed by a vector of indices",
    .doc = "y[i] = x[indices[i, 0], indices[i, 1], ...] for every i of the axes of `indices` but the last. With batch_dims i begins with a place b "
           "of so many axes, and it is x[b, indices[i, 0], ...]. Negative indices count from the end; others outside x are a DataError.",
    .source = "ONNX GatherND",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(gather_nd_params),
    .flags = UPREG_LINEAR | UPREG_OVERLAP_REFUSE,
    .types = UG_ANY_TYPE,
    .ports = "x:T indices:i64=index -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
};
