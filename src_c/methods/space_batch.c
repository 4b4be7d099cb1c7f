#include "methods/space_batch.h"

upreg_status ug_space_batch_begin(const ug_ask *ask, const char *border, ug_frame *frame, ug_space_batch *s) {
    const ug_space_batch_params *params = ask->params;
    UG_TRY(ug_frame_of(ask->err, ask->method, params->layout, ask->rank, &ask->in[0], frame));
    UG_TRY(ug_axes_int(ask->err, ask->method, "block", &params->block, frame->rank, 1, s->block));
    UG_TRY(ug_axes_pairs(ask->err, ask->method, border, &params->border, frame->rank, s->begin, s->end));
    s->cells = 1;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++)
        if (ug_mul_overflows(s->cells, s->block[axis], &s->cells))
            return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: parameter 'block' makes blocks that are too large", ask->method->name);
    return UPREG_OK;
}

upreg_status ug_space_batch_prepare(upreg_prepare *p, ug_space_batch *s, int to_space) {
    const ug_frame *in = to_space ? &s->small : &s->large, *out = to_space ? &s->large : &s->small;
    ug_origin o = ug_origin_of(p->tile, in, out);
    const int64_t *large = to_space ? o.out_begin : o.in_begin, *small = to_space ? o.in_begin : o.out_begin;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) s->begin[axis] += large[axis] - small[axis] * s->block[axis];
    memcpy(s->large.x, to_space ? o.out : o.in, sizeof o.in), memcpy(s->small.x, to_space ? o.in : o.out, sizeof o.in);
    ug_space_batch *plan = upreg_reserve(p, sizeof *plan), local;
    if (!plan) plan = &local;
    *plan = *s;
    size_t element = upreg_type_size(p->out[0].type);
    plan->rows = ug_rows_of(out, ug_pixels_within(out, element, UG_MOVE_STRIP), 1);
    plan->pixel = plan->rows.inner * (int64_t)element;
    ug_add_stage(p, ug_rows_units(&plan->rows), (double)(plan->rows.length * plan->pixel), 0);
    return UPREG_OK;
}

upreg_status ug_space_batch_vjp(upreg_vjp *ctx, const ug_space_batch *s, const char *other, const char *border) {
    char text[300] = "";
    int first = UPREG_MAX_SPATIAL - s->large.rank;
    ug_text_ints(text, sizeof text, "block", s->large.rank, s->block + first);
    ug_text_pairs(text, sizeof text, border, s->large.rank, s->begin + first, s->end + first);
    ug_text_choice(text, sizeof text, "layout", UG_BATCH_LAYOUTS, s->large.layout);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "%s:%s", other, text + 1);
    return UPREG_OK;
}
