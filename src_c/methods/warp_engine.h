/* Pictures read at positions between their pixels: grid_sample, warp_affine, and their adjoints.  The places and weights of a strip of output
 * pixels are found once, in float64, and serve all channels. */
#ifndef UG_WARP_ENGINE_H
#define UG_WARP_ENGINE_H

#include "methods/rows.h"

#define UG_WARP_MODES "linear|nearest|cubic"
enum { UG_WARP_LINEAR, UG_WARP_NEAREST, UG_WARP_CUBIC };
#define UG_WARP_MODE_PARAM(S)                                                                                                                        \
    UG_CHOICE_PARAM(S, mode, "linear", UG_WARP_MODES, "what lies between pixels; nearest: halves go to the even pixel; cubic: Keys' with a = -0.75")

/* What happens to a position before it is read. */
enum { UG_WARP_FREE, UG_WARP_CLIP, UG_WARP_MIRROR };

typedef struct ug_warp ug_warp;
/* Positions of output pixels [begin, begin + count) of image n, in input pixels: position[axis * strip + i] of the last `rank` axes. */
typedef void (*ug_warp_positions)(const ug_warp *w, const upreg_call *call, int64_t n, int64_t begin, int64_t count, double *position);

struct ug_warp {
    ug_frame x, y; /* the picture that is read, and the one that is made */
    int32_t mode, range, border /* of taps outside: UG_PAD_MODES */, align_corners;
    double value; /* of border constant */
    int64_t x_pixels, y_pixels, channel_step_x, channel_step_y, pixel_step_x, pixel_step_y;
    int64_t strip, strips;
    int32_t taps, group; /* taps of an output; channels that an adjoint makes at once */
    upreg_type type;
    ug_warp_positions positions;
};

/* Of one position along one axis: which pixels are read (-1: none), their weights, and how these change when the position does. */
typedef struct ug_warp_taps {
    int32_t at[4];
    double weight[4], slope[4];
} ug_warp_taps;
void ug_warp_taps_of(const ug_warp *w, int axis, double position, ug_warp_taps *taps);
static inline int ug_warp_taps_per_axis(int mode) { return mode == UG_WARP_LINEAR ? 2 : mode == UG_WARP_CUBIC ? 4 : 1; }

/* Fills what follows from frames, mode and type; rejects pictures that the tables cannot describe. */
upreg_status ug_warp_finish(upreg_error *err, const upreg_method *method, ug_warp *w);
/* y from input 0, and gx (the first output, of frame x) from gy (input 0, of frame y). */
upreg_status ug_warp_prepare(upreg_prepare *p, const ug_warp *w);
void ug_warp_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);
upreg_status ug_warp_prepare_adjoint(upreg_prepare *p, const ug_warp *w);
void ug_warp_run_adjoint(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);

/* infer and prepare of a method file whose geometry is `of` and whose result has the frame `made`. */
#define UG_WARP_FUNCTIONS(of, made, prepare_it)                                                                                                      \
    static upreg_status infer(upreg_infer *ctx) {                                                                                                    \
        ug_warp w;                                                                                                                                   \
        UG_TRY(of(UG_ASK(ctx), &w));                                                                                                                 \
        ctx->out[0] = ug_frame_spec(&w.made, w.type, w.made.n, w.made.c, w.made.x);                                                                  \
        return UPREG_OK;                                                                                                                             \
    }                                                                                                                                                \
    static upreg_status prepare(upreg_prepare *p) {                                                                                                  \
        ug_warp w;                                                                                                                                   \
        UG_TRY(of(UG_ASK(p), &w));                                                                                                                   \
        return prepare_it(p, &w);                                                                                                                    \
    }

#endif
