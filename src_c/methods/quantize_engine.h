/* quantize_linear, dequantize_linear and fake_quantize: a scale and a zero for the whole tensor, for each place along one axis, or for blocks along
 * it. */
#ifndef UG_QUANTIZE_ENGINE_H
#define UG_QUANTIZE_ENGINE_H

#include "methods/axes.h"
#include "methods/pointwise.h"
#include "methods/rows.h"

typedef struct ug_quantize_params {
    int64_t axis, block_size;
    int32_t to;
} ug_quantize_params;

#define UG_QUANTIZE_PARAMS                                                                                                                           \
    UG_INT_PARAM(ug_quantize_params, axis, "1", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1,                                                                 \
                 "the axis along which places, or blocks of them, have scales, if there is more than one; negative ones count from the end"),        \
        UG_INT_PARAM(ug_quantize_params, block_size, "0", 0, UG_MAX_SIZE,                                                                            \
                     "places along the axis that share a scale; 0: scale is no tensor of blocks")
#define UG_QUANTIZE_TO_PARAM                                                                                                                         \
    UG_CHOICE_PARAM(ug_quantize_params, to, "uint8", "uint8|int8|uint16|int16", "the type of the whole numbers, if zero is not given")

/* The tensor as runs of neighbouring numbers that have one scale (step 0), or each their own (step 1).  A unit is a piece of a run. */
typedef struct ug_quantized {
    int64_t runs, run, pieces, length; /* run: numbers of one, at most; length: of a piece, at most */
    int64_t n, scales, block;          /* places along the axis, scales along it, places that share one; n = 1 where there is one scale */
    int32_t step, blocked;             /* blocked: scales have the axes of x */
} ug_quantized;

/* Ports are x, scale, zero?. */
upreg_status ug_quantized_of(const ug_ask *ask, ug_quantized *q);
/* The type of the whole numbers: zero's, or the parameter's. */
upreg_status ug_quantized_type(upreg_infer *ctx, upreg_type *type);
upreg_type ug_quantized_run_type(const upreg_call *call);
upreg_status ug_quantized_prepare(upreg_prepare *p);
upreg_status ug_quantized_reach(upreg_reach *ctx);
upreg_status ug_quantized_tile(upreg_tiling *ctx);
/* f of every piece; `whole` is the type of the zeros. */
void ug_quantized_run(const upreg_call *call, int64_t begin, int64_t end, int worker, upreg_type whole,
                      void (*f)(void *y, const void *x, const void *scale, const int32_t *zero, int step, int64_t n));

#endif
