#include "methods/arg_engine.h"

#include "methods/axes.h"

const upreg_param ug_arg_table[3] = {
    UG_INT_PARAM(ug_arg_params, axis, "0", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, "the axis, negative ones count from the end"),
    UG_BOOL_PARAM(ug_arg_params, keepdims, "true", "the axis stays, with length 1"),
    UG_BOOL_PARAM(ug_arg_params, select_last_index, "false", "the last of equal numbers, else the first"),
};

/* The tensor as (outer, length, inner).  With inner 1 a unit is one row, else a strip of neighbouring columns. */
typedef struct arg_plan {
    int32_t type, low;
    int64_t length, inner, strip, strips;
} arg_plan;

static upreg_status axes_of(upreg_error *err, const upreg_method *method, const ug_arg_params *q, const upreg_spec *x, ug_axes *axes) {
    int axis;
    *axes = (ug_axes){{0}};
    UG_TRY(ug_axis_of(err, method, q->axis, x, &axis));
    axes->reduced[axis] = 1;
    if (x->dim[axis] == 0)
        return ug_fail(err, UPREG_E_SHAPE, "%s: 'x' has length 0 along axis %d: there is no number to find; allowed: 1 or more", method->name, axis);
    return UPREG_OK;
}

upreg_status ug_arg_infer(upreg_infer *ctx) {
    const ug_arg_params *q = ctx->params;
    ug_axes axes;
    UG_TRY(axes_of(ctx->err, ctx->method, q, &ctx->in[0], &axes));
    ctx->out[0] = ug_reduced_spec(&ctx->in[0], &axes, q->keepdims);
    ctx->out[0].type = UPREG_I64;
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

upreg_status ug_arg_prepare(upreg_prepare *p, int kind) {
    const upreg_spec *x = &p->in[0];
    arg_plan *plan = upreg_reserve(p, sizeof *plan), local;
    if (!plan) plan = &local;
    int axis;
    int64_t rows = 1;
    UG_TRY(ug_axis_of(p->err, p->method, ((const ug_arg_params *)p->params)->axis, x, &axis));
    *plan = (arg_plan){.type = (int32_t)x->type, .low = kind == UG_REDUCE_MIN, .length = x->dim[axis], .inner = 1};
    for (int i = 0; i < axis; i++) rows *= x->dim[i];
    for (int i = axis + 1; i < x->ndim; i++) plan->inner *= x->dim[i];
    plan->strip = ug_max64(ug_min64(plan->inner, UG_REDUCE_STRIP), 1), plan->strips = ug_ceil_div(plan->inner, plan->strip);
    double bytes = (double)(plan->length * plan->strip) * (double)upreg_type_size(x->type);
    ug_add_stage(p, rows * plan->strips, 2 * bytes, (size_t)plan->strip * sizeof(int64_t));
    return UPREG_OK;
}

static void row(const arg_plan *plan, const ug_reduce_type *k, int64_t *place, const void *x, int last) {
    double total = 0; /* holds an int64 for the integer types */
    char value[sizeof(int64_t)];
    ug_reduce_clear(plan->type, plan->low ? UG_FOLD_MIN : UG_FOLD_MAX, &total, 1);
    k->row[plan->low ? UG_FOLD_MIN : UG_FOLD_MAX](&total, x, plan->length, 0);
    ug_reduce_put(plan->type, value, 0, &total);
    *place = k->find(x, value, plan->length, last);
}

/* Rows from the first to the last, or back when the last of equals is wanted. */
static void columns(const arg_plan *plan, const ug_reduce_type *k, int64_t *place, const char *x, int64_t n, size_t element, int last, void *best) {
    int64_t first = last ? plan->length - 1 : 0, step = last ? -1 : 1;
    memcpy(best, x + (size_t)(first * plan->inner) * element, (size_t)n * element);
    for (int64_t c = 0; c < n; c++) place[c] = first;
    for (int64_t i = 1; i < plan->length; i++) {
        int64_t number = first + i * step;
        k->best(best, place, x + (size_t)(number * plan->inner) * element, number, n, plan->low);
    }
}

void ug_arg_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    const arg_plan *plan = (const arg_plan *)call->state;
    const ug_reduce_type *k = &call->kernels->reduce->type[plan->type];
    int last = ((const ug_arg_params *)call->params)->select_last_index;
    size_t element = (size_t)call->in[0].dtype.bits / 8;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t outer = unit / plan->strips, first = unit % plan->strips * plan->strip, n = ug_min64(plan->strip, plan->inner - first);
        const char *x = (const char *)ug_data(&call->in[0]) + (size_t)(outer * plan->length * plan->inner + first) * element;
        int64_t *place = (int64_t *)ug_data(&call->out[0]) + outer * plan->inner + first;
        if (plan->inner == 1)
            row(plan, k, place, x, last);
        else
            columns(plan, k, place, x, n, element, last, call->scratch[worker]);
    }
}

upreg_status ug_arg_reach(upreg_reach *ctx) {
    const ug_arg_params *q = ctx->params;
    ug_axes axes;
    UG_TRY(axes_of(ctx->err, ctx->method, q, &ctx->in[0], &axes));
    ug_reduce_reach_axes(ctx, &axes, q->keepdims);
    return UPREG_OK;
}
