#include "methods/filter.h"
#include "methods/resample_opencv.h"

/* in the order of ug_kernel_kind and of UG_KERNELS */
extern const upreg_method ug_method_linear, ug_method_cubic, ug_method_lanczos, ug_method_area, ug_method_box, ug_method_hamming, ug_method_mitchell,
    ug_method_gaussian, ug_method_magic_kernel_sharp, ug_method_bspline, ug_method_fourier, ug_method_dct, ug_method_resample_grad;
static const upreg_method *const forward[] = {&ug_method_linear,   &ug_method_cubic,    &ug_method_lanczos,
                                              &ug_method_area,     &ug_method_box,      &ug_method_hamming,
                                              &ug_method_mitchell, &ug_method_gaussian, &ug_method_magic_kernel_sharp,
                                              &ug_method_bspline,  &ug_method_fourier,  &ug_method_dct};

enum { EXACT, ADAPTIVE, OPENCV }; /* rules of area */
enum { AUTO, RENORMALIZE };       /* borders before those of padding */
static const int32_t pad_mode[] = {UG_REPLICATE, UG_ZEROS, UG_REPLICATE, UG_ZEROS, UG_REFLECT, UG_SYMMETRIC, UG_CIRCULAR};
enum { MOST_TAPS = 1 << 20 };
enum { AS_BORDER, ZERO, ZERO_PAST_CENTRES }; /* what lies outside */

typedef struct filter {
    ug_resize resize;
    ug_kernel kernel;
    int32_t coordinates, antialias, drop, outside, rule, arith;
    double reducing_gap;                                                                /* 0: none */
    int64_t factor[UPREG_MAX_SPATIAL], low[UPREG_MAX_SPATIAL], high[UPREG_MAX_SPATIAL]; /* blocks of the gap: how long, and between which inputs */
} filter;

/* ---- area ---- */

/* Where output i of a box begins; what is as good as the edge of a pixel is the edge. */
static double edge(const ug_resize *resize, int axis, int64_t i) {
    double x = resize->begin[axis] + (double)i * resize->step[axis], whole = nearbyint(x);
    x = fmax(fmin(x, (double)resize->m[axis]), 0);
    return fabs(x - whole) < 1e-9 ? whole : x;
}

static ug_span cover(const filter *f, int axis, int64_t i) {
    double begin = edge(&f->resize, axis, i), end = edge(&f->resize, axis, i + 1);
    if (f->rule == ADAPTIVE) begin = floor(begin), end = ceil(end);
    if (end <= begin) return (ug_span){.total = 1}; /* outside of the image */
    return (ug_span){.first = (int64_t)begin, .count = (int64_t)ceil(end) - (int64_t)begin, .x = begin, .stretch = 1, .total = end - begin};
}

/* OpenCV's area where the image grows: the next pixel counts as far as the output reaches into it.  Its order of rounding decides where the
 * output just ends. */
static ug_span clipped_linear(const filter *f, int axis, int64_t i) {
    double n = (double)f->resize.n[axis], shown = f->resize.shown[axis], step = f->resize.step[axis];
    double scale = step == shown / n ? n / shown : 1 / step, first = floor((double)i * (1 / scale));
    float part = (float)((double)(i + 1) - (first + 1) * scale);
    part = part <= 0 ? 0 : part - floorf(part);
    return (ug_span){.first = (int64_t)first, .count = 2, .x = first + part, .stretch = 1, .total = 1};
}

/* ---- the others ---- */

/* The share of input `position` in block `k` of a reducing gap. */
static double block_share(const filter *f, int axis, int64_t k) {
    int64_t begin = f->low[axis] + k * f->factor[axis], end = ug_min64(begin + f->factor[axis], f->high[axis]);
    return 1.0 / (double)(end - begin);
}

/* As many waves as there are inputs, or fewer where there are fewer outputs. */
static int64_t waves_of(const filter *f, int axis) {
    double m = (double)f->resize.m[axis];
    return (int64_t)fmax(fmin(m, m / f->resize.step[axis] + 0.5), 1);
}

