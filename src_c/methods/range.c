/* range: start, start + step, ... up to stop. */
#include "methods/method.h"

#define MOST 9.2e18

typedef struct range_params {
    double start, stop, step;
} range_params;

static const upreg_param table[] = {
    UG_FLOAT_PARAM(range_params, start, "0", -DBL_MAX, DBL_MAX, "the first number"),
    UG_FLOAT_PARAM(range_params, stop, "required", -DBL_MAX, DBL_MAX, "where to end: the first number not taken"),
    UG_FLOAT_PARAM(range_params, step, "1", -DBL_MAX, DBL_MAX, "from one number to the next; not 0"),
};

static upreg_status infer(upreg_infer *ctx) {
    const range_params *q = ctx->params;
    if (q->step == 0)
        return ug_fail(ctx->err, UPREG_E_PARAMETER, "%s: parameter 'step' = 0 is not allowed; allowed: any other number", ctx->method->name);
    double count = ceil((q->stop - q->start) / q->step);
    if (!(count < MOST))
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: %g numbers from %g to %g are too many", ctx->method->name, count, q->start, q->stop);
    int64_t n = count > 0 ? (int64_t)count : 0;
    ctx->out[0] = ug_spec(ctx->in[0].type, 1, &n);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    range_params *q = upreg_reserve(p, sizeof *q);
    if (q) *q = *(const range_params *)p->params;
    ug_add_stage(p, p->out[0].dim[0], (double)upreg_type_size(p->out[0].type), 0);
    return UPREG_OK;
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const range_params *q = (const range_params *)call->state;
    void *y = ug_data(&call->out[0]);
    switch (upreg_type_of(call->out[0].dtype)) {
    case UPREG_F32:
        for (int64_t i = begin; i < end; i++) ((float *)y)[i] = (float)(q->start + (double)i * q->step);
        break;
    case UPREG_F64:
        for (int64_t i = begin; i < end; i++) ((double *)y)[i] = q->start + (double)i * q->step;
        break;
    case UPREG_I32:
        for (int64_t i = begin; i < end; i++) ((int32_t *)y)[i] = (int32_t)((int64_t)q->start + i * (int64_t)q->step);
        break;
    case UPREG_I16:
        for (int64_t i = begin; i < end; i++) ((int16_t *)y)[i] = (int16_t)((int64_t)q->start + i * (int64_t)q->step);
        break;
    default:
        for (int64_t i = begin; i < end; i++) ((int64_t *)y)[i] = (int64_t)q->start + i * (int64_t)q->step;
    }
}

const upreg_method ug_method_range = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "range",
    .family = "arithmetic",
    .aliases = "arange",
    .summary = "start, start + step, ... up to stop, in the type of the input",
    .doc =
        "y[i] = start + i * step for i below ceil((stop - start) / step), in the element type of `like`, whose numbers are not read. Whole numbers are "
        "exact to 2^53.",
    .source = "NumPy arange; ONNX Range",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(range_params),
    .flags = UPREG_SHAPE_ONLY | UPREG_OVERLAP_REFUSE,
    .types = UG_FLOATING | 1u << UPREG_I64 | 1u << UPREG_I32 | 1u << UPREG_I16,
    .ports = "like:T=const -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};
