/* softmax, its logarithm, and their gradients: vectors along one axis. */
#ifndef UG_SOFTMAX_H
#define UG_SOFTMAX_H

#include "methods/axes.h"
#include "methods/pointwise.h"

typedef struct ug_softmax_params {
    int64_t axis;
} ug_softmax_params;
extern const upreg_param ug_softmax_table[1];

/* The tensor as (outer, length, inner).  With inner 1 a unit is one vector, else UG_COLUMNS neighbouring ones. */
typedef struct ug_softmax {
    int64_t outer, length, inner, strips;
} ug_softmax;

upreg_status ug_softmax_of(upreg_error *err, const upreg_method *method, const void *params, const upreg_spec *x, ug_softmax *s);
upreg_status ug_softmax_prepare(upreg_prepare *p, double passes);
/* First element of a unit, and how many neighbouring vectors it has. */
static inline int64_t ug_softmax_find(const ug_softmax *s, int64_t unit, int64_t *width) {
    int64_t first = unit % s->strips * UG_COLUMNS;
    *width = s->inner == 1 ? 1 : ug_min64(UG_COLUMNS, s->inner - first);
    return unit / s->strips * s->length * s->inner + first;
}
upreg_status ug_softmax_infer(upreg_infer *ctx);
upreg_status ug_softmax_infer_grad(upreg_infer *ctx); /* of two inputs of one shape */
void ug_softmax_run(const upreg_call *call, int64_t begin, int64_t end, int logarithm);
/* run of a method file that defines unit_f32 and unit_f64. */
#define UG_SOFTMAX_RUN_UNITS                                                                                                                         \
    static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {                                                     \
        (void)stage, (void)worker;                                                                                                                   \
        const ug_softmax *s = (const ug_softmax *)call->state;                                                                                       \
        for (int64_t unit = begin; unit < end; unit++) (ug_is_f32(&call->out[0]) ? unit_f32 : unit_f64)(call, s, unit);                              \
    }
/* Along `axis` everything, elsewhere the same. */
upreg_status ug_softmax_reach(upreg_reach *ctx);
upreg_status ug_softmax_tile(upreg_tiling *ctx);

#endif
