#include "methods/global_pool.h"

static upreg_status axes_of(upreg_error *err, const upreg_method *method, const void *params, int rank, const upreg_spec *x, ug_axes *axes) {
    ug_frame frame;
    UG_TRY(ug_frame_of(err, method, ((const ug_global_pool_params *)params)->layout, rank, x, &frame));
    *axes = (ug_axes){{0}};
    for (int i = 0; i < frame.rank; i++) axes->reduced[frame.axis_x + i] = 1;
    return UPREG_OK;
}

upreg_status ug_global_pool_infer(upreg_infer *ctx) {
    ug_axes axes;
    UG_TRY(axes_of(ctx->err, ctx->method, ctx->params, ctx->rank, &ctx->in[0], &axes));
    ctx->out[0] = ug_reduced_spec(&ctx->in[0], &axes, 1);
    return UPREG_OK;
}

static int64_t power_of(int kind, const void *params) { return kind == UG_REDUCE_LP ? ((const ug_global_pool_params *)params)->p : 0; }

upreg_status ug_global_pool_prepare(upreg_prepare *p, int kind) {
    ug_axes axes;
    UG_TRY(axes_of(p->err, p->method, p->params, p->rank, &p->in[0], &axes));
    return ug_reduce_prepare_axes(p, kind, &axes, power_of(kind, p->params));
}

upreg_status ug_global_pool_vjp(upreg_vjp *ctx, int kind) {
    ug_axes axes;
    UG_TRY(axes_of(ctx->err, ctx->method, ctx->params, ctx->rank, &ctx->in[0], &axes));
    return ug_reduce_vjp_axes(ctx, kind, &axes, 1, power_of(kind, ctx->params));
}

upreg_status ug_global_pool_reach(upreg_reach *ctx) {
    ug_axes axes;
    UG_TRY(axes_of(ctx->err, ctx->method, ctx->params, ctx->rank, &ctx->in[0], &axes));
    ug_reduce_reach_axes(ctx, &axes, 1);
    return UPREG_OK;
}
