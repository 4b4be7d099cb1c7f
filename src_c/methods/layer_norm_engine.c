#include "methods/layer_norm_engine.h"

#include <stdio.h>

const upreg_param ug_layer_norm_table[2] = {
    UG_INT_PARAM(ug_layer_norm_params, axis, "-1", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1,
                 "the first of the axes that are normalised, up to the last; negative ones count from the end"),
    UG_FLOAT_PARAM(ug_layer_norm_params, eps, "1e-05", 0, FLT_MAX, "added to the variance, or the mean of squares"),
};
const upreg_param ug_group_norm_table[3] = {
    UG_INT_PARAM(ug_group_norm_params, groups, "required", 1, UG_MAX_SIZE, "groups that the channels are divided into"),
    UG_FLOAT_PARAM(ug_group_norm_params, eps, "1e-05", 0, FLT_MAX, "added to the variance"),
    UG_LAYOUT_PARAM(ug_group_norm_params),
};

/* ---- blocks ---- */

upreg_status ug_layer_blocks(const ug_ask *ask, ug_blocks *blocks, upreg_spec *weight) {
    const ug_layer_norm_params *q = ask->params;
    const upreg_spec *x = &ask->in[0];
    int axis;
    UG_TRY(ug_axis_of(ask->err, ask->method, q->axis, x, &axis));
    *blocks = (ug_blocks){.outer = 1, .groups = 1, .lines = 1, .width = 1, .centred = 1, .eps = q->eps};
    for (int i = 0; i < x->ndim; i++) *(i < axis ? &blocks->outer : &blocks->width) *= x->dim[i];
    blocks->outer_step = blocks->pitch = blocks->weights = blocks->width;
    *weight = ug_spec(x->type, x->ndim - axis, x->dim + axis);
    return UPREG_OK;
}

upreg_status ug_rms_blocks(const ug_ask *ask, ug_blocks *blocks, upreg_spec *weight) {
    UG_TRY(ug_layer_blocks(ask, blocks, weight));
    blocks->centred = 0;
    return UPREG_OK;
}

upreg_status ug_group_blocks(const ug_ask *ask, ug_blocks *blocks, upreg_spec *weight) {
    const ug_group_norm_params *q = ask->params;
    ug_norm norm;
    UG_TRY(ug_norm_of(ask, q->layout, 1, &norm));
    if (norm.channels % q->groups)
        return ug_fail(ask->err, UPREG_E_PARAMETER,
                       "%s: parameter 'groups' = %" PRId64 " does not divide the %" PRId64 " channels of 'x'; allowed: a divisor of that",
                       ask->method->name, q->groups, norm.channels);
    int64_t own = norm.channels / q->groups;
    *blocks = (ug_blocks){.outer = norm.groups, .groups = q->groups, .weights = own, .centred = 1, .eps = q->eps};
    blocks->outer_step = norm.channels * norm.pixels, blocks->per_line = !norm.columns;
    blocks->group_step = norm.columns ? own : own * norm.pixels;
    blocks->lines = norm.columns ? norm.pixels : own, blocks->width = norm.columns ? own : norm.pixels;
    blocks->pitch = norm.columns ? norm.channels : norm.pixels;
    *weight = ug_spec(ask->in[0].type, 1, &norm.channels);
    return UPREG_OK;
}

static int one_run(const ug_blocks *b) { return b->lines == 1 || b->pitch == b->width; }

/* ---- sums over a block ---- */

/* Of f, a kernel of norm: of x - mean squared (g is NULL), or of g (x - mean); by_weight: every term times its weight, then. */
#define DEFINE_SUMS(F, S)                                                                                                                            \
    static double columns_##F(const ug_blocks *b, const upreg_kernels *k, const S *g, const S *x, const S *weight, double mean, int what) {          \
        double all = 0, means[UG_COLUMNS];                                                                                                           \
        for (int64_t c = 0; c < UG_COLUMNS; c++) means[c] = mean;                                                                                    \
        for (int64_t first = 0; first < b->width; first += UG_COLUMNS) {                                                                             \
            int64_t n = ug_min64(UG_COLUMNS, b->width - first);                                                                                      \
            double sum[UG_COLUMNS] = {0};                                                                                                            \
            if (what == SUM) ug_sum_columns_##F(k->reduce, sum, x + first, b->lines, b->pitch, n);                                                   \
            if (what == SQUARES) k->norm->squares_columns_##F(sum, x + first, means, b->lines, b->pitch, n);                                         \
            if (what == PRODUCTS) k->norm->products_columns_##F(sum, g + first, x + first, means, b->lines, b->pitch, n);                            \
            for (int64_t c = 0; c < n; c++) all += weight ? sum[c] * (double)weight[first + c] : sum[c];                                             \
        }                                                                                                                                            \
        return all;                                                                                                                                  \
    }                                                                                                                                                \
    static double run_##F(const upreg_kernels *k, const S *g, const S *x, double mean, int what, int64_t n) {                                        \
        return what == SUM       ? ug_sum_##F(k->reduce, x, n)                                                                                       \
               : what == SQUARES ? k->norm->squares_##F(x, mean, n)                                                                                  \
                                 : k->norm->products_##F(g, x, mean, n);                                                                             \
    }                                                                                                                                                \
    static double plain_##F(const ug_blocks *b, const upreg_kernels *k, const S *x, double mean, int what) {                                         \
        return one_run(b) ? run_##F(k, NULL, x, mean, what, b->lines * b->width) : columns_##F(b, k, NULL, x, NULL, mean, what);                     \
    }
