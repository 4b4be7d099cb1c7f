/* fractional_max_pool: the largest element of windows whose steps vary, at random, between two whole numbers. */
#include "methods/region.h"

typedef struct fractional_params {
    upreg_ints kernel, size;
    upreg_floats ratio;
    int32_t samples_reversed, return_indices, layout;
} fractional_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(fractional_params, kernel, "required", 1, UG_MAX_SIZE, NULL, "size of the window"),
    UG_INTS_PARAM(fractional_params, size, "null", 1, UG_MAX_SIZE, NULL, "spatial size of y; this or ratio"),
    UG_FLOATS_PARAM(fractional_params, ratio, "null", 1e-9, 1, "size of y = floor(size of x * ratio); this or size"),
    UG_BOOL_PARAM(fractional_params, samples_reversed, "false", "samples name the last axis first, as torch has it in 2 dimensions"),
    UG_BOOL_PARAM(fractional_params, return_indices, "false", "also give the index of every largest element, flat over the image"),
    UG_LAYOUT_PARAM(fractional_params),
};

typedef struct fractional {
    ug_regions r; /* first */
    int64_t k[UPREG_MAX_SPATIAL];
    int32_t reversed;
    size_t start_at, place_at; /* in the scratch: where windows start along each axis, and room for the places of a pixel */
} fractional;

static upreg_status geometry(const ug_ask *ask, ug_frame *in, ug_frame *out, int64_t *k) {
    const fractional_params *params = ask->params;
    double ratio[UPREG_MAX_SPATIAL];
    UG_TRY(ug_frame_of(ask->err, ask->method, params->layout, ask->rank, &ask->in[0], in));
    *out = *in;
    UG_TRY(ug_axes_int(ask->err, ask->method, "kernel", &params->kernel, in->rank, 1, k));
    if ((params->size.count > 0) == (params->ratio.count > 0))
        return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: %s parameters 'size' and 'ratio'; allowed: exactly one of them", ask->method->name,
                       params->size.count ? "both" : "neither of");
    if (params->size.count) UG_TRY(ug_axes_int(ask->err, ask->method, "size", &params->size, in->rank, 1, out->x));
    if (params->ratio.count) UG_TRY(ug_axes_float(ask->err, ask->method, "ratio", &params->ratio, in->rank, 1, ratio));
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        if (params->ratio.count) out->x[axis] = (int64_t)((double)in->x[axis] * ratio[axis]);
        if (out->x[axis] < 1 || out->x[axis] + k[axis] - 1 > in->x[axis])
            return ug_fail(ask->err, UPREG_E_SHAPE,
                           "%s: %" PRId64 " windows of parameter 'kernel' = %" PRId64 " on an axis of length %" PRId64
                           "; allowed: at least one, and at most the length + 1 - kernel",
                           ask->method->name, out->x[axis], k[axis], in->x[axis]);
    }
    const int64_t wanted[] = {in->n, in->c, in->rank};
    upreg_spec samples = ug_spec(ask->in[0].type, 3, wanted);
    char a[256], b[256];
    if (!ug_same_shape(&ask->in[1], &samples))
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: input 'samples' has shape %s; allowed: %s, a number for each image, channel and axis",
                       ask->method->name, ug_shape_text(a, sizeof a, ask->in[1].ndim, ask->in[1].dim),
                       ug_shape_text(b, sizeof b, samples.ndim, samples.dim));
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    ug_frame in, out;
    int64_t k[UPREG_MAX_SPATIAL];
    UG_TRY(geometry(UG_ASK(ctx), &in, &out, k));
    ctx->out[0] = ctx->out[1] = ug_frame_spec(&out, ctx->in[0].type, out.n, out.c, out.x);
    ctx->out[1].type = ((const fractional_params *)ctx->params)->return_indices ? UPREG_I64 : UPREG_NONE;
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_frame in, out;
    int64_t k[UPREG_MAX_SPATIAL];
    UG_TRY(geometry(UG_ASK(p), &in, &out, k));
    fractional *plan = upreg_reserve(p, sizeof *plan), local;
    if (!plan) plan = &local;
    ug_regions_plan(p, &plan->r, &in, &out, NULL, NULL, NULL);
    memcpy(plan->k, k, sizeof k);
    plan->reversed = ((const fractional_params *)p->params)->samples_reversed;
    plan->place_at = ug_aligned(sizeof(int64_t) * (size_t)(out.x[0] + out.x[1] + out.x[2]));
    double pixels = (double)k[0] * (double)k[1] * (double)k[2] * (double)out.x[0] * (double)out.x[1] * (double)out.x[2];
    ug_add_compute_stage(p, in.n * in.c, pixels * 4, plan->place_at + sizeof(int64_t));
    return UPREG_OK;
}

/* Where the windows along an axis start: floor((i + sample) step) - floor(sample step), the last at the end; in the type of the tensors. */
#define DEFINE_STARTS(F, T)                                                                                                                          \
    static int starts_##F(const T *sample, int64_t m, int64_t n, int64_t k, int64_t *start) {                                                        \
        T step = n > 1 ? (T)(m - k) / (T)(n - 1) : 0;                                                                                                \
        if (!(*sample >= 0 && *sample < 1)) return 0;                                                                                                \
        for (int64_t i = 0; i < n - 1; i++) start[i] = ug_min64((int64_t)(((T)i + *sample) * step) - (int64_t)(*sample * step), m - k);              \
        start[n - 1] = m - k;                                                                                                                        \
        return 1;                                                                                                                                    \
    }
