/* where: one input or the other, by a condition. */
#include "methods/broadcast.h"

enum { CONDITION, A, B };

static upreg_status infer(upreg_infer *ctx) {
    UG_TRY(ug_need_u8(ctx, CONDITION, "condition"));
    if (ctx->in[A].type == UPREG_NONE && ctx->in[B].type == UPREG_NONE)
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: inputs 'a' and 'b' are both missing; allowed: one of them", ctx->method->name);
    UG_TRY(ug_broadcast_shape(ctx->err, ctx->method, ctx->in, ctx->n_in, &ctx->out[0]));
    ctx->out[0].type = ctx->in[A].type != UPREG_NONE ? ctx->in[A].type : ctx->in[B].type;
    return UPREG_OK;
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    static const uint64_t zero = 0; /* what an absent input is */
    const ug_broadcast *plan = (const ug_broadcast *)call->state;
    int64_t element = call->out[0].dtype.bits / 8;
    ug_choice choose = call->kernels->arithmetic->choose[element == 1 ? 0 : element == 2 ? 1 : element == 4 ? 2 : 3];
    for (int64_t unit = begin; unit < end; unit++) {
        ug_piece piece = ug_broadcast_piece(plan, unit);
        const void *from[3] = {&zero, &zero, &zero};
        int runs[3] = {0};
        for (int i = 0; i < plan->n_in; i++) {
            if (call->in[i].data == NULL) continue;
            from[i] = (const char *)ug_data(&call->in[i]) + ug_broadcast_offset(plan, i, &piece) * (call->in[i].dtype.bits / 8);
            runs[i] = ug_broadcast_runs(plan, i);
        }
        char *y = (char *)ug_data(&call->out[0]) + ug_broadcast_out(plan, &piece) * element;
        choose(y, from[CONDITION], from[A], from[B], piece.n, runs[CONDITION], runs[A], runs[B]);
    }
}

static upreg_status vjp(upreg_vjp *ctx) {
    upreg_ref passed =
        ug_step(ctx, 3, UG_REFS(UG_INPUT(CONDITION), ctx->wrt == A ? UG_GRAD : UG_NO_REF, ctx->wrt == B ? UG_GRAD : UG_NO_REF), "where");
    ctx->result = ug_sum_to_input(ctx, passed, &ctx->out[0]);
    return UPREG_OK;
}

const upreg_method ug_method_where = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "where",
    .family = "arithmetic",
    .aliases = "select",
    .summary = "a where the condition is not 0, else b, broadcast to one another",
    .doc = "y = a where condition is not 0, else b, elementwise; an input that is absent is 0. condition is uint8. Shapes broadcast as in NumPy: "
           "aligned at the last axis, lengths equal or 1.",
    .source = "NumPy where; ONNX Where",
    .flags = UPREG_OVERLAP_REFUSE,
    .types = UG_ANY_TYPE,
    .ports = "condition:u8=const a?:T b?:T -> y:T",
    .infer = infer,
    .prepare = ug_broadcast_prepare,
    .run = run,
    .vjp = vjp,
    .reach = ug_broadcast_reach,
    .tile = ug_tile_same,
};
