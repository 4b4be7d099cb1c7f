#include "methods/resample_table.h"

/* The passes over the axes, in order: along rows first where that makes few numbers many, else last; between them down the columns (axis 1), then
 * across planes (axis 0).  An axis that stays as it is has no pass.  uint8 is kept in 16 bits between passes. */
enum { ACROSS, DOWN, ALONG };                      /* passes by axis */
enum { NARROW_PIXEL = 8, MOST_FRACTION_BITS = 7 }; /* up to so many channels, rows are resampled number by number */

typedef struct pass {
    int32_t on, shift;
    const ug_resample_pass *k;
} pass;

typedef struct resample_plan {
    ug_frame in, out;
    upreg_type type, outer_type; /* computed in, and of the tensors */
    ug_axis_table axis[UPREG_MAX_SPATIAL];
    pass pass[UPREG_MAX_SPATIAL];
    ug_windows windows;
    int32_t windowed, along_last, stream;
    size_t size, source_size, plane_size, blended_size; /* bytes of a number: of a result, of a row, after pass DOWN, after pass ACROSS */
    ug_whole_type whole;                                /* the tensors' type, where rows are converted */
    size_t outer_size;                                  /* ... and of the tensors, converted where it is not of `type` */
    int64_t inner, c, planes;                           /* planes of a unit's axis 0 that are computed one after the other */
    int64_t strip, strips, tile, tiles;                 /* pixels of a strip, rows of a tile */
    int32_t *low, *high;                                /* the input pixels that a strip reads */
    int64_t row_slots, plane_slots;                     /* powers of two */
    size_t row_bytes, plane_bytes;
    size_t row_key_at, plane_at, plane_key_at, pointer_at, blended_at, packed_at, store_at,
        outer_at; /* places in a worker's scratch; cached rows come first */
} resample_plan;

/* ---- preparing ---- */

