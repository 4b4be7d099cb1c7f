/* crop: cuts a part out of every spatial axis. */
#include "methods/map_engine.h"
#include "methods/resize.h"

typedef struct crop_params {
    upreg_ints crop, size, offset;
    int32_t layout;
} crop_params;

static const upreg_param table[] = {
    UG_PAIRS_PARAM(crop_params, crop, "null", 0, UG_MAX_SIZE, NULL, "pixels cut off at the begin and the end of each axis"),
    UG_INTS_PARAM(crop_params, size, "null", 1, UG_MAX_SIZE, NULL, "size that is left"),
    UG_INTS_PARAM(crop_params, offset, "null", 0, UG_MAX_SIZE, NULL, "where the part begins; default: centred, rounded down"),
    UG_LAYOUT_PARAM(crop_params),
};

typedef struct window {
    int64_t begin[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL]; /* what is cut off */
} window;

static int64_t at(const void *context, int axis, int64_t i) { return i + ((const window *)context)->begin[axis]; }

/* The part of `size` pixels at the offset. */
static upreg_status place(const ug_ask *ask, const ug_frame *in, const int64_t *size, window *w) {
    const crop_params *params = ask->params;
    int64_t offset[UPREG_MAX_SPATIAL] = {0};
    if (params->offset.count) UG_TRY(ug_axes_int(ask->err, ask->method, "offset", &params->offset, in->rank, 0, offset));
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        int64_t m = in->x[axis], spare = m - size[axis];
        if (spare < 0)
            return ug_fail(ask->err, UPREG_E_SHAPE, "%s: a part of size %" PRId64 " does not fit an axis of length %" PRId64, ask->method->name,
                           size[axis], m);
        int64_t begin = params->offset.count ? offset[axis] : spare / 2;
        if (begin > spare)
            return ug_fail(ask->err, UPREG_E_SHAPE,
                           "%s: parameter 'offset' = %" PRId64 " and size %" PRId64 " leave an axis of length %" PRId64
                           "; allowed: an offset of at most %" PRId64,
                           ask->method->name, begin, size[axis], m, spare);
        w->begin[axis] = begin, w->end[axis] = spare - begin;
    }
    return UPREG_OK;
}

static upreg_status geometry(const ug_ask *ask, ug_map *map) {
    const crop_params *params = ask->params;
    window *w = (window *)map->context;
    int like = ask->n_in > 1 && ask->in[1].type != UPREG_NONE, ways = like + (params->crop.count > 0) + (params->size.count > 0);
    if (ways != 1 || (params->crop.count && params->offset.count))
        return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: %s; allowed: exactly one of parameter 'crop', parameter 'size' and input 'like'%s",
                       ask->method->name,
                       ways == 0   ? "nothing says what to cut off"
                       : ways == 1 ? "'offset' is given with 'crop'"
                                   : "more than one thing says what to cut off",
                       ways == 1 ? "; 'offset' goes with the latter two" : "");
    UG_TRY(ug_frame_of(ask->err, ask->method, params->layout, ask->rank, &ask->in[0], &map->in));
    if (params->crop.count) {
        UG_TRY(ug_axes_pairs(ask->err, ask->method, "crop", &params->crop, map->in.rank, w->begin, w->end));
    } else {
        ug_frame wanted = map->in;
        if (like)
            UG_TRY(ug_frame_of(ask->err, ask->method, params->layout, map->in.rank, &ask->in[1], &wanted));
        else
            UG_TRY(ug_axes_int(ask->err, ask->method, "size", &params->size, map->in.rank, 1, wanted.x));
        UG_TRY(place(ask, &map->in, wanted.x, w));
    }
    map->at = at, map->out = map->in;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        map->period[axis] = map->shift[axis] = 1;
        map->out.x[axis] = map->in.x[axis] - w->begin[axis] - w->end[axis];
        if (map->out.x[axis] < 1 && map->in.x[axis] > 0)
            return ug_fail(ask->err, UPREG_E_SHAPE, "%s: cutting %" PRId64 " and %" PRId64 " pixels off an axis of length %" PRId64 " leaves nothing",
                           ask->method->name, w->begin[axis], w->end[axis], map->in.x[axis]);
    }
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) { return ug_map_infer(ctx, geometry); }
static upreg_status prepare(upreg_prepare *p) { return ug_map_prepare(p, geometry); }

static upreg_status reach(upreg_reach *ctx) {
    if (ctx->port == 0) return ug_map_reach(ctx, geometry);
    memset(ctx->in_begin, 0, sizeof ctx->in_begin); /* of `like` only the shape is read */
    memset(ctx->in_end, 0, sizeof ctx->in_end);
    return UPREG_OK;
}

static upreg_status tile(upreg_tiling *ctx) { return ug_map_tile(ctx, geometry); }

static upreg_status vjp(upreg_vjp *ctx) {
    char text[400] = "";
    ug_map map = {0};
    UG_TRY(geometry(UG_ASK(ctx), &map));
    const window *w = (const window *)map.context;
    int first = UPREG_MAX_SPATIAL - map.in.rank;
    ug_text_pairs(text, sizeof text, "amount", map.in.rank, w->begin + first, w->end + first);
    ug_text_choice(text, sizeof text, "layout", UG_LAYOUTS, ((const crop_params *)ctx->params)->layout);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "pad:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_crop = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "crop",
    .family = "rearrange",
    .aliases = "center_crop|centre_crop",
    .summary = "cuts a part out of every spatial axis: by amounts, by size, or to the size of another tensor",
    .doc =
        "x (N, C, m...) -> y (N, C, n...). One of: crop, n = m - begin - end; size, n = size at offset (centred, rounded down, when there is none); "
        "the input `like`, n = its spatial sizes, its values are not read.",
    .source = "Caffe Crop; Ronneberger, Fischer and Brox, U-Net, MICCAI 2015",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(crop_params),
    .flags = UPREG_LINEAR | UPREG_STRIDED,
    .types = UG_ANY_TYPE,
    .ports = "x:T like?:any=const -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_map_run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