static double weight(const void *context, const ug_span *span, int64_t position) {
    const filter *f = context;
    int64_t m = f->resize.m[span->axis];
    switch (f->kernel.kind) {
    case UG_COVER:
        if (f->rule == OPENCV) return fmax(1 - fabs(span->x - (double)position), 0);
        return fmin((double)position + 1, span->x + span->total) - fmax((double)position, span->x); /* of [x, x + total) */
    case UG_FOURIER: return ug_fourier_weight(m, waves_of(f, span->axis), span->x, position);
    case UG_COSINE: return ug_cosine_weight(m, waves_of(f, span->axis), span->x, position);
    }
    int64_t factor = f->factor[span->axis];
    if (f->arith == UG_ARITH_PILLOW && factor == 1) return ug_kernel_at(&f->kernel, -(((double)position - span->centre + 0.5) * (1 / span->stretch)));
    if (factor == 1) return ug_kernel_at(&f->kernel, (span->x - (double)position) / span->stretch);
    int64_t block = (position - f->low[span->axis]) / factor;
    return ug_kernel_at(&f->kernel, (span->x - (double)block) / span->stretch) * block_share(f, span->axis, block);
}

/* The positions whose cells' centres lie within `support` of `centre`; those outside of [low, high) only when they are not dropped. */
static void stretched(const filter *f, double centre, double support, int64_t low, int64_t high, ug_span *s) {
    s->first = (int64_t)floor(centre - support + 0.5);
    int64_t end = (int64_t)floor(centre + support + 0.5);
    if (f->drop) s->first = ug_min64(ug_max64(s->first, low), high), end = ug_min64(end, high);
    s->count = ug_max64(end - s->first, 0);
}

static int lies_outside(const filter *f, double x, int64_t m) {
    if (f->outside == AS_BORDER) return 0;
    double margin = f->outside == ZERO ? 0.5 : 0;
    return x < -margin || x > (double)m - 1 + margin;
}

static ug_span span(const void *context, int axis, int64_t i) {
    const filter *f = context;
    int64_t m = f->resize.m[axis];
    if (f->kernel.kind == UG_COVER) {
        ug_span s = f->rule == OPENCV ? clipped_linear(f, axis, i) : cover(f, axis, i);
        s.axis = axis;
        return s;
    }
    ug_span s = {.axis = axis, .x = ug_coordinate(f->coordinates, &f->resize, axis, i), .stretch = 1, .total = 1};
    s.centre = f->arith == UG_ARITH_PILLOW ? f->resize.begin[axis] + ((double)i + 0.5) * f->resize.step[axis] : s.x + 0.5;
    if (f->kernel.kind == UG_FOURIER || f->kernel.kind == UG_COSINE) {
        s.count = m;
        return s;
    }
    if (f->arith && f->resize.n[axis] == m && f->resize.begin[axis] == 0 && f->resize.shown[axis] == (double)m) { /* as it is */
        s.x = (double)i, s.centre = (double)i + 0.5, s.first = i, s.count = 1, s.total = weight(f, &s, i);
        return s;
    }
    if (lies_outside(f, s.x, m) || ug_coordinate_outside(f->coordinates, &f->resize, axis, s.x)) return s;
    int64_t factor = f->factor[axis];
    if (f->antialias) {
        double step = f->resize.step[axis] / (double)factor;
        int64_t low = f->low[axis], high = f->high[axis];
        s.stretch = fmax(1, step);
        if (factor == 1) {
            stretched(f, s.centre, f->kernel.radius * s.stretch, low, high, &s);
        } else { /* among the blocks, then among the inputs */
            s.x = (s.x + 0.5 - (double)low) / (double)factor - 0.5;
            stretched(f, s.x + 0.5, f->kernel.radius * s.stretch, 0, ug_ceil_div(high - low, factor), &s);
            int64_t end = ug_min64(low + (s.first + s.count) * factor, high);
            s.first = low + s.first * factor, s.count = end - s.first;
        }
    } else {
        int64_t radius = (int64_t)ceil(f->kernel.radius);
        s.first = (int64_t)floor(s.x) - radius + 1, s.count = 2 * radius;
        if (f->drop) {
            int64_t end = ug_min64(s.first + s.count, m);
            s.first = ug_max64(s.first, 0), s.count = ug_max64(end - s.first, 0);
        }
    }
    if (f->drop || f->antialias || ug_kernel_normalised(&f->kernel)) {
        s.total = 0;
        for (int64_t k = 0; k < s.count; k++) s.total += weight(f, &s, s.first + k);
        if (s.total == 0) s.count = 0, s.total = 1;
    }
    return s;
}

