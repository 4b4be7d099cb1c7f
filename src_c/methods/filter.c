#include "methods/filter.h"

#include <stdio.h>

typedef enum shape { TRIANGLE, KEYS, LANCZOS, BOX } shape;

enum { REPLICATE, RENORMALIZE }; /* borders */

typedef struct filter {
    ug_resize resize;
    double a;
    int32_t shape, radius, coordinates, antialias, drop, add_up; /* drop: taps outside; add_up: weights are divided by their sum */
} filter;

static double triangle(double t) { return fmax(1 - fabs(t), 0); }

/* Keys' cubic convolution kernel */
static double keys(double a, double t) {
    t = fabs(t);
    if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
    return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

static double lanczos(double a, double t) {
    t = fabs(t);
    if (t >= a || t == floor(t)) return t == 0; /* exactly: the sine of a multiple of pi is not 0 in floating point */
    return a * sin(M_PI * t) * sin(M_PI * t / a) / (M_PI * M_PI * t * t);
}

/* Where output i of a box begins; what is as good as the edge of a pixel is the edge. */
static double edge(const ug_resize *resize, int axis, int64_t i) {
    double x = fmin((double)i * resize->step[axis], (double)resize->m[axis]), whole = nearbyint(x);
    return fabs(x - whole) < 1e-9 ? whole : x;
}

static double weight(const void *context, const ug_span *span, int64_t position) {
    const filter *f = context;
    double t = (span->x - (double)position) / span->stretch;
    switch (f->shape) {
    case TRIANGLE: return triangle(t);
    case KEYS: return keys(f->a, t);
    case LANCZOS: return lanczos(f->a, t);
    default: return fmin((double)position + 1, span->x + span->total) - fmax((double)position, span->x); /* of [x, x + total) */
    }
}

static ug_span box(const filter *f, int axis, int64_t i) {
    double begin = edge(&f->resize, axis, i), end = edge(&f->resize, axis, i + 1);
    return (ug_span){.first = (int64_t)begin, .count = (int64_t)ceil(end) - (int64_t)begin, .x = begin, .stretch = 1, .total = end - begin};
}

static ug_span span(const void *context, int axis, int64_t i) {
    const filter *f = context;
    int64_t m = f->resize.m[axis];
    if (f->shape == BOX) return box(f, axis, i);
    ug_span s = {.x = ug_coordinate(f->coordinates, &f->resize, axis, i), .stretch = 1, .total = 1};
    if (ug_coordinate_outside(f->coordinates, &f->resize, axis, s.x)) return (ug_span){.stretch = 1, .total = 1};
    if (f->antialias) s.stretch = fmax(1, f->resize.step[axis]);
    if (f->antialias && f->drop) {
        double centre = s.x + 0.5, support = f->radius * s.stretch;
        int64_t low = ug_max64((int64_t)(centre - support + 0.5), 0), high = ug_min64((int64_t)(centre + support + 0.5), m);
        s.first = low, s.count = ug_max64(high - low, 0);
    } else {
        double support = f->radius * s.stretch;
        s.first = f->antialias ? (int64_t)ceil(s.x - support) : (int64_t)floor(s.x) - f->radius + 1;
        s.count = f->antialias ? (int64_t)floor(s.x + support) - s.first + 1 : 2 * f->radius;
        if (f->drop) {
            int64_t end = ug_min64(s.first + s.count, m);
            s.first = ug_max64(s.first, 0), s.count = ug_max64(end - s.first, 0);
        }
    }
    if (f->add_up) {
        s.total = 0;
        for (int64_t k = 0; k < s.count; k++) s.total += weight(f, &s, s.first + k);
        if (s.total == 0) s.count = 0, s.total = 1;
    }
    return s;
}

/* `input`: the frame of what the forward method reads. */
static upreg_status begin(const ug_ask *ask, ug_separable *s, shape shape, const ug_frame *input) {
    _Static_assert(sizeof(filter) <= sizeof s->context, "the context must hold the filter");
    const ug_filter_params *p = ask->params;
    filter *f = (filter *)s->context;
    f->shape = shape, f->radius = shape == LANCZOS ? (int32_t)p->lobes : shape == KEYS ? 2 : 1;
    f->a = shape == LANCZOS ? (double)p->lobes : p->a, f->antialias = p->antialias;
    f->drop = p->border == RENORMALIZE || (p->antialias && p->border == REPLICATE);
    f->add_up = f->drop || p->antialias || shape == LANCZOS; /* lanczos: its samples never add up to 1 of themselves */
    f->coordinates = p->align_corners ? UG_ALIGN_CORNERS : p->coordinates;
    s->span = span, s->weight = weight;
    UG_TRY(ug_resize_of(ask->err, ask->method, &p->target, input, &f->resize));
    for (int axis = 0; axis < UPREG_MAX_SPATIAL && shape == BOX; axis++)
        if (edge(&f->resize, axis, f->resize.n[axis] - 1) >= (double)f->resize.m[axis])
            return ug_fail(ask->err, UPREG_E_PARAMETER,
                           "%s: with this 'coordinate_scale', parameter 'size' = %" PRId64 " has outputs beyond an axis of length %" PRId64
                           "; allowed: outputs that cover some of it",
                           ask->method->name, f->resize.n[axis], f->resize.m[axis]);
    return shape == BOX ? UPREG_OK : ug_resize_roi(ask->err, ask->method, f->coordinates, &p->roi, input->rank, &f->resize);
}

static upreg_status forward(const ug_ask *ask, ug_separable *s, shape shape) {
    const ug_filter_params *p = ask->params;
    UG_TRY(ug_frame_of(ask->err, ask->method, p->layout, ask->rank, &ask->in[0], &s->in));
    UG_TRY(begin(ask, s, shape, &s->in));
    s->out = s->in;
    memcpy(s->out.x, ((filter *)s->context)->resize.n, sizeof s->out.x);
    ug_resize_period(((filter *)s->context)->coordinates, &((filter *)s->context)->resize, s->period, s->shift);
    return UPREG_OK;
}

static upreg_status adjoint(const ug_ask *ask, ug_separable *s, shape shape) {
    const ug_filter_params *p = ask->params;
    s->adjoint = 1;
    UG_TRY(ug_frame_of(ask->err, ask->method, p->layout, ask->rank, &ask->in[0], &s->in));
    UG_TRY(ug_input_frame(ask->err, ask->method, &p->input_size, &s->in, &s->out));
    UG_TRY(begin(ask, s, shape, &s->out));
    return ug_check_output(ask->err, ask->method, &s->in, ((filter *)s->context)->resize.n);
}

upreg_status ug_linear_of(const ug_ask *ask, ug_separable *s) { return forward(ask, s, TRIANGLE); }
upreg_status ug_cubic_of(const ug_ask *ask, ug_separable *s) { return forward(ask, s, KEYS); }
upreg_status ug_lanczos_of(const ug_ask *ask, ug_separable *s) { return forward(ask, s, LANCZOS); }
upreg_status ug_area_of(const ug_ask *ask, ug_separable *s) { return forward(ask, s, BOX); }
upreg_status ug_linear_adjoint_of(const ug_ask *ask, ug_separable *s) { return adjoint(ask, s, TRIANGLE); }
upreg_status ug_cubic_adjoint_of(const ug_ask *ask, ug_separable *s) { return adjoint(ask, s, KEYS); }
upreg_status ug_lanczos_adjoint_of(const ug_ask *ask, ug_separable *s) { return adjoint(ask, s, LANCZOS); }
upreg_status ug_area_adjoint_of(const ug_ask *ask, ug_separable *s) { return adjoint(ask, s, BOX); }

upreg_status ug_filter_vjp(upreg_vjp *ctx, ug_separable_of of, const char *other) {
    const ug_filter_params *p = ctx->params;
    ug_separable s = {0};
    char text[500] = "";
    UG_TRY(of(UG_ASK(ctx), &s));
    shape shape = ((const filter *)s.context)->shape;
    ug_text_target(text, sizeof text, &p->target);
    size_t used = strlen(text);
    if (shape == KEYS) snprintf(text + used, sizeof text - used, ",a=%.17g", p->a);
    if (shape == LANCZOS) snprintf(text + used, sizeof text - used, ",a=%" PRId64, p->lobes);
    used = strlen(text);
    if (shape != BOX) {
        snprintf(text + used, sizeof text - used, ",align_corners=%s,antialias=%s", p->align_corners ? "true" : "false",
                 p->antialias ? "true" : "false");
        ug_text_choice(text, sizeof text, "coordinates", UG_COORDINATES, p->coordinates);
        ug_text_roi(text, sizeof text, &p->roi);
        ug_text_choice(text, sizeof text, "border", UG_BORDERS, p->border);
    }
    ug_text_choice(text, sizeof text, "layout", UG_LAYOUTS, p->layout);
    if (!s.adjoint) ug_text_input_size(text, sizeof text, &s.in);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "%s:%s", other, text + 1);
    return UPREG_OK;
}
