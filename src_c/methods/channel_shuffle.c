/* channel_shuffle: the channels of all groups in turn. */
#include "methods/resize.h"
#include "methods/rows.h"
#include "methods/strided.h"

typedef struct shuffle_params {
    int64_t groups;
    int32_t layout;
} shuffle_params;

static const upreg_param table[] = {
    UG_INT_PARAM(shuffle_params, groups, "required", 1, UG_MAX_SIZE, "groups of neighbouring channels"),
    UG_LAYOUT_PARAM(shuffle_params),
};

static upreg_status geometry(const ug_ask *ask, ug_frame *frame) {
    const shuffle_params *params = ask->params;
    UG_TRY(ug_frame_of(ask->err, ask->method, params->layout, ask->rank, &ask->in[0], frame));
    if (frame->axis_c < 0)
        return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: parameter 'layout' = X has no channels; allowed: NCX, NXC, CX or XC", ask->method->name);
    if (frame->c % params->groups)
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: 'x' has %" PRId64 " channels; allowed: a multiple of 'groups' = %" PRId64, ask->method->name,
                       frame->c, params->groups);
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    ug_frame frame;
    UG_TRY(geometry(UG_ASK(ctx), &frame));
    return ug_infer_same(ctx);
}

/* Every axis is two: of the output's channels, the places in a group, and the groups at each. */
static upreg_status prepare(upreg_prepare *p) {
    ug_frame frame;
    UG_TRY(geometry(UG_ASK(p), &frame));
    int64_t groups = ((const shuffle_params *)p->params)->groups;
    ug_places places = {.ndim = 2 * frame.ndim};
    for (int i = 0; i < frame.ndim; i++) {
        int apart = i == frame.axis_c;
        places.dim[2 * i] = apart ? frame.c / groups : 1, places.dim[2 * i + 1] = apart ? groups : p->in[0].dim[i];
        places.axis[2 * i] = places.axis[2 * i + 1] = i;
        places.times[2 * i] = 1, places.times[2 * i + 1] = apart ? frame.c / groups : 1;
    }
    return ug_strided_prepare(p, &places);
}

static upreg_status vjp(upreg_vjp *ctx) {
    char text[100] = "";
    ug_frame frame;
    UG_TRY(geometry(UG_ASK(ctx), &frame));
    ug_text_choice(text, sizeof text, "layout", UG_LAYOUTS, frame.layout);
    int64_t places = ug_max64(frame.c / ((const shuffle_params *)ctx->params)->groups, 1);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "channel_shuffle:groups=%" PRId64 "%s", places, text);
    return UPREG_OK;
}

static upreg_status reach(upreg_reach *ctx) {
    ug_frame frame;
    UG_TRY(geometry(UG_ASK(ctx), &frame));
    ug_reach_same(ctx);
    ctx->in_begin[frame.axis_c] = 0, ctx->in_end[frame.axis_c] = frame.c;
    return UPREG_OK;
}

static upreg_status tile(upreg_tiling *ctx) {
    ug_frame frame;
    UG_TRY(geometry(UG_ASK(ctx), &frame));
    return ug_tile_needs_all(ctx, frame.axis_c);
}

const upreg_method ug_method_channel_shuffle = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "channel_shuffle",
    .family = "rearrange",
    .aliases = "shuffle_channels",
    .summary = "the first channels of all groups, then the second ones, and so on",
    .doc = "x (N, C, m...) -> y of the same shape. With k = C / groups: y[n, j * groups + g] = x[n, g * k + j]. The inverse is channel_shuffle with "
           "k groups.",
    .source = "Zhang, Zhou, Lin and Sun, ShuffleNet, CVPR 2018; PyTorch functional.channel_shuffle",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(shuffle_params),
    .flags = UPREG_LINEAR | UPREG_STRIDED,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_strided_run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
