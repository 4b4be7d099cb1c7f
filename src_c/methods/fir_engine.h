/* Filters of an upsampled picture of which every so-manieth sample is kept: upfirdn and what is made of it.  Polyphase: inserted zeros are never
 * multiplied.  A filter is one array over all axes, or one along each axis, which are then done one after the other. */
#ifndef UG_FIR_ENGINE_H
#define UG_FIR_ENGINE_H

#include "methods/rows.h"

typedef struct ug_fir ug_fir;
/* Writes taps[axis] numbers: a separable method's own filter. */
typedef void (*ug_fir_design)(const ug_fir *fir, int axis, double *filter);

struct ug_fir {
    ug_frame x, y;
    int64_t up[UPREG_MAX_SPATIAL], down[UPREG_MAX_SPATIAL], begin[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL]; /* padding of the upsampled picture */
    int64_t taps[UPREG_MAX_SPATIAL];
    int32_t separable, convolve, mode; /* convolve: the filter is turned around first; mode: UG_PAD_MODES, of the upsampled picture */
    double gain;
    upreg_type type;
    ug_fir_design design; /* NULL: the filter is input 1 */
    const void *params;   /* of the method, for design */
};

/* Sizes of y from all else; rejects what does not fit. */
upreg_status ug_fir_finish(upreg_error *err, const upreg_method *method, ug_fir *fir);
upreg_status ug_fir_prepare(upreg_prepare *p, const ug_fir *fir);
void ug_fir_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);
/* reach of port 0. */
upreg_status ug_fir_reach_of(upreg_reach *ctx, const ug_fir *fir);

/* infer and prepare of a method file whose geometry is `of`. */
#define UG_FIR_FUNCTIONS(of)                                                                                                                         \
    static upreg_status infer(upreg_infer *ctx) {                                                                                                    \
        ug_fir fir;                                                                                                                                  \
        UG_TRY(of(UG_ASK(ctx), &fir));                                                                                                               \
        ctx->out[0] = ug_frame_spec(&fir.y, fir.type, fir.y.n, fir.y.c, fir.y.x);                                                                    \
        return UPREG_OK;                                                                                                                             \
    }                                                                                                                                                \
    static upreg_status prepare(upreg_prepare *p) {                                                                                                  \
        ug_fir fir;                                                                                                                                  \
        UG_TRY(of(UG_ASK(p), &fir));                                                                                                                 \
        return ug_fir_prepare(p, &fir);                                                                                                              \
    }

#endif
