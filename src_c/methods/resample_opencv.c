#include "methods/resample_opencv.h"

enum { ALONG = 2, COEFFICIENT_BITS = 11, EXACT_BITS = 8 };

typedef struct opencv {
    ug_resize resize;
    int32_t mode, grows; /* grows: coordinates of INTER_AREA where the image grows */
} opencv;

/* OpenCV's step: one over the ratio of the sizes. */
static double scale_of(const ug_resize *r, int axis) { return 1 / ((double)r->n[axis] / (double)r->m[axis]); }

/* ---- linear, lanczos ---- */

/* The place of output i: a position, and the part of the way to the next. */
static int64_t place_of(const opencv *o, int axis, int64_t i, float *part) {
    double scale = scale_of(&o->resize, axis), first;
    int64_t last = o->resize.m[axis] - 1;
    if (o->grows) {
        first = floor((double)i * scale);
        *part = (float)((double)(i + 1) - (first + 1) * ((double)o->resize.n[axis] / (double)o->resize.m[axis]));
        *part = *part <= 0 ? 0 : *part - floorf(*part);
        return (int64_t)first;
    }
    float x = (float)(((double)i + 0.5) * scale - 0.5);
    first = floorf(x), *part = x - (float)first;
    if (o->mode != UG_OPENCV_LINEAR || axis != ALONG) return (int64_t)first;
    if (first < 0) return *part = 0, 0;
    return (int64_t)first >= last ? *part = 0, last : (int64_t)first;
}

/* INTER_LINEAR_EXACT: in double, and at the ends the edge pixel alone. */
static int64_t exact_place_of(const opencv *o, int axis, int64_t i, double *part) {
    double x = ((double)i + 0.5) * scale_of(&o->resize, axis) - 0.5, first = floor(x);
    int64_t last = o->resize.m[axis] - 1;
    *part = 0;
    if (first < 0 || last == 0) return 0;
    if ((int64_t)first >= last) return last;
    *part = x - first;
    return (int64_t)first;
}

/* The eight weights of INTER_LANCZOS4 in single precision, from sines of a quarter turn. */
static void lanczos4(float part, float weight[8]) {
    static const double h = 0.70710678118654752440084436210485;
    static const double turn[8][2] = {{1, 0}, {-h, -h}, {0, 1}, {h, -h}, {-1, 0}, {h, h}, {0, -1}, {-h, h}};
    double y0 = -(double)(part + 3) * M_PI * 0.25, s0 = sin(y0), c0 = cos(y0);
    float sum = 0;
    for (int k = 0; k < 8; k++) weight[k] = 0;
    if (part < FLT_EPSILON) {
        weight[3] = 1;
        return;
    }
    for (int k = 0; k < 8; k++) {
        double y = -(double)(part + 3 - (float)k);
        if (fabs(y) >= 1e-6f)
            y *= M_PI * 0.25, weight[k] = (float)((turn[k][0] * s0 + turn[k][1] * c0) / (y * y));
        else
            weight[k] = 1e30f; /* the sum makes it 1 */
        sum += weight[k];
    }
    sum = 1.f / sum;
    for (int k = 0; k < 8; k++) weight[k] *= sum;
}

/* ---- area ---- */

typedef struct cell {
    int64_t first, last; /* pixels [first, last) lie inside */
    double begin, end, length;
} cell;

static cell cell_of(const opencv *o, int axis, int64_t i) {
    double scale = scale_of(&o->resize, axis), m = (double)o->resize.m[axis];
    cell c = {.begin = (double)i * scale};
    c.end = c.begin + scale, c.length = fmin(scale, m - c.begin);
    c.last = ug_min64((int64_t)floor(c.end), o->resize.m[axis] - 1), c.first = ug_min64((int64_t)ceil(c.begin), c.last);
    return c;
}

static float cell_weight(const cell *c, int64_t position) {
    if (position < c->first) return (float)(((double)c->first - c->begin) / c->length);
    if (position < c->last) return (float)(1 / c->length);
    return (float)(fmin(fmin(c->end - (double)c->last, 1), c->length) / c->length);
}