/* Blocks of a reducing gap: as Pillow chooses them, between the inputs that the kernel reaches, once an axis has any. */
static upreg_status choose_blocks(const ug_ask *ask, filter *f) {
    const ug_resize *r = &f->resize;
    int any = 0;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        f->factor[axis] = f->reducing_gap == 0 ? 1 : ug_max64((int64_t)(r->step[axis] / f->reducing_gap), 1);
        f->low[axis] = 0, f->high[axis] = r->m[axis], any |= f->factor[axis] > 1;
    }
    for (int axis = 0; axis < UPREG_MAX_SPATIAL && any; axis++) {
        double support = (f->kernel.radius - 0.5) * r->step[axis], end = r->begin[axis] + r->shown[axis];
        f->low[axis] = ug_max64((int64_t)(r->begin[axis] - support), 0);
        f->high[axis] = ug_min64((int64_t)ceil(end + support), r->m[axis]);
        if (f->high[axis] <= f->low[axis])
            return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: parameter 'reducing_gap' with a 'box' outside of the image is not allowed",
                           ask->method->name);
    }
    return UPREG_OK;
}

/* Pillow's box has single precision, as has its length. */
static ug_target single_box(const ug_target *target) {
    ug_target single = *target;
    int rank = target->box.count / 2;
    for (int k = 0; k < rank; k++) {
        float begin = (float)target->box.v[k], length = (float)target->box.v[rank + k] - begin;
        single.box.v[k] = begin, single.box.v[rank + k] = (double)begin + (double)length;
    }
    return single;
}

/* OpenCV's cubic: single precision, rounded at the end. */
static upreg_status as_floats(const ug_ask *ask, ug_separable *s) {
    if (s->in.rank != 2) return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: parameter 'arith' = opencv is for 2 spatial axes", ask->method->name);
    s->floats = 1, s->arith = UG_ARITH_UPREG;
    return UPREG_OK;
}

/* `input`: the frame of what the forward method reads. */
static upreg_status begin(const ug_ask *ask, ug_separable *s, ug_kernel_kind kind, const ug_frame *input) {
    _Static_assert(sizeof(filter) <= sizeof s->context, "the context must hold the filter");
    const ug_filter_params *p = ask->params;
    filter *f = (filter *)s->context;
    f->kernel = (ug_kernel){.kind = kind,
                            .order = (int32_t)p->order,
                            .prefilter = p->prefilter,
                            .newer = p->version,
                            .pillow = p->arith == UG_ARITH_PILLOW,
                            .a = p->a,
                            .b = p->c};
    if (kind == UG_MITCHELL) f->kernel.a = p->b;
    if (kind == UG_GAUSSIAN) f->kernel.a = p->sigma;
    if (kind == UG_LANCZOS && p->lobes) f->kernel.a = (double)p->lobes;
    ug_kernel_begin(&f->kernel);
    int whole = kind == UG_COVER || kind == UG_FOURIER || kind == UG_COSINE; /* no parameters about taps */
    f->antialias = p->antialias && !whole, f->outside = whole ? AS_BORDER : p->outside, f->rule = p->rule;
    s->arith = f->arith = p->arith != UG_ARITH_PILLOW && ask->in[0].type != UPREG_U8 ? UG_ARITH_UPREG : p->arith;
    f->drop = !whole && (p->border == RENORMALIZE || (p->border == AUTO && f->antialias));
    s->border = whole ? UG_REPLICATE : f->drop ? UG_ZEROS : pad_mode[p->border];
    f->coordinates = kind == UG_COSINE ? UG_HALF_PIXEL : p->align_corners ? UG_ALIGN_CORNERS : p->coordinates;
    f->reducing_gap = isnan(p->reducing_gap) || whole ? 0 : p->reducing_gap;
    if (f->arith >= UG_ARITH_OPENCV && kind > UG_COVER)
        return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: parameter 'arith' = opencv is not allowed here; allowed: linear, cubic, lanczos and area",
                       ask->method->name);
    if (f->arith == UG_ARITH_PILLOW && !whole && (!f->antialias || f->coordinates != UG_HALF_PIXEL || !f->drop))
        return ug_fail(
            ask->err, UPREG_E_PARAMETER,
            "%s: parameter 'arith' = pillow is not allowed here; allowed: with antialias=true, border=renormalize and coordinates=half_pixel",
            ask->method->name);
    if (f->reducing_gap != 0 && (!f->antialias || !f->drop || f->coordinates != UG_HALF_PIXEL))
        return ug_fail(ask->err, UPREG_E_PARAMETER,
                       "%s: parameter 'reducing_gap' = %.12g is not allowed here; allowed: with antialias=true, border=renormalize and "
                       "coordinates=half_pixel",
                       ask->method->name, p->reducing_gap);
    s->span = span, s->weight = weight;
    const ug_target target = p->arith == UG_ARITH_PILLOW ? single_box(&p->target) : p->target;
    UG_TRY(ug_resize_of(ask->err, ask->method, &target, input, &f->resize));
    UG_TRY(ug_resize_roi(ask->err, ask->method, f->coordinates, &p->roi, input->rank, &f->resize));
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++)
        if (f->antialias && !f->drop && 2 * f->kernel.radius * f->resize.step[axis] > MOST_TAPS)
            return ug_fail(ask->err, UPREG_E_PARAMETER,
                           "%s: an axis shrinks %.6g times, which with antialias and this 'border' makes too many taps; allowed: up to %d",
                           ask->method->name, f->resize.step[axis], MOST_TAPS);
    if (p->arith == UG_ARITH_TORCH && f->antialias && f->coordinates == UG_ALIGN_CORNERS) { /* its antialias takes from it only the step */
        f->coordinates = UG_HALF_PIXEL;
        for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++)
            f->resize.step[axis] = f->resize.n[axis] > 1 ? (f->resize.shown[axis] - 1) / (double)(f->resize.n[axis] - 1) : 0;
    }
    if (kind == UG_COVER && f->rule == OPENCV) { /* exact where no axis grows */
        int grows = 0;
        for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) grows |= f->resize.step[axis] < 1;
        if (!grows) f->rule = EXACT;
    }
    UG_TRY(choose_blocks(ask, f));
    if (f->arith < UG_ARITH_OPENCV) return UPREG_OK;
    return kind == UG_KEYS ? as_floats(ask, s) : ug_opencv_begin(ask, s, &f->resize, kind, f->arith == UG_ARITH_OPENCV_EXACT);
}