upreg_status ug_separable_infer(upreg_infer *ctx, ug_separable_of of) {
    ug_separable s = {0};
    UG_TRY(of(UG_ASK(ctx), &s));
    ctx->out[0] = ug_frame_spec(&s.out, ctx->in[0].type, s.out.n, s.out.c, s.out.x);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static int64_t power_of_two(int64_t least) {
    int64_t power = 1;
    while (power < least) power *= 2;
    return power;
}

/* Where a library's arithmetic is asked for, its order: torch goes along rows first, Pillow 13 unless the height shrinks by more than twice as
 * many pixels as the width. */
static int goes_along_last(const resample_plan *plan, int arith) {
    const ug_axis_table *along = &plan->axis[ALONG], *down = &plan->axis[DOWN];
    if (plan->type != UPREG_U8 || arith == UG_ARITH_UPREG) return along->n < along->m;
    return arith == UG_ARITH_PILLOW && down->n < down->m && down->m - down->n > 2 * (along->m - along->n);
}

static const ug_resample_pass *kernels_of(const ug_resample_kernels *k, upreg_type type, int first, int last) {
    if (type == UPREG_F32) return &k->f32;
    if (type == UPREG_F64) return &k->f64;
    return first ? last ? &k->u8_u8 : &k->u8_i16 : last ? &k->i16_u8 : &k->i16_i16;
}

/* Chooses the order of the passes, their kernels, and for uint8 as many binary places between them as 16 bits allow. */
static void choose_opencv(resample_plan *plan, const ug_resample_kernels *kernels, const ug_separable *s) {
    pass *along = &plan->pass[ALONG], *down = &plan->pass[DOWN];
    along->on = down->on = !plan->axis[ALONG].identity;
    plan->source_size = plan->plane_size = plan->blended_size = sizeof(int32_t);
    switch (s->opencv) {
    case UG_OPENCV_LINEAR:
        along->k = &kernels->u8_i16_down, along->shift = 4, down->k = &kernels->i16_linear;
        plan->source_size = plan->plane_size = plan->blended_size = sizeof(int16_t);
        return;
    case UG_OPENCV_AREA: along->k = &kernels->u8_f32, down->k = &kernels->f32_u8; return;
    case UG_OPENCV_MEAN:
        along->k = &kernels->u8_i32, down->k = &kernels->i32_mean;
        down->shift = plan->axis[ALONG].taps.taps * plan->axis[DOWN].taps.taps;
        return;
    default: along->k = &kernels->u8_i32, down->k = &kernels->i32_u8; down->shift = plan->axis[ALONG].bits + plan->axis[DOWN].bits;
    }
}

static void choose_passes(resample_plan *plan, const ug_resample_kernels *kernels, const ug_separable *s) {
    if (s->opencv) {
        choose_opencv(plan, kernels, s);
        return;
    }
    int order[3] = {ALONG, DOWN, ACROSS}, last_order[3] = {DOWN, ACROSS, ALONG}, chosen[3], n = 0;
    for (int i = 0; i < 3; i++) {
        int axis = plan->along_last ? last_order[i] : order[i];
        plan->pass[axis].on = !plan->axis[axis].identity;
        if (plan->pass[axis].on) chosen[n++] = axis;
    }
    if (plan->type == UPREG_U8 && s->arith) {
        for (int i = 0; i < n; i++) {
            pass *pass = &plan->pass[chosen[i]];
            pass->k = s->arith == UG_ARITH_PILLOW ? &kernels->u8_wide : &kernels->u8_u8, pass->shift = plan->axis[chosen[i]].bits;
        }
        plan->source_size = plan->plane_size = plan->blended_size = plan->size;
        return;
    }
    double high = 255, low = 0, most = 255;
    int places = MOST_FRACTION_BITS;
    size_t size = plan->size, between = plan->type == UPREG_U8 ? sizeof(int16_t) : size; /* of a number that is not yet a result */
    for (int i = 0; i + 1 < n; i++) {
        const ug_axis_table *t = &plan->axis[chosen[i]];
        double higher = t->positive * high + t->negative * low;
        low = t->positive * low + t->negative * high, high = higher, most = fmax(most, fmax(high, low));
        places = (int)ug_min64(places, t->bits);
    }
    while (places > 0 && ldexp(most, places) > INT16_MAX - 1) places--;
    for (int i = 0; i < n; i++) {
        pass *pass = &plan->pass[chosen[i]];
        pass->k = kernels_of(kernels, plan->type, i == 0, i == n - 1);
        pass->shift = plan->axis[chosen[i]].bits + (n == 1 ? 0 : i == 0 ? -places : i == n - 1 ? places : 0);
    }
    int along_first = plan->pass[ALONG].on && !plan->along_last;
    plan->source_size = along_first ? between : size;
    plan->plane_size = along_first || plan->pass[DOWN].on ? between : size;
    plan->blended_size = between;
}

/* The input pixels that output pixels [begin, end) of a row read, windows included. */
static void strip_reads(const resample_plan *plan, int64_t begin, int64_t end, int32_t *low, int32_t *high) {
    const ug_axis_table *t = &plan->axis[ALONG];
    const ug_windows *w = &plan->windows;
    int64_t first = t->m, last = 0;
    if (t->identity) {
        first = begin, last = end;
    } else if (plan->windowed) {
        const ug_resample_pass *k = plan->pass[ALONG].k;
        int64_t size = k->window[w->kind];
        for (int64_t i = begin * plan->inner / k->lanes * w->steps; i < ug_ceil_div(end * plan->inner, k->lanes) * w->steps; i++) {
            first = ug_min64(first, w->base[i] / plan->inner);
            last = ug_max64(last, ug_ceil_div(ug_min64(w->base[i] + size, w->length), plan->inner));
        }
    } else {
        for (int64_t i = begin; i < end; i++)
            for (int32_t k = 0; k < t->count[i]; k++) {
                int64_t at = t->index[i * t->taps.taps + k];
                first = ug_min64(first, at), last = ug_max64(last, at + 1);
            }
    }
    *low = (int32_t)ug_min64(first, last), *high = (int32_t)last;
}

/* Cuts the output into strips and tiles, so that cached rows and planes stay in the second cache, and lays out a worker's scratch. */
static size_t lay_out(resample_plan *plan) {
    const ug_axis_table *along = &plan->axis[ALONG];
    int64_t inner = plan->inner;
    plan->row_slots = power_of_two(plan->axis[DOWN].rows), plan->plane_slots = power_of_two(plan->axis[ACROSS].rows);
    /* pixels of a row between passes, of which along_last makes fewer */
    int64_t pixels = ug_max64(UG_RESAMPLE_CACHE / (plan->row_slots * inner * (int64_t)plan->source_size), 1);
    if (plan->along_last) pixels = (int64_t)((double)pixels * (double)along->n / (double)along->m);
    plan->strip = ug_ceil_div(ug_min64(ug_max64(pixels, 1), along->n), UG_RESAMPLE_STRIP) * UG_RESAMPLE_STRIP;
    plan->strips = ug_ceil_div(along->n, plan->strip);
    plan->strip = ug_ceil_div(ug_ceil_div(along->n, plan->strips), UG_RESAMPLE_STRIP) * UG_RESAMPLE_STRIP; /* all about as long */
    int64_t widest = 1, widest_read = 1;
    for (int64_t i = 0; i < plan->strips; i++) {
        int64_t end = ug_min64((i + 1) * plan->strip, along->n);
        strip_reads(plan, i * plan->strip, end, &plan->low[i], &plan->high[i]);
        widest_read = ug_max64(widest_read, plan->high[i] - plan->low[i]);
        widest = ug_max64(widest, plan->along_last ? widest_read : end - i * plan->strip);
    }
    plan->row_bytes = ug_aligned((size_t)(widest * inner) * plan->source_size);
    int64_t wide = widest * inner * (int64_t)plan->plane_size, rows = plan->axis[DOWN].n, x0 = plan->axis[ACROSS].n;
    if (plan->pass[ACROSS].on) {
        plan->tile = ug_min64(ug_max64(UG_RESAMPLE_CACHE / (plan->plane_slots * wide), 1), rows);
    } else {
        plan->tile = ug_min64(ug_max64(UG_GRAIN_BYTES / wide, UG_RESAMPLE_TILE * plan->row_slots), rows);
    }
    plan->tiles = ug_ceil_div(rows, plan->tile);
    plan->planes = 1;
    if (plan->pass[ACROSS].on) { /* every unit begins with planes of its own: few units, as long as there is one for every thread */
        int64_t units = ug_max64(plan->in.n * plan->c * plan->strips * plan->tiles, 1);
        plan->planes = ug_max64(ug_ceil_div(x0, ug_ceil_div(UG_RESAMPLE_UNITS, units)), ug_min64(2 * plan->plane_slots, x0));
    }
    plan->plane_bytes = plan->pass[ACROSS].on ? ug_aligned((size_t)(plan->tile * wide)) : 0;
    plan->row_key_at = plan->row_bytes * (size_t)plan->row_slots;
    plan->plane_at = plan->row_key_at + ug_aligned(sizeof(int64_t) * (size_t)plan->row_slots);
    plan->plane_key_at = plan->plane_at + plan->plane_bytes * (size_t)plan->plane_slots;
    plan->pointer_at = plan->plane_key_at + ug_aligned(sizeof(int64_t) * (size_t)plan->plane_slots);
    size_t pointers = (size_t)ug_max64(plan->axis[DOWN].taps.taps, 2 * plan->axis[ACROSS].taps.taps);
    plan->blended_at = plan->pointer_at + ug_aligned(sizeof(void *) * pointers);
    plan->packed_at = plan->blended_at + ug_aligned((size_t)(widest_read * inner) * plan->blended_size);
    plan->store_at = plan->packed_at + ug_aligned((size_t)(widest_read * inner) * plan->size);
    plan->outer_at = plan->store_at + ug_aligned((size_t)(plan->strip * inner) * plan->size);
    return plan->outer_at +
           (plan->outer_type == plan->type ? 0 : ug_aligned((size_t)(ug_max64(widest_read, plan->strip) * inner) * plan->outer_size));
}

upreg_status ug_separable_prepare(upreg_prepare *p, ug_separable_of of) {
    ug_separable s = {0};
    UG_TRY(of(UG_ASK(p), &s));
    ug_origin origin = ug_origin_of(p->tile, &s.in, &s.out);
    resample_plan *plan = upreg_reserve(p, sizeof *plan), local = {0};
    if (!plan) plan = &local;
    int last = s.out.axis_c > s.out.axis_x;
    upreg_type outer = p->in[0].type;
    int floats = outer == UPREG_U16 || outer == UPREG_I16 || (outer == UPREG_U8 && s.floats);
    plan->outer_type = outer, plan->outer_size = upreg_type_size(outer), plan->type = floats ? UPREG_F32 : outer;
    plan->whole = outer == UPREG_U8 ? UG_WHOLE_U8 : outer == UPREG_U16 ? UG_WHOLE_U16 : UG_WHOLE_I16;
    plan->size = upreg_type_size(plan->type), plan->in = s.in, plan->out = s.out;
    plan->inner = last ? s.out.c : 1, plan->c = last ? 1 : s.out.c;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) UG_TRY(ug_axis_prepare(p, &s, axis, plan->type, &plan->axis[axis]));
    plan->along_last = goes_along_last(plan, s.arith); /* of the whole call, as are the numbers of places for uint8 */
    if (p->fill) choose_passes(plan, p->kernels->resample, &s);
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) ug_axis_cut(&plan->axis[axis], &origin, axis, p->fill);
    memcpy(plan->in.x, origin.in, sizeof origin.in), memcpy(plan->out.x, origin.out, sizeof origin.out);
    const ug_axis_table *along = &plan->axis[ALONG];
    int narrow = plan->inner <= NARROW_PIXEL;
    ug_window_memory windows = {0};
    if (narrow) windows = ug_windows_reserve(p, along, plan->inner, plan->type);
    plan->low = upreg_reserve(p, (size_t)along->n * sizeof *plan->low);
    plan->high = upreg_reserve(p, (size_t)along->n * sizeof *plan->high);
    if (!p->fill || plan->inner == 0) {
        ug_add_stage(p, 0, 0, 0);
        return UPREG_OK;
    }
    if (narrow && plan->pass[ALONG].on)
        plan->windowed = ug_windows_fill(&windows, along, plan->inner, plan->type, plan->pass[ALONG].k, &plan->windows);
    size_t scratch = lay_out(plan);
    double pixels = (double)(plan->out.n * plan->out.c) * (double)(plan->out.x[0] * plan->out.x[1] * plan->out.x[2]), steps = 0;
    plan->stream = pixels * (double)plan->size >= UG_STREAM_BYTES;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        const ug_axis_table *t = &plan->axis[axis];
        double later = axis == ALONG && !plan->along_last ? (double)plan->axis[DOWN].m / (double)ug_max64(plan->axis[DOWN].n, 1) : 1;
        steps += plan->pass[axis].on ? t->taps.taps * later : 0;
    }
    p->macs = (int64_t)(pixels * steps);
    strncpy(p->algorithm, plan->windowed ? "separable windows" : "separable", sizeof p->algorithm - 1);
    int64_t chunks = plan->pass[ACROSS].on ? ug_ceil_div(plan->axis[ACROSS].n, plan->planes) : plan->axis[ACROSS].n;
    int64_t units = plan->in.n * plan->c * chunks * plan->strips * plan->tiles;
    ug_add_stage(p, units, pixels / (double)ug_max64(units, 1) * ((double)plan->size + steps / 4), scratch);
    return UPREG_OK;
}

