/* The gradient that minimum and maximum share. */
#ifndef UG_EXTREMUM_H
#define UG_EXTREMUM_H

#include "methods/binary.h"

/* gy where the input has the value of y and no input before it has. */
upreg_status ug_extremum_vjp(upreg_vjp *ctx);

#endif