upreg_status ug_filter_of(const ug_ask *ask, ug_separable *s, ug_kernel_kind kernel) {
    const ug_filter_params *p = ask->params;
    UG_TRY(ug_frame_of(ask->err, ask->method, p->layout, ask->rank, &ask->in[0], &s->in));
    UG_TRY(begin(ask, s, kernel, &s->in));
    const filter *f = (const filter *)s->context;
    s->out = s->in;
    memcpy(s->out.x, f->resize.n, sizeof s->out.x);
    if (kernel != UG_FOURIER && kernel != UG_COSINE && !s->opencv) ug_resize_period(f->coordinates, &f->resize, s->period, s->shift);
    return UPREG_OK;
}

upreg_status ug_filter_adjoint_of(const ug_ask *ask, ug_separable *s) {
    const ug_filter_params *p = ask->params;
    s->adjoint = 1;
    if (p->kernel == UG_LANCZOS && (p->a < 1 || p->a != floor(p->a)))
        return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: parameter 'a' = %.12g is not allowed for lanczos; allowed: whole numbers from 1 to 16",
                       ask->method->name, p->a);
    UG_TRY(ug_frame_of(ask->err, ask->method, p->layout, ask->rank, &ask->in[0], &s->in));
    UG_TRY(ug_input_frame(ask->err, ask->method, &p->input_size, &s->in, &s->out));
    UG_TRY(begin(ask, s, (ug_kernel_kind)p->kernel, &s->out));
    return ug_check_output(ask->err, ask->method, &s->in, ((filter *)s->context)->resize.n);
}

upreg_status ug_filter_vjp(upreg_vjp *ctx, ug_kernel_kind kernel) {
    const ug_filter_params *p = ctx->params;
    ug_frame in;
    char text[sizeof ctx->step[0].text] = "";
    UG_TRY(ug_frame_of(ctx->err, ctx->method, p->layout, ctx->rank, &ctx->in[0], &in));
    ug_text_choice(text, sizeof text, "kernel", UG_KERNELS, (int)kernel);
    ug_text_params(text, sizeof text, ctx->method, p, &ug_method_resample_grad);
    ug_text_input_size(text, sizeof text, &in);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "resample_grad:%s", text + 1);
    return UPREG_OK;
}

upreg_status ug_filter_adjoint_vjp(upreg_vjp *ctx) {
    const ug_filter_params *p = ctx->params;
    char text[sizeof ctx->step[0].text] = "";
    const upreg_method *to = forward[p->kernel];
    ug_text_params(text, sizeof text, ctx->method, p, to);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "%s:%s", to->name, text[0] ? text + 1 : "");
    return UPREG_OK;
}
