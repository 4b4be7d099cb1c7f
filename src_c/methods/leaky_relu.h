/* The one parameter of leaky_relu and its gradient. */
#ifndef UG_LEAKY_RELU_H
#define UG_LEAKY_RELU_H

#include "methods/pointwise.h"

typedef struct ug_leaky_relu_params {
    double slope;
} ug_leaky_relu_params;

extern const upreg_param ug_leaky_relu_table[1];

#endif
