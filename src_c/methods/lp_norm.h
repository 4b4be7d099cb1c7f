/* lp_normalize and its gradient: vectors along one axis, divided by their norms. */
#ifndef UG_LP_NORM_H
#define UG_LP_NORM_H

#include "methods/softmax.h"

typedef struct ug_lp_params {
    ug_softmax_params along; /* first: the vectors are found as those of softmax */
    int64_t p;
} ug_lp_params;
#define UG_LP_TABLE                                                                                                                                  \
    {{"axis", UPREG_INT, offsetof(ug_lp_params, along.axis), "-1", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, NULL,                                        \
      "the axis, negative ones count from the end"},                                                                                                 \
     UG_INT_PARAM(ug_lp_params, p, "2", 1, 2, "1: the sum of magnitudes, 2: the root of the sum of squares")}

/* The norms of the `width` vectors of a unit, which begin at x. */
static inline void ug_lp_norms(const upreg_kernels *k, upreg_type type, double *norm, const void *x, int64_t p, const ug_softmax *s, int64_t width) {
    const ug_reduce_type *r = &k->reduce->type[type];
    int fold = p == 1 ? UG_FOLD_ABS : UG_FOLD_SQUARE;
    for (int64_t c = 0; c < width; c++) norm[c] = 0;
    if (s->inner == 1)
        r->row[fold](norm, x, s->length, p);
    else
        r->columns[fold](norm, x, s->length, s->inner, width, p);
    for (int64_t c = 0; p == 2 && c < width; c++) norm[c] = sqrt(norm[c]);
}

#endif
