#include "methods/join_engine.h"

/* A unit is a row: the innermost axis of one part, at one place of the outer axes. */
typedef struct join_part {
    ug_part part;
    int64_t position;   /* along the output's axis */
    int64_t first_unit; /* units before this part */
} join_part;

typedef struct join_plan {
    int32_t axis, n_parts;
    size_t element;
    join_part *parts;
} join_plan;

/* A box of elements to be copied (or zeroed where from is NULL); the last axis is contiguous on both sides. */
typedef struct box {
    int32_t ndim;
    size_t element;
    char *to;
    const char *from;
    const int64_t *to_stride, *from_stride;
    int64_t dim[UPREG_MAX_DIMS];
} box;

upreg_status ug_axis_of(upreg_error *err, const upreg_method *method, int64_t given, const upreg_spec *spec, int *axis) {
    if (given < -spec->ndim || given >= spec->ndim)
        return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'axis' = %" PRId64 " with %d dimensions; allowed: %d to %d", method->name, given,
                       spec->ndim, -spec->ndim, spec->ndim - 1);
    *axis = (int)(given < 0 ? given + spec->ndim : given);
    return UPREG_OK;
}

upreg_status ug_join_prepare(upreg_prepare *p, int axis, const ug_part *parts, int n_parts) {
    const upreg_spec *out = &p->out[0];
    join_plan *plan = upreg_reserve(p, sizeof *plan), local;
    join_part *list = upreg_reserve(p, sizeof *list * (size_t)n_parts);
    if (!plan) plan = &local;
    *plan = (join_plan){.axis = axis, .n_parts = n_parts, .element = upreg_type_size(out->type), .parts = list};
    int64_t units = 0, position = 0, others = 1, inner = out->dim[out->ndim - 1];
    for (int i = 0; i < out->ndim - 1; i++)
        if (i != axis) others *= out->dim[i];
    for (int i = 0; i < n_parts; i++) {
        if (list) list[i] = (join_part){parts[i], position, units};
        units += axis == out->ndim - 1 ? (parts[i].length > 0 ? others : 0) : others * parts[i].length;
        position += parts[i].length;
    }
    ug_add_stage(p, units, (double)inner * (double)plan->element, 0);
    return UPREG_OK;
}

/* How many trailing axes are dense on both sides, so that they are copied as one. */
static int dense_axes(const box *b) {
    int count = 1;
    int64_t expected = b->dim[b->ndim - 1];
    for (int i = b->ndim - 2; i >= 0; i--, count++) {
        if (b->dim[i] != 1 && (b->to_stride[i] != expected || (b->from && b->from_stride[i] != expected))) break;
        expected *= b->dim[i];
    }
    return count;
}

static void copy_run(const box *b, int64_t row, int64_t bytes) {
    char *to = b->to;
    const char *from = b->from;
    for (int i = b->ndim - 2; i >= 0; i--) {
        int64_t at = row % b->dim[i];
        row /= b->dim[i];
        to += at * b->to_stride[i] * (int64_t)b->element;
        if (from) from += at * b->from_stride[i] * (int64_t)b->element;
    }
    if (from)
        memcpy(to, from, (size_t)bytes);
    else
        memset(to, 0, (size_t)bytes);
}

/* Rows [begin, end), as many at once as are contiguous. */
static void copy_rows(const box *b, int64_t begin, int64_t end) {
    int dense = dense_axes(b);
    int64_t together = 1, row_bytes = b->dim[b->ndim - 1] * (int64_t)b->element;
    for (int i = b->ndim - dense; i < b->ndim - 1; i++) together *= b->dim[i];
    for (int64_t row = begin; row < end;) {
        int64_t next = ug_min64(end, (row / together + 1) * together);
        copy_run(b, row, (next - row) * row_bytes);
        row = next;
    }
}

void ug_join_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const join_plan *plan = (const join_plan *)call->state;
    const upreg_tensor *y = &call->out[0];
    int64_t element = (int64_t)plan->element;
    for (int i = 0; i < plan->n_parts; i++) {
        const join_part *part = &plan->parts[i];
        box b = {.ndim = y->ndim, .element = plan->element, .to = ug_data(y), .to_stride = y->strides};
        memcpy(b.dim, y->shape, sizeof *b.dim * (size_t)y->ndim);
        b.dim[plan->axis] = part->part.length;
        b.to += part->position * y->strides[plan->axis] * element;
        if (part->part.input >= 0) {
            const upreg_tensor *x = &call->in[part->part.input];
            b.from = (const char *)ug_data(x) + part->part.offset * x->strides[plan->axis] * element, b.from_stride = x->strides;
        }
        int64_t rows = part->part.length > 0;
        for (int k = 0; k < y->ndim - 1; k++) rows *= b.dim[k];
        int64_t first = ug_max64(begin - part->first_unit, 0), last = ug_min64(end - part->first_unit, rows);
        if (first < last) copy_rows(&b, first, last);
    }
}
