#include "methods/norm_engine.h"

#define DEFINE_AFFINE(F, S)                                                                                                                          \
    void ug_batch_norm_affine_##F(S *scale, S *shift, const S *weight, const S *bias, const S *mean, const S *var, double eps, int64_t channels) {   \
        for (int64_t c = 0; c < channels; c++) {                                                                                                     \
            double a = (weight ? (double)weight[c] : 1.0) / sqrt((double)var[c] + eps);                                                              \
            scale[c] = (S)a;                                                                                                                         \
            shift[c] = (S)((bias ? (double)bias[c] : 0.0) - (mean ? (double)mean[c] : 0.0) * a);                                                     \
        }                                                                                                                                            \
    }
DEFINE_AFFINE(f32, float)
DEFINE_AFFINE(f64, double)

const upreg_param ug_norm_grad_table[2] = {UG_EPS_PARAM, UG_NORM_LAYOUT_PARAM};

upreg_status ug_norm_of(const ug_ask *ask, int layout, int per_image, ug_norm *norm) {
    ug_frame f;
    UG_TRY(ug_frame_of(ask->err, ask->method, layout, ask->rank, &ask->in[0], &f));
    if (f.axis_c < 0)
        return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: parameter 'layout' = X has no channels; allowed: NCX, NXC, CX or XC", ask->method->name);
    int64_t pixels = f.x[0] * f.x[1] * f.x[2];
    *norm = (ug_norm){.groups = per_image ? f.n : 1, .channels = f.c, .images = per_image ? 1 : f.n, .pixels = pixels};
    norm->columns = f.axis_c > f.axis_x || pixels == 1;
    norm->lane = norm->columns ? UG_LANE_CHANNELS : 1, norm->lanes = ug_ceil_div(f.c, norm->lane);
    return UPREG_OK;
}

upreg_status ug_norm_vector(upreg_infer *ctx, const ug_norm *norm, int port, const char *name) {
    if (!ug_given(ctx->in, ctx->n_in, port)) return UPREG_OK;
    upreg_spec *v = &ctx->in[port];
    char shape[256];
    if (!v->known) {
        upreg_type type = v->type;
        *v = ug_spec(type, 1, &norm->channels);
        v->fan_in = v->fan_out = 1;
    }
    if (v->ndim != 1 || v->dim[0] != norm->channels)
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input '%s' has shape %s; allowed: (%" PRId64 "), one number per channel", ctx->method->name,
                       name, ug_shape_text(shape, sizeof shape, v->ndim, v->dim), norm->channels);
    return UPREG_OK;
}

/* Numbers of channel `channel` of image `image`, when channels are runs. */
static int64_t run_at(const ug_norm *n, int64_t group, int64_t image, int64_t channel) {
    return ((group * n->images + image) * n->channels + channel) * n->pixels;
}

/* First number of a lane's matrix, when channels are columns. */
static int64_t matrix_at(const ug_norm *n, const ug_norm_lane *l) { return l->group * n->images * n->pixels * n->channels + l->channel; }

void ug_norm_sum(const ug_norm *n, const upreg_kernels *k, const upreg_tensor *g, const ug_norm_lane *l, double *sum) {
    for (int64_t c = 0; c < l->channels; c++) sum[c] = 0;
    int single = ug_is_f32(g);
    if (n->columns) {
        int64_t at = matrix_at(n, l), rows = n->images * n->pixels;
        if (single)
            ug_sum_columns_f32(k->reduce, sum, ug_f32(g) + at, rows, n->channels, l->channels);
        else
            ug_sum_columns_f64(k->reduce, sum, ug_f64(g) + at, rows, n->channels, l->channels);
        return;
    }
    for (int64_t i = 0; i < n->images; i++) {
        int64_t at = run_at(n, l->group, i, l->channel);
        sum[0] += single ? ug_sum_f32(k->reduce, ug_f32(g) + at, n->pixels) : ug_sum_f64(k->reduce, ug_f64(g) + at, n->pixels);
    }
}

