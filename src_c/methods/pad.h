/* The parameters and the index arithmetic of pad, shared with its adjoint. */
#ifndef UG_PAD_H
#define UG_PAD_H

#include "methods/map_engine.h"
#include "methods/resize.h"

typedef struct ug_pad_params {
    upreg_ints amount;
    int32_t padding_mode, layout;
    double value;
    upreg_ints input_size; /* of the adjoint only */
} ug_pad_params;

#define UG_PAD_PARAMS                                                                                                                                \
    UG_PAIRS_PARAM(ug_pad_params, amount, "required", -UG_MAX_SIZE, UG_MAX_SIZE, NULL,                                                               \
                   "pixels added at the begin and the end of each axis; negative ones are cut off, before anything is added"),                       \
        UG_CHOICE_PARAM(ug_pad_params, padding_mode, "zeros", UG_PAD_MODES, "what is added"),                                                        \
        UG_FLOAT_PARAM(ug_pad_params, value, "0", -INFINITY, INFINITY, "the constant of padding_mode constant"), UG_LAYOUT_PARAM(ug_pad_params)

typedef struct ug_padding {
    int64_t begin[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL];
    int64_t skip[UPREG_MAX_SPATIAL], left[UPREG_MAX_SPATIAL]; /* cut off at the begin; left after cutting */
    int64_t n[UPREG_MAX_SPATIAL];
    int32_t mode;
} ug_padding;

/* input: the frame of the tensor that is padded. */
upreg_status ug_padding_of(const ug_ask *ask, const ug_frame *input, ug_padding *padding);
/* The input position of output i; `padding` is a ug_padding. */
int64_t ug_padding_at(const void *padding, int axis, int64_t i);
/* The parameters but `layout`, each with a comma before it. */
void ug_pad_text(char *text, size_t size, const ug_pad_params *params, const ug_frame *input, const ug_padding *padding);

#endif
