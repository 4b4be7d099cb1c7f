#include "methods/quantize_engine.h"

#include "methods/axes.h"

static int given(const upreg_spec *in, int n_in, int port) { return port < n_in && in[port].type != UPREG_NONE; }

upreg_status ug_quantized_of(upreg_error *err, const upreg_method *method, int64_t axis, const upreg_spec *in, int n_in, ug_quantized *q) {
    const upreg_spec *x = &in[0], *scale = &in[1];
    char a[256], b[256];
    int64_t all = 1, inner = 1;
    for (int i = 0; i < x->ndim; i++) all *= x->dim[i];
    if (given(in, n_in, 2) && !ug_same_shape(&in[2], scale))
        return ug_fail(err, UPREG_E_SHAPE, "%s: input 'zero' has shape %s; allowed: the shape of 'scale', %s", method->name,
                       ug_shape_text(a, sizeof a, in[2].ndim, in[2].dim), ug_shape_text(b, sizeof b, scale->ndim, scale->dim));
    *q = (ug_quantized){.channels = 1, .run = all};
    if (scale->ndim > 0 && !(scale->ndim == 1 && scale->dim[0] == 1)) {
        int at;
        UG_TRY(ug_axis_of(err, method, axis, x, &at));
        if (scale->ndim != 1 || scale->dim[0] != x->dim[at])
            return ug_fail(err, UPREG_E_SHAPE, "%s: input 'scale' has shape %s; allowed: one number, or (%" PRId64 "), one for each along axis %d",
                           method->name, ug_shape_text(a, sizeof a, scale->ndim, scale->dim), x->dim[at], at);
        for (int i = at + 1; i < x->ndim; i++) inner *= x->dim[i];
        q->step = inner == 1;
        q->channels = q->step ? 1 : x->dim[at], q->run = q->step ? x->dim[at] : inner;
    }
    q->length = ug_max64(ug_min64(q->run, UG_PIECE), 1), q->pieces = ug_ceil_div(q->run, q->length);
    return UPREG_OK;
}

upreg_status ug_quantized_zero(upreg_infer *ctx, upreg_type type) {
    if (!given(ctx->in, ctx->n_in, 2) || ctx->in[2].type == type) return UPREG_OK;
    return ug_fail(ctx->err, UPREG_E_DTYPE, "%s: input 'zero' is %s; allowed: %s", ctx->method->name, upreg_type_name(ctx->in[2].type),
                   upreg_type_name(type));
}

upreg_status ug_quantized_prepare(upreg_prepare *p, int64_t axis) {
    ug_quantized *q = upreg_reserve(p, sizeof *q), local;
    if (!q) q = &local;
    UG_TRY(ug_quantized_of(p->err, p->method, axis, p->in, p->n_in, q));
    int64_t runs = q->run ? ug_elements(&p->in[0]) / q->run : 0;
    size_t bytes = upreg_type_size(p->in[0].type) + upreg_type_size(p->out[0].type);
    ug_add_stage(p, runs * q->pieces, (double)q->length * (double)bytes, sizeof(int32_t) * (size_t)(q->step ? q->length : 1));
    return UPREG_OK;
}

static int32_t number(const void *zero, upreg_type type, int64_t i) {
    switch (type) {
    case UPREG_U8: return ((const uint8_t *)zero)[i];
    case UPREG_I8: return ((const int8_t *)zero)[i];
    case UPREG_U16: return ((const uint16_t *)zero)[i];
    case UPREG_I16: return ((const int16_t *)zero)[i];
    default: return ((const int32_t *)zero)[i];
    }
}

void ug_quantized_run(const upreg_call *call, int64_t begin, int64_t end, int worker, upreg_type whole,
                      void (*f)(void *y, const void *x, const void *scale, const int32_t *zero, int step, int64_t n)) {
    const ug_quantized *q = (const ug_quantized *)call->state;
    int32_t *zeros = (int32_t *)call->scratch[worker];
    const void *zero = call->n_in > 2 && upreg_type_of(call->in[2].dtype) != UPREG_NONE ? ug_data(&call->in[2]) : NULL;
    int64_t in = call->in[0].dtype.bits / 8, out = call->out[0].dtype.bits / 8, scale = call->in[1].dtype.bits / 8;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t run = unit / q->pieces, first = unit % q->pieces * q->length, n = ug_min64(q->length, q->run - first);
        int64_t at = run * q->run + first, place = q->step ? first : run % q->channels;
        for (int64_t i = 0; i < (q->step ? n : 1); i++) zeros[i] = zero ? number(zero, whole, place + i) : 0;
        f((char *)ug_data(&call->out[0]) + at * out, (const char *)ug_data(&call->in[0]) + at * in,
          (const char *)ug_data(&call->in[1]) + place * scale, zeros, q->step, n);
    }
}