static void squares(const ug_norm *n, const upreg_kernels *k, const upreg_tensor *x, const ug_norm_lane *l, const double *mean, double *sum) {
    for (int64_t c = 0; c < l->channels; c++) sum[c] = 0;
    int single = ug_is_f32(x);
    if (n->columns) {
        int64_t at = matrix_at(n, l), rows = n->images * n->pixels;
        if (single)
            k->norm->squares_columns_f32(sum, ug_f32(x) + at, mean, rows, n->channels, l->channels);
        else
            k->norm->squares_columns_f64(sum, ug_f64(x) + at, mean, rows, n->channels, l->channels);
        return;
    }
    for (int64_t i = 0; i < n->images; i++) {
        int64_t at = run_at(n, l->group, i, l->channel);
        sum[0] += single ? k->norm->squares_f32(ug_f32(x) + at, mean[0], n->pixels) : k->norm->squares_f64(ug_f64(x) + at, mean[0], n->pixels);
    }
}

void ug_norm_products(const ug_norm *n, const upreg_kernels *k, const upreg_tensor *g, const upreg_tensor *x, const ug_norm_lane *l,
                      const double *mean, double *sum) {
    for (int64_t c = 0; c < l->channels; c++) sum[c] = 0;
    int single = ug_is_f32(x);
    if (n->columns) {
        int64_t at = matrix_at(n, l), rows = n->images * n->pixels;
        if (single)
            k->norm->products_columns_f32(sum, ug_f32(g) + at, ug_f32(x) + at, mean, rows, n->channels, l->channels);
        else
            k->norm->products_columns_f64(sum, ug_f64(g) + at, ug_f64(x) + at, mean, rows, n->channels, l->channels);
        return;
    }
    for (int64_t i = 0; i < n->images; i++) {
        int64_t at = run_at(n, l->group, i, l->channel);
        sum[0] += single ? k->norm->products_f32(ug_f32(g) + at, ug_f32(x) + at, mean[0], n->pixels)
                         : k->norm->products_f64(ug_f64(g) + at, ug_f64(x) + at, mean[0], n->pixels);
    }
}

void ug_norm_statistics(const ug_norm *n, const upreg_kernels *k, const upreg_tensor *x, const ug_norm_lane *l, double *mean, double *var) {
    double count = fmax(ug_norm_count(n), 1);
    ug_norm_sum(n, k, x, l, mean);
    for (int64_t c = 0; c < l->channels; c++) mean[c] /= count;
    squares(n, k, x, l, mean, var);
    for (int64_t c = 0; c < l->channels; c++) var[c] /= count;
}

#define DEFINE_APPLY(F, S)                                                                                                                           \
    static void apply_##F(const ug_norm *n, const ug_elementwise_kernels *k, S *y, const S *x, const S *g, const ug_norm_lane *l,                    \
                          const double *scale, const double *shift, const double *by) {                                                              \
        S a[UG_LANE_CHANNELS], b[UG_LANE_CHANNELS], w[UG_LANE_CHANNELS];                                                                             \
        for (int64_t c = 0; c < l->channels; c++) a[c] = (S)scale[c], b[c] = (S)shift[c], w[c] = g ? (S)by[c] : 0;                                   \
        for (int64_t i = 0; !n->columns && i < n->images; i++) {                                                                                     \
            int64_t at = run_at(n, l->group, i, l->channel);                                                                                         \
            k->scale_shift_##F(y + at, x + at, a[0], b[0], n->pixels);                                                                               \
            if (g) k->mul_add_one_##F(y + at, g + at, w[0], n->pixels);                                                                              \
        }                                                                                                                                            \
        for (int64_t i = 0; n->columns && i < n->images * n->pixels; i++) {                                                                          \
            int64_t at = matrix_at(n, l) + i * n->channels;                                                                                          \
            k->scale_shift_each_##F(y + at, x + at, a, b, l->channels);                                                                              \
            if (g) k->mul_add_##F(y + at, g + at, w, l->channels);                                                                                   \
        }                                                                                                                                            \
    }
DEFINE_APPLY(f32, float)
DEFINE_APPLY(f64, double)

