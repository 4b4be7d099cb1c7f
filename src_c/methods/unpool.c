#include "methods/unpool.h"

const upreg_param ug_unpool_table[9] = {
    UG_INTS_PARAM(ug_unpool_params, kernel, "required", 1, UG_MAX_SIZE, NULL, "window of the pool that is undone"),
    UG_INTS_PARAM(ug_unpool_params, stride, "null", 1, UG_MAX_SIZE, NULL, "step from window to window; null: the kernel"),
    UG_PAIRS_PARAM(ug_unpool_params, padding, "0", 0, UG_MAX_SIZE, NULL, "padding of the pool that is undone"),
    UG_INTS_PARAM(ug_unpool_params, output_size, "null", 1, UG_MAX_SIZE, NULL, "spatial size of y; null: (m - 1) stride - begin - end + kernel"),
    UG_CHOICE_PARAM(ug_unpool_params, overlap, "last", UG_OVERLAPS, "what happens where several elements have one index"),
    UG_CHOICE_PARAM(ug_unpool_params, indices, "spatial_flat", UG_INDEX_FORMS,
                    "flat over the image; over batch, channels and image; or (y W + x) C + c"),
    UG_CHOICE_PARAM(ug_unpool_params, storage_order, "row", "row|column", "of the image in global_flat"),
    UG_BOOL_PARAM(ug_unpool_params, include_batch, "false", "nhwc_flat counts over the batch too"),
    UG_LAYOUT_PARAM(ug_unpool_params),
};

static upreg_status output_size(const ug_ask *ask, ug_unpool *u) {
    const ug_unpool_params *p = ask->params;
    const ug_frame *small = &u->small;
    int64_t end[UPREG_MAX_SPATIAL], *k = u->k, *s = u->s, *begin = u->begin;
    UG_TRY(ug_axes_int(ask->err, ask->method, "kernel", &p->kernel, small->rank, 1, k));
    UG_TRY(ug_axes_int(ask->err, ask->method, "stride", p->stride.count ? &p->stride : &p->kernel, small->rank, 1, s));
    UG_TRY(ug_axes_pairs(ask->err, ask->method, "padding", &p->padding, small->rank, begin, end));
    return ug_unpooled_frame(ask, &p->kernel, &p->stride, &p->padding, &p->output_size, small, &u->large);
}

upreg_status ug_unpool_of(const ug_ask *ask, ug_unpool *u) {
    const ug_unpool_params *p = ask->params;
    char a[256], b[256];
    *u = (ug_unpool){.form = p->indices, .column = p->storage_order, .include_batch = p->include_batch};
    UG_TRY(ug_frame_of(ask->err, ask->method, p->layout, ask->rank, &ask->in[0], &u->small));
    if (!ug_same_shape(&ask->in[0], &ask->in[1]))
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: input 'indices' has shape %s; allowed: the shape of 'x', %s", ask->method->name,
                       ug_shape_text(b, sizeof b, ask->in[1].ndim, ask->in[1].dim), ug_shape_text(a, sizeof a, ask->in[0].ndim, ask->in[0].dim));
    u->large = u->small;
    UG_TRY(output_size(ask, u));
    u->whole = u->large;
    upreg_spec large = ug_frame_spec(&u->large, ask->in[0].type, u->large.n, u->large.c, u->large.x);
    UG_TRY(ug_check_size(ask->err, ask->method, &large));
    u->channels_last = u->small.axis_c > u->small.axis_x;
    u->lane_channels = u->channels_last ? UG_LANE_CHANNELS : 1;
    u->lanes_per_image = ug_ceil_div(u->small.c, u->lane_channels), u->lanes = u->small.n * u->lanes_per_image;
    u->small_pixels = u->small.x[0] * u->small.x[1] * u->small.x[2], u->large_pixels = u->large.x[0] * u->large.x[1] * u->large.x[2];
    u->element = upreg_type_size(ask->in[0].type);
    return UPREG_OK;
}

void ug_unpool_cut(ug_unpool *u, const upreg_tile *tile) {
    if (!tile) return;
    u->is_part = 1, u->origin = ug_origin_of(tile, &u->small, &u->large);
    memcpy(u->small.x, u->origin.in, sizeof u->small.x), memcpy(u->large.x, u->origin.out, sizeof u->large.x);
    u->small_pixels = u->small.x[0] * u->small.x[1] * u->small.x[2], u->large_pixels = u->large.x[0] * u->large.x[1] * u->large.x[2];
}

/* Reads the elements whose windows, or neighbours of them, reach into the range of y; one element where there is none. */
upreg_status ug_unpool_tile(upreg_tiling *ctx) {
    ug_unpool u;
    UG_TRY(ug_unpool_of(UG_ASK(ctx), &u));
    ug_tile_spatial(ctx, &u.small, NULL, NULL);
    ctx->has_reads = 1, ctx->reads[0] = ctx->range;
    for (int i = 0; i < u.small.rank; i++) {
        int axis = u.small.axis_x + i, a = UPREG_MAX_SPATIAL - u.small.rank + i;
        int64_t m = u.small.x[a], first = ug_floor_div(ctx->range.begin[axis] + u.begin[a] - 2 * u.k[a], u.s[a]) + 1;
        int64_t last = ug_floor_div(ctx->range.end[axis] - 1 + u.begin[a] + u.k[a], u.s[a]) + 1;
        first = ug_min64(ug_max64(first, 0), ug_max64(m - 1, 0)), last = ug_min64(ug_max64(last, first + 1), m);
        ctx->reads[0].begin[axis] = first, ctx->reads[0].end[axis] = last;
    }
    ctx->reads[1] = ctx->reads[0];
    return UPREG_OK;
}

