/* sum_to: the sum over the axes along which a shape was broadcast. */
#include "methods/broadcast.h"

/* x as merged axes, outermost first, each kept or summed.  An output is found by its place along the kept axes. */
typedef struct sum_plan {
    int32_t ndim, last_kept; /* last_kept: the innermost axis is kept */
    int64_t dim[UPREG_MAX_DIMS], stride[UPREG_MAX_DIMS];
    int32_t kept[UPREG_MAX_DIMS];
    int64_t strips; /* of the innermost axis, when it is kept */
} sum_plan;

static upreg_status infer(upreg_infer *ctx) {
    char a[256], b[256];
    const upreg_spec *x = &ctx->in[0];
    upreg_spec wanted = ug_shape_of(ctx->params, x->type);
    int fits = wanted.ndim <= x->ndim;
    for (int k = 0; fits && k < wanted.ndim; k++) {
        int64_t m = x->dim[x->ndim - wanted.ndim + k];
        if (wanted.dim[k] != m && wanted.dim[k] != 1)
            return ug_fail(ctx->err, UPREG_E_SHAPE,
                           "%s: parameter 'shape' asks for %" PRId64 " along axis %d, 'x' has %" PRId64 "; allowed: that or 1", ctx->method->name,
                           wanted.dim[k], k, m);
    }
    if (!fits)
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: parameter 'shape' = %s does not broadcast to the shape of 'x', %s", ctx->method->name,
                       ug_shape_text(a, sizeof a, wanted.ndim, wanted.dim), ug_shape_text(b, sizeof b, x->ndim, x->dim));
    ctx->out[0] = wanted;
    return UPREG_OK;
}

/* Neighbouring axes of one kind become one. */
static void merge(sum_plan *plan, const upreg_spec *x, const upreg_spec *y) {
    for (int axis = 0; axis < x->ndim; axis++) {
        int k = axis - (x->ndim - y->ndim), kept = k >= 0 && y->dim[k] != 1;
        if (x->dim[axis] == 1) continue;
        if (plan->ndim && plan->kept[plan->ndim - 1] == kept) {
            plan->dim[plan->ndim - 1] *= x->dim[axis];
            continue;
        }
        plan->dim[plan->ndim] = x->dim[axis], plan->kept[plan->ndim++] = kept;
    }
    if (!plan->ndim) plan->dim[plan->ndim] = 1, plan->kept[plan->ndim++] = 0;
    int64_t stride = 1;
    for (int axis = plan->ndim - 1; axis >= 0; axis--) plan->stride[axis] = stride, stride *= plan->dim[axis];
    plan->last_kept = plan->kept[plan->ndim - 1];
}

static upreg_status prepare(upreg_prepare *p) {
    sum_plan *plan = upreg_reserve(p, sizeof *plan), local = {0};
    if (!plan) plan = &local;
    merge(plan, &p->in[0], &p->out[0]);
    int64_t outputs = ug_elements(&p->out[0]), summed = ug_max64(ug_elements(&p->in[0]), 1) / ug_max64(outputs, 1);
    plan->strips = plan->last_kept ? ug_ceil_div(plan->dim[plan->ndim - 1], UG_COLUMNS) : 1;
    int64_t units = plan->last_kept && outputs ? outputs / plan->dim[plan->ndim - 1] * plan->strips : outputs;
    double width = plan->last_kept ? UG_COLUMNS : 1;
    ug_add_stage(p, units, (double)summed * width * (double)upreg_type_size(p->in[0].type), 0);
    return UPREG_OK;
}

/* Offset in x of place `index` counted along the axes of one kind, axes [0, ndim). */
static int64_t offset_of(const sum_plan *plan, int ndim, int kept, int64_t index) {
    int64_t offset = 0;
    for (int axis = ndim - 1; axis >= 0; axis--) {
        if (plan->kept[axis] != kept) continue;
        offset += index % plan->dim[axis] * plan->stride[axis];
        index /= plan->dim[axis];
    }
    return offset;
}