/* ---- running ---- */

typedef struct worker_state {
    const resample_plan *plan;
    const ug_resample_kernels *k;
    ug_view x, y;
    int dense_x, dense_y;
    char *scratch;
    int64_t *row_key, *plane_key;  /* what the cached rows and planes hold, or -1 */
    int64_t n, c, strip, tile, x0; /* what the caches belong to; x0: of the input */
    int64_t begin, end, low, high; /* the strip's outputs, and the inputs that it reads */
} worker_state;

static void *at(const void *base, int64_t number, size_t size) { return (char *)base + number * (int64_t)size; }

static int64_t numbers_between(const worker_state *w) { return (w->plan->along_last ? w->high - w->low : w->end - w->begin) * w->plan->inner; }

/* One strip of a row, by the pass along it; from: the input pixel `low`. */
static void along(const worker_state *w, void *to, const void *from, size_t size) {
    const resample_plan *plan = w->plan;
    const pass *pass = &plan->pass[ALONG];
    int64_t inner = plan->inner, n = w->end - w->begin;
    const void *x = at(from, -w->low * inner, size);
    if (plan->windowed)
        pass->k->windows(to, x, &plan->windows, w->begin * inner / pass->k->lanes, n * inner, pass->shift);
    else
        pass->k->pixels(to, x, &plan->axis[ALONG].taps, w->begin, n, inner, pass->shift);
}

