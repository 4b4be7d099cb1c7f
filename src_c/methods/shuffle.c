#include "methods/shuffle.h"

#define ORDERS "crd|dcr"
enum { CRD, DCR };

const upreg_param ug_shuffle_table[3] = {
    UG_INTS_PARAM(ug_shuffle_params, scale, "required", 1, UG_MAX_SIZE, NULL, "pixels that a cell has along each axis"),
    UG_CHOICE_PARAM(ug_shuffle_params, order, "crd", ORDERS,
                    "which channels make a cell: neighbouring ones (crd, torch), or one of each block of channels (dcr, TensorFlow)"),
    UG_LAYOUT_PARAM(ug_shuffle_params),
};

upreg_status ug_shuffle_begin(const ug_ask *ask, ug_frame *frame, ug_shuffle *shuffle) {
    const ug_shuffle_params *params = ask->params;
    UG_TRY(ug_frame_of(ask->err, ask->method, params->layout, ask->rank, &ask->in[0], frame));
    if (frame->axis_c < 0)
        return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: parameter 'layout' = X has no channels; allowed: NCX, NXC, CX or XC", ask->method->name);
    UG_TRY(ug_axes_int(ask->err, ask->method, "scale", &params->scale, frame->rank, 1, shuffle->scale));
    shuffle->cell = 1;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++)
        if (ug_mul_overflows(shuffle->cell, shuffle->scale[axis], &shuffle->cell))
            return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: parameter 'scale' makes cells that are too large", ask->method->name);
    return UPREG_OK;
}

void ug_shuffle_end(const ug_ask *ask, ug_shuffle *s) {
    int dcr = ((const ug_shuffle_params *)ask->params)->order == DCR;
    s->part_step = dcr ? s->large.c : 1, s->channel_step = dcr ? 1 : s->cell;
}

upreg_status ug_shuffle_prepare(upreg_prepare *p, const ug_shuffle *shuffle, const ug_frame *out, int64_t step) {
    ug_shuffle *plan = upreg_reserve(p, sizeof *plan), local;
    if (!plan) plan = &local;
    *plan = *shuffle;
    plan->element = upreg_type_size(p->out[0].type);
    plan->stream = (double)ug_elements(&p->out[0]) * (double)plan->element >= UG_STREAM_BYTES;
    plan->rows = ug_rows_of(out, ug_pixels_within(out, plan->element, UG_MOVE_STRIP), step);
    ug_add_stage(p, ug_rows_units(&plan->rows), (double)(plan->rows.length * plan->rows.inner) * (double)plan->element, 0);
    return UPREG_OK;
}

upreg_status ug_shuffle_vjp(upreg_vjp *ctx, const char *other) {
    const ug_shuffle_params *params = ctx->params;
    char text[200] = "";
    ug_text_ints(text, sizeof text, "scale", params->scale.count, params->scale.v);
    ug_text_choice(text, sizeof text, "order", ORDERS, params->order);
    ug_text_choice(text, sizeof text, "layout", UG_LAYOUTS, params->layout);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "%s:%s", other, text + 1);
    return UPREG_OK;
}
