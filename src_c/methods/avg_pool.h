/* The parameters and divisors of avg_pool and its adjoint. */
#ifndef UG_AVG_POOL_H
#define UG_AVG_POOL_H

#include "methods/resize.h"
#include "methods/window.h"

typedef struct ug_avg_pool_params {
    upreg_ints kernel, stride, padding, dilation;
    int32_t ceil_mode, count_include_pad, layout;
    int64_t divisor_override;
    upreg_ints input_size; /* of the adjoint; of avg_unpool, output_size */
} ug_avg_pool_params;

#define UG_AVG_POOL_PARAMS                                                                                                                           \
    UG_INTS_PARAM(ug_avg_pool_params, kernel, "required", 1, UG_MAX_SIZE, NULL, "size of the window"),                                               \
        UG_INTS_PARAM(ug_avg_pool_params, stride, "null", 1, UG_MAX_SIZE, NULL, "step from window to window; null: the kernel"),                     \
        UG_PAIRS_PARAM(ug_avg_pool_params, padding, "0", 0, UG_MAX_SIZE, UG_POOL_PADS, "zeros added at both ends; less than a window"),              \
        UG_INTS_PARAM(ug_avg_pool_params, dilation, "1", 1, UG_MAX_SIZE, NULL, "step from element to element of a window"),                          \
        UG_BOOL_PARAM(ug_avg_pool_params, ceil_mode, "false",                                                                                        \
                      "round the output size up; a window that would begin in the padding at the end is dropped"),                                   \
        UG_BOOL_PARAM(ug_avg_pool_params, count_include_pad, "true", "padding counts in the divisor (but not what ceil_mode adds beyond it)"),       \
        UG_INT_PARAM(ug_avg_pool_params, divisor_override, "null", 1, UG_MAX_SIZE, "divide by this instead of the number of elements"),              \
        UG_LAYOUT_PARAM(ug_avg_pool_params)

/* input: the frame of what is pooled. */
upreg_status ug_avg_window_of(const ug_ask *ask, const ug_frame *input, ug_window *w);

/* The divisor of window (o0, o1, o2) is count[0][o0] * count[1][o1] * count[2][o2]. */
typedef struct ug_divisors {
    int64_t *count[UPREG_MAX_SPATIAL];
} ug_divisors;
void ug_divisors_of(upreg_prepare *p, const ug_window *w, ug_divisors *divisors);

/* Windows of w.out added to w.in: reserves the plan and its stage, and runs it. */
void ug_avg_spread_prepare(upreg_prepare *p, const ug_window *w);
void ug_avg_spread_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);
/* infer, prepare and vjp of a method file that spreads, whose geometry is `of`. */
#define UG_AVG_SPREAD_FUNCTIONS(of)                                                                                                                  \
    static upreg_status infer(upreg_infer *ctx) {                                                                                                    \
        ug_window w;                                                                                                                                 \
        UG_TRY(of(UG_ASK(ctx), &w));                                                                                                                 \
        ctx->out[0] = ug_frame_spec(&w.in, ctx->in[0].type, w.in.n, w.in.c, w.in.x);                                                                 \
        return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);                                                                                   \
    }                                                                                                                                                \
    static upreg_status prepare(upreg_prepare *p) {                                                                                                  \
        ug_window w;                                                                                                                                 \
        UG_TRY(of(UG_ASK(p), &w));                                                                                                                   \
        ug_avg_spread_prepare(p, &w);                                                                                                                \
        return UPREG_OK;                                                                                                                             \
    }                                                                                                                                                \
    static upreg_status vjp(upreg_vjp *ctx) {                                                                                                        \
        char text[420] = "";                                                                                                                         \
        ug_window w;                                                                                                                                 \
        UG_TRY(of(UG_ASK(ctx), &w));                                                                                                                 \
        ug_avg_pool_text(text, sizeof text, ctx->params, &w);                                                                                        \
        ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "avg_pool:%s", text + 1);                                                                    \
        return UPREG_OK;                                                                                                                             \
    }

/* The parameters in numbers, each with a comma before it. */
void ug_avg_pool_text(char *text, size_t size, const ug_avg_pool_params *params, const ug_window *w);

#endif
