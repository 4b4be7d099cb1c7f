/* blur_pool: a binomial filter and every few of its outputs. */
#include "methods/blur_pool.h"

#include <stdio.h>

static const upreg_param table[] = {UG_BLUR_PARAMS};

typedef struct blur {
    int64_t taps, stride[UPREG_MAX_SPATIAL], begin[UPREG_MAX_SPATIAL], seen[UPREG_MAX_SPATIAL]; /* seen: taps along the axis, 1 where there is none */
} blur;

static ug_span span(const void *context, int axis, int64_t i) {
    const blur *b = context;
    return (ug_span){.first = i * b->stride[axis] - b->begin[axis], .count = b->seen[axis], .total = 1, .axis = axis};
}

/* Row `taps - 1` of Pascal's triangle, by 2 to its power. */
static double weight(const void *context, const ug_span *span, int64_t position) {
    int64_t n = span->count - 1, chosen = 1;
    (void)context;
    for (int64_t k = 1; k <= position - span->first; k++) chosen = chosen * (n + 1 - k) / k;
    return ldexp((double)chosen, -(int)n);
}

upreg_status ug_blur_of(const ug_ask *ask, const ug_frame *input, ug_separable *s, int64_t n[UPREG_MAX_SPATIAL]) {
    _Static_assert(sizeof(blur) <= sizeof s->context, "the context must hold the filter");
    static const int modes[] = {UG_REFLECT, UG_REPLICATE, UG_ZEROS};
    const ug_blur_params *params = ask->params;
    blur *b = (blur *)s->context;
    int64_t f = b->taps = params->filter;
    s->span = span, s->weight = weight, s->border = modes[params->padding_mode];
    UG_TRY(ug_axes_int(ask->err, ask->method, "stride", &params->stride, input->rank, 1, b->stride));
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        int spatial = axis >= UPREG_MAX_SPATIAL - input->rank;
        int64_t m = input->x[axis], end = f / 2 + params->pad_off, free = m + (f - 1) / 2 + params->pad_off + end - f;
        b->seen[axis] = spatial ? f : 1, b->begin[axis] = spatial ? (f - 1) / 2 + params->pad_off : 0, n[axis] = m;
        if (!spatial) continue;
        UG_TRY(ug_check_pad_mode(ask->err, ask->method, s->border, ug_max64(b->begin[axis], end), m));
        if (free < 0)
            return ug_fail(ask->err, UPREG_E_SHAPE, "%s: an axis of length %" PRId64 " is too short; allowed: at least 1", ask->method->name, m);
        n[axis] = free / b->stride[axis] + 1;
    }
    return UPREG_OK;
}

void ug_blur_text(char *text, size_t size, const ug_blur_params *params) {
    snprintf(text, size, ",filter=%" PRId64 ",pad_off=%" PRId64, params->filter, params->pad_off);
    ug_text_ints(text, size, "stride", params->stride.count, params->stride.v);
    ug_text_choice(text, size, "padding_mode", UG_BLUR_MODES, params->padding_mode);
    ug_text_choice(text, size, "layout", UG_LAYOUTS, params->layout);
}

static upreg_status geometry(const ug_ask *ask, ug_separable *s) {
    UG_TRY(ug_frame_of(ask->err, ask->method, ((const ug_blur_params *)ask->params)->layout, ask->rank, &ask->in[0], &s->in));
    s->out = s->in;
    return ug_blur_of(ask, &s->in, s, s->out.x);
}

UG_SEPARABLE_FUNCTIONS(geometry)

static upreg_status vjp(upreg_vjp *ctx) {
    char text[400] = "";
    ug_separable s = {0};
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ug_blur_text(text, sizeof text, ctx->params);
    ug_text_input_size(text, sizeof text, &s.in);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "blur_pool_grad:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_blur_pool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "blur_pool",
    .family = "pool",
    .aliases = "blurpool|antialiased_downsample",
    .summary = "a binomial filter and every few of its outputs, in 1, 2 or 3 dimensions",
    .doc = "x (N, C, m...) -> y (N, C, n...). Separable: along each axis y[i] = sum over t of x[i * stride - begin + t] * binomial(filter - 1, t) / "
           "2^(filter - 1), with begin = floor((filter - 1) / 2) + pad_off, end = ceil((filter - 1) / 2) + pad_off and n = floor((m + begin + end - "
           "filter) / stride) + 1. Outside of the image: mirrored without the edge, the edge, or zeros.",
    .source = "Zhang, Making Convolutional Networks Shift-Invariant Again, ICML 2019",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_blur_params),
    .flags = UPREG_LINEAR | UPREG_HAS_TAPS | UPREG_STRIDED,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_separable_run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
