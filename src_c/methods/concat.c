/* concat: the inputs one after the other along an axis. */
#include "methods/axes.h"

typedef struct concat_params {
    int64_t axis;
} concat_params;

static const upreg_param table[] = {
    UG_INT_PARAM(concat_params, axis, "1", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, "the axis, negative ones count from the end"),
};

/* An input's place in the output.  A unit is a row: the innermost axis of one part, at one place of the outer axes. */
typedef struct part {
    int64_t length;     /* along the axis */
    int64_t position;   /* along the output's axis */
    int64_t first_unit; /* units before this part */
} part;

typedef struct plan {
    int32_t axis, n_parts;
    size_t element;
    part *parts;
} plan;

/* A box of elements to be copied; the last axis is contiguous on both sides. */
typedef struct box {
    int32_t ndim;
    size_t element;
    char *to;
    const char *from;
    const int64_t *to_stride, *from_stride;
    int64_t dim[UPREG_MAX_DIMS];
} box;

static upreg_status infer(upreg_infer *ctx) {
    char a[256], b[256];
    int axis;
    const upreg_spec *first = &ctx->in[0];
    UG_TRY(ug_axis_of(ctx->err, ctx->method, ((const concat_params *)ctx->params)->axis, first, &axis));
    ctx->out[0] = *first;
    for (int i = 1; i < ctx->n_in; i++) {
        upreg_spec other = ctx->in[i];
        other.dim[axis] = first->dim[axis];
        if (!ug_same_shape(first, &other))
            return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input %d has shape %s, the first %s; allowed: they differ along axis %d only",
                           ctx->method->name, i, ug_shape_text(a, sizeof a, ctx->in[i].ndim, ctx->in[i].dim),
                           ug_shape_text(b, sizeof b, first->ndim, first->dim), axis);
        if (ug_add_overflows(ctx->out[0].dim[axis], ctx->in[i].dim[axis], &ctx->out[0].dim[axis]))
            return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: the output is too long along axis %d", ctx->method->name, axis);
    }
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static int axis_of(const void *params, const upreg_spec *first) {
    int64_t axis = ((const concat_params *)params)->axis;
    return (int)(axis < 0 ? axis + first->ndim : axis);
}

static upreg_status prepare(upreg_prepare *p) {
    const upreg_spec *out = &p->out[0];
    plan *s = upreg_reserve(p, sizeof *s), local;
    part *parts = upreg_reserve(p, sizeof *parts * (size_t)p->n_in);
    if (!s) s = &local;
    *s = (plan){.axis = axis_of(p->params, &p->in[0]), .n_parts = p->n_in, .element = upreg_type_size(out->type), .parts = parts};
    int64_t units = 0, position = 0, others = 1, inner = out->dim[out->ndim - 1];
    for (int i = 0; i < out->ndim - 1; i++)
        if (i != s->axis) others *= out->dim[i];
    for (int i = 0; i < p->n_in; i++) {
        int64_t length = p->in[i].dim[s->axis];
        if (parts) parts[i] = (part){length, position, units};
        units += s->axis == out->ndim - 1 ? (length > 0 ? others : 0) : others * length;
        position += length;
    }
    ug_add_stage(p, units, (double)inner * (double)s->element, 0);
    return UPREG_OK;
}

/* How many trailing axes are dense on both sides, so that they are copied as one. */
static int dense_axes(const box *b) {
    int count = 1;
    int64_t expected = b->dim[b->ndim - 1];
    for (int i = b->ndim - 2; i >= 0; i--, count++) {
        if (b->dim[i] != 1 && (b->to_stride[i] != expected || b->from_stride[i] != expected)) break;
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
        from += at * b->from_stride[i] * (int64_t)b->element;
    }
    memcpy(to, from, (size_t)bytes);
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

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const plan *s = (const plan *)call->state;
    const upreg_tensor *y = &call->out[0];
    for (int i = 0; i < s->n_parts; i++) {
        const part *p = &s->parts[i];
        const upreg_tensor *x = &call->in[i];
        box b = {.ndim = y->ndim, .element = s->element, .to = ug_data(y), .from = ug_data(x), .to_stride = y->strides, .from_stride = x->strides};
        memcpy(b.dim, y->shape, sizeof *b.dim * (size_t)y->ndim);
        b.dim[s->axis] = p->length;
        b.to += p->position * y->strides[s->axis] * (int64_t)s->element;
        int64_t rows = p->length > 0;
        for (int k = 0; k < y->ndim - 1; k++) rows *= b.dim[k];
        int64_t first = ug_max64(begin - p->first_unit, 0), last = ug_min64(end - p->first_unit, rows);
        if (first < last) copy_rows(&b, first, last);
    }
}

/* Where input `port` begins along the axis. */
static int64_t offset_of(const upreg_spec *in, int port, int axis) {
    int64_t offset = 0;
    for (int i = 0; i < port; i++) offset += in[i].dim[axis];
    return offset;
}

static upreg_status vjp(upreg_vjp *ctx) {
    int axis = axis_of(ctx->params, &ctx->in[0]);
    int64_t start = offset_of(ctx->in, ctx->wrt, axis);
    ctx->result =
        ug_step(ctx, 1, UG_REFS(UG_GRAD), "slice:axis=%d,start=%" PRId64 ",stop=%" PRId64, axis, start, start + ctx->in[ctx->wrt].dim[axis]);
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) {
    int axis = axis_of(ctx->params, &ctx->in[0]);
    int64_t start = offset_of(ctx->in, ctx->port, axis), length = ctx->in[ctx->port].dim[axis];
    ug_reach_same(ctx);
    ctx->in_begin[axis] = ug_min64(ug_max64(ctx->out_begin[axis] - start, 0), length);
    ctx->in_end[axis] = ug_max64(ug_min64(ctx->out_end[axis] - start, length), ctx->in_begin[axis]);
    return UPREG_OK;
}

const upreg_method ug_method_concat = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "concat",
    .family = "rearrange",
    .aliases = "concatenate|cat|skip_concat",
    .summary = "the inputs one after the other along an axis",
    .doc = "xs, of one rank and equal but along `axis` -> y, whose length along `axis` is their sum. One input or more.",
    .source = "NumPy concatenate; ONNX Concat",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(concat_params),
    .flags = UPREG_LINEAR | UPREG_STRIDED,
    .types = UG_ANY_TYPE,
    .ports = "xs*:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = reach,
    .tile = ug_tile_same,
};