/* Pixels [low, high) of row x1 of the input plane at hand, one after the other. */
static const void *input_row(const worker_state *w, int64_t x1, void *packed) {
    const resample_plan *plan = w->plan;
    size_t size = plan->outer_size;
    const char *from = ug_pixel(&w->x, w->n, w->c, w->x0, x1, w->low, size);
    if (w->dense_x) return from;
    int same = plan->outer_type == plan->type;
    void *outer = same ? packed : w->scratch + plan->outer_at;
    ug_pack_pixels(outer, &w->x, from, w->high - w->low, size);
    if (!same) w->k->to_floats(packed, outer, plan->whole, (w->high - w->low) * plan->inner);
    return packed;
}

/* The same row as the pass down the columns reads it. */
static const void *source_row(const worker_state *w, int64_t x1) {
    const resample_plan *plan = w->plan;
    int first = plan->pass[ALONG].on && !plan->along_last;
    if (!first && w->dense_x) return input_row(w, x1, NULL);
    int64_t slot = x1 & (plan->row_slots - 1);
    char *cached = w->scratch + (size_t)slot * plan->row_bytes;
    if (w->row_key[slot] == x1) return cached;
    w->row_key[slot] = x1;
    if (first)
        along(w, cached, input_row(w, x1, w->scratch + plan->packed_at), plan->size);
    else
        input_row(w, x1, cached);
    return cached;
}