static ug_span cell_span(const opencv *o, int axis, int64_t i) {
    enum { LEAST = 1000 }; /* parts of less than 1 / LEAST are left out */
    cell c = cell_of(o, axis, i);
    int before = (double)c.first - c.begin > 1.0 / LEAST, after = c.end - (double)c.last > 1.0 / LEAST;
    return (ug_span){.first = c.first - before, .count = c.last - c.first + before + after, .x = (double)i, .total = 1, .axis = axis};
}

/* ---- the geometry ---- */

static ug_span span(const void *context, int axis, int64_t i) {
    const opencv *o = context;
    ug_span s = {.x = (double)i, .total = 1, .axis = axis, .count = 2};
    float part;
    double exact;
    switch (o->mode) {
    case UG_OPENCV_AREA: return cell_span(o, axis, i);
    case UG_OPENCV_MEAN: s.count = o->resize.m[axis] / o->resize.n[axis], s.first = i * s.count; return s;
    case UG_OPENCV_EXACT: s.first = exact_place_of(o, axis, i, &exact); return s;
    case UG_OPENCV_LANCZOS: s.first = place_of(o, axis, i, &part) - 3, s.count = 8; return s;
    default: s.first = place_of(o, axis, i, &part); return s;
    }
}

static double weight(const void *context, const ug_span *span, int64_t position) {
    const opencv *o = context;
    int64_t i = (int64_t)span->x;
    float part, all[8];
    double exact;
    cell c;
    switch (o->mode) {
    case UG_OPENCV_AREA: c = cell_of(o, span->axis, i); return cell_weight(&c, position);
    case UG_OPENCV_MEAN: return 1;
    case UG_OPENCV_EXACT: exact_place_of(o, span->axis, i, &exact); return position == span->first ? 1 - exact : exact;
    case UG_OPENCV_LANCZOS:
        place_of(o, span->axis, i, &part);
        lanczos4(part, all);
        return all[position - span->first];
    default: place_of(o, span->axis, i, &part); return position == span->first ? 1 - part : part;
    }
}

static int is_whole(double scale) { return fabs(scale - nearbyint(scale)) < DBL_EPSILON; }

upreg_status ug_opencv_begin(const ug_ask *ask, ug_separable *s, const ug_resize *resize, ug_kernel_kind kind, int exact) {
    opencv o = {.resize = *resize};
    if (s->in.rank != 2) return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: parameter 'arith' = opencv is for 2 spatial axes", ask->method->name);
    double down = scale_of(resize, 1), along = scale_of(resize, ALONG);
    int twice = down == 2 && along == 2, narrow = s->in.c == 1 || s->in.c == 3 || s->in.c == 4;
    for (int axis = 1; axis <= ALONG; axis++)
        if (resize->begin[axis] != 0 || resize->shown[axis] != (double)resize->m[axis])
            return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: parameter 'arith' = opencv is for whole images; allowed: no 'box' and no 'translate'",
                           ask->method->name);
    if (kind == UG_LANCZOS)
        o.mode = UG_OPENCV_LANCZOS;
    else if (kind == UG_TRIANGLE && !(twice && (s->in.c != 2 || !exact)))
        o.mode = exact ? UG_OPENCV_EXACT : UG_OPENCV_LINEAR;
    else if (kind == UG_COVER && (down < 1 || along < 1))
        o.mode = UG_OPENCV_LINEAR, o.grows = 1;
    else if (twice && narrow)
        return s->arith = UG_ARITH_UPREG, UPREG_OK; /* a mean of four whose ties go up, as of itself */
    else
        o.mode = is_whole(down) && is_whole(along) ? UG_OPENCV_MEAN : UG_OPENCV_AREA;
    s->opencv = o.mode;
    s->span = span, s->weight = weight, s->border = UG_REPLICATE;
    memset(s->period, 0, sizeof s->period);
    _Static_assert(sizeof o <= sizeof s->context, "the context must hold OpenCV's");
    memcpy(s->context, &o, sizeof o);
    return UPREG_OK;
}

void ug_opencv_round(int mode, int32_t *bits, double *weight, int64_t n) {
    *bits = mode == UG_OPENCV_EXACT ? EXACT_BITS : mode == UG_OPENCV_LINEAR || mode == UG_OPENCV_LANCZOS ? COEFFICIENT_BITS : 0;
    for (int64_t i = 0; i < n && *bits; i++) weight[i] = nearbyint(ldexp(weight[i], *bits));
}
