/* The parameters and windows of lp_pool, soft_pool and their gradients. */
#ifndef UG_LP_POOL_H
#define UG_LP_POOL_H

#include "methods/region.h"

typedef struct ug_lp_pool_params {
    upreg_ints kernel, stride, padding, dilation;
    int64_t p;
    int32_t sign_rule, ceil_mode, layout;
} ug_lp_pool_params;

enum { UG_SIGN_ABS, UG_SIGN_TORCH };
#define UG_SIGN_RULES "abs|torch"
#define UG_REGION_WINDOW_PARAMS                                                                                                                      \
    UG_INTS_PARAM(ug_lp_pool_params, kernel, "required", 1, UG_MAX_SIZE, NULL, "size of the window"),                                                \
        UG_INTS_PARAM(ug_lp_pool_params, stride, "null", 1, UG_MAX_SIZE, NULL, "step from window to window; null: the kernel"),                      \
        UG_PAIRS_PARAM(ug_lp_pool_params, padding, "0", 0, UG_MAX_SIZE, UG_POOL_PADS, "added at both ends, never counted; less than a window"),      \
        UG_INTS_PARAM(ug_lp_pool_params, dilation, "1", 1, UG_MAX_SIZE, NULL, "step from element to element of a window"),                           \
        UG_BOOL_PARAM(ug_lp_pool_params, ceil_mode, "false",                                                                                         \
                      "round the output size up; a window that would begin in the padding at the end is dropped"),                                   \
        UG_LAYOUT_PARAM(ug_lp_pool_params)
#define UG_LP_POOL_PARAMS                                                                                                                            \
    UG_INT_PARAM(ug_lp_pool_params, p, "2", 1, 1024, "the exponent"),                                                                                \
        UG_CHOICE_PARAM(ug_lp_pool_params, sign_rule, "abs", UG_SIGN_RULES,                                                                          \
                        "sum |x|^p, or x^p as torch does, whose windows cut off by the border count as much as whole ones"),                         \
        UG_REGION_WINDOW_PARAMS

/* A plan: the windows as regions, and how many elements a whole one has. */
typedef struct ug_region_pool {
    ug_regions r;
    double taps;
} ug_region_pool;

/* infer, prepare, reach and tile of the pools, and of their gradients (x, y, gy -> gx). */
upreg_status ug_region_pool_infer(upreg_infer *ctx);
upreg_status ug_region_pool_prepare(upreg_prepare *p);
upreg_status ug_region_pool_reach(upreg_reach *ctx);
upreg_status ug_region_pool_tile(upreg_tiling *ctx);
upreg_status ug_region_pool_vjp(upreg_vjp *ctx, const char *grad);
upreg_status ug_region_grad_infer(upreg_infer *ctx);
upreg_status ug_region_grad_prepare(upreg_prepare *p);

/* One window: image n, channel c, and the place of its output. */
typedef struct ug_region_call {
    const upreg_call *call;
    const ug_region_pool *plan;
    ug_view x;
    ug_region region;
    int64_t n, c, at;
    double *scratch; /* UG_REGION_SUMS for each number of a pixel */
} ug_region_call;
enum { UG_REGION_SUMS = 5 };
typedef void (*ug_region_body)(const ug_region_call *w);

/* Calls `body` for every window of the units' rows; for every window of the units' images, whose gx is 0 to begin with. */
void ug_region_pool_run(const upreg_call *call, int64_t begin, int64_t end, int worker, ug_region_body body);
void ug_region_grad_run(const upreg_call *call, int64_t begin, int64_t end, int worker, ug_region_body body);

/* Elements of the region that is being called. */
double ug_region_count(const ug_region *region);

#endif
