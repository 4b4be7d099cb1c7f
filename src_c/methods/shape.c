/* shape: the lengths of x's axes. */
#include "methods/method.h"

typedef struct shape_params {
    int64_t start, stop;
} shape_params;

static const upreg_param table[] = {
    UG_INT_PARAM(shape_params, start, "0", -9.3e18, 9.3e18, "the first axis; negative ones count from the end"),
    UG_INT_PARAM(shape_params, stop, "null", -9.3e18, 9.3e18, "the first axis not taken; null: the end"),
};

static int64_t resolved(int64_t place, int ndim) {
    if (place == UPREG_UNSET) return ndim;
    return ug_max64(0, ug_min64(ndim, place < 0 ? place + ndim : place));
}

static upreg_status infer(upreg_infer *ctx) {
    const shape_params *q = ctx->params;
    int64_t n = ug_max64(0, resolved(q->stop, ctx->in[0].ndim) - resolved(q->start, ctx->in[0].ndim));
    ctx->out[0] = ug_spec(UPREG_I64, 1, &n);
    return UPREG_OK;
}

static upreg_status prepare(upreg_prepare *p) {
    const shape_params *q = p->params;
    int64_t *shape = upreg_reserve(p, sizeof *shape * UPREG_MAX_DIMS), first = resolved(q->start, p->in[0].ndim);
    for (int i = 0; shape && i < p->out[0].dim[0]; i++) shape[i] = p->in[0].dim[first + i];
    ug_add_stage(p, p->out[0].dim[0] > 0, 8, 0);
    return UPREG_OK;
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)begin, (void)end, (void)worker;
    memcpy(ug_data(&call->out[0]), call->state, sizeof(int64_t) * (size_t)call->out[0].shape[0]);
}

const upreg_method ug_method_shape = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "shape",
    .family = "arithmetic",
    .aliases = "size_of",
    .summary = "the lengths of x's axes, as int64",
    .doc =
        "y = the lengths of the axes start, ..., stop - 1 of x, with Python's meaning of negative and of too large numbers. x's numbers are not read.",
    .source = "ONNX Shape",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(shape_params),
    .flags = UPREG_SHAPE_ONLY | UPREG_OVERLAP_REFUSE,
    .types = UG_ANY_TYPE,
    .ports = "x:T=const -> y:i64",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};