/* The blend of the rows that output i of an axis reads; `last`: these are results. */
static void blend(const resample_plan *plan, int axis, int64_t i, void *to, const void *const *row, int64_t n, size_t size, const ug_way *way) {
    const ug_axis_table *t = &plan->axis[axis];
    const pass *pass = &plan->pass[axis];
    if (t->count[i])
        pass->k->blend(to, row, at(t->typed, i * t->taps.taps, t->typed_size), t->count[i], n, pass->shift, way);
    else
        memset(to, 0, (size_t)n * size);
}

/* Row x1 of the output, or of a plane that is yet to be blended with others. */
static void make_row(const worker_state *w, void *to, int64_t x1, int last) {
    const resample_plan *plan = w->plan;
    const ug_axis_table *t = &plan->axis[DOWN];
    const void **row = (const void **)(w->scratch + plan->pointer_at);
    int along_here = plan->pass[ALONG].on && (last || !plan->along_last), then = along_here && plan->along_last;
    size_t size = plan->size;
    if (!plan->pass[DOWN].on) {
        const void *from = input_row(w, x1, w->scratch + plan->packed_at);
        if (along_here)
            along(w, to, from, size);
        else
            memcpy(to, from, (size_t)((w->high - w->low) * plan->inner) * size);
        return;
    }
    for (int32_t k = 0; k < t->count[x1]; k++) row[k] = source_row(w, t->index[x1 * t->taps.taps + k]);
    char *blended = then ? w->scratch + plan->blended_at : to;
    ug_way way = {.stream = last && !then && plan->stream};
    if (plan->along_last && w->dense_x && t->count[x1]) { /* most rows are new to the caches: fetch two some KB ahead, as if the image went on */
        int64_t stride = w->x.stride_x[1] * (int64_t)plan->size, outputs = 1 + UG_RESAMPLE_AHEAD / (2 * ug_max64(stride, 1));
        way.ahead[0] = (const char *)row[t->count[x1] - 1] + outputs * 2 * stride, way.ahead[1] = way.ahead[0] - stride;
    }
    size_t made = then ? plan->blended_size : last ? plan->size : plan->plane_size;
    blend(plan, DOWN, x1, blended, row, numbers_between(w), made, &way);
    if (then) along(w, to, blended, plan->blended_size);
}

