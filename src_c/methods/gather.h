/* Looking rows up by index along one axis, and the adjoint. */
#ifndef UG_GATHER_H
#define UG_GATHER_H

#include "methods/axes.h"

/* The tensor that is indexed, seen as (outer, length, inner), and the number of indices. */
typedef struct ug_gather {
    int64_t outer, length, inner, count;
} ug_gather;

/* An index as a place in [0, length), or -1; negative ones count from the end. */
static inline int64_t ug_place_of(int64_t index, int64_t length) {
    if (index < 0) index += length;
    return index >= 0 && index < length ? index : -1;
}

#endif
