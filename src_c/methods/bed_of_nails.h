/* The parameters of bed_of_nails and its adjoint. */
#ifndef UG_BED_OF_NAILS_H
#define UG_BED_OF_NAILS_H

#include "methods/map_engine.h"
#include "methods/resize.h"

typedef struct ug_nails_params {
    upreg_ints scale, corner;
    int32_t layout;
} ug_nails_params;

extern const upreg_param ug_nails_table[3];

typedef struct ug_nails {
    int64_t scale[UPREG_MAX_SPATIAL], corner[UPREG_MAX_SPATIAL];
} ug_nails;

/* The frame of the first input and the cells. */
upreg_status ug_nails_of(const ug_ask *ask, ug_frame *frame, ug_nails *nails);
/* The call's parameters with the corner as numbers, each with a comma before it. */
void ug_nails_text(char *text, size_t size, const ug_nails_params *params, const ug_frame *frame, const ug_nails *nails);

#endif