static void forget(int64_t *key, int64_t slots) {
    for (int64_t i = 0; i < slots; i++) key[i] = -1;
}

/* What the passes along and down make of input plane x0: the tile's rows, one after the other. */
static const char *made_plane(worker_state *w, int64_t x0) {
    const resample_plan *plan = w->plan;
    int64_t slot = x0 & (plan->plane_slots - 1), first = w->tile * plan->tile, end = ug_min64(first + plan->tile, plan->axis[DOWN].n);
    char *plane = w->scratch + plan->plane_at + (size_t)slot * plan->plane_bytes;
    if (w->plane_key[slot] == x0) return plane;
    w->plane_key[slot] = x0, w->x0 = x0;
    forget(w->row_key, plan->row_slots);
    for (int64_t x1 = first; x1 < end; x1++) make_row(w, at(plane, (x1 - first) * numbers_between(w), plan->plane_size), x1, 0);
    return plane;
}

/* Output rows go to their place, or where their pixels have gaps through a dense copy. */
static void *row_place(const worker_state *w, int64_t x0, int64_t x1) {
    return w->dense_y ? ug_pixel(&w->y, w->n, w->c, x0, x1, w->begin, w->plan->size) : w->scratch + w->plan->store_at;
}
static void put_row(const worker_state *w, int64_t x0, int64_t x1, const void *row) {
    const resample_plan *plan = w->plan;
    size_t size = plan->outer_size;
    if (w->dense_y) return;
    if (plan->outer_type != plan->type) {
        void *outer = w->scratch + plan->outer_at;
        w->k->from_floats(outer, row, plan->whole, (w->end - w->begin) * plan->inner);
        row = outer;
    }
    ug_unpack_pixels(&w->y, ug_pixel(&w->y, w->n, w->c, x0, x1, w->begin, size), row, w->end - w->begin, size);
}

/* The tile of output plane x0, of input planes that lie in the cache or, where nothing was to be done, in the input. */
static void make_plane(worker_state *w, int64_t x0) {
    const resample_plan *plan = w->plan;
    const ug_axis_table *t = &plan->axis[ACROSS];
    const char **plane = (const char **)(w->scratch + plan->pointer_at), **row = plane + t->taps.taps;
    int direct = w->dense_x && !plan->pass[DOWN].on && (plan->along_last || !plan->pass[ALONG].on), then = plan->along_last;
    int64_t first = w->tile * plan->tile, end = ug_min64(first + plan->tile, plan->axis[DOWN].n), n = numbers_between(w), count = t->count[x0];
    int64_t step = direct ? w->x.stride_x[1] * (int64_t)plan->size : n * (int64_t)plan->plane_size, rows = 1;
    for (int64_t k = 0; k < count; k++) { /* a plane is made before the rows of any are used: making one moves the pointers of rows */
        int64_t from = t->index[x0 * t->taps.taps + k];
        if (!direct) made_plane(w, from);
    }
    for (int64_t k = 0; k < count; k++) {
        int64_t from = t->index[x0 * t->taps.taps + k];
        plane[k] = direct ? ug_pixel(&w->x, w->n, w->c, from, first, w->low, plan->size) : made_plane(w, from);
    }
    const ug_way way = {.stream = !then && plan->stream};
    /* rows that follow one another on both sides are blended at once */
    if (!then && w->dense_y && w->y.stride_x[1] == n && step == n * (int64_t)plan->plane_size) rows = end - first;
    for (int64_t x1 = first; x1 < end; x1 += rows) {
        for (int64_t k = 0; k < count; k++) row[k] = plane[k] + (x1 - first) * step;
        void *to = row_place(w, x0, x1), *blended = then ? w->scratch + plan->blended_at : to;
        blend(plan, ACROSS, x0, blended, (const void *const *)row, n * rows, then ? plan->blended_size : plan->size, &way);
        if (then) along(w, to, blended, plan->blended_size);
        put_row(w, x0, x1, to);
    }
}

