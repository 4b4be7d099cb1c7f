/* mean: the mean of the inputs. */
#include "methods/binary.h"

/* A unit's sums are divided while they are in the cache. */
static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_broadcast *plan = (const ug_broadcast *)call->state;
    const upreg_tensor *y = &call->out[0];
    const float count_f32 = (float)call->n_in;
    const double count_f64 = call->n_in;
    for (int64_t unit = begin; unit < end; unit++) {
        ug_piece piece = ug_broadcast_piece(plan, unit);
        char *to = (char *)ug_data(y) + ug_broadcast_out(plan, &piece) * (y->dtype.bits / 8);
        ug_run_binary_row(call, unit, unit + 1, call->kernels->arithmetic->binary[UG_BINARY_add]);
        call->kernels->arithmetic->binary[UG_BINARY_div][upreg_type_of(y->dtype)](to, to, ug_is_f32(y) ? (const void *)&count_f32 : &count_f64,
                                                                                  piece.n, 1, 0);
    }
}

static upreg_status vjp(upreg_vjp *ctx) {
    upreg_ref share = ug_step(ctx, 1, UG_REFS(UG_GRAD), "rescale:scale=%.17g", 1.0 / ctx->n_in);
    ctx->result = ug_sum_to_input(ctx, share, &ctx->out[0]);
    return UPREG_OK;
}

const upreg_method ug_method_mean = {
    UG_BINARY_METHOD,
    .name = "mean",
    .family = "arithmetic",
    .summary = "the mean of the inputs, broadcast to one another",
    .doc = "y = (xs[0] + xs[1] + ...) / n for n inputs, added in this order. One input or more." UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX Mean",
    .flags = UPREG_LINEAR | UPREG_IN_PLACE,
    .types = UG_FLOATING,
    .ports = "xs*:T -> y:T",
    .infer = ug_binary_infer,
    .vjp = vjp,
};