ug_lane ug_lane_of(const ug_unpool *u, int64_t lane) {
    ug_lane l = {.n = lane / u->lanes_per_image, .c = lane % u->lanes_per_image * u->lane_channels};
    l.channels = ug_min64(u->lane_channels, u->small.c - l.c);
    l.groups = u->channels_last ? u->small_pixels : 1, l.group = u->channels_last ? l.channels : u->small_pixels;
    return l;
}

int64_t ug_lane_start(const ug_unpool *u, const ug_lane *lane, int64_t group) {
    if (u->channels_last) return (lane->n * u->small_pixels + group) * u->small.c + lane->c;
    return (lane->n * u->small.c + lane->c) * u->small_pixels;
}

/* A place in a column-major image as one in a row-major image. */
static int64_t row_major(const ug_frame *f, int64_t place) {
    int64_t x0 = place % f->x[0], x1 = place / f->x[0] % f->x[1], x2 = place / f->x[0] / f->x[1];
    return (x0 * f->x[1] + x1) * f->x[2] + x2;
}

int64_t ug_unpool_place(const ug_unpool *u, int64_t index, int64_t n, int64_t c, int64_t own) {
    int64_t pixels = u->whole.x[0] * u->whole.x[1] * u->whole.x[2], channels = u->large.c, place = index;
    if (index < 0) return -1;
    if (u->form == UG_GLOBAL_FLAT) {
        if (index >= u->large.n * channels * pixels) return -1;
        place = index % pixels, c = index / pixels % channels, n = index / pixels / channels;
        if (u->column) place = row_major(&u->whole, place);
    } else if (u->form == UG_NHWC_FLAT) {
        if (index >= pixels * channels * (u->include_batch ? u->large.n : 1)) return -1;
        c = index % channels, place = index / channels % pixels;
        if (u->include_batch) n = index / channels / pixels;
    } else if (index >= pixels) {
        return -1;
    }
    if (own >= 0 && n * u->lanes_per_image + c / u->lane_channels != own) return -2;
    return u->channels_last ? (n * pixels + place) * channels + c : (n * channels + c) * pixels + place;
}

/* The place in a part of what has `place` in the whole and stands at `from` of the small tensor; -3: outside of the part; -1: too far from its
 * window. */
static int64_t place_in_part(const ug_unpool *u, int64_t place, int64_t from) {
    int64_t small = u->channels_last ? from / u->small.c % u->small_pixels : from % u->small_pixels, c = u->channels_last ? place % u->large.c : 0;
    int64_t pixel = u->channels_last ? place / u->large.c : place, image = 0, scale = 1, inside = 1;
    for (int a = UPREG_MAX_SPATIAL - 1; a >= 0; a--) {
        int64_t x = pixel % u->whole.x[a], i = small % u->small.x[a] + u->origin.in_begin[a], first = i * u->s[a] - u->begin[a];
        if (x < first - u->k[a] || x >= first + 2 * u->k[a]) return -1;
        x -= u->origin.out_begin[a], inside &= x >= 0 && x < u->large.x[a];
        image += x * scale, scale *= u->large.x[a];
        pixel /= u->whole.x[a], small /= u->small.x[a];
    }
    image += pixel * scale; /* what is left counts images, and channels where they are outer */
    return !inside ? -3 : u->channels_last ? image * u->large.c + c : image;
}

int ug_unpool_places(const upreg_call *call, const ug_unpool *u, const ug_lane *lane, int64_t own, int64_t begin, int64_t count, int64_t *place) {
    const int64_t *index = (const int64_t *)ug_data(&call->in[1]) + begin;
    int foreign = 0;
    for (int64_t i = 0; i < count; i++) {
        place[i] = ug_unpool_place(u, index[i], lane->n, lane->c + (u->channels_last ? i : 0), own);
        if (u->is_part && place[i] != -1) place[i] = place[i] == -2 ? -1 : place_in_part(u, place[i], begin + i);
        if (place[i] == -1) upreg_call_fail(call, 1, begin + i, (double)index[i]);
        foreign |= place[i] == -2;
    }
    return foreign;
}

int ug_unpool_each(const upreg_call *call, const ug_unpool *u, int64_t lane, int64_t own, int backwards, int64_t *place, ug_unpool_body body,
                   void *context) {
    ug_lane l = ug_lane_of(u, lane);
    int foreign = 0;
    int64_t per_group = ug_ceil_div(l.group, UG_PIECE), pieces = l.groups * per_group;
    for (int64_t i = 0; i < pieces; i++) {
        int64_t piece = backwards ? pieces - 1 - i : i, first = piece % per_group * UG_PIECE;
        int64_t begin = ug_lane_start(u, &l, piece / per_group) + first, count = ug_min64(UG_PIECE, l.group - first);
        foreign |= ug_unpool_places(call, u, &l, own, begin, count, place);
        body(context, begin, count, place);
    }
    return foreign;
}

void ug_unpool_clear(const ug_unpool *u, int64_t lane, void *large, int value, size_t element) {
    ug_lane l = ug_lane_of(u, lane);
    char *to = large;
    if (!u->channels_last) {
        memset(to + (l.n * u->large.c + l.c) * u->large_pixels * (int64_t)element, value, (size_t)u->large_pixels * element);
        return;
    }
    for (int64_t i = 0; i < u->large_pixels; i++)
        memset(to + ((l.n * u->large_pixels + i) * u->large.c + l.c) * (int64_t)element, value, (size_t)l.channels * element);
}