enum { SUM, SQUARES, PRODUCTS };
DEFINE_SUMS(f32, float)
DEFINE_SUMS(f64, double)

/* ---- forward and backward ---- */

#define DEFINE_BLOCK(F, S, TYPE)                                                                                                                     \
    static void mul_##F(const upreg_kernels *k, S *y, const S *a, const S *b, int b_runs, int64_t n) {                                               \
        k->arithmetic->binary[UG_BINARY_mul][TYPE](y, a, b, n, 1, b_runs);                                                                           \
    }                                                                                                                                                \
    static void statistics_##F(const ug_blocks *b, const upreg_kernels *k, const S *x, double *mean, double *inverse) {                              \
        double count = fmax((double)b->lines * (double)b->width, 1);                                                                                 \
        *mean = b->centred ? plain_##F(b, k, x, 0, SUM) / count : 0;                                                                                 \
        *inverse = 1 / sqrt(plain_##F(b, k, x, *mean, SQUARES) / count + b->eps);                                                                    \
    }                                                                                                                                                \
    static void normalise_##F(const ug_blocks *b, const upreg_kernels *k, S *y, const S *x, const S *weight, const S *bias) {                        \
        const ug_elementwise_kernels *e = k->elementwise;                                                                                            \
        double mean, inverse;                                                                                                                        \
        statistics_##F(b, k, x, &mean, &inverse);                                                                                                    \
        for (int64_t line = 0; line < b->lines; line++) {                                                                                            \
            double w = b->per_line && weight ? (double)weight[line] * inverse : inverse, shift = b->per_line && bias ? (double)bias[line] : 0;       \
            for (int64_t at = 0; at < b->width; at += UG_PIECE) {                                                                                    \
                int64_t n = ug_min64(UG_PIECE, b->width - at), from = line * b->pitch + at;                                                          \
                e->scale_shift_##F(y + from, x + from, (S)w, (S)(shift - mean * w), n);                                                              \
                if (b->per_line) continue;                                                                                                           \
                if (weight && bias)                                                                                                                  \
                    e->scale_shift_each_##F(y + from, y + from, weight + at, bias + at, n);                                                          \
                else if (weight)                                                                                                                     \
                    mul_##F(k, y + from, y + from, weight + at, 1, n);                                                                               \
                else if (bias)                                                                                                                       \
                    k->arithmetic->binary[UG_BINARY_add][TYPE](y + from, y + from, bias + at, n, 1, 1);                                              \
            }                                                                                                                                        \
        }                                                                                                                                            \
    }                                                                                                                                                \
    /* the sums over the block of g w and of g w (x - mean) */                                                                                       \
    static void weighted_##F(const ug_blocks *b, const upreg_kernels *k, const S *x, const S *g, const S *weight, double mean, S *piece,             \
                             double *sum, double *products) {                                                                                        \
        *sum = *products = 0;                                                                                                                        \
        if (!b->per_line && b->lines > 1) {                                                                                                          \
            *sum = columns_##F(b, k, NULL, g, weight, 0, SUM), *products = columns_##F(b, k, g, x, weight, mean, PRODUCTS);                          \
            return;                                                                                                                                  \
        }                                                                                                                                            \
        for (int64_t line = 0; line < b->lines; line++) {                                                                                            \
            double w = b->per_line && weight ? (double)weight[line] : 1;                                                                             \
            for (int64_t at = 0; at < b->width; at += UG_PIECE) {                                                                                    \
                int64_t n = ug_min64(UG_PIECE, b->width - at), from = line * b->pitch + at;                                                          \
                const S *terms = g + from;                                                                                                           \
                if (!b->per_line && weight) mul_##F(k, piece, terms, weight + at, 1, n), terms = piece;                                              \
                *sum += w * run_##F(k, NULL, terms, 0, SUM, n);                                                                                      \
                *products += w * run_##F(k, terms, x + from, mean, PRODUCTS, n);                                                                     \
            }                                                                                                                                        \
        }                                                                                                                                            \
    }                                                                                                                                                \
    /* gx = r (g w - mean(g w) - (x - mean) r^2 mean(g w (x - mean))), without the second term where x is not centred */                             \
    static void gradient_##F(const ug_blocks *b, const upreg_kernels *k, S *gx, const S *x, const S *weight, const S *g, S *piece) {                 \
        const ug_elementwise_kernels *e = k->elementwise;                                                                                            \
        double mean, r, sum, products, count = fmax((double)b->lines * (double)b->width, 1);                                                         \
        statistics_##F(b, k, x, &mean, &r);                                                                                                          \
        weighted_##F(b, k, x, g, weight, mean, piece, &sum, &products);                                                                              \
        S by = (S)r;                                                                                                                                 \
        double scale = -r * r * r * products / count, shift = b->centred ? -r * sum / count - scale * mean : 0;                                      \
        for (int64_t line = 0; line < b->lines; line++)                                                                                              \
            for (int64_t at = 0; at < b->width; at += UG_PIECE) {                                                                                    \
                int64_t n = ug_min64(UG_PIECE, b->width - at), from = line * b->pitch + at;                                                          \
                e->scale_shift_##F(gx + from, x + from, (S)scale, (S)shift, n);                                                                      \
                if (weight && !b->per_line)                                                                                                          \
                    mul_##F(k, piece, weight + at, &by, 0, n), e->mul_add_##F(gx + from, g + from, piece, n);                                        \
                else                                                                                                                                 \
                    e->mul_add_one_##F(gx + from, g + from, (S)(weight ? (double)weight[line] * r : r), n);                                          \
            }                                                                                                                                        \
    }