void ug_norm_apply(const ug_norm *n, const upreg_kernels *k, const upreg_tensor *y, const upreg_tensor *x, const upreg_tensor *g,
                   const ug_norm_lane *l, const double *scale, const double *shift, const double *by) {
    if (ug_is_f32(y))
        apply_f32(n, k->elementwise, ug_f32(y), ug_f32(x), g ? ug_f32(g) : NULL, l, scale, shift, by);
    else
        apply_f64(n, k->elementwise, ug_f64(y), ug_f64(x), g ? ug_f64(g) : NULL, l, scale, shift, by);
}

double ug_norm_entry(const upreg_call *call, int port, int64_t channel, double otherwise) {
    if (port >= call->n_in || upreg_type_of(call->in[port].dtype) == UPREG_NONE) return otherwise;
    return ug_is_f32(&call->in[port]) ? (double)ug_f32(&call->in[port])[channel] : ug_f64(&call->in[port])[channel];
}

void ug_norm_stage(upreg_prepare *p, const ug_norm *n, double passes) {
    double bytes = ug_norm_count(n) * (double)n->lane * (double)upreg_type_size(p->in[0].type);
    ug_add_stage(p, n->groups * n->lanes, bytes * passes, 0);
}

/* ---- the forward methods with statistics of their own ---- */

upreg_status ug_norm_forward_prepare(upreg_prepare *p, int per_image) {
    ug_norm *norm = upreg_reserve(p, sizeof *norm), local;
    if (!norm) norm = &local;
    UG_TRY(ug_norm_of(UG_ASK(p), ((const ug_norm_params *)p->params)->layout, per_image, norm));
    ug_norm_stage(p, norm, 3);
    return UPREG_OK;
}

void ug_norm_forward_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_norm *n = (const ug_norm *)call->state;
    double eps = ((const ug_norm_params *)call->params)->eps;
    for (int64_t unit = begin; unit < end; unit++) {
        ug_norm_lane l = ug_norm_lane_of(n, unit);
        double mean[UG_LANE_CHANNELS], var[UG_LANE_CHANNELS], scale[UG_LANE_CHANNELS], shift[UG_LANE_CHANNELS];
        ug_norm_statistics(n, call->kernels, &call->in[0], &l, mean, var);
        for (int64_t c = 0; c < l.channels; c++) {
            scale[c] = ug_norm_entry(call, 1, l.channel + c, 1) / sqrt(var[c] + eps);
            shift[c] = ug_norm_entry(call, 2, l.channel + c, 0) - mean[c] * scale[c];
        }
        ug_norm_apply(n, call->kernels, &call->out[0], &call->in[0], NULL, &l, scale, shift, NULL);
    }
}

/* ---- gradients ---- */

upreg_status ug_norm_grad_infer(upreg_infer *ctx, int per_image) {
    ug_norm norm;
    UG_TRY(ug_norm_of(UG_ASK(ctx), ((const ug_norm_params *)ctx->params)->layout, per_image, &norm));
    UG_TRY(ug_norm_vector(ctx, &norm, 1, "weight"));
    UG_TRY(ug_same_as_first(ctx, 2, "gy", "x"));
    return ug_infer_same(ctx);
}

upreg_status ug_norm_grad_prepare(upreg_prepare *p, int per_image) {
    ug_norm *norm = upreg_reserve(p, sizeof *norm), local;
    if (!norm) norm = &local;
    UG_TRY(ug_norm_of(UG_ASK(p), ((const ug_norm_params *)p->params)->layout, per_image, norm));
    ug_norm_stage(p, norm, 6);
    return UPREG_OK;
}

