/* Methods that compute one number from the numbers at the same place: activations and their gradients. */
#ifndef UG_POINTWISE_H
#define UG_POINTWISE_H

#include "methods/blocks.h"
#include "methods/method.h"

typedef void (*ug_unary_f32)(float *, const float *, int64_t);
typedef void (*ug_unary_f64)(double *, const double *, int64_t);
typedef void (*ug_binary_f32)(float *, const float *, const float *, int64_t);
typedef void (*ug_binary_f64)(double *, const double *, const double *, int64_t);

/* One stage over the elements of the first input. */
upreg_status ug_prepare_pointwise(upreg_prepare *p);
/* Two inputs of one shape, and an output of that shape. */
upreg_status ug_infer_pair(upreg_infer *ctx);
/* UPREG_E_SHAPE unless input `port` (called `name`) has the shape of the first input (called `first`). */
upreg_status ug_same_as_first(upreg_infer *ctx, int port, const char *name, const char *first);

/* Elements [begin, end) of y = f(x), y = f(a, b). */
void ug_run_unary(const upreg_call *call, int64_t begin, int64_t end, ug_unary_f32 f32, ug_unary_f64 f64);
void ug_run_binary(const upreg_call *call, int64_t begin, int64_t end, ug_binary_f32 f32, ug_binary_f64 f64);

/* Typed views of tensor data. */
static inline int ug_is_f32(const upreg_tensor *t) { return t->dtype.bits == 32; }
static inline float *ug_f32(const upreg_tensor *t) { return (float *)ug_data(t); }
static inline double *ug_f64(const upreg_tensor *t) { return (double *)ug_data(t); }

#endif
