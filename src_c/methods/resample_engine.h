/* Separable resampling: every output pixel is a weighted sum of a box of input pixels, the weights a product over the axes.
 * A row is resampled along the innermost spatial axis once, kept, and blended with its neighbours along the others.
 * The same engine runs adjoints, by transposed tables. */
#ifndef UG_RESAMPLE_ENGINE_H
#define UG_RESAMPLE_ENGINE_H

#include "methods/resize.h"
#include "methods/rows.h"

/* The taps of one forward output along one axis: positions first, first + 1, ...; what lies outside is as the border says.
 * weight() gives each its weight, divided by `total`. */
typedef struct ug_span {
    int64_t first, count;
    double x, stretch, total;
    double centre; /* x + 1/2, where a library computes it so */
    int32_t axis;
} ug_span;

/* How uint8 is computed: as `linear` describes, or bit for bit as a library does: Pillow and torch round to uint8 after every axis, OpenCV keeps 32
 * bits after the first; each of its functions in a way of its own. */
enum { UG_ARITH_UPREG, UG_ARITH_PILLOW, UG_ARITH_TORCH, UG_ARITH_OPENCV, UG_ARITH_OPENCV_EXACT };
enum {
    UG_OPENCV_LINEAR = 1, /* weights of 11 bits; the sum of the columns in a form of its own */
    UG_OPENCV_EXACT,      /* weights of 8 bits */
    UG_OPENCV_LANCZOS,    /* weights of 11 bits */
    UG_OPENCV_AREA,       /* single precision */
    UG_OPENCV_MEAN        /* whole blocks */
};

typedef struct ug_separable {
    ug_frame in, out; /* of the call's input and output */
    int32_t border;   /* the padding mode of what lies outside of an axis */
    int32_t arith;
    int32_t opencv;  /* one of UG_OPENCV_*, or 0 */
    int32_t floats;  /* whole numbers are computed in single precision and rounded at the end; those of 16 bits always are */
    int32_t adjoint; /* the tables are those of the forward method, which reads what is now the output */
    ug_span (*span)(const void *context, int axis, int64_t i);
    double (*weight)(const void *context, const ug_span *span, int64_t position); /* NULL: 1 */
    int64_t period[UPREG_MAX_SPATIAL], shift[UPREG_MAX_SPATIAL];                  /* output i + period has the taps of i, shifted; 0: not known */
    int64_t context[64];
} ug_separable;
typedef upreg_status (*ug_separable_of)(const ug_ask *ask, ug_separable *separable);

upreg_status ug_separable_infer(upreg_infer *ctx, ug_separable_of of);
upreg_status ug_separable_prepare(upreg_prepare *p, ug_separable_of of);
upreg_status ug_separable_reach(upreg_reach *ctx, ug_separable_of of);
upreg_status ug_separable_tile(upreg_tiling *ctx, ug_separable_of of);
void ug_separable_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);

/* infer, prepare, reach and tile of a method file whose geometry is `of`. */
#define UG_SEPARABLE_FUNCTIONS(of)                                                                                                                   \
    static upreg_status infer(upreg_infer *ctx) { return ug_separable_infer(ctx, of); }                                                              \
    static upreg_status prepare(upreg_prepare *p) { return ug_separable_prepare(p, of); }                                                            \
    static upreg_status reach(upreg_reach *ctx) { return ug_separable_reach(ctx, of); }                                                              \
    static upreg_status tile(upreg_tiling *ctx) { return ug_separable_tile(ctx, of); }

#endif
