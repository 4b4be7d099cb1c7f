/* Tables of taps of one axis, for the resampling engine. */
#ifndef UG_RESAMPLE_TABLE_H
#define UG_RESAMPLE_TABLE_H

#include "methods/resample_engine.h"

typedef struct ug_axis_table {
    int64_t n, m;     /* outputs, inputs */
    int64_t rows;     /* the longest stretch of inputs that one output reads */
    int32_t identity; /* output i is input i, and there is no table */
    ug_taps taps;     /* for the kernels */
    int32_t *index, *count;
    double *weight;
    void *typed; /* weights as the kernels have them, of `typed_size` bytes */
    size_t typed_size;
    int32_t bits;              /* uint8: weights are whole numbers of 2^-bits */
    double positive, negative; /* the largest sums of positive and of negative weights of an output, without their signs */
} ug_axis_table;

/* Reserves a table and, the second time, fills it. */
upreg_status ug_axis_prepare(upreg_prepare *p, const ug_separable *s, int axis, upreg_type type, ug_axis_table *t);

/* Keeps of the table what makes a tile; positions count from where its input begins. */
void ug_axis_cut(ug_axis_table *t, const ug_origin *origin, int axis, int fill);

/* The windows of an axis for the pass `k`; 0 where they do not fit.  `inner` numbers make a pixel. */
typedef struct ug_window_memory {
    int32_t *base, *pattern, *count, *run;
    void *index, *weight;
} ug_window_memory;
ug_window_memory ug_windows_reserve(upreg_prepare *p, const ug_axis_table *t, int64_t inner, upreg_type type);
int ug_windows_fill(const ug_window_memory *memory, const ug_axis_table *t, int64_t inner, upreg_type type, const ug_resample_pass *k, ug_windows *w);

/* Along one axis, the inputs read by outputs [begin, end). */
void ug_axis_reach(const ug_separable *s, int axis, int64_t begin, int64_t end, int64_t *low, int64_t *high);

#endif