/* Number of places along the summed axes [0, ndim). */
static int64_t summed_places(const sum_plan *plan, int ndim) {
    int64_t n = 1;
    for (int axis = 0; axis < ndim; axis++)
        if (!plan->kept[axis]) n *= plan->dim[axis];
    return n;
}

/* One output: rows of neighbouring numbers. */
static double sum_rows(const sum_plan *plan, const upreg_call *call, int64_t output) {
    const upreg_tensor *x = &call->in[0];
    int64_t at = offset_of(plan, plan->ndim - 1, 1, output), n = plan->dim[plan->ndim - 1], places = summed_places(plan, plan->ndim - 1);
    double total = 0;
    for (int64_t i = 0; i < places; i++) {
        int64_t row = at + offset_of(plan, plan->ndim - 1, 0, i);
        total += ug_is_f32(x) ? call->kernels->norm->sum_f32(ug_f32(x) + row, n) : call->kernels->norm->sum_f64(ug_f64(x) + row, n);
    }
    return total;
}

/* A strip of outputs: columns, whose rows lie along the innermost summed axis. */
static void sum_columns(const sum_plan *plan, const upreg_call *call, int64_t outer, int64_t begin, int64_t width, double *total) {
    const upreg_tensor *x = &call->in[0];
    int down = plan->ndim - 2; /* the innermost summed axis, if any */
    int64_t at = offset_of(plan, plan->ndim - 1, 1, outer) + begin;
    int64_t rows = down >= 0 ? plan->dim[down] : 1, stride = down >= 0 ? plan->stride[down] : 0, places = summed_places(plan, down);
    for (int64_t c = 0; c < width; c++) total[c] = 0;
    for (int64_t i = 0; i < places; i++) {
        int64_t from = at + offset_of(plan, down, 0, i);
        if (ug_is_f32(x))
            call->kernels->norm->sum_columns_f32(total, ug_f32(x) + from, rows, stride, width);
        else
            call->kernels->norm->sum_columns_f64(total, ug_f64(x) + from, rows, stride, width);
    }
}

static void store(const upreg_tensor *y, int64_t at, const double *total, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (ug_is_f32(y))
            ug_f32(y)[at + i] = (float)total[i];
        else
            ug_f64(y)[at + i] = total[i];
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const sum_plan *plan = (const sum_plan *)call->state;
    double total[UG_COLUMNS];
    for (int64_t unit = begin; unit < end; unit++) {
        if (!plan->last_kept) {
            total[0] = sum_rows(plan, call, unit);
            store(&call->out[0], unit, total, 1);
            continue;
        }
        int64_t row = plan->dim[plan->ndim - 1], first = unit % plan->strips * UG_COLUMNS, width = ug_min64(row - first, UG_COLUMNS);
        sum_columns(plan, call, unit / plan->strips, first, width, total);
        store(&call->out[0], unit / plan->strips * row + first, total, width);
    }
}

static upreg_status vjp(upreg_vjp *ctx) {
    const upreg_spec *x = &ctx->in[0];
    ctx->result = ug_same_shape(x, &ctx->out[0]) ? UG_GRAD : ug_shape_step(ctx, "broadcast_to", UG_GRAD, x);
    return UPREG_OK;
}

const upreg_method ug_method_sum_to = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "sum_to",
    .family = "gradient",
    .summary = "x summed over every axis along which `shape` is 1 or missing: the adjoint of broadcast_to",
    .doc = "y has the given shape, which broadcasts to x's; every y is the sum of the x that broadcasting would make from it. Sums are formed in "
           "blocks, the blocks added in double.",
    .source = "the transpose of NumPy broadcasting",
    .params = ug_shape_table,
    .n_params = UG_COUNT(ug_shape_table),
    .params_size = sizeof(ug_shape_params),
    .flags = UPREG_LINEAR | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
};
