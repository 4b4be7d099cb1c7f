#include "methods/roi.h"

static upreg_status geometry(const ug_ask *ask, int batch_port, ug_frame *in, ug_frame *out, int *columns) {
    const ug_roi_params *params = ask->params;
    char shape[256];
    UG_TRY(ug_frame_of(ask->err, ask->method, params->layout, ask->rank, &ask->in[0], in));
    *out = *in;
    UG_TRY(ug_axes_int(ask->err, ask->method, "size", &params->size, in->rank, 1, out->x));
    const upreg_spec *rois = &ask->in[1], *batch = batch_port < ask->n_in ? &ask->in[batch_port] : NULL;
    int with_batch = batch && batch->type != UPREG_NONE;
    *columns = 2 * in->rank + !with_batch;
    if (rois->ndim != 2 || rois->dim[1] != *columns)
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: input 'rois' has shape %s; allowed: boxes, %d %s", ask->method->name,
                       ug_shape_text(shape, sizeof shape, rois->ndim, rois->dim), *columns,
                       with_batch ? "numbers each" : "numbers each, or one less with input 'batch'");
    if (with_batch && (batch->ndim != 1 || batch->dim[0] != rois->dim[0]))
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: input 'batch' has shape %s; allowed: one number for each of %" PRId64 " boxes",
                       ask->method->name, ug_shape_text(shape, sizeof shape, batch->ndim, batch->dim), rois->dim[0]);
    out->n = rois->dim[0];
    return UPREG_OK;
}

upreg_status ug_roi_infer(upreg_infer *ctx) {
    ug_frame in, out;
    int columns;
    UG_TRY(geometry(UG_ASK(ctx), 2, &in, &out, &columns));
    ctx->out[0] = ug_frame_spec(&out, ctx->in[0].type, out.n, out.c, out.x);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

upreg_status ug_roi_grad_infer(upreg_infer *ctx) {
    ug_frame in, out;
    int columns;
    char got[256], wanted[256];
    UG_TRY(geometry(UG_ASK(ctx), 3, &in, &out, &columns));
    upreg_spec y = ug_frame_spec(&out, ctx->in[0].type, out.n, out.c, out.x);
    if (!ug_same_shape(&ctx->in[2], &y))
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input 'gy' has shape %s; allowed: that of the pool's output, %s", ctx->method->name,
                       ug_shape_text(got, sizeof got, ctx->in[2].ndim, ctx->in[2].dim), ug_shape_text(wanted, sizeof wanted, y.ndim, y.dim));
    return ug_infer_same(ctx);
}

static upreg_status plan_of(upreg_prepare *p, int gradient) {
    ug_frame in, out;
    int columns;
    UG_TRY(geometry(UG_ASK(p), gradient ? 3 : 2, &in, &out, &columns));
    ug_roi_plan *plan = upreg_reserve(p, sizeof *plan), local;
    if (!plan) plan = &local;
    ug_regions_plan(p, &plan->r, &in, &out, NULL, NULL, NULL);
    plan->columns = columns, plan->gradient = gradient;
    double size = (double)out.x[0] * (double)out.x[1] * (double)out.x[2], image = (double)in.x[0] * (double)in.x[1] * (double)in.x[2];
    double pixels = 8 + image / size;
    size_t scratch = 2 * sizeof(double) * (size_t)ug_max64(plan->r.rows.inner, 1);
    if (gradient)
        ug_add_compute_stage(p, in.n * plan->r.rows.c, pixels * (double)out.n * size * (double)plan->r.rows.inner, scratch);
    else
        ug_regions_stage(p, &plan->r, pixels, scratch);
    return UPREG_OK;
}

upreg_status ug_roi_prepare(upreg_prepare *p) { return plan_of(p, 0); }
upreg_status ug_roi_grad_prepare(upreg_prepare *p) { return plan_of(p, 1); }

