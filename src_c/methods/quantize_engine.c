#include "methods/quantize_engine.h"

static const upreg_type types[] = {UPREG_U8, UPREG_I8, UPREG_U16, UPREG_I16}; /* in the order of `to` */

static int given(const upreg_spec *in, int n_in, int port) { return port < n_in && in[port].type != UPREG_NONE; }

static int is_one(const upreg_spec *scale) { return scale->ndim == 0 || (scale->ndim == 1 && scale->dim[0] == 1); }

/* The shape that scales of blocks have. */
static upreg_spec blocks_of(const upreg_spec *x, int axis, int64_t block) {
    upreg_spec wanted = *x;
    wanted.dim[axis] = ug_ceil_div(x->dim[axis], block);
    return wanted;
}

static upreg_status check_scale(const ug_ask *ask, int axis) {
    const ug_quantize_params *params = ask->params;
    const upreg_spec *x = &ask->in[0], *scale = &ask->in[1];
    char a[256], b[256];
    ug_shape_text(a, sizeof a, scale->ndim, scale->dim);
    if (params->block_size) {
        upreg_spec wanted = blocks_of(x, axis, params->block_size);
        if (ug_same_shape(scale, &wanted)) return UPREG_OK;
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: input 'scale' has shape %s; allowed: %s, one for each %" PRId64 " places along axis %d",
                       ask->method->name, a, ug_shape_text(b, sizeof b, wanted.ndim, wanted.dim), params->block_size, axis);
    }
    if (scale->ndim == 1 && scale->dim[0] == x->dim[axis]) return UPREG_OK;
    return ug_fail(ask->err, UPREG_E_SHAPE, "%s: input 'scale' has shape %s; allowed: one number, or (%" PRId64 "), one for each along axis %d",
                   ask->method->name, a, x->dim[axis], axis);
}

upreg_status ug_quantized_of(const ug_ask *ask, ug_quantized *q) {
    const ug_quantize_params *params = ask->params;
    const upreg_spec *x = &ask->in[0], *scale = &ask->in[1];
    char a[256], b[256];
    int64_t all = 1, inner = 1;
    for (int i = 0; i < x->ndim; i++) all *= x->dim[i];
    if (given(ask->in, ask->n_in, 2) && !ug_same_shape(&ask->in[2], scale))
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: input 'zero' has shape %s; allowed: the shape of 'scale', %s", ask->method->name,
                       ug_shape_text(a, sizeof a, ask->in[2].ndim, ask->in[2].dim), ug_shape_text(b, sizeof b, scale->ndim, scale->dim));
    *q = (ug_quantized){.runs = 1, .run = all, .n = 1, .scales = 1, .block = 1};
    if (params->block_size || !is_one(scale)) {
        int axis;
        UG_TRY(ug_axis_of(ask->err, ask->method, params->axis, x, &axis));
        UG_TRY(check_scale(ask, axis));
        for (int i = axis + 1; i < x->ndim; i++) inner *= x->dim[i];
        q->n = x->dim[axis], q->blocked = params->block_size > 0, q->block = ug_max64(params->block_size, 1);
        q->scales = ug_ceil_div(q->n, q->block), q->step = q->blocked ? inner > 1 : inner == 1;
        q->run = inner > 1 ? inner : q->blocked ? q->block : q->n;
        q->runs = all == 0 ? 0 : inner == 1 && q->blocked ? all / q->n * q->scales : all / q->run;
    }
    q->length = ug_max64(ug_min64(q->run, UG_PIECE), 1), q->pieces = ug_ceil_div(q->run, q->length);
    return UPREG_OK;
}

upreg_status ug_quantized_type(upreg_infer *ctx, upreg_type *type) {
    *type = types[((const ug_quantize_params *)ctx->params)->to];
    if (!given(ctx->in, ctx->n_in, 2)) return UPREG_OK;
    *type = ctx->in[2].type;
    for (uint32_t i = 0; i < UG_COUNT(types); i++)
        if (*type == types[i]) return UPREG_OK;
    return ug_fail(ctx->err, UPREG_E_DTYPE, "%s: input 'zero' is %s; allowed: uint8, int8, uint16, int16", ctx->method->name, upreg_type_name(*type));
}

