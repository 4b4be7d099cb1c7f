/* Local response normalisation: every number divided by a power of the squares of neighbouring channels. */
#ifndef UG_LRN_ENGINE_H
#define UG_LRN_ENGINE_H

#include "methods/norm_engine.h"

typedef struct ug_lrn_params {
    int64_t size;
    double alpha, beta, bias;
    int32_t layout;
} ug_lrn_params;
extern const upreg_param ug_lrn_table[5];

/* A run of neighbouring numbers is handled at once: pixels of one channel, or all channels of one pixel. */
typedef struct ug_lrn {
    int64_t images, channels, pixels, before, after; /* channels of the window before and after a number's own */
    int32_t columns;                                 /* channels are neighbours */
    int64_t run, runs;                               /* pixels of a run, runs of a channel; if channels are neighbours: one pixel */
} ug_lrn;

upreg_status ug_lrn_of(const ug_ask *ask, ug_lrn *lrn);
/* Units of a stage: runs. */
static inline int64_t ug_lrn_units(const ug_lrn *l) { return l->columns ? l->images * l->pixels : l->images * l->channels * l->runs; }
/* Numbers of a run, at most. */
static inline int64_t ug_lrn_width(const ug_lrn *l) { return l->columns ? l->channels : l->run; }
/* Where run `unit` begins, its channel (0 if it has them all) and how many numbers it has. */
int64_t ug_lrn_find(const ug_lrn *l, int64_t unit, int64_t *channel, int64_t *n);
/* sum[i] = the sum over the window of a b at number i of a run at `at`; mirrored: the windows that the number is in. */
void ug_lrn_window_f32(const ug_lrn *l, const upreg_kernels *k, float *sum, const float *a, const float *b, int64_t at, int64_t channel, int64_t n,
                       int mirrored);
void ug_lrn_window_f64(const ug_lrn *l, const upreg_kernels *k, double *sum, const double *a, const double *b, int64_t at, int64_t channel, int64_t n,
                       int mirrored);

#endif
