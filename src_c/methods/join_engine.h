/* Outputs that are parts joined along one axis: slices of inputs, or zeros.  concat, slice and slice_grad. */
#ifndef UG_JOIN_ENGINE_H
#define UG_JOIN_ENGINE_H

#include "methods/method.h"

typedef struct ug_part {
    int32_t input;  /* -1: zeros */
    int64_t offset; /* where the part begins along the input's axis */
    int64_t length;
} ug_part;

/* The axis as a position; negative ones count from the end. */
upreg_status ug_axis_of(upreg_error *err, const upreg_method *method, int64_t given, const upreg_spec *spec, int *axis);

/* The output is parts[0], ..., parts[n_parts - 1] along `axis`. */
upreg_status ug_join_prepare(upreg_prepare *p, int axis, const ug_part *parts, int n_parts);
void ug_join_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);

#endif
