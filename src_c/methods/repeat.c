/* repeat: every element a number of times, along some axes. */
#include "methods/cut.h"
#include "methods/strided.h"

typedef struct repeat_params {
    upreg_ints repeats, axis;
} repeat_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(repeat_params, repeats, "required", 0, UG_MAX_SIZE, NULL, "how often every element stands: one number, or one per axis named"),
    UG_INTS_PARAM(repeat_params, axis, "null", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, NULL, "the axes; negative ones count from the end; null: all"),
};

/* The repeats along every axis of x. */
static upreg_status times_of(upreg_error *err, const upreg_method *method, const void *params, const upreg_spec *x, int64_t times[UPREG_MAX_DIMS]) {
    const repeat_params *q = params;
    int axes[UPREG_MAX_DIMS], count;
    UG_TRY(ug_axes_of(err, method, "axis", &q->axis, x->ndim, axes, &count));
    UG_TRY(ug_check_count(err, method, "repeats", &q->repeats, count));
    for (int i = 0; i < x->ndim; i++) times[i] = 1;
    for (int i = 0; i < count; i++) times[axes[i]] = ug_number_of(&q->repeats, i);
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    int64_t times[UPREG_MAX_DIMS];
    UG_TRY(times_of(ctx->err, ctx->method, ctx->params, &ctx->in[0], times));
    ctx->out[0] = ctx->in[0];
    for (int i = 0; i < ctx->in[0].ndim; i++)
        if (ug_mul_overflows(ctx->in[0].dim[i], times[i], &ctx->out[0].dim[i]))
            return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: parameter 'repeats' makes axis %d too long", ctx->method->name, i);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

/* Every axis is the input's, and the repeats of each element. */
static upreg_status prepare(upreg_prepare *p) {
    int64_t times[UPREG_MAX_DIMS];
    UG_TRY(times_of(p->err, p->method, p->params, &p->in[0], times));
    ug_places places = {.ndim = 2 * p->in[0].ndim};
    for (int i = 0; i < p->in[0].ndim; i++) {
        places.dim[2 * i] = p->in[0].dim[i], places.dim[2 * i + 1] = times[i];
        places.axis[2 * i] = places.axis[2 * i + 1] = i, places.times[2 * i] = 1;
    }
    return ug_strided_prepare(p, &places);
}

/* gy with an axis for the repeats after each repeated one, summed over those. */
static upreg_status vjp(upreg_vjp *ctx) {
    const upreg_spec *x = &ctx->in[0];
    int64_t apart[UG_STRIDED_AXES], summed[UG_STRIDED_AXES], times[UPREG_MAX_DIMS];
    int n = 0;
    UG_TRY(times_of(ctx->err, ctx->method, ctx->params, x, times));
    for (int i = 0; i < x->ndim; i++) {
        apart[n] = summed[n] = x->dim[i], n++;
        if (times[i] != 1) apart[n] = times[i], summed[n++] = 1;
    }
    return ug_repeats_vjp(ctx, n, apart, summed);
}

static upreg_status reach(upreg_reach *ctx) {
    int64_t times[UPREG_MAX_DIMS];
    UG_TRY(times_of(ctx->err, ctx->method, ctx->params, &ctx->in[0], times));
    for (int i = 0; i < ctx->in[0].ndim; i++) {
        int64_t each = ug_max64(times[i], 1);
        ctx->in_begin[i] = ctx->out_begin[i] / each, ctx->in_end[i] = ug_ceil_div(ctx->out_end[i], each);
    }
    return UPREG_OK;
}

static upreg_status tile(upreg_tiling *ctx) {
    int64_t times[UPREG_MAX_DIMS];
    UG_TRY(times_of(ctx->err, ctx->method, ctx->params, &ctx->in[0], times));
    for (int i = 0; i < ctx->in[0].ndim; i++) { /* all repeats of an element */
        int64_t each = ug_max64(times[i], 1);
        ctx->range.begin[i] = ctx->range.begin[i] / each * each, ctx->range.end[i] = ug_ceil_div(ctx->range.end[i], each) * each;
    }
    return UPREG_OK;
}

const upreg_method ug_method_repeat = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "repeat",
    .family = "rearrange",
    .aliases = "repeat_interleave|up_sampling",
    .summary = "every element a number of times, along some axes",
    .doc =
        "y[i] = x[floor(i / repeats)] along each axis named, whose length grows from n to n * repeats. Any shape of 0 to 8 dimensions. tile is the "
        "whole of x, again and again.",
    .source = "NumPy repeat; PyTorch repeat_interleave; Keras UpSampling1D to UpSampling3D",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(repeat_params),
    .flags = UPREG_LINEAR | UPREG_STRIDED | UPREG_UPSAMPLES,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_strided_run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