upreg_status ug_roi_vjp(upreg_vjp *ctx, const char *grad) {
    char text[400] = "";
    ug_text_params(text, sizeof text, ctx->method, ctx->params, ctx->method);
    int batch = ctx->n_in > 2 && ctx->in[2].type != UPREG_NONE;
    ctx->result =
        ug_step(ctx, batch ? 4 : 3, UG_REFS(UG_INPUT(0), UG_INPUT(1), UG_GRAD, UG_INPUT(2)), "%s%s%s", grad, *text ? ":" : "", *text ? text + 1 : "");
    return UPREG_OK;
}

static double number(const upreg_tensor *t, int64_t at) { return ug_is_f32(t) ? (double)ug_f32(t)[at] : ug_f64(t)[at]; }

int ug_box_of(const upreg_call *call, const ug_roi_plan *plan, int64_t k, ug_box *box) {
    int rank = plan->r.in.rank, first = plan->columns - 2 * rank, batch_port = plan->gradient ? 3 : 2;
    const upreg_tensor *rois = &call->in[1];
    double scale = ((const ug_roi_params *)call->params)->spatial_scale;
    int64_t row = k * plan->columns;
    double image = first ? number(rois, row) : (double)((const int64_t *)ug_data(&call->in[batch_port]))[k];
    *box = (ug_box){.single = ug_is_f32(rois)};
    if (!(image >= 0 && image < (double)plan->r.in.n && image == floor(image))) {
        upreg_call_fail(call, first ? 1 : batch_port, first ? row : k, image);
        return 0;
    }
    box->image = (int64_t)image;
    for (int i = 0; i < 2 * rank; i++) { /* the last axis first */
        double at = number(rois, row + first + i), pixels = box->single ? (double)((float)at * (float)scale) : at * scale;
        if (!(fabs(pixels) < 1e9)) {
            upreg_call_fail(call, 1, row + first + i, at);
            return 0;
        }
        (i < rank ? box->begin : box->end)[UPREG_MAX_SPATIAL - 1 - i % rank] = pixels;
    }
    return 1;
}

static ug_roi_call call_of(const upreg_call *call, int worker) {
    const ug_roi_plan *plan = (const ug_roi_plan *)call->state;
    return (ug_roi_call){.call = call, .plan = plan, .x = ug_view_of(&plan->r.in, &call->in[0]), .scratch = call->scratch[worker]};
}

static void do_row(ug_roi_call *w, const ug_row *row, const ug_view *y, ug_roi_body body) {
    w->c = row->c, w->o[0] = row->x0, w->o[1] = row->x1;
    for (int64_t i = row->begin; i < row->end; i++) {
        w->o[2] = i, w->at = ug_offset(y, row->n, row->c, row->x0, row->x1) + i * y->stride_x[2];
        body(w);
    }
}

void ug_roi_run(const upreg_call *call, int64_t begin, int64_t end, int worker, ug_roi_body body) {
    ug_roi_call w = call_of(call, worker);
    ug_view y = ug_view_of(&w.plan->r.out, &call->out[0]);
    for (int64_t unit = begin; unit < end; unit++) {
        ug_row row = ug_rows_find(&w.plan->r.rows, unit);
        if (ug_box_of(call, w.plan, row.n, &w.box)) do_row(&w, &row, &y, body);
    }
}

void ug_roi_grad_run(const upreg_call *call, int64_t begin, int64_t end, int worker, ug_roi_body body) {
    ug_roi_call w = call_of(call, worker);
    const ug_regions *r = &w.plan->r;
    ug_view gy = ug_view_of(&r->out, &call->in[2]);
    size_t image = r->element * (size_t)(r->in.x[0] * r->in.x[1] * r->in.x[2] * r->rows.inner);
    for (int64_t unit = begin; unit < end; unit++) {
        memset((char *)ug_data(&call->out[0]) + image * (size_t)unit, 0, image);
        for (int64_t k = 0; k < r->out.n; k++) {
            if (!ug_box_of(call, w.plan, k, &w.box) || w.box.image != unit / r->rows.c) continue;
            for (int64_t x0 = 0; x0 < r->out.x[0]; x0++)
                for (int64_t x1 = 0; x1 < r->out.x[1]; x1++) do_row(&w, &(ug_row){k, unit % r->rows.c, x0, x1, 0, r->out.x[2]}, &gy, body);
        }
    }
}
