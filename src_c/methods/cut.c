#include "methods/cut.h"

upreg_status ug_check_count(upreg_error *err, const upreg_method *method, const char *name, const upreg_ints *given, int count) {
    if (given->count == count || given->count == 1) return UPREG_OK;
    return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter '%s' has %d numbers for %d axes; allowed: 1 or %d", method->name, name, given->count, count,
                   count);
}

int ug_cut_text(const ug_cut *cut, const upreg_spec *whole, char *text, size_t size, int64_t axes[UPREG_MAX_DIMS]) {
    int64_t start[UPREG_MAX_DIMS], step[UPREG_MAX_DIMS];
    int n = 0;
    for (int i = 0; i < whole->ndim; i++)
        if (cut->start[i] != 0 || cut->step[i] != 1 || cut->length[i] != whole->dim[i])
            axes[n] = i, start[n] = cut->start[i], step[n++] = cut->step[i];
    ug_text_ints(text, size, "axis", n, axes), ug_text_ints(text, size, "start", n, start), ug_text_ints(text, size, "step", n, step);
    return n;
}
