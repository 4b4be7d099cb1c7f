#include "methods/binary.h"

upreg_status ug_binary_infer(upreg_infer *ctx) { return ug_broadcast_shape(ctx->err, ctx->method, ctx->in, ctx->n_in, &ctx->out[0]); }

upreg_status ug_comparison_infer(upreg_infer *ctx) {
    UG_TRY(ug_binary_infer(ctx));
    ctx->out[0].type = UPREG_U8;
    return UPREG_OK;
}

upreg_status ug_logical_infer(upreg_infer *ctx) {
    UG_TRY(ug_need_u8(ctx, 0, "a"));
    UG_TRY(ug_need_u8(ctx, 1, "b"));
    return ug_binary_infer(ctx);
}

static const char *input_at(const upreg_call *call, const ug_broadcast *plan, int input, const ug_piece *piece, int64_t element) {
    return (const char *)ug_data(&call->in[input]) + ug_broadcast_offset(plan, input, piece) * element;
}

/* A sum of one input is that input. */
static void copy(const upreg_call *call, const ug_broadcast *plan, const ug_piece *piece, char *y, int64_t element) {
    const char *x = input_at(call, plan, 0, piece, element);
    if (x != y) memcpy(y, x, (size_t)(piece->n * element));
}

void ug_run_binary_row(const upreg_call *call, int64_t begin, int64_t end, const ug_binary *f) {
    const ug_broadcast *plan = (const ug_broadcast *)call->state;
    const upreg_tensor *first = &call->in[0], *y = &call->out[0];
    ug_binary kernel = f[upreg_type_of(first->dtype)];
    int64_t element = first->dtype.bits / 8, out_element = y->dtype.bits / 8;
    for (int64_t unit = begin; unit < end; unit++) {
        ug_piece piece = ug_broadcast_piece(plan, unit);
        char *to = (char *)ug_data(y) + ug_broadcast_out(plan, &piece) * out_element;
        const char *from = input_at(call, plan, 0, &piece, element);
        int runs = ug_broadcast_runs(plan, 0);
        if (plan->n_in == 1) copy(call, plan, &piece, to, element);
        for (int i = 1; i < plan->n_in; i++, from = to, runs = 1)
            kernel(to, from, input_at(call, plan, i, &piece, element), piece.n, runs, ug_broadcast_runs(plan, i));
    }
}
