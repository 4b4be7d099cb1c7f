/* Lists of axes and of numbers per axis, for methods that take any shape. */
#ifndef UG_AXES_H
#define UG_AXES_H

#include "methods/method.h"

/* The axis as a position; negative ones count from the end. */
upreg_status ug_axis_of(upreg_error *err, const upreg_method *method, int64_t given, const upreg_spec *spec, int *axis);

/* The axes given, each as a position and none twice; unset: all of them. */
upreg_status ug_axes_of(upreg_error *err, const upreg_method *method, const char *name, const upreg_ints *given, int ndim, int axes[UPREG_MAX_DIMS],
                        int *count);

#endif
