/* tile: the whole of x, a number of times along each axis. */
#include "methods/cut.h"
#include "methods/strided.h"

typedef struct tile_params {
    upreg_ints repeats;
} tile_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(tile_params, repeats, "required", 0, UG_MAX_SIZE, NULL, "how often x stands along each axis: one number per axis"),
};

static upreg_status infer(upreg_infer *ctx) {
    const tile_params *q = ctx->params;
    UG_TRY(ug_check_count(ctx->err, ctx->method, "repeats", &q->repeats, ctx->in[0].ndim));
    ctx->out[0] = ctx->in[0];
    for (int i = 0; i < ctx->in[0].ndim; i++)
        if (ug_mul_overflows(ctx->in[0].dim[i], ug_number_of(&q->repeats, i), &ctx->out[0].dim[i]))
            return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: parameter 'repeats' makes axis %d too long", ctx->method->name, i);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static upreg_status prepare(upreg_prepare *p) {
    const tile_params *q = p->params;
    ug_places places = {.ndim = 2 * p->in[0].ndim}; /* every axis is the repeats, and the input's axis in each */
    for (int i = 0; i < p->in[0].ndim; i++) {
        places.dim[2 * i] = ug_number_of(&q->repeats, i), places.dim[2 * i + 1] = p->in[0].dim[i];
        places.axis[2 * i] = places.axis[2 * i + 1] = i, places.times[2 * i + 1] = 1;
    }
    return ug_strided_prepare(p, &places);
}

/* gy with an axis for the repeats before each repeated one, summed over those. */
static upreg_status vjp(upreg_vjp *ctx) {
    const tile_params *q = ctx->params;
    const upreg_spec *x = &ctx->in[0];
    int64_t apart[UG_STRIDED_AXES], summed[UG_STRIDED_AXES];
    int n = 0;
    for (int i = 0; i < x->ndim; i++) {
        int64_t times = ug_number_of(&q->repeats, i);
        if (times != 1) apart[n] = times, summed[n++] = 1;
        apart[n] = summed[n] = x->dim[i], n++;
    }
    return ug_repeats_vjp(ctx, n, apart, summed);
}

const upreg_method ug_method_tile = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "tile",
    .family = "rearrange",
    .summary = "the whole of x, a number of times along each axis",
    .doc = "y[i] = x[i mod n] along each axis, whose length grows from n to n * repeats. Any shape of 0 to 8 dimensions.",
    .source = "NumPy tile; ONNX Tile",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(tile_params),
    .flags = UPREG_LINEAR | UPREG_STRIDED,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_strided_run,
    .vjp = vjp,
};
