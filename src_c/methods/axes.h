/* Lists of axes and of numbers per axis, for methods that take any shape. */
#ifndef UG_AXES_H
#define UG_AXES_H

#include "methods/method.h"

/* The axes given, each as a position and none twice; unset: all of them. */
upreg_status ug_axes_of(upreg_error *err, const upreg_method *method, const char *name, const upreg_ints *given, int ndim, int axes[UPREG_MAX_DIMS],
                        int *count);

#endif
