/* prelu and its gradients: a slope per channel, or one for all. */
#ifndef UG_PRELU_H
#define UG_PRELU_H

#include "methods/norm_engine.h"

typedef struct ug_prelu_params {
    int32_t layout;
} ug_prelu_params;
extern const upreg_param ug_prelu_table[1];

/* Pieces of contiguous numbers, all of one slope, or pixels whose channels are neighbours. */
typedef struct ug_prelu {
    ug_norm norm;
    int32_t one;           /* a single slope */
    int64_t pieces, piece; /* a unit is a piece of a run, or `piece` pixels */
} ug_prelu;

/* Checks (or fills in) the weight, port 1. */
upreg_status ug_prelu_weight(upreg_infer *ctx);
/* A stage whose units ug_prelu_find places. */
upreg_status ug_prelu_prepare(upreg_prepare *p);

typedef struct ug_prelu_unit {
    int64_t begin, n; /* neighbouring numbers */
    int64_t channel;  /* whose slope is theirs; -1: pixels, each with all channels */
} ug_prelu_unit;
ug_prelu_unit ug_prelu_find(const ug_prelu *plan, int64_t unit);

#endif
