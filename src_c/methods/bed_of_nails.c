/* bed_of_nails: every input pixel at one corner of its cell, zeros elsewhere. */
#include "methods/bed_of_nails.h"

#define CORNERS "top_left|top_right|bottom_left|bottom_right"

const upreg_param ug_nails_table[3] = {
    UG_INTS_PARAM(ug_nails_params, scale, "required", 1, UG_MAX_SIZE, NULL, "length of a cell along each axis"),
    UG_INTS_PARAM(ug_nails_params, corner, "0", -1, UG_MAX_SIZE, CORNERS, "the pixel's place in its cell; -1: the last; by name in 2-D"),
    UG_LAYOUT_PARAM(ug_nails_params),
};

upreg_status ug_nails_of(const ug_ask *ask, ug_frame *frame, ug_nails *nails) {
    const ug_nails_params *params = ask->params;
    const upreg_method *method = ask->method;
    upreg_error *err = ask->err;
    UG_TRY(ug_frame_of(err, method, params->layout, ask->rank, &ask->in[0], frame));
    UG_TRY(ug_axes_int(err, method, "scale", &params->scale, frame->rank, 1, nails->scale));
    if (params->corner.choice >= 0) {
        if (frame->rank != 2)
            return ug_fail(err, UPREG_E_PARAMETER,
                           "%s: parameter 'corner' by name (top_left, top_right, bottom_left, bottom_right) needs 2 spatial axes, 'x' has %d",
                           method->name, frame->rank);
        nails->corner[0] = 0;
        nails->corner[1] = params->corner.choice & 2 ? -1 : 0;
        nails->corner[2] = params->corner.choice & 1 ? -1 : 0;
    } else {
        UG_TRY(ug_axes_int(err, method, "corner", &params->corner, frame->rank, 0, nails->corner));
    }
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        if (nails->corner[axis] >= nails->scale[axis])
            return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'corner' = %" PRId64 " is outside a cell of %" PRId64 "; allowed: -1 to %" PRId64,
                           method->name, nails->corner[axis], nails->scale[axis], nails->scale[axis] - 1);
        if (nails->corner[axis] < 0) nails->corner[axis] = nails->scale[axis] - 1;
    }
    return UPREG_OK;
}

void ug_nails_text(char *text, size_t size, const ug_nails_params *params, const ug_frame *frame, const ug_nails *nails) {
    int first = UPREG_MAX_SPATIAL - frame->rank;
    ug_text_ints(text, size, "scale", frame->rank, nails->scale + first);
    ug_text_ints(text, size, "corner", frame->rank, nails->corner + first);
    ug_text_choice(text, size, "layout", UG_LAYOUTS, params->layout);
}

static int64_t at(const void *context, int axis, int64_t i) {
    const ug_nails *nails = context;
    return i % nails->scale[axis] == nails->corner[axis] ? i / nails->scale[axis] : -1;
}

static upreg_status geometry(const ug_ask *ask, ug_map *map) {
    ug_nails *nails = (ug_nails *)map->context;
    UG_TRY(ug_nails_of(ask, &map->in, nails));
    map->at = at, map->out = map->in;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) map->period[axis] = nails->scale[axis], map->shift[axis] = 1;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++)
        if (ug_mul_overflows(map->in.x[axis], nails->scale[axis], &map->out.x[axis]) || map->out.x[axis] > (int64_t)UG_MAX_SIZE)
            return ug_fail(ask->err, UPREG_E_SHAPE, "%s: an axis of %" PRId64 " with 'scale' = %" PRId64 " is too long; allowed: at most %.0f",
                           ask->method->name, map->in.x[axis], nails->scale[axis], UG_MAX_SIZE);
    return UPREG_OK;
}

UG_MAP_FUNCTIONS(geometry)

static upreg_status vjp(upreg_vjp *ctx) {
    char text[300] = "";
    ug_map map = {0};
    UG_TRY(geometry(UG_ASK(ctx), &map));
    ug_nails_text(text, sizeof text, ctx->params, &map.in, (const ug_nails *)map.context);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "bed_of_nails_grad:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_bed_of_nails = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "bed_of_nails",
    .family = "resample",
    .aliases = "bed-of-nails|zero_upsample|zero_insert|zero_insertion",
    .summary = "every pixel at one corner of its cell, zeros elsewhere",
    .doc = "x (N, C, m...) -> y (N, C, m * scale...). Along each axis y[i * scale + corner] = x[i], all other pixels are 0. The corner is the phase of "
           "zero insertion; -1 is the cell's last place; in two dimensions it may be named.",
    .source = "Dosovitskiy, Springenberg and Brox, Learning to Generate Chairs with Convolutional Neural Networks, CVPR 2015",
    .params = ug_nails_table,
    .n_params = UG_COUNT(ug_nails_table),
    .params_size = sizeof(ug_nails_params),
    .flags = UPREG_LINEAR | UPREG_UPSAMPLES | UPREG_STRIDED,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_map_run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
