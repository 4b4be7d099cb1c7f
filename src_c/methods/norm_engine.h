/* Normalisation by channel: statistics, and scale and shift.  Tensors are dense. */
#ifndef UG_NORM_ENGINE_H
#define UG_NORM_ENGINE_H

#include "methods/pointwise.h"
#include "methods/rows.h"

/* scale = weight / sqrt(var + eps), shift = bias - mean * scale, formed in double and rounded once.  weight, bias, mean may be NULL.
 * batch_norm and the graph's fusion of it use the same two functions. */
void ug_batch_norm_affine_f32(float *scale, float *shift, const float *weight, const float *bias, const float *mean, const float *var, double eps,
                              int64_t channels);
void ug_batch_norm_affine_f64(double *scale, double *shift, const double *weight, const double *bias, const double *mean, const double *var,
                              double eps, int64_t channels);

/* A batch as groups that are normalised on their own (the whole batch, or one image each).  Either every channel of an image is one
 * contiguous run, or channels are neighbours and a group is a matrix of pixels by channels. */
typedef struct ug_norm {
    int64_t groups, channels, images; /* images in a group */
    int64_t pixels;                   /* per image */
    int32_t columns;                  /* channels are neighbours */
    int64_t lane, lanes;              /* channels handled together, and how many such lanes cover them */
} ug_norm;

/* Fails when the layout has no channels. */
upreg_status ug_norm_of(const ug_ask *ask, int layout, int per_image, ug_norm *norm);
/* Checks an optional vector of one number per channel; fills it in when it is not known yet. */
upreg_status ug_norm_vector(upreg_infer *ctx, const ug_norm *norm, int port, const char *name);
static inline int ug_given(const upreg_spec *in, int n_in, int port) { return port < n_in && in[port].type != UPREG_NONE; }

/* One lane of one group. */
typedef struct ug_norm_lane {
    int64_t group, channel, channels;
} ug_norm_lane;
static inline ug_norm_lane ug_norm_lane_of(const ug_norm *n, int64_t unit) {
    ug_norm_lane l = {unit / n->lanes, unit % n->lanes * n->lane, n->lane};
    l.channels = ug_min64(l.channels, n->channels - l.channel);
    return l;
}
static inline double ug_norm_count(const ug_norm *n) { return (double)n->images * (double)n->pixels; }

/* Per channel of a lane: mean and biased variance of x, and the sums of g and of g * (x - mean).  Arrays of UG_LANE_CHANNELS. */
void ug_norm_statistics(const ug_norm *n, const upreg_kernels *k, const upreg_tensor *x, const ug_norm_lane *l, double *mean, double *var);
void ug_norm_sum(const ug_norm *n, const upreg_kernels *k, const upreg_tensor *g, const ug_norm_lane *l, double *sum);
void ug_norm_products(const ug_norm *n, const upreg_kernels *k, const upreg_tensor *g, const upreg_tensor *x, const ug_norm_lane *l,
                      const double *mean, double *sum);
/* y = x * scale + shift over a lane; with g: y = g * by + (x * scale + shift). */
void ug_norm_apply(const ug_norm *n, const upreg_kernels *k, const upreg_tensor *y, const upreg_tensor *x, const upreg_tensor *g,
                   const ug_norm_lane *l, const double *scale, const double *shift, const double *by);
/* Entry `channel` of an optional vector input, else `otherwise`. */
double ug_norm_entry(const upreg_call *call, int port, int64_t channel, double otherwise);

/* Units of a stage that handles lanes, `passes` times over their data. */
void ug_norm_stage(upreg_prepare *p, const ug_norm *n, double passes);

/* What the gradient methods of both norms share: ports "x weight? gy -> gx" and "x gy -> gw". */
typedef struct ug_norm_params {
    double eps;
    int32_t training, layout;
} ug_norm_params;
#define UG_EPS_PARAM UG_FLOAT_PARAM(ug_norm_params, eps, "1e-05", 0, FLT_MAX, "added to the variance")
#define UG_NORM_LAYOUT_PARAM UG_LAYOUT_PARAM(ug_norm_params)
extern const upreg_param ug_norm_grad_table[2];

upreg_status ug_norm_grad_infer(upreg_infer *ctx, int per_image);
upreg_status ug_norm_grad_prepare(upreg_prepare *p, int per_image);
void ug_norm_grad_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);
upreg_status ug_norm_grad_weight_infer(upreg_infer *ctx, int per_image);
upreg_status ug_norm_grad_weight_prepare(upreg_prepare *p, int per_image);
void ug_norm_grad_weight_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);
/* vjp of a norm by batch or image statistics: wrt 0 x, 1 weight, 2 bias. */
upreg_status ug_norm_vjp(upreg_vjp *ctx, const char *name);

/* x normalised with its own statistics; ports x weight? bias?. */
upreg_status ug_norm_forward_prepare(upreg_prepare *p, int per_image);
void ug_norm_forward_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);

#endif
