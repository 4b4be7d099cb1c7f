/* mod: the remainder of a division. */
#include "methods/binary.h"

typedef struct mod_params {
    int32_t fmod;
} mod_params;

static const upreg_param table[] = {
    UG_BOOL_PARAM(mod_params, fmod, "false", "the sign of a, as C's fmod, instead of that of b"),
};

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    int fmod = ((const mod_params *)call->params)->fmod;
    ug_run_binary_row(call, begin, end, call->kernels->arithmetic->binary[fmod ? UG_BINARY_fmod : UG_BINARY_mod]);
}

static upreg_status vjp(upreg_vjp *ctx) {
    upreg_ref gradient = UG_GRAD;
    if (ctx->wrt == 1) { /* -gy (a - y) / b */
        gradient = ug_step(ctx, 2, UG_REFS(UG_OUTPUT(0), UG_INPUT(0)), "sub");
        gradient = ug_step(ctx, 2, UG_REFS(gradient, UG_INPUT(1)), "div");
        gradient = ug_step(ctx, 2, UG_REFS(UG_GRAD, gradient), "mul");
    }
    ctx->result = ug_sum_to_input(ctx, gradient, &ctx->out[0]);
    return UPREG_OK;
}

const upreg_method ug_method_mod = {
    UG_BINARY_METHOD,
    .name = "mod",
    .family = "arithmetic",
    .aliases = "remainder",
    .summary = "the remainder of a / b, broadcast to one another",
    .doc = "y = a - b * floor(a / b), with the sign of b; with fmod y = a - b * trunc(a / b), with the sign of a. Exact. For whole numbers 0 where "
           "b is 0; for others NaN." UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX Mod; ISO C99 fmod",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(mod_params),
    .flags = UPREG_IN_PLACE | UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING | UG_INTEGERS,
    .ports = "a:T b:T -> y:T",
    .infer = ug_binary_infer,
    .vjp = vjp,
};
