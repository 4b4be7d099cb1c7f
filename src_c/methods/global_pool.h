/* Pools over the whole image: reductions along the spatial axes, which stay with length 1. */
#ifndef UG_GLOBAL_POOL_H
#define UG_GLOBAL_POOL_H

#include "methods/reduce_engine.h"
#include "methods/spatial.h"

typedef struct ug_global_pool_params {
    int64_t p;
    int32_t layout;
} ug_global_pool_params;

upreg_status ug_global_pool_infer(upreg_infer *ctx);
upreg_status ug_global_pool_prepare(upreg_prepare *p, int kind);
upreg_status ug_global_pool_vjp(upreg_vjp *ctx, int kind);
upreg_status ug_global_pool_reach(upreg_reach *ctx);

/* prepare and vjp of a method file. */
#define UG_GLOBAL_POOL_FUNCTIONS(kind)                                                                                                               \
    static upreg_status prepare(upreg_prepare *p) { return ug_global_pool_prepare(p, kind); }                                                        \
    static upreg_status vjp(upreg_vjp *ctx) { return ug_global_pool_vjp(ctx, kind); }

#endif
