/* gather_grad: rows of gy added where gather looked them up. */
#include "methods/gather.h"
#include "methods/pointwise.h"

typedef struct gather_grad_params {
    int64_t axis, length;
} gather_grad_params;

static const upreg_param table[] = {
    UG_INT_PARAM(gather_grad_params, axis, "0", 0, UPREG_MAX_DIMS - 1, "the first axis of gy that the indices' axes take"),
    UG_INT_PARAM(gather_grad_params, length, "required", 0, UG_MAX_SIZE, "length of that axis in gx"),
};

static upreg_status infer(upreg_infer *ctx) {
    const gather_grad_params *q = ctx->params;
    const upreg_spec *gy = &ctx->in[0], *indices = &ctx->in[1];
    char a[256], b[256];
    int fits = q->axis + indices->ndim <= gy->ndim && gy->ndim - indices->ndim < UPREG_MAX_DIMS;
    for (int i = 0; fits && i < indices->ndim; i++) fits = gy->dim[q->axis + i] == indices->dim[i];
    if (!fits)
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: 'gy' of shape %s does not hold the axes of 'indices', %s, from axis %" PRId64, ctx->method->name,
                       ug_shape_text(a, sizeof a, gy->ndim, gy->dim), ug_shape_text(b, sizeof b, indices->ndim, indices->dim), q->axis);
    upreg_spec *gx = &ctx->out[0];
    *gx = (upreg_spec){.known = 1, .type = gy->type, .ndim = gy->ndim - indices->ndim + 1};
    for (int i = 0; i < q->axis; i++) gx->dim[i] = gy->dim[i];
    gx->dim[q->axis] = q->length;
    for (int i = (int)q->axis + 1; i < gx->ndim; i++) gx->dim[i] = gy->dim[i + indices->ndim - 1];
    return ug_check_size(ctx->err, ctx->method, gx);
}

static upreg_status prepare(upreg_prepare *p) {
    const gather_grad_params *q = p->params;
    ug_gather *g = upreg_reserve(p, sizeof *g), local;
    if (!g) g = &local;
    *g = (ug_gather){1, q->length, 1, ug_elements(&p->in[1])};
    for (int i = 0; i < q->axis; i++) g->outer *= p->out[0].dim[i];
    for (int i = (int)q->axis + 1; i < p->out[0].ndim; i++) g->inner *= p->out[0].dim[i];
    ug_add_stage(p, g->outer, (double)(g->length + g->count) * (double)g->inner * (double)upreg_type_size(p->in[0].type), 0);
    return UPREG_OK;
}

/* Rows are added in the order of the indices. */
static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_gather *g = (const ug_gather *)call->state;
    const ug_elementwise_kernels *k = call->kernels->elementwise;
    int64_t width = call->out[0].dtype.bits / 8, row = g->inner * width;
    const int64_t *indices = ug_data(&call->in[1]);
    for (int64_t outer = begin; outer < end; outer++) {
        char *gx = (char *)ug_data(&call->out[0]) + outer * g->length * row;
        const char *gy = (const char *)ug_data(&call->in[0]) + outer * g->count * row;
        memset(gx, 0, (size_t)(g->length * row));
        for (int64_t i = 0; i < g->count; i++, gy += row) {
            int64_t place = ug_place_of(indices[i], g->length);
            if (place < 0)
                upreg_call_fail(call, 1, i, (double)indices[i]);
            else if (width == 4)
                k->add_f32((float *)(gx + place * row), (const float *)(gx + place * row), (const float *)gy, g->inner);
            else
                k->add_f64((double *)(gx + place * row), (const double *)(gx + place * row), (const double *)gy, g->inner);
        }
    }
}

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1)), "gather:axis=%" PRId64, ((const gather_grad_params *)ctx->params)->axis);
    return UPREG_OK;
}

const upreg_method ug_method_gather_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "gather_grad",
    .family = "gradient",
    .summary = "rows of gy added where gather looked them up: the gradient of gather",
    .doc = "gx[a, j, b] = the sum of gy[a, i, b] over all i with indices[i] = j.",
    .source = "adjoint of gather",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(gather_grad_params),
    .flags = UPREG_LINEAR | UPREG_GRADIENT | UPREG_OVERLAP_REFUSE,
    .types = UG_FLOATING,
    .ports = "gy:T indices:i64=index -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
};
