/* Slices of a tensor addressed by vectors of indices: gather_nd and scatter_nd. */
#ifndef UG_SCATTER_ND_H
#define UG_SCATTER_ND_H

#include "methods/gather.h"

typedef struct ug_slices {
    int32_t depth;               /* numbers in one vector of indices */
    int64_t count, inner;        /* vectors, and elements of the slice that one addresses */
    int64_t dim[UPREG_MAX_DIMS]; /* of the axes that are indexed */
    int64_t each, all;           /* of one place of the batch: vectors, and slices that there are */
} ug_slices;

#define UG_BATCH_DIMS_PARAM(S)                                                                                                                       \
    UG_INT_PARAM(S, batch_dims, "0", 0, UPREG_MAX_DIMS - 1, "leading axes that x and indices share: vectors address slices of the same place in them")

/* `whole` is indexed by vectors along the last axis of `indices`; `part` becomes the shape of all slices together. */
upreg_status ug_slices_of(upreg_error *err, const upreg_method *method, const upreg_spec *whole, const upreg_spec *indices, int64_t batch_dims,
                          ug_slices *s, upreg_spec *part);
/* The place of slice i, in slices; -1 after reporting an index outside. */
int64_t ug_slice_at(const upreg_call *call, const ug_slices *s, int port, int64_t i);

#endif
