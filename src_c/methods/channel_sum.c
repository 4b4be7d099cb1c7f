/* channel_sum: the sum of a feature map over batch and space, one number per channel: the gradient of a bias. */
#include "methods/spatial.h"

typedef struct channel_sum_params {
    int32_t layout;
} channel_sum_params;

static const upreg_param params[] = {UG_LAYOUT_PARAM(channel_sum_params)};

static upreg_status infer(upreg_infer *ctx) {
    const channel_sum_params *q = ctx->params;
    ug_frame frame;
    if (q->layout == UG_X)
        return ug_fail(ctx->err, UPREG_E_PARAMETER, "%s: parameter 'layout' = X is not allowed: there are no channels; allowed: NCX, NXC, CX, XC",
                       ctx->method->name);
    UG_TRY(ug_frame_of(ctx->err, ctx->method, q->layout, ctx->rank, &ctx->in[0], &frame));
    ctx->out[0] = ug_spec(ctx->in[0].type, 1, &frame.c);
    return UPREG_OK;
}

static upreg_status prepare(upreg_prepare *p) {
    const channel_sum_params *q = p->params;
    ug_frame *frame = upreg_reserve(p, sizeof *frame), local;
    UG_TRY(ug_frame_of(p->err, p->method, q->layout, p->rank, &p->in[0], &local));
    if (!p->fill) return UPREG_OK;
    *frame = local;
    double bytes = local.c ? (double)ug_elements(&p->in[0]) / (double)local.c * (double)upreg_type_size(p->in[0].type) : 0;
    ug_add_stage(p, local.c, bytes, 0);
    return UPREG_OK;
}

/* Rows are summed in blocks; the rows' sums in double, in order. */
#define SUM_CHANNEL(T, S)                                                                                                                            \
    static void sum_channel_##S(const ug_gemm_kernels *k, const ug_frame *frame, const ug_view *v, T *to, int64_t c) {                               \
        int innermost = frame->axis_c > frame->axis_x;                                                                                               \
        int64_t step = innermost ? v->stride_x[2] : 1;                                                                                               \
        double total = 0;                                                                                                                            \
        for (int64_t n = 0; n < v->n; n++)                                                                                                           \
            for (int64_t i = 0; i < v->x[0]; i++)                                                                                                    \
                for (int64_t j = 0; j < v->x[1]; j++) {                                                                                              \
                    const T *row = (const T *)v->data + ug_offset(v, n, innermost ? 0 : c, i, j) + (innermost ? c : 0);                              \
                    if (step == 1) {                                                                                                                 \
                        total += (double)k->sum_##S(row, v->x[2]);                                                                                   \
                    } else {                                                                                                                         \
                        for (int64_t x = 0; x < v->x[2]; x++) total += (double)row[x * step];                                                        \
                    }                                                                                                                                \
                }                                                                                                                                    \
        to[c] = (T)total;                                                                                                                            \
    }
SUM_CHANNEL(float, f32)
SUM_CHANNEL(double, f64)

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_frame *frame = (const ug_frame *)call->state;
    ug_view v = ug_view_of(frame, &call->in[0]);
    for (int64_t c = begin; c < end; c++) {
        if (call->in[0].dtype.bits == 32)
            sum_channel_f32(call->kernels->gemm, frame, &v, ug_data(&call->out[0]), c);
        else
            sum_channel_f64(call->kernels->gemm, frame, &v, ug_data(&call->out[0]), c);
    }
}

const upreg_method ug_method_channel_sum = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "channel_sum",
    .family = "gradient",
    .summary = "sum over batch and space, one number per channel: the gradient of a bias",
    .doc = "y[c] = sum over n and positions of x[n, c, position].",
    .source = "the transpose of adding a bias",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(channel_sum_params),
    .flags = UPREG_LINEAR | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};