DEFINE_BLOCK(f32, float, UG_TYPE_F32)
DEFINE_BLOCK(f64, double, UG_TYPE_F64)

/* ---- methods ---- */

static upreg_status check_weight(upreg_infer *ctx, int port, const char *name, const upreg_spec *wanted) {
    char a[256], b[256];
    if (!ug_given(ctx->in, ctx->n_in, port)) return UPREG_OK;
    upreg_spec *v = &ctx->in[port];
    if (!v->known) *v = *wanted, v->fan_in = v->fan_out = 1;
    if (!ug_same_shape(v, wanted))
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input '%s' has shape %s; allowed: %s", ctx->method->name, name,
                       ug_shape_text(a, sizeof a, v->ndim, v->dim), ug_shape_text(b, sizeof b, wanted->ndim, wanted->dim));
    return UPREG_OK;
}

upreg_status ug_blocks_infer(upreg_infer *ctx, ug_blocks_of of) {
    ug_blocks blocks;
    upreg_spec weight;
    UG_TRY(of(UG_ASK(ctx), &blocks, &weight));
    UG_TRY(check_weight(ctx, 1, "weight", &weight));
    UG_TRY(check_weight(ctx, 2, "bias", &weight));
    return ug_infer_same(ctx);
}

upreg_status ug_blocks_grad_infer(upreg_infer *ctx, ug_blocks_of of) {
    ug_blocks blocks;
    upreg_spec weight;
    UG_TRY(of(UG_ASK(ctx), &blocks, &weight));
    UG_TRY(check_weight(ctx, 1, "weight", &weight));
    UG_TRY(ug_same_as_first(ctx, 2, "gy", "x"));
    return ug_infer_same(ctx);
}

static upreg_status prepare(upreg_prepare *p, ug_blocks_of of, double passes, int pieces) {
    ug_blocks *blocks = upreg_reserve(p, sizeof *blocks), local;
    upreg_spec weight;
    if (!blocks) blocks = &local;
    UG_TRY(of(UG_ASK(p), blocks, &weight));
    size_t element = upreg_type_size(p->in[0].type);
    double bytes = (double)blocks->lines * (double)blocks->width * (double)element;
    ug_add_stage(p, blocks->outer * blocks->groups, passes * bytes, pieces ? UG_PIECE * element : 0);
    return UPREG_OK;
}

