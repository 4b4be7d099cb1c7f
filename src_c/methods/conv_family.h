/* Parameters and shapes of conv, conv_transpose and conv_grad_weight. */
#ifndef UG_CONV_FAMILY_H
#define UG_CONV_FAMILY_H

#include "methods/conv_engine.h"

typedef struct ug_conv_params {
    int64_t channels, groups;
    upreg_ints kernel, stride, padding, dilation;
    int32_t padding_mode, flip, layout, algorithm, exact, side;
    double value;
    upreg_ints upscale, output_padding, output_size, crop;
} ug_conv_params;

/* What conv and conv_transpose share. */
#define UG_CONV_COMMON_PARAMS                                                                                                                        \
    UG_INT_PARAM(ug_conv_params, channels, "null", 1, UG_MAX_SIZE, "output channels; needed only when the weight is to be made"),                    \
        UG_INTS_PARAM(ug_conv_params, kernel, "null", 1, UG_MAX_SIZE, NULL, "kernel size; needed only when the weight is to be made"),               \
        UG_INTS_PARAM(ug_conv_params, stride, "1", 1, UG_MAX_SIZE, NULL, "step between neighbouring windows")

#define UG_CONV_COMMON_PARAMS_2                                                                                                                      \
    UG_CHOICE_PARAM(ug_conv_params, padding_mode, "zeros", UG_PAD_MODES, "what lies outside the input"),                                             \
        UG_FLOAT_PARAM(ug_conv_params, value, "0", -DBL_MAX, DBL_MAX, "the number outside, for padding_mode constant"),                              \
        UG_INTS_PARAM(ug_conv_params, dilation, "1", 1, UG_MAX_SIZE, NULL, "distance of neighbouring taps"),                                         \
        UG_INT_PARAM(ug_conv_params, groups, "1", 1, UG_MAX_SIZE, "groups of channels that do not see each other"),                                  \
        UG_BOOL_PARAM(ug_conv_params, flip, "false", "mirror the kernel: false correlation, true convolution in the mathematical sense"),            \
        UG_CHOICE_PARAM(                                                                                                                             \
            ug_conv_params, algorithm, "auto", UG_CONV_ALGORITHMS,                                                                                   \
            "direct: rows of the input are staged once and every tap reads them; gemm: the columns (with few pixels, the rows) of a matrix "         \
            "product are gathered; winograd: two outputs from n + 1 products instead of 2 n, where an axis has 2 or 3 neighbouring taps and "        \
            "stride 1, or a transposed one's phases have; depthwise: one channel per group. auto: depthwise where it applies, winograd where its "   \
            "estimated cost is below 0.85 of direct's, else gemm on maps too small to fill the vectors, else direct. What does not apply falls "     \
            "back to direct. A plan's info() says what was chosen"),                                                                                 \
        UG_BOOL_PARAM(                                                                                                                               \
            ug_conv_params, exact, "false",                                                                                                          \
            "only algorithms that sum products of the inputs and weights as they are: no winograd, no adding of weights, no leaving out of taps"),   \
        UG_LAYOUT_PARAM(ug_conv_params)

/* Shapes -> problem.  A weight whose shape is not known is shaped from `channels` and `kernel`; out->dim is filled. */
upreg_status ug_conv_resolve(upreg_error *err, const upreg_method *method, const void *params, int rank, const upreg_spec *x, upreg_spec *weight,
                             ug_conv_problem *problem);
upreg_status ug_conv_transpose_resolve(upreg_error *err, const upreg_method *method, const void *params, int rank, const upreg_spec *x,
                                       upreg_spec *weight, ug_conv_problem *problem);
/* x, weight, bias -> y, for both. */
upreg_status ug_conv_infer_with(upreg_infer *ctx, upreg_status (*resolve)(upreg_error *, const upreg_method *, const void *, int, const upreg_spec *,
                                                                          upreg_spec *, ug_conv_problem *));
upreg_status ug_conv_prepare_with(upreg_prepare *p, upreg_status (*resolve)(upreg_error *, const upreg_method *, const void *, int,
                                                                            const upreg_spec *, upreg_spec *, ug_conv_problem *));
upreg_status ug_conv_tile_with(upreg_tiling *ctx, upreg_status (*resolve)(upreg_error *, const upreg_method *, const void *, int, const upreg_spec *,
                                                                          upreg_spec *, ug_conv_problem *));
/* ",stride=..,dilation=..,groups=..,flip=..,layout=.." for a gradient's text */
void ug_conv_common_text(char *text, size_t size, const ug_conv_params *q, const ug_conv_problem *b);
/* right-aligned three axes -> the given number of them */
static inline const int64_t *ug_last_axes(const int64_t *v, int rank) { return v + (UPREG_MAX_SPATIAL - rank); }

#endif
