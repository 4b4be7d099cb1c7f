#include "methods/extremum.h"

upreg_status ug_extremum_vjp(upreg_vjp *ctx) {
    upreg_ref before[UPREG_MAX_PORTS], chosen = ug_step(ctx, 2, UG_REFS(UG_INPUT(ctx->wrt), UG_OUTPUT(0)), "equal");
    if (ctx->wrt > UPREG_MAX_PORTS)
        return ug_fail(ctx->err, UPREG_E_PARAMETER, "%s: no gradient for input %d; allowed: 0 to %d", ctx->method->name, ctx->wrt, UPREG_MAX_PORTS);
    if (ctx->wrt > 0) {
        for (int i = 0; i < ctx->wrt; i++) before[i] = UG_INPUT(i);
        upreg_ref earlier = ug_step(ctx, ctx->wrt, before, "%s", ctx->method->name);
        earlier = ug_step(ctx, 2, UG_REFS(earlier, UG_OUTPUT(0)), "equal");
        chosen = ug_step(ctx, 2, UG_REFS(chosen, earlier), "greater");
    }
    upreg_ref passed = ug_step(ctx, 2, UG_REFS(chosen, UG_GRAD), "where");
    ctx->result = ug_sum_to_input(ctx, passed, &ctx->out[0]);
    return UPREG_OK;
}
