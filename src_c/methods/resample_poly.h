/* resample_poly and its adjoint: a change of the sampling rate by a fraction. */
#ifndef UG_RESAMPLE_POLY_H
#define UG_RESAMPLE_POLY_H

#include "methods/fir_engine.h"
#include "methods/resize.h"

typedef struct ug_poly_params {
    upreg_ints up, down, input_size; /* input_size: of the adjoint only */
    double beta;
    int32_t layout;
} ug_poly_params;

#define UG_POLY_PARAMS                                                                                                                               \
    UG_INTS_PARAM(ug_poly_params, up, "1", 1, 65536, NULL, "the rate is multiplied by up / down"),                                                   \
        UG_INTS_PARAM(ug_poly_params, down, "1", 1, 65536, NULL, "the rate is multiplied by up / down"),                                             \
        UG_FLOAT_PARAM(ug_poly_params, beta, "5", 0, 50, "shape of the Kaiser window: larger, less ripple and a wider transition"),                  \
        UG_LAYOUT_PARAM(ug_poly_params)

/* Filter and sizes of the forward method for x of frame fir->x. */
upreg_status ug_poly_of(const ug_ask *ask, ug_fir *fir);

#endif
