#include "methods/region.h"

void ug_regions_plan(upreg_prepare *p, ug_regions *r, const ug_frame *in, const ug_frame *out, const int64_t *step, ug_region_at at,
                     const void *context) {
    ug_origin o = ug_origin_of(p->tile, in, out);
    *r = (ug_regions){.in = *in, .out = *out, .type = p->in[0].type, .element = upreg_type_size(p->in[0].type)};
    memcpy(r->in.x, o.in, sizeof o.in), memcpy(r->out.x, o.out, sizeof o.out);
    r->rows = ug_rows_of(&r->out, ug_pixels_within(&r->out, r->element, UG_POOL_STRIP), 1);
    r->place_step[2] = 1, r->place_step[1] = in->x[2], r->place_step[0] = in->x[1] * in->x[2];
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        r->step[axis] = step ? step[axis] : 1, r->place += o.in_begin[axis] * r->place_step[axis];
        if (!at) continue;
        r->begin[axis] = upreg_reserve(p, sizeof(int64_t) * (size_t)r->out.x[axis]);
        r->end[axis] = upreg_reserve(p, sizeof(int64_t) * (size_t)r->out.x[axis]);
        for (int64_t i = 0; p->fill && i < r->out.x[axis]; i++) {
            at(context, axis, o.out_begin[axis] + i, &r->begin[axis][i], &r->end[axis][i]);
            r->begin[axis][i] -= o.in_begin[axis], r->end[axis][i] -= o.in_begin[axis];
        }
    }
}

void ug_region_of_window(const void *window, int axis, int64_t o, int64_t *begin, int64_t *end) {
    const ug_window *w = window;
    int64_t first, last, start = o * w->s[axis] - w->begin[axis];
    ug_window_taps(w, axis, o, &first, &last);
    *begin = start + first * w->d[axis], *end = first < last ? start + (last - 1) * w->d[axis] + 1 : *begin;
}

void ug_regions_stage(upreg_prepare *p, const ug_regions *r, double pixels, size_t scratch) {
    ug_add_compute_stage(p, ug_rows_units(&r->rows), (double)(r->rows.length * r->rows.inner) * pixels * 4, scratch);
}

void ug_region_begin(const ug_regions *r, ug_region *region) {
    *region = (ug_region){.end = {1, 1, 1}, .place = r->place};
    memcpy(region->step, r->step, sizeof r->step), memcpy(region->place_step, r->place_step, sizeof r->place_step);
}

#define DEFINE_MAX(F, T)                                                                                                                             \
    static void max_##F(const ug_view *x, int64_t n, int64_t c, const ug_region *r, T *y, int64_t *place, int64_t numbers) {                         \
        for (int64_t k = 0; k < numbers; k++) y[k] = 0, place[k] = -1;                                                                               \
        UG_REGION_ROWS(r, i0, i1) {                                                                                                                  \
            const T *from = (const T *)ug_pixel(x, n, c, i0, i1, 0, sizeof(T));                                                                      \
            int64_t at = r->place + i0 * r->place_step[0] + i1 * r->place_step[1];                                                                   \
            UG_REGION_ROW(r, i2) {                                                                                                                   \
                const T *pixel = from + i2 * x->stride_x[2];                                                                                         \
                for (int64_t k = 0; k < numbers; k++)                                                                                                \
                    if (place[k] < 0 || pixel[k] > y[k] || (pixel[k] != pixel[k] && y[k] == y[k])) y[k] = pixel[k], place[k] = at + i2;              \
            }                                                                                                                                        \
        }                                                                                                                                            \
    }
UG_POOL_TYPES(DEFINE_MAX)

void ug_region_max(upreg_type type, const ug_view *x, int64_t n, int64_t c, const ug_region *region, void *y, int64_t *place, int64_t numbers) {
#define CASE(F, name)                                                                                                                                \
    case UPREG_##F: max_##name(x, n, c, region, y, place, numbers); break
    switch (type) {
        CASE(F32, f32);
        CASE(F64, f64);
        CASE(U8, u8);
        CASE(I8, i8);
        CASE(U16, u16);
        CASE(I16, i16);
        CASE(I32, i32);
        CASE(I64, i64);
    default: break;
    }
#undef CASE
}

void ug_regions_max_row(const ug_regions *r, const ug_view *x, const ug_row *row, void *y, int64_t *index, void *scratch) {
    ug_region region;
    ug_region_begin(r, &region);
    ug_region_set(r, &region, 0, row->x0), ug_region_set(r, &region, 1, row->x1);
    for (int64_t i = row->begin; i < row->end; i++) {
        int64_t at = (i - row->begin) * x->inner;
        ug_region_set(r, &region, 2, i);
        ug_region_max(r->type, x, row->n, row->c, &region, (char *)y + at * (int64_t)r->element, index ? index + at : scratch, x->inner);
    }
}