DEFINE_STARTS(f32, float)
DEFINE_STARTS(f64, double)

/* The starts along every axis for lane n, c; 0 and an error where a sample is out of range. */
static int find_starts(const upreg_call *call, const fractional *plan, int64_t lane, int64_t *start[UPREG_MAX_SPATIAL]) {
    int rank = plan->r.in.rank;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        int i = axis - (UPREG_MAX_SPATIAL - rank);
        start[axis][0] = 0;
        if (i < 0) continue;
        int64_t at = lane * rank + (plan->reversed ? rank - 1 - i : i), m = plan->r.in.x[axis], n = plan->r.out.x[axis], k = plan->k[axis];
        const upreg_tensor *samples = &call->in[1];
        int fits =
            ug_is_f32(samples) ? starts_f32(ug_f32(samples) + at, m, n, k, start[axis]) : starts_f64(ug_f64(samples) + at, m, n, k, start[axis]);
        if (fits) continue;
        upreg_call_fail(call, 1, at, ug_is_f32(samples) ? (double)ug_f32(samples)[at] : ug_f64(samples)[at]);
        return 0;
    }
    return 1;
}

/* One channel of one image; where channels are innermost, that is one number of each pixel. */
static void do_lane(const upreg_call *call, const fractional *plan, int64_t n, int64_t c, int64_t *const start[UPREG_MAX_SPATIAL], int64_t *spare) {
    const ug_regions *r = &plan->r;
    ug_view x = ug_view_of(&r->in, &call->in[0]), y = ug_view_of(&r->out, &call->out[0]);
    int64_t element = (int64_t)r->element, number = r->in.axis_c > r->in.axis_x ? c : 0, channel = c - number;
    int indices = ((const fractional_params *)call->params)->return_indices;
    ug_region region;
    x.data += number * element;
    ug_region_begin(r, &region);
    for (int64_t x0 = 0; x0 < r->out.x[0]; x0++)
        for (int64_t x1 = 0; x1 < r->out.x[1]; x1++)
            for (int64_t x2 = 0; x2 < r->out.x[2]; x2++) {
                const int64_t o[] = {x0, x1, x2};
                for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++)
                    region.begin[axis] = start[axis][o[axis]], region.end[axis] = region.begin[axis] + plan->k[axis];
                int64_t at = ug_offset(&y, n, channel, x0, x1) + x2 * y.stride_x[2] + number;
                int64_t *index = indices ? (int64_t *)ug_data(&call->out[1]) + at : spare;
                ug_region_max(r->type, &x, n, channel, &region, y.data + at * element, index, 1);
            }
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    const fractional *plan = (const fractional *)call->state;
    int64_t *start[UPREG_MAX_SPATIAL] = {(int64_t *)(void *)call->scratch[worker]};
    start[1] = start[0] + plan->r.out.x[0], start[2] = start[1] + plan->r.out.x[1];
    for (int64_t lane = begin; lane < end; lane++)
        if (find_starts(call, plan, lane, start))
            do_lane(call, plan, lane / plan->r.in.c, lane % plan->r.in.c, start, (int64_t *)(void *)(call->scratch[worker] + plan->place_at));
}

static upreg_status vjp(upreg_vjp *ctx) {
    const fractional_params *params = ctx->params;
    ug_frame in, out;
    int64_t k[UPREG_MAX_SPATIAL];
    char text[400] = "", back[200] = "";
    UG_TRY(geometry(UG_ASK(ctx), &in, &out, k));
    upreg_ref indices = UG_OUTPUT(1);
    if (!params->return_indices) {
        ug_text_params(text, sizeof text, ctx->method, params, ctx->method);
        indices = ug_step(ctx, 2, UG_REFS(UG_INPUT(0), UG_INPUT(1)), "fractional_max_pool:%s,return_indices=true", text + 1);
        indices.output = 1;
    }
    ug_text_ints(back, sizeof back, "output_size", in.rank, in.x + UPREG_MAX_SPATIAL - in.rank);
    ug_text_choice(back, sizeof back, "layout", UG_LAYOUTS, params->layout);
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, indices), "max_unpool:kernel=1%s,overlap=sum", back);
    return UPREG_OK;
}

const upreg_method ug_method_fractional_max_pool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "fractional_max_pool",
    .family = "pool",
    .summary = "the largest element of windows whose steps vary, at random, between two whole numbers",
    .doc = "x (N, C, m...), samples (N, C, spatial axes) -> y (N, C, n...), n = size or floor(m * ratio), and indices of that shape with "
           "return_indices. With u the sample, at least 0 and below 1, of an image, channel and axis, and a = (m - kernel) / (n - 1) in the type of "
           "x, window o begins at floor((o + u) a) - floor(u a), the last one at m - kernel. The samples of layouts without batch or channels have "
           "1 there. The first of equal elements wins; NaN is larger than everything. Indices are flat over the image.",
    .source = "Graham, Fractional Max-Pooling, 2014; PyTorch functional.fractional_max_pool2d",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(fractional_params),
    .flags = UPREG_HAS_TAPS,
    .types = UG_FLOATING,
    .ports = "x:T samples:T=const -> y:T indices?:i64",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
};
