#include "methods/lp_pool.h"

static upreg_status windows_of(const ug_ask *ask, ug_window *w) {
    const ug_lp_pool_params *p = ask->params;
    ug_frame in;
    UG_TRY(ug_frame_of(ask->err, ask->method, p->layout, ask->rank, &ask->in[0], &in));
    UG_TRY(ug_window_of(ask, &p->kernel, &p->stride, &p->padding, &p->dilation, p->ceil_mode, &in, w));
    return ug_window_not_empty(ask, w);
}

upreg_status ug_region_pool_infer(upreg_infer *ctx) {
    ug_window w;
    UG_TRY(windows_of(UG_ASK(ctx), &w));
    ctx->out[0] = ug_frame_spec(&w.out, ctx->in[0].type, w.out.n, w.out.c, w.out.x);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

upreg_status ug_region_grad_infer(upreg_infer *ctx) {
    ug_window w;
    UG_TRY(windows_of(UG_ASK(ctx), &w));
    upreg_spec y = ug_frame_spec(&w.out, ctx->in[0].type, w.out.n, w.out.c, w.out.x);
    for (int port = 1; port < 3; port++) {
        char got[256], wanted[256];
        if (!ug_same_shape(&ctx->in[port], &y))
            return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input '%s' has shape %s; allowed: that of the pool's output, %s", ctx->method->name,
                           port == 1 ? "y" : "gy", ug_shape_text(got, sizeof got, ctx->in[port].ndim, ctx->in[port].dim),
                           ug_shape_text(wanted, sizeof wanted, y.ndim, y.dim));
    }
    return ug_infer_same(ctx);
}

static upreg_status plan_of(upreg_prepare *p, ug_region_pool **plan, ug_region_pool *local) {
    ug_window w;
    UG_TRY(windows_of(UG_ASK(p), &w));
    *plan = upreg_reserve(p, sizeof **plan);
    if (!*plan) *plan = local;
    ug_regions_plan(p, &(*plan)->r, &w.in, &w.out, w.d, ug_region_of_window, &w);
    (*plan)->taps = (double)w.k[0] * (double)w.k[1] * (double)w.k[2];
    return UPREG_OK;
}

static size_t scratch_of(const ug_regions *r) { return sizeof(double) * UG_REGION_SUMS * (size_t)ug_max64(r->rows.inner, 1); }

upreg_status ug_region_pool_prepare(upreg_prepare *p) {
    ug_region_pool *plan, local;
    UG_TRY(plan_of(p, &plan, &local));
    ug_regions_stage(p, &plan->r, plan->taps * 4, scratch_of(&plan->r));
    return UPREG_OK;
}

/* A unit is an image of one channel, or of all of them where they are innermost: windows may overlap. */
upreg_status ug_region_grad_prepare(upreg_prepare *p) {
    ug_region_pool *plan, local;
    UG_TRY(plan_of(p, &plan, &local));
    const ug_frame *y = &plan->r.out;
    double pixels = (double)y->x[0] * (double)y->x[1] * (double)y->x[2] * (double)plan->r.rows.inner;
    ug_add_compute_stage(p, plan->r.rows.n * plan->r.rows.c, pixels * plan->taps * 16, scratch_of(&plan->r));
    return UPREG_OK;
}

upreg_status ug_region_pool_reach(upreg_reach *ctx) {
    ug_window w;
    UG_TRY(windows_of(UG_ASK(ctx), &w));
    ug_window_reach(&w, ctx);
    return UPREG_OK;
}

upreg_status ug_region_pool_tile(upreg_tiling *ctx) {
    ug_window w;
    UG_TRY(windows_of(UG_ASK(ctx), &w));
    ug_tile_spatial(ctx, &w.in, (const int64_t[]){1, 1, 1}, w.s);
    return UPREG_OK;
}

upreg_status ug_region_pool_vjp(upreg_vjp *ctx, const char *grad) {
    char text[420] = "";
    ug_text_params(text, sizeof text, ctx->method, ctx->params, ctx->method);
    ctx->result = ug_step(ctx, 3, UG_REFS(UG_INPUT(0), UG_OUTPUT(0), UG_GRAD), "%s:%s", grad, text + 1);
    return UPREG_OK;
}

double ug_region_count(const ug_region *region) {
    double n = 1;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) n *= (double)ug_ceil_div(region->end[axis] - region->begin[axis], region->step[axis]);
    return n;
}

/* The windows [begin, end) of a row of outputs; y is any tensor of the output's shape. */
static void do_row(ug_region_call *w, const ug_row *row, const upreg_tensor *y, ug_region_body body) {
    const ug_regions *r = &w->plan->r;
    ug_view view = ug_view_of(&r->out, y);
    w->n = row->n, w->c = row->c;
    ug_region_set(r, &w->region, 0, row->x0), ug_region_set(r, &w->region, 1, row->x1);
    for (int64_t i = row->begin; i < row->end; i++) {
        w->at = ug_offset(&view, row->n, row->c, row->x0, row->x1) + i * view.stride_x[2];
        ug_region_set(r, &w->region, 2, i);
        body(w);
    }
}

static ug_region_call call_of(const upreg_call *call, int worker) {
    const ug_region_pool *plan = (const ug_region_pool *)call->state;
    ug_region_call w = {.call = call, .plan = plan, .x = ug_view_of(&plan->r.in, &call->in[0]), .scratch = (double *)call->scratch[worker]};
    ug_region_begin(&plan->r, &w.region);
    return w;
}

void ug_region_pool_run(const upreg_call *call, int64_t begin, int64_t end, int worker, ug_region_body body) {
    ug_region_call w = call_of(call, worker);
    for (int64_t unit = begin; unit < end; unit++) {
        ug_row row = ug_rows_find(&w.plan->r.rows, unit);
        do_row(&w, &row, &call->out[0], body);
    }
}

void ug_region_grad_run(const upreg_call *call, int64_t begin, int64_t end, int worker, ug_region_body body) {
    ug_region_call w = call_of(call, worker);
    const ug_regions *r = &w.plan->r;
    size_t image = r->element * (size_t)(r->in.x[0] * r->in.x[1] * r->in.x[2] * r->rows.inner);
    for (int64_t unit = begin; unit < end; unit++) {
        memset((char *)ug_data(&call->out[0]) + image * (size_t)unit, 0, image);
        for (int64_t x0 = 0; x0 < r->out.x[0]; x0++)
            for (int64_t x1 = 0; x1 < r->out.x[1]; x1++) {
                ug_row row = {unit / r->rows.c, unit % r->rows.c, x0, x1, 0, r->out.x[2]};
                do_row(&w, &row, &call->in[1], body);
            }
    }
}
