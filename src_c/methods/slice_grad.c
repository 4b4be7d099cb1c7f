/* slice_grad: gy put back where slice took it from, zeros elsewhere. */
#include "methods/join_engine.h"

typedef struct slice_grad_params {
    int64_t axis, start, length;
} slice_grad_params;

static const upreg_param table[] = {
    UG_INT_PARAM(slice_grad_params, axis, "0", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, "the axis, negative ones count from the end"),
    UG_INT_PARAM(slice_grad_params, start, "0", 0, UG_MAX_SIZE, "where gy begins"),
    UG_INT_PARAM(slice_grad_params, length, "required", 0, UG_MAX_SIZE, "length of the axis in gx"),
};

/* zeros, gy, zeros */
static upreg_status geometry(upreg_error *err, const upreg_method *method, const slice_grad_params *params, const upreg_spec *gy, int *axis,
                             ug_part part[3]) {
    UG_TRY(ug_axis_of(err, method, params->axis, gy, axis));
    int64_t m = gy->dim[*axis], rest = params->length - params->start - m;
    if (rest < 0)
        return ug_fail(err, UPREG_E_SHAPE,
                       "%s: 'gy' has length %" PRId64 " along axis %d; with 'start' = %" PRId64 " it does not fit 'length' = %" PRId64, method->name,
                       m, *axis, params->start, params->length);
    part[0] = (ug_part){-1, 0, params->start}, part[1] = (ug_part){0, 0, m}, part[2] = (ug_part){-1, 0, rest};
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    int axis;
    ug_part part[3] = {{0}};
    UG_TRY(geometry(ctx->err, ctx->method, ctx->params, &ctx->in[0], &axis, part));
    ctx->out[0] = ctx->in[0];
    ctx->out[0].dim[axis] = ((const slice_grad_params *)ctx->params)->length;
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    int axis;
    ug_part part[3] = {{0}};
    UG_TRY(geometry(p->err, p->method, p->params, &p->in[0], &axis, part));
    return ug_join_prepare(p, axis, part, 3);
}

static upreg_status vjp(upreg_vjp *ctx) {
    int axis;
    ug_part part[3] = {{0}};
    UG_TRY(geometry(ctx->err, ctx->method, ctx->params, &ctx->in[0], &axis, part));
    ctx->result =
        ug_step(ctx, 1, UG_REFS(UG_GRAD), "slice:axis=%d,start=%" PRId64 ",stop=%" PRId64, axis, part[0].length, part[0].length + part[1].length);
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) {
    int axis;
    ug_part part[3] = {{0}};
    UG_TRY(geometry(ctx->err, ctx->method, ctx->params, &ctx->in[0], &axis, part));
    ug_reach_same(ctx);
    ctx->in_begin[axis] = ug_min64(ug_max64(ctx->out_begin[axis] - part[0].length, 0), part[1].length);
    ctx->in_end[axis] = ug_max64(ug_min64(ctx->out_end[axis] - part[0].length, part[1].length), ctx->in_begin[axis]);
    return UPREG_OK;
}

const upreg_method ug_method_slice_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "slice_grad",
    .family = "gradient",
    .summary = "the adjoint of slice: gy at its place along one axis, zeros elsewhere",
    .doc = "gx has `length` along `axis`; gx[..., start:start + n, ...] = gy, where n is gy's length; all else is 0.",
    .source = "the transpose of slice",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(slice_grad_params),
    .flags = UPREG_LINEAR | UPREG_STRIDED | UPREG_GRADIENT,
    .types = UG_ANY_TYPE,
    .ports = "gy:T -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_join_run,
    .vjp = vjp,
    .reach = reach,
};