static int has_zero(const upreg_call *call) { return call->n_in > 2 && upreg_type_of(call->in[2].dtype) != UPREG_NONE; }

upreg_type ug_quantized_run_type(const upreg_call *call) {
    return has_zero(call) ? upreg_type_of(call->in[2].dtype) : types[((const ug_quantize_params *)call->params)->to];
}

upreg_status ug_quantized_prepare(upreg_prepare *p) {
    ug_quantized *q = upreg_reserve(p, sizeof *q), local;
    if (!q) q = &local;
    UG_TRY(ug_quantized_of(UG_ASK(p), q));
    size_t bytes = upreg_type_size(p->in[0].type) + upreg_type_size(p->out[0].type);
    ug_add_stage(p, q->runs * q->pieces, (double)q->length * (double)bytes, sizeof(int32_t) * (size_t)(q->step ? q->length : 1));
    return UPREG_OK;
}

/* Scales of the places that are read; those of one number belong to all. */
upreg_status ug_quantized_reach(upreg_reach *ctx) {
    const ug_quantize_params *params = ctx->params;
    if (ctx->port == 0 || params->block_size) ug_reach_same(ctx);
    if (ctx->port == 0 || (!params->block_size && is_one(&ctx->in[1]))) return UPREG_OK;
    int axis, own = 0;
    UG_TRY(ug_axis_of(ctx->err, ctx->method, params->axis, &ctx->in[0], &axis));
    if (params->block_size) own = axis;
    int64_t block = ug_max64(params->block_size, 1);
    ctx->in_begin[own] = ctx->out_begin[axis] / block, ctx->in_end[own] = ug_ceil_div(ctx->out_end[axis], block);
    return UPREG_OK;
}

/* Ranges are whole blocks. */
upreg_status ug_quantized_tile(upreg_tiling *ctx) {
    const ug_quantize_params *params = ctx->params;
    if (!params->block_size) return UPREG_OK;
    int axis;
    UG_TRY(ug_axis_of(ctx->err, ctx->method, params->axis, &ctx->in[0], &axis));
    int64_t block = params->block_size;
    ctx->range.begin[axis] = ctx->range.begin[axis] / block * block;
    ctx->range.end[axis] = ug_min64(ug_round_up(ctx->range.end[axis], block), ctx->out[0].dim[axis]);
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

/* Where a piece begins in x, how long it is, and the place of its first scale. */
typedef struct piece {
    int64_t at, n, scale;
} piece;

static piece piece_of(const ug_quantized *q, int64_t unit) {
    int64_t run = unit / q->pieces, first = unit % q->pieces * q->length;
    if (q->blocked && !q->step) { /* runs are blocks, of which the last one along the axis may be short */
        int64_t block = run % q->scales * q->block, size = ug_min64(q->block, q->n - block);
        return (piece){run / q->scales * q->n + block + first, ug_min64(q->length, size - first), run};
    }
    int64_t scale = q->blocked ? (run / q->n * q->scales + run % q->n / q->block) * q->run + first : q->step ? first : run % q->n;
    return (piece){run * q->run + first, ug_min64(q->length, q->run - first), scale};
}

void ug_quantized_run(const upreg_call *call, int64_t begin, int64_t end, int worker, upreg_type whole,
                      void (*f)(void *y, const void *x, const void *scale, const int32_t *zero, int step, int64_t n)) {
    const ug_quantized *q = (const ug_quantized *)call->state;
    int32_t *zeros = (int32_t *)call->scratch[worker];
    const void *zero = has_zero(call) ? ug_data(&call->in[2]) : NULL;
    int64_t in = call->in[0].dtype.bits / 8, out = call->out[0].dtype.bits / 8, scale = call->in[1].dtype.bits / 8;
    for (int64_t unit = begin; unit < end; unit++) {
        piece p = piece_of(q, unit);
        if (p.n <= 0) continue;
        for (int64_t i = 0; i < (q->step ? p.n : 1); i++) zeros[i] = zero ? number(zero, whole, p.scale + i) : 0;
        f((char *)ug_data(&call->out[0]) + p.at * out, (const char *)ug_data(&call->in[0]) + p.at * in,
          (const char *)ug_data(&call->in[1]) + p.scale * scale, zeros, q->step, p.n);
    }
}
