#include "methods/broadcast.h"

const upreg_param ug_shape_table[1] = {
    UG_INTS_PARAM(ug_shape_params, shape, "required", 0, UG_MAX_SIZE, NULL, "the output's shape, a list; [] for a single number"),
};

upreg_status ug_broadcast_shape(upreg_error *err, const upreg_method *method, const upreg_spec *in, int n_in, upreg_spec *out) {
    char a[256], b[256];
    *out = (upreg_spec){.known = 1, .type = in[0].type};
    for (int i = 0; i < n_in; i++) out->ndim = in[i].ndim > out->ndim ? in[i].ndim : out->ndim;
    for (int axis = 0; axis < out->ndim; axis++) out->dim[axis] = 1;
    for (int i = 0; i < n_in; i++)
        for (int k = 0; k < in[i].ndim; k++) {
            int64_t m = in[i].dim[k], *n = &out->dim[out->ndim - in[i].ndim + k];
            if (m == *n || m == 1) continue;
            if (*n != 1)
                return ug_fail(
                    err, UPREG_E_SHAPE, "%s: input %d of shape %s does not broadcast with those before it, of shape %s: %" PRId64 " against %" PRId64,
                    method->name, i, ug_shape_text(a, sizeof a, in[i].ndim, in[i].dim), ug_shape_text(b, sizeof b, out->ndim, out->dim), m, *n);
            *n = m;
        }
    return ug_check_size(err, method, out);
}

/* Strides of a dense input along the output's axes. */
static void strides_of(const upreg_spec *in, const upreg_spec *out, int64_t stride[UPREG_MAX_DIMS]) {
    int64_t step = 1;
    for (int axis = out->ndim - 1; axis >= 0; axis--) {
        int k = axis - (out->ndim - in->ndim);
        stride[axis] = k < 0 || in->dim[k] == 1 ? 0 : step;
        if (k >= 0) step *= in->dim[k];
    }
}

/* Axis `axis` joins the merged axis `last` when, for every input, a step along it is a whole run along `last`. */
static int joins(const ug_broadcast *plan, const int64_t (*stride)[UPREG_MAX_DIMS], int axis, int last) {
    for (int i = 0; i < plan->n_in; i++)
        if (stride[i][axis] != plan->stride[i][last] * plan->dim[last]) return 0;
    return 1;
}

static void merge(ug_broadcast *plan, const upreg_spec *out, int64_t (*stride)[UPREG_MAX_DIMS]) {
    int last = UPREG_MAX_DIMS - 1; /* built from the innermost axis outwards, then moved to the front */
    plan->dim[last] = 1;
    for (int axis = out->ndim - 1; axis >= 0; axis--) {
        if (out->dim[axis] == 1) continue;
        if (plan->dim[last] != 1 && !joins(plan, (const int64_t (*)[UPREG_MAX_DIMS])stride, axis, last)) plan->dim[--last] = 1;
        if (plan->dim[last] == 1)
            for (int i = 0; i < plan->n_in; i++) plan->stride[i][last] = stride[i][axis];
        plan->dim[last] *= out->dim[axis];
    }
    plan->ndim = UPREG_MAX_DIMS - last;
    memmove(plan->dim, plan->dim + last, sizeof *plan->dim * (size_t)plan->ndim);
    for (int i = 0; i < plan->n_in; i++) memmove(plan->stride[i], plan->stride[i] + last, sizeof **plan->stride * (size_t)plan->ndim);
}

upreg_status ug_broadcast_prepare(upreg_prepare *p) {
    size_t strides = sizeof(int64_t[UPREG_MAX_DIMS]) * (size_t)p->n_in;
    ug_broadcast *plan = upreg_reserve(p, sizeof *plan + strides);
    int64_t (*stride)[UPREG_MAX_DIMS] = upreg_reserve(p, strides);
    if (!plan) return UPREG_OK;
    plan->n_in = p->n_in;
    for (int i = 0; i < p->n_in; i++) strides_of(&p->in[i], &p->out[0], stride[i]);
    merge(plan, &p->out[0], stride);
    int64_t row = plan->dim[plan->ndim - 1], rows = 1;
    for (int axis = 0; axis < plan->ndim - 1; axis++) rows *= plan->dim[axis];
    plan->length = ug_min64(ug_max64(row, 1), UG_PIECE);
    plan->pieces = ug_ceil_div(row, plan->length);
    ug_add_stage(p, rows * plan->pieces, (double)plan->length * (double)upreg_type_size(p->out[0].type) * (1 + p->n_in), 0);
    return UPREG_OK;
}

ug_piece ug_broadcast_piece(const ug_broadcast *plan, int64_t unit) {
    ug_piece piece = {.row = unit / plan->pieces, .begin = unit % plan->pieces * plan->length};
    piece.n = ug_min64(plan->length, plan->dim[plan->ndim - 1] - piece.begin);
    return piece;
}

int64_t ug_broadcast_offset(const ug_broadcast *plan, int input, const ug_piece *piece) {
    int64_t row = piece->row, offset = piece->begin * plan->stride[input][plan->ndim - 1];
    for (int axis = plan->ndim - 2; axis >= 0; axis--) {
        offset += row % plan->dim[axis] * plan->stride[input][axis];
        row /= plan->dim[axis];
    }
    return offset;
}

void ug_broadcast_repeat(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_broadcast *plan = (const ug_broadcast *)call->state;
    int64_t element = call->out[0].dtype.bits / 8;
    for (int64_t unit = begin; unit < end; unit++) {
        ug_piece piece = ug_broadcast_piece(plan, unit);
        char *y = (char *)ug_data(&call->out[0]) + ug_broadcast_out(plan, &piece) * element;
        const char *x = (const char *)ug_data(&call->in[0]) + ug_broadcast_offset(plan, 0, &piece) * element;
        if (ug_broadcast_runs(plan, 0))
            memcpy(y, x, (size_t)(piece.n * element));
        else
            call->kernels->move->fill(y, x, piece.n, element);
    }
}

upreg_spec ug_shape_of(const ug_shape_params *params, upreg_type type) {
    upreg_spec spec = {.known = 1, .type = type, .ndim = params->shape.count < UPREG_MAX_DIMS ? params->shape.count : UPREG_MAX_DIMS};
    for (int i = 0; i < spec.ndim; i++) spec.dim[i] = params->shape.v[i];
    return spec;
}

upreg_ref ug_shape_step(upreg_vjp *ctx, const char *method, upreg_ref value, const upreg_spec *shape) {
    char text[300] = "";
    ug_text_ints(text, sizeof text, "shape", shape->ndim, shape->dim);
    return ug_step(ctx, 1, &value, "%s:%s", method, text + 1);
}

upreg_ref ug_sum_to_input(upreg_vjp *ctx, upreg_ref value, const upreg_spec *from) {
    const upreg_spec *to = &ctx->in[ctx->wrt];
    return ug_same_shape(to, from) ? value : ug_shape_step(ctx, "sum_to", value, to);
}

upreg_status ug_broadcast_reach(upreg_reach *ctx) {
    const upreg_spec *in = &ctx->in[ctx->port], *out = &ctx->out[0];
    for (int k = 0; k < in->ndim; k++) {
        int axis = out->ndim - in->ndim + k, constant = in->dim[k] == 1;
        ctx->in_begin[k] = constant ? 0 : ctx->out_begin[axis];
        ctx->in_end[k] = constant ? 1 : ctx->out_end[axis];
    }
    return UPREG_OK;
}
