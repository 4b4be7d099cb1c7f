/* add: the sum of the inputs. */
#include "methods/broadcast.h"

static upreg_status infer(upreg_infer *ctx) { return ug_broadcast_shape(ctx->err, ctx->method, ctx->in, ctx->n_in, &ctx->out[0]); }

/* y = a + b, each a run or one number. */
static void sum_f32(const ug_elementwise_kernels *k, float *y, const float *a, int a_runs, const float *b, int b_runs, int64_t n) {
    if (a_runs && b_runs)
        k->add_f32(y, a, b, n);
    else
        k->add_one_f32(y, a_runs ? a : b, a_runs ? *b : *a, n);
}

static void sum_f64(const ug_elementwise_kernels *k, double *y, const double *a, int a_runs, const double *b, int b_runs, int64_t n) {
    if (a_runs && b_runs)
        k->add_f64(y, a, b, n);
    else
        k->add_one_f64(y, a_runs ? a : b, a_runs ? *b : *a, n);
}

/* A piece of the first input, as it is or repeated: what the others are added to. */
static void start(const upreg_call *call, const ug_broadcast *plan, const ug_piece *piece, char *y, int64_t element) {
    const char *x = (const char *)ug_data(&call->in[0]) + ug_broadcast_offset(plan, 0, piece) * element;
    if (ug_broadcast_runs(plan, 0))
        memcpy(y, x, (size_t)(piece->n * element));
    else
        call->kernels->move->fill(y, x, piece->n, element);
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_broadcast *plan = (const ug_broadcast *)call->state;
    const ug_elementwise_kernels *k = call->kernels->elementwise;
    int64_t element = call->out[0].dtype.bits / 8;
    for (int64_t unit = begin; unit < end; unit++) {
        ug_piece piece = ug_broadcast_piece(plan, unit);
        int64_t at = ug_broadcast_out(plan, &piece);
        int direct = plan->n_in > 1 && (ug_broadcast_runs(plan, 0) || ug_broadcast_runs(plan, 1)); /* the first two in one pass */
        if (!direct) start(call, plan, &piece, (char *)ug_data(&call->out[0]) + at * element, element);
        for (int i = 1; i < plan->n_in; i++) {
            int first = direct && i == 1;
            int64_t a = first ? ug_broadcast_offset(plan, 0, &piece) : at, b = ug_broadcast_offset(plan, i, &piece);
            int a_runs = first ? ug_broadcast_runs(plan, 0) : 1, b_runs = ug_broadcast_runs(plan, i);
            const upreg_tensor *from = first ? &call->in[0] : &call->out[0];
            if (element == 4)
                sum_f32(k, ug_f32(&call->out[0]) + at, ug_f32(from) + a, a_runs, ug_f32(&call->in[i]) + b, b_runs, piece.n);
            else
                sum_f64(k, ug_f64(&call->out[0]) + at, ug_f64(from) + a, a_runs, ug_f64(&call->in[i]) + b, b_runs, piece.n);
        }
    }
}

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = ug_sum_to_input(ctx, UG_GRAD, &ctx->out[0]);
    return UPREG_OK;
}

/* x + y and y + x have the same bits: the convolution before may be either. */
static void fuse(upreg_fusion *ctx) {
    if (ctx->n_in == 2 && ug_same_shape(&ctx->in[0], &ctx->in[1])) ctx->kind = UPREG_FUSE_RESIDUAL;
}

const upreg_method ug_method_add = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "add",
    .family = "arithmetic",
    .aliases = "sum|residual_add",
    .summary = "the sum of the inputs, broadcast to one another",
    .doc = "y = xs[0] + xs[1] + ..., in this order. Shapes broadcast as in NumPy: aligned at the last axis, lengths equal or 1. One input or more.",
    .source = "NumPy broadcasting; ONNX Sum",
    .flags = UPREG_LINEAR,
    .types = UG_FLOATING,
    .ports = "xs*:T -> y:T",
    .infer = infer,
    .prepare = ug_broadcast_prepare,
    .run = run,
    .vjp = vjp,
    .reach = ug_broadcast_reach,
    .fuse = fuse,
};