/* gx = a (gy - mean(gy) - (x - mean) r^2 mean(gy (x - mean))) with r = 1 / sqrt(var + eps), a = weight r */
void ug_norm_grad_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const ug_norm *n = (const ug_norm *)call->state;
    const upreg_tensor *x = &call->in[0], *gy = &call->in[2];
    double eps = ((const ug_norm_params *)call->params)->eps, count = fmax(ug_norm_count(n), 1);
    for (int64_t unit = begin; unit < end; unit++) {
        ug_norm_lane l = ug_norm_lane_of(n, unit);
        double mean[UG_LANE_CHANNELS], var[UG_LANE_CHANNELS], sum[UG_LANE_CHANNELS], products[UG_LANE_CHANNELS];
        double by[UG_LANE_CHANNELS], scale[UG_LANE_CHANNELS], shift[UG_LANE_CHANNELS];
        ug_norm_statistics(n, call->kernels, x, &l, mean, var);
        ug_norm_sum(n, call->kernels, gy, &l, sum);
        ug_norm_products(n, call->kernels, gy, x, &l, mean, products);
        for (int64_t c = 0; c < l.channels; c++) {
            double r = 1 / sqrt(var[c] + eps);
            by[c] = ug_norm_entry(call, 1, l.channel + c, 1) * r;
            scale[c] = -by[c] * r * r * products[c] / count;
            shift[c] = -by[c] * sum[c] / count - scale[c] * mean[c];
        }
        ug_norm_apply(n, call->kernels, &call->out[0], x, gy, &l, scale, shift, by);
    }
}

upreg_status ug_norm_grad_weight_infer(upreg_infer *ctx, int per_image) {
    ug_norm norm;
    UG_TRY(ug_norm_of(UG_ASK(ctx), ((const ug_norm_params *)ctx->params)->layout, per_image, &norm));
    UG_TRY(ug_same_as_first(ctx, 1, "gy", "x"));
    ctx->out[0] = ug_spec(ctx->in[0].type, 1, &norm.channels);
    return UPREG_OK;
}

upreg_status ug_norm_grad_weight_prepare(upreg_prepare *p, int per_image) {
    ug_norm *norm = upreg_reserve(p, sizeof *norm), local;
    if (!norm) norm = &local;
    UG_TRY(ug_norm_of(UG_ASK(p), ((const ug_norm_params *)p->params)->layout, per_image, norm));
    p->workspace = sizeof(double) * (size_t)(norm->groups * norm->channels);
    ug_norm_stage(p, norm, 4);
    ug_add_stage(p, norm->channels, (double)norm->groups * sizeof(double), 0);
    return UPREG_OK;
}

/* Per group and channel the sum of gy * (x - mean) / sqrt(var + eps); then the sum over the groups. */
void ug_norm_grad_weight_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)worker;
    const ug_norm *n = (const ug_norm *)call->state;
    double *part = (double *)call->workspace, eps = ((const ug_norm_params *)call->params)->eps;
    for (int64_t unit = begin; stage == 0 && unit < end; unit++) {
        ug_norm_lane l = ug_norm_lane_of(n, unit);
        double mean[UG_LANE_CHANNELS], var[UG_LANE_CHANNELS], products[UG_LANE_CHANNELS];
        ug_norm_statistics(n, call->kernels, &call->in[0], &l, mean, var);
        ug_norm_products(n, call->kernels, &call->in[1], &call->in[0], &l, mean, products);
        for (int64_t c = 0; c < l.channels; c++) part[l.group * n->channels + l.channel + c] = products[c] / sqrt(var[c] + eps);
    }
    for (int64_t c = begin; stage == 1 && c < end; c++) {
        double total = 0;
        for (int64_t g = 0; g < n->groups; g++) total += part[g * n->channels + c];
        if (ug_is_f32(&call->out[0]))
            ug_f32(&call->out[0])[c] = (float)total;
        else
            ug_f64(&call->out[0])[c] = total;
    }
}

upreg_status ug_norm_vjp(upreg_vjp *ctx, const char *name) {
    const ug_norm_params *p = ctx->params;
    const char *layout = ug_layout_names[p->layout];
    upreg_ref weight = ug_given(ctx->in, ctx->n_in, 1) ? UG_INPUT(1) : UG_NO_REF;
    if (ctx->wrt == 0)
        ctx->result = ug_step(ctx, 3, UG_REFS(UG_INPUT(0), weight, UG_GRAD), "%s_grad:eps=%.17g,layout=%s", name, p->eps, layout);
    else if (ctx->wrt == 1)
        ctx->result = ug_step(ctx, 2, UG_REFS(UG_INPUT(0), UG_GRAD), "%s_grad_weight:eps=%.17g,layout=%s", name, p->eps, layout);
    else
        ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "channel_sum:layout=%s", layout);
    return UPREG_OK;
}
