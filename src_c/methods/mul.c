/* mul: the product of two inputs. */
#include "methods/broadcast.h"

static upreg_status infer(upreg_infer *ctx) { return ug_broadcast_shape(ctx->err, ctx->method, ctx->in, ctx->n_in, &ctx->out[0]); }

static void product_f32(const ug_elementwise_kernels *k, float *y, const float *a, int a_runs, const float *b, int b_runs, int64_t n) {
    if (a_runs && b_runs)
        k->mul_f32(y, a, b, n);
    else if (a_runs || b_runs)
        k->mul_one_f32(y, a_runs ? a : b, a_runs ? *b : *a, n);
    else
        for (int64_t i = 0; i < n; i++) y[i] = *a * *b;
}

static void product_f64(const ug_elementwise_kernels *k, double *y, const double *a, int a_runs, const double *b, int b_runs, int64_t n) {
    if (a_runs && b_runs)
        k->mul_f64(y, a, b, n);
    else if (a_runs || b_runs)
        k->mul_one_f64(y, a_runs ? a : b, a_runs ? *b : *a, n);
    else
        for (int64_t i = 0; i < n; i++) y[i] = *a * *b;
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_broadcast *plan = (const ug_broadcast *)call->state;
    const ug_elementwise_kernels *k = call->kernels->elementwise;
    const upreg_tensor *a = &call->in[0], *b = &call->in[1], *y = &call->out[0];
    int a_runs = ug_broadcast_runs(plan, 0), b_runs = ug_broadcast_runs(plan, 1);
    for (int64_t unit = begin; unit < end; unit++) {
        ug_piece piece = ug_broadcast_piece(plan, unit);
        int64_t at = ug_broadcast_out(plan, &piece), a_at = ug_broadcast_offset(plan, 0, &piece), b_at = ug_broadcast_offset(plan, 1, &piece);
        if (ug_is_f32(y))
            product_f32(k, ug_f32(y) + at, ug_f32(a) + a_at, a_runs, ug_f32(b) + b_at, b_runs, piece.n);
        else
            product_f64(k, ug_f64(y) + at, ug_f64(a) + a_at, a_runs, ug_f64(b) + b_at, b_runs, piece.n);
    }
}

static upreg_status vjp(upreg_vjp *ctx) {
    upreg_ref product = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1 - ctx->wrt)), "mul");
    ctx->result = ug_sum_to_input(ctx, product, &ctx->out[0]);
    return UPREG_OK;
}

const upreg_method ug_method_mul = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "mul",
    .family = "arithmetic",
    .aliases = "multiply",
    .summary = "the product of two inputs, broadcast to one another",
    .doc = "y = a * b, elementwise. Shapes broadcast as in NumPy: aligned at the last axis, lengths equal or 1.",
    .source = "NumPy broadcasting; ONNX Mul",
    .flags = UPREG_LINEAR | UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING,
    .ports = "a:T b:T -> y:T",
    .infer = infer,
    .prepare = ug_broadcast_prepare,
    .run = run,
    .vjp = vjp,
    .reach = ug_broadcast_reach,
};
