/* warp_affine and its adjoint: positions are an affine function of the output pixel's own. */
#ifndef UG_WARP_MATRIX_H
#define UG_WARP_MATRIX_H

#include "methods/resize.h"
#include "methods/warp_engine.h"

typedef struct ug_affine_params {
    upreg_ints size, input_size; /* input_size: of the adjoint only */
    int32_t mode, padding_mode, inverse_map, layout;
    double value;
} ug_affine_params;

#define UG_AFFINE_PARAMS                                                                                                                             \
    UG_INTS_PARAM(ug_affine_params, size, "null", 1, UG_MAX_SIZE, NULL, "size of the output; default: that of x"),                                   \
        UG_WARP_MODE_PARAM(ug_affine_params), UG_CHOICE_PARAM(ug_affine_params, padding_mode, "zeros", UG_PAD_MODES, "what lies outside of x"),      \
        UG_FLOAT_PARAM(ug_affine_params, value, "0", -DBL_MAX, DBL_MAX, "the number outside, for padding_mode constant"),                            \
        UG_BOOL_PARAM(ug_affine_params, inverse_map, "false",                                                                                        \
                      "the matrix says where an output pixel lies in x, OpenCV's WARP_INVERSE_MAP; false: where a pixel of x lies in the output"),   \
        UG_LAYOUT_PARAM(ug_affine_params)

/* x: the frame of the picture that is read; the matrix is input 1.  w->y gets the frame of what is made. */
upreg_status ug_affine_warp_of(const ug_ask *ask, const ug_frame *x, ug_warp *w);

#endif
