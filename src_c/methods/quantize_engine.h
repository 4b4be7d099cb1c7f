/* quantize_linear and dequantize_linear: a scale and a zero for the whole tensor, or for each place along one axis. */
#ifndef UG_QUANTIZE_ENGINE_H
#define UG_QUANTIZE_ENGINE_H

#include "methods/pointwise.h"

/* The tensor as runs that have one scale (step 0), or whose every number has its own (step 1).  A unit is a piece of a run. */
typedef struct ug_quantized {
    int64_t channels, run, pieces; /* runs take turns with the scales of `channels` places */
    int64_t length;                /* of a piece, at most */
    int32_t step;
} ug_quantized;

/* Ports are x, scale, zero?. */
upreg_status ug_quantized_of(upreg_error *err, const upreg_method *method, int64_t axis, const upreg_spec *in, int n_in, ug_quantized *q);
/* zero, if given, has type `type` and the shape of scale. */
upreg_status ug_quantized_zero(upreg_infer *ctx, upreg_type type);
upreg_status ug_quantized_prepare(upreg_prepare *p, int64_t axis);
/* f of every piece; `whole` is the type of the zeros. */
void ug_quantized_run(const upreg_call *call, int64_t begin, int64_t end, int worker, upreg_type whole,
                      void (*f)(void *y, const void *x, const void *scale, const int32_t *zero, int step, int64_t n));

#endif
