/* x[start:stop:step] along some axes, as slice and slice_grad see it. */
#ifndef UG_CUT_H
#define UG_CUT_H

#include "methods/axes.h"

/* Along every axis of the long tensor: where the short one begins, its step and its length; start 0, step 1 and all where it is not cut. */
typedef struct ug_cut {
    int64_t start[UPREG_MAX_DIMS], step[UPREG_MAX_DIMS], length[UPREG_MAX_DIMS];
} ug_cut;

/* Number i of a parameter that is one number for all axes, or one per axis. */
static inline int64_t ug_number_of(const upreg_ints *given, int i) { return given->v[given->count == 1 ? 0 : i]; }
/* UPREG_E_PARAMETER unless `given` has one number, or `count`. */
upreg_status ug_check_count(upreg_error *err, const upreg_method *method, const char *name, const upreg_ints *given, int count);
/* ",axis=[..],start=[..],step=[..]" of the axes that are cut, appended to text; the names of the axes in axes[]. */
int ug_cut_text(const ug_cut *cut, const upreg_spec *whole, char *text, size_t size, int64_t axes[UPREG_MAX_DIMS]);

#endif