upreg_status ug_blocks_prepare(upreg_prepare *p, ug_blocks_of of) { return prepare(p, of, 3, 0); }
upreg_status ug_blocks_grad_prepare(upreg_prepare *p, ug_blocks_of of) { return prepare(p, of, 6, 1); }

/* Where the weights of a block's group begin in an optional input. */
static const void *weights_of(const upreg_call *call, int port, const ug_blocks *b, int64_t unit) {
    if (port >= call->n_in || upreg_type_of(call->in[port].dtype) == UPREG_NONE) return NULL;
    return (const char *)ug_data(&call->in[port]) + unit % b->groups * b->weights * (call->in[port].dtype.bits / 8);
}

static int64_t block_at(const ug_blocks *b, int64_t unit) { return unit / b->groups * b->outer_step + unit % b->groups * b->group_step; }

void ug_blocks_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_blocks *b = (const ug_blocks *)call->state;
    const upreg_tensor *x = &call->in[0], *y = &call->out[0];
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t at = block_at(b, unit);
        const void *weight = weights_of(call, 1, b, unit), *bias = weights_of(call, 2, b, unit);
        if (ug_is_f32(x))
            normalise_f32(b, call->kernels, ug_f32(y) + at, ug_f32(x) + at, weight, bias);
        else
            normalise_f64(b, call->kernels, ug_f64(y) + at, ug_f64(x) + at, weight, bias);
    }
}

void ug_blocks_grad_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage;
    const ug_blocks *b = (const ug_blocks *)call->state;
    const upreg_tensor *x = &call->in[0], *g = &call->in[2], *gx = &call->out[0];
    void *piece = call->scratch[worker];
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t at = block_at(b, unit);
        const void *weight = weights_of(call, 1, b, unit);
        if (ug_is_f32(x))
            gradient_f32(b, call->kernels, ug_f32(gx) + at, ug_f32(x) + at, weight, ug_f32(g) + at, piece);
        else
            gradient_f64(b, call->kernels, ug_f64(gx) + at, ug_f64(x) + at, weight, ug_f64(g) + at, piece);
    }
}

upreg_status ug_blocks_vjp(upreg_vjp *ctx, const char *name, const char *text, const char *sum) {
    upreg_ref weight = ug_given(ctx->in, ctx->n_in, 1) ? UG_INPUT(1) : UG_NO_REF, terms = UG_GRAD;
    if (ctx->wrt == 0) {
        ctx->result = ug_step(ctx, 3, UG_REFS(UG_INPUT(0), weight, UG_GRAD), "%s_grad:%s", name, text);
        return UPREG_OK;
    }
    if (ctx->wrt == 1) {
        upreg_ref normal = ug_step(ctx, 1, UG_REFS(UG_INPUT(0)), "%s:%s", name, text);
        terms = ug_step(ctx, 2, UG_REFS(UG_GRAD, normal), "mul");
    }
    ctx->result = ug_step(ctx, 1, &terms, "%s", sum);
    return UPREG_OK;
}

upreg_status ug_layer_norm_vjp(upreg_vjp *ctx, const char *name) {
    const ug_layer_norm_params *q = ctx->params;
    char text[80], sum[300] = "";
    snprintf(text, sizeof text, "axis=%" PRId64 ",eps=%.17g", q->axis, q->eps);
    if (ctx->wrt > 0) ug_text_ints(sum, sizeof sum, "sum_to:shape", ctx->in[ctx->wrt].ndim, ctx->in[ctx->wrt].dim);
    return ug_blocks_vjp(ctx, name, text, sum + 1);
}

upreg_status ug_layer_norm_reach(upreg_reach *ctx) {
    int axis;
    UG_TRY(ug_axis_of(ctx->err, ctx->method, ((const ug_layer_norm_params *)ctx->params)->axis, &ctx->in[0], &axis));
    if (ctx->port == 0)
        for (int i = 0; i < axis; i++) ctx->in_begin[i] = ctx->out_begin[i], ctx->in_end[i] = ctx->out_end[i];
    return UPREG_OK;
}

upreg_status ug_layer_norm_tile(upreg_tiling *ctx) {
    int axis;
    UG_TRY(ug_axis_of(ctx->err, ctx->method, ((const ug_layer_norm_params *)ctx->params)->axis, &ctx->in[0], &axis));
    for (int i = axis; i < ctx->out[0].ndim; i++) UG_TRY(ug_tile_needs_all(ctx, i));
    return UPREG_OK;
}
