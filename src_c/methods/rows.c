#include "methods/rows.h"

ug_rows ug_rows_of(const ug_frame *out, int64_t length, int64_t step) {
    int last = out->axis_c > out->axis_x;
    ug_rows rows = {.n = out->n, .c = last ? 1 : out->c, .x = {out->x[0], out->x[1], out->x[2]}, .inner = last ? out->c : 1};
    length = ug_min64(ug_max64(length, 1), ug_max64(out->x[2], 1));
    rows.length = ug_ceil_div(length, step) * step;
    rows.strips = ug_ceil_div(out->x[2], rows.length);
    return rows;
}

ug_row ug_rows_find(const ug_rows *rows, int64_t unit) {
    ug_row row;
    row.x1 = unit % rows->x[1], unit /= rows->x[1];
    row.begin = unit % rows->strips * rows->length, unit /= rows->strips;
    row.x0 = unit % rows->x[0], unit /= rows->x[0];
    row.c = unit % rows->c, row.n = unit / rows->c;
    row.end = ug_min64(row.begin + rows->length, rows->x[2]);
    return row;
}

int64_t ug_pixels_within(const ug_frame *frame, size_t element, size_t bytes) {
    int64_t pixel = (int64_t)element * (frame->axis_c > frame->axis_x ? ug_max64(frame->c, 1) : 1);
    return ug_max64((int64_t)bytes / pixel, 1);
}

void ug_pack_pixels(void *to, const ug_view *v, const char *from, int64_t n, size_t element) {
    size_t width = (size_t)v->inner * element;
    for (int64_t i = 0; i < n; i++) memcpy((char *)to + (size_t)i * width, from + i * v->stride_x[2] * (int64_t)element, width);
}

void ug_unpack_pixels(const ug_view *v, char *to, const void *from, int64_t n, size_t element) {
    size_t width = (size_t)v->inner * element;
    for (int64_t i = 0; i < n; i++) memcpy(to + i * v->stride_x[2] * (int64_t)element, (const char *)from + (size_t)i * width, width);
}
