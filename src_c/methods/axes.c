#include "methods/axes.h"

upreg_status ug_axis_of(upreg_error *err, const upreg_method *method, int64_t given, const upreg_spec *spec, int *axis) {
    if (given < -spec->ndim || given >= spec->ndim)
        return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'axis' = %" PRId64 " with %d dimensions; allowed: %d to %d", method->name, given,
                       spec->ndim, -spec->ndim, spec->ndim - 1);
    *axis = (int)(given < 0 ? given + spec->ndim : given);
    return UPREG_OK;
}

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
