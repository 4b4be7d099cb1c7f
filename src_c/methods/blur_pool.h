/* blur_pool and its adjoint: where binomial filters lie. */
#ifndef UG_BLUR_POOL_H
#define UG_BLUR_POOL_H

#include "methods/resample_engine.h"

typedef struct ug_blur_params {
    int64_t filter;
    upreg_ints stride;
    int32_t padding_mode;
    int64_t pad_off;
    int32_t layout;
    upreg_ints input_size; /* of the adjoint only */
} ug_blur_params;

#define UG_BLUR_MODES "reflect|replicate|zeros"
#define UG_BLUR_PARAMS                                                                                                                               \
    UG_INT_PARAM(ug_blur_params, filter, "4", 1, 7, "taps of the binomial filter"),                                                                  \
        UG_INTS_PARAM(ug_blur_params, stride, "2", 1, UG_MAX_SIZE, NULL, "step from output to output"),                                              \
        UG_CHOICE_PARAM(ug_blur_params, padding_mode, "reflect", UG_BLUR_MODES, "what lies outside of the image"),                                   \
        UG_INT_PARAM(ug_blur_params, pad_off, "0", 0, UG_MAX_SIZE, "pixels more on both sides"), UG_LAYOUT_PARAM(ug_blur_params)

/* Fills the context, span, weight and border of `s`, and the sizes n of the pool's output, for what the pool reads. */
upreg_status ug_blur_of(const ug_ask *ask, const ug_frame *input, ug_separable *s, int64_t n[UPREG_MAX_SPATIAL]);
/* The parameters, each with a comma before it. */
void ug_blur_text(char *text, size_t size, const ug_blur_params *params);

#endif