/* Moves to a tile of a strip of an image.  What is cached of another is forgotten. */
static void turn_to(worker_state *w, int64_t n, int64_t c, int64_t x0, int64_t strip, int64_t tile) {
    const resample_plan *plan = w->plan;
    int across = plan->pass[ACROSS].on, same = w->n == n && w->c == c && w->strip == strip && (across ? w->tile == tile : w->x0 == x0);
    w->n = n, w->c = c, w->strip = strip, w->tile = tile;
    if (same) return;
    w->x0 = across ? -1 : x0;
    w->begin = strip * plan->strip, w->end = ug_min64(w->begin + plan->strip, plan->axis[ALONG].n), w->low = plan->low[strip],
    w->high = plan->high[strip];
    forget(w->row_key, plan->row_slots);
    forget(w->plane_key, plan->plane_slots);
}

void ug_separable_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    const resample_plan *plan = (const resample_plan *)call->state;
    char *scratch = (char *)call->scratch[worker];
    worker_state w = {.plan = plan, .scratch = scratch, .n = -1};
    w.x = ug_view_of(&plan->in, &call->in[0]), w.y = ug_view_of(&plan->out, &call->out[0]);
    w.k = call->kernels->resample;
    int same = plan->outer_type == plan->type; /* else rows are converted on their way in and out */
    w.dense_x = same && ug_pixels_dense(&w.x), w.dense_y = same && ug_pixels_dense(&w.y);
    w.row_key = (int64_t *)(scratch + plan->row_key_at), w.plane_key = (int64_t *)(scratch + plan->plane_key_at);
    int across = plan->pass[ACROSS].on;
    int64_t all = plan->axis[ACROSS].n, chunks = across ? ug_ceil_div(all, plan->planes) : all;
    for (int64_t unit = begin; unit < end; unit++) {
        /* units that follow one another go down a strip, or through the planes of a tile */
        int64_t u = unit, chunk, tile;
        if (across)
            chunk = u % chunks, u /= chunks, tile = u % plan->tiles, u /= plan->tiles;
        else
            tile = u % plan->tiles, u /= plan->tiles, chunk = 0;
        int64_t strip = u % plan->strips;
        u /= plan->strips;
        if (!across) chunk = u % chunks, u /= chunks;
        turn_to(&w, u / plan->c, u % plan->c, across ? 0 : chunk, strip, tile);
        if (across) {
            for (int64_t x0 = chunk * plan->planes; x0 < ug_min64((chunk + 1) * plan->planes, all); x0++) make_plane(&w, x0);
            continue;
        }
        for (int64_t x1 = tile * plan->tile; x1 < ug_min64((tile + 1) * plan->tile, plan->axis[DOWN].n); x1++) {
            void *to = row_place(&w, chunk, x1);
            make_row(&w, to, x1, 1);
            put_row(&w, chunk, x1, to);
        }
    }
    if (plan->stream) call->kernels->resample->settle();
}

/* ---- reach ---- */

upreg_status ug_separable_reach(upreg_reach *ctx, ug_separable_of of) {
    ug_separable s = {0};
    UG_TRY(of(UG_ASK(ctx), &s));
    ug_reach_same(ctx);
    for (int k = 0; k < s.in.rank; k++) {
        int axis = s.in.axis_x + k;
        ug_axis_reach(&s, UPREG_MAX_SPATIAL - s.in.rank + k, ctx->out_begin[axis], ctx->out_end[axis], &ctx->in_begin[axis], &ctx->in_end[axis]);
    }
    return UPREG_OK;
}

upreg_status ug_separable_tile(upreg_tiling *ctx, ug_separable_of of) {
    ug_separable s = {0};
    UG_TRY(of(UG_ASK(ctx), &s));
    ug_tile_spatial(ctx, &s.in, s.period, s.shift);
    return UPREG_OK;
}
