/* Outputs that each read a region of the input, of any size: boxes of pixels whose ends are listed per axis, or found from data. Memory is dense. */
#ifndef UG_REGION_H
#define UG_REGION_H

#include "methods/pointwise.h"
#include "methods/resize.h"
#include "methods/window.h"

/* Pixels begin, begin + step, ... below end, along every axis.  The flat index of a pixel in the whole image is place + sum of x * place_step. */
typedef struct ug_region {
    int64_t begin[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL], step[UPREG_MAX_SPATIAL];
    int64_t place, place_step[UPREG_MAX_SPATIAL];
} ug_region;

/* The rows of a region, and the pixels of a row. */
#define UG_REGION_ROWS(r, i0, i1)                                                                                                                    \
    for (int64_t i0 = (r)->begin[0]; i0 < (r)->end[0]; i0 += (r)->step[0])                                                                           \
        for (int64_t i1 = (r)->begin[1]; i1 < (r)->end[1]; i1 += (r)->step[1])
#define UG_REGION_ROW(r, i2) for (int64_t i2 = (r)->begin[2]; i2 < (r)->end[2]; i2 += (r)->step[2])

/* The regions of a call, or of a tile; a plan begins with it. */
typedef struct ug_regions {
    ug_frame in, out; /* of the part */
    ug_rows rows;     /* of the output */
    upreg_type type;
    size_t element;
    int64_t step[UPREG_MAX_SPATIAL], place, place_step[UPREG_MAX_SPATIAL];
    int64_t *begin[UPREG_MAX_SPATIAL], *end[UPREG_MAX_SPATIAL];
} ug_regions;

/* What output o of an axis reads, in the whole call: pixels [*begin, *end), inside of the image. */
typedef void (*ug_region_at)(const void *context, int axis, int64_t o, int64_t *begin, int64_t *end);
/* in, out: of the whole call.  at NULL: regions are found when it is run.  The stage is the caller's. */
void ug_regions_plan(upreg_prepare *p, ug_regions *r, const ug_frame *in, const ug_frame *out, const int64_t *step, ug_region_at at,
                     const void *context);
/* at() of windows; the context is a ug_window, whose dilation is the step. */
void ug_region_of_window(const void *window, int axis, int64_t o, int64_t *begin, int64_t *end);
/* A stage over the rows of the output, of which each pixel folds so many. */
void ug_regions_stage(upreg_prepare *p, const ug_regions *r, double pixels, size_t scratch);
void ug_region_begin(const ug_regions *r, ug_region *region);
static inline void ug_region_set(const ug_regions *r, ug_region *region, int axis, int64_t o) {
    region->begin[axis] = r->begin[axis][o], region->end[axis] = r->end[axis][o];
}

/* The largest of a region to y, and its flat index (-1: the region is empty, and y is 0), for so many numbers of a pixel.  The first of equals;
 * NaN is the largest. */
void ug_region_max(upreg_type type, const ug_view *x, int64_t n, int64_t c, const ug_region *region, void *y, int64_t *place, int64_t numbers);
/* Those of a row of outputs whose regions are listed: y and, where it is not NULL, index are pixel `begin` of the row. */
void ug_regions_max_row(const ug_regions *r, const ug_view *x, const ug_row *row, void *y, int64_t *index, void *scratch);

/* x^p, p 0 or more, by squaring. */
static inline double ug_whole_power(double x, int64_t p) {
    double y = p & 1 ? x : 1;
    while (p >>= 1) {
        x *= x;
        if (p & 1) y *= x;
    }
    return y;
}

#endif
