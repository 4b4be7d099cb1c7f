#include "methods/axes.h"

upreg_status ug_axes_of(upreg_error *err, const upreg_method *method, const char *name, const upreg_ints *given, int ndim, int axes[UPREG_MAX_DIMS],
                        int *count) {
    unsigned seen = 0;
    int unset = given->count == 0 && !given->is_list;
    *count = unset ? ndim : given->count;
    for (int i = 0; i < *count; i++) {
        int64_t axis = unset ? i : given->v[i];
        if (axis < -ndim || axis >= ndim)
            return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter '%s' names axis %" PRId64 " of %d dimensions; allowed: %d to %d", method->name,
                           name, axis, ndim, -ndim, ndim - 1);
        if (axis < 0) axis += ndim;
        if (seen & 1u << axis)
            return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter '%s' names axis %" PRId64 " twice; allowed: each axis once", method->name, name,
                           axis);
        seen |= 1u << axis, axes[i] = (int)axis;
    }
    return UPREG_OK;
}
