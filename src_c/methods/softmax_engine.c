#include "methods/softmax.h"

const upreg_param ug_softmax_table[1] = {
    UG_INT_PARAM(ug_softmax_params, axis, "-1", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, "the axis, negative ones count from the end"),
};

upreg_status ug_softmax_of(upreg_error *err, const upreg_method *method, const void *params, const upreg_spec *x, ug_softmax *s) {
    int axis;
    UG_TRY(ug_axis_of(err, method, ((const ug_softmax_params *)params)->axis, x, &axis));
    *s = (ug_softmax){1, x->dim[axis], 1, 1};
    for (int i = 0; i < axis; i++) s->outer *= x->dim[i];
    for (int i = axis + 1; i < x->ndim; i++) s->inner *= x->dim[i];
    s->strips = s->inner == 1 ? 1 : ug_ceil_div(s->inner, UG_COLUMNS);
    return UPREG_OK;
}

upreg_status ug_softmax_prepare(upreg_prepare *p, double passes) {
    ug_softmax *s = upreg_reserve(p, sizeof *s), local;
    if (!s) s = &local;
    UG_TRY(ug_softmax_of(p->err, p->method, p->params, &p->in[0], s));
    double width = s->inner == 1 ? 1 : UG_COLUMNS;
    ug_add_stage(p, s->outer * s->strips, width * (double)s->length * (double)upreg_type_size(p->in[0].type) * passes, 0);
    return UPREG_OK;
}

upreg_status ug_softmax_reach(upreg_reach *ctx) {
    int axis;
    UG_TRY(ug_axis_of(ctx->err, ctx->method, ((const ug_softmax_params *)ctx->params)->axis, &ctx->in[0], &axis));
    ug_reach_same(ctx);
    ctx->in_begin[axis] = 0, ctx->in_end[axis] = ctx->in[0].dim[axis];
    return UPREG_OK;
}

upreg_status ug_softmax_tile(upreg_tiling *ctx) {
    int axis;
    UG_TRY(ug_axis_of(ctx->err, ctx->method, ((const ug_softmax_params *)ctx->params)->axis, &ctx->in[0], &axis));
    UG_TRY(ug_tile_needs_all(ctx, axis));
    int64_t inner = 1;
    int last = axis;
    for (int i = axis + 1; i < ctx->in[0].ndim; i++) {
        inner *= ctx->range.end[i] - ctx->range.begin[i];
        if (ctx->in[0].dim[i] > 1) last = i;
    }
    if (inner == 1 && last > axis) { /* a single vector would be summed as contiguous ones are, in another order than columns */
        int64_t *begin = &ctx->range.begin[last], *end = &ctx->range.end[last];
        *end < ctx->in[0].dim[last] ? ++*end : --*begin;
    }
    return UPREG_OK;
}

upreg_status ug_softmax_infer(upreg_infer *ctx) {
    ug_softmax s;
    UG_TRY(ug_softmax_of(ctx->err, ctx->method, ctx->params, &ctx->in[0], &s));
    return ug_infer_same(ctx);
}

upreg_status ug_softmax_infer_grad(upreg_infer *ctx) {
    UG_TRY(ug_softmax_infer(ctx));
    return ug_infer_pair(ctx);
}

/* One contiguous vector, and `width` neighbouring ones.  y first holds the exponentials of x - max; for logarithms only their sum counts. */
#define DEFINE_UNIT(F, S, TYPE)                                                                                                                      \
    static void vector_##F(const upreg_kernels *k, S *y, const S *x, int64_t n, int logarithm) {                                                     \
        ug_binary sub = k->arithmetic->binary[UG_BINARY_sub][TYPE];                                                                                  \
        S most = ug_largest_##F(k->reduce, x, n);                                                                                                    \
        k->elementwise->exp_shift_one_##F(y, x, most, n);                                                                                            \
        S sum = (S)ug_sum_##F(k->reduce, y, n);                                                                                                      \
        if (!logarithm) {                                                                                                                            \
            k->elementwise->div_one_##F(y, y, sum, n);                                                                                               \
            return;                                                                                                                                  \
        }                                                                                                                                            \
        k->math->function[UG_FUNCTION_log][TYPE](&sum, &sum, 1, NULL);                                                                               \
        sub(y, x, &most, n, 1, 0);                                                                                                                   \
        sub(y, y, &sum, n, 1, 0);                                                                                                                    \
    }                                                                                                                                                \
    static void strip_##F(const upreg_kernels *k, S *y, const S *x, int64_t n, int64_t step, int64_t width, int logarithm) {                         \
        ug_binary sub = k->arithmetic->binary[UG_BINARY_sub][TYPE];                                                                                  \
        S most[UG_COLUMNS], sum[UG_COLUMNS];                                                                                                         \
        double total[UG_COLUMNS] = {0};                                                                                                              \
        memcpy(most, x, sizeof *most * (size_t)width);                                                                                               \
        for (int64_t i = 1; i < n; i++) k->pool->max_fold_##F(most, x + i * step, width);                                                            \
        for (int64_t i = 0; i < n; i++) k->elementwise->exp_shift_##F(y + i * step, x + i * step, most, width);                                      \
        ug_sum_columns_##F(k->reduce, total, y, n, step, width);                                                                                     \
        for (int64_t c = 0; c < width; c++) sum[c] = (S)total[c];                                                                                    \
        if (logarithm) k->math->function[UG_FUNCTION_log][TYPE](sum, sum, width, NULL);                                                              \
        for (int64_t i = 0; i < n; i++) {                                                                                                            \
            S *to = y + i * step;                                                                                                                    \
            if (logarithm)                                                                                                                           \
                sub(to, x + i * step, most, width, 1, 1), sub(to, to, sum, width, 1, 1);                                                             \
            else                                                                                                                                     \
                k->elementwise->div_##F(to, to, sum, width);                                                                                         \
        }                                                                                                                                            \
    }                                                                                                                                                \
    static void unit_##F(const upreg_call *call, const ug_softmax *s, int64_t unit, int logarithm) {                                                 \
        int64_t width, at = ug_softmax_find(s, unit, &width);                                                                                        \
        S *y = ug_##F(&call->out[0]) + at;                                                                                                           \
        const S *x = ug_##F(&call->in[0]) + at;                                                                                                      \
        if (s->inner == 1)                                                                                                                           \
            vector_##F(call->kernels, y, x, s->length, logarithm);                                                                                   \
        else                                                                                                                                         \
            strip_##F(call->kernels, y, x, s->length, s->inner, width, logarithm);                                                                   \
    }
DEFINE_UNIT(f32, float, UG_TYPE_F32)
DEFINE_UNIT(f64, double, UG_TYPE_F64)

void ug_softmax_run(const upreg_call *call, int64_t begin, int64_t end, int logarithm) {
    const ug_softmax *s = (const ug_softmax *)call->state;
    for (int64_t unit = begin; unit < end; unit++) (ug_is_f32(&call->out[0]) ? unit_f32 : unit_f64)(call, s, unit, logarithm);
}
