/* Methods whose every output pixel is one input pixel, or a constant: nearest, padding, cropping, bed of nails and its adjoint.
 * One table of input positions per spatial axis says which. */
#ifndef UG_MAP_ENGINE_H
#define UG_MAP_ENGINE_H

#include "methods/rows.h"

/* The input position of output i along a spatial axis (0..2, right-aligned), -1 for the constant. */
typedef int64_t (*ug_map_at)(const void *context, int axis, int64_t i);

/* A method's geometry.  `context` is the method's own: what `at` is called with. */
typedef struct ug_map {
    ug_frame in, out;
    ug_map_at at;
    int64_t period[UPREG_MAX_SPATIAL], shift[UPREG_MAX_SPATIAL]; /* at(i + period) = at(i) + shift wherever both are inside; 0: not known */
    unsigned char value[8];                                      /* the constant, one element of the output's type */
    int64_t context[32];
} ug_map;
typedef upreg_status (*ug_map_of)(const ug_ask *ask, ug_map *map);

upreg_status ug_map_infer(upreg_infer *ctx, ug_map_of of);
upreg_status ug_map_prepare(upreg_prepare *p, ug_map_of of);
upreg_status ug_map_reach(upreg_reach *ctx, ug_map_of of);
upreg_status ug_map_tile(upreg_tiling *ctx, ug_map_of of);
void ug_map_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);

/* infer, prepare, reach and tile of a method file whose geometry is `of`. */
#define UG_MAP_FUNCTIONS(of)                                                                                                                         \
    static upreg_status infer(upreg_infer *ctx) { return ug_map_infer(ctx, of); }                                                                    \
    static upreg_status prepare(upreg_prepare *p) { return ug_map_prepare(p, of); }                                                                  \
    static upreg_status reach(upreg_reach *ctx) { return ug_map_reach(ctx, of); }                                                                    \
    static upreg_status tile(upreg_tiling *ctx) { return ug_map_tile(ctx, of); }

/* Element types: `value` as one element of `type` (16-bit floats rounded to nearest even); returns 0 when the type cannot hold it. */
int ug_element_of(upreg_type type, double value, unsigned char element[8]);

#endif
