/* Normalisation of blocks of numbers: the last axes of a tensor (layer and rms norm), or a group of channels of an image (group norm). */
#ifndef UG_LAYER_NORM_ENGINE_H
#define UG_LAYER_NORM_ENGINE_H

#include "methods/axes.h"
#include "methods/norm_engine.h"

/* A block is `lines` lines of `width` neighbouring numbers, `pitch` apart.  A weight belongs to a line, or to a place along the lines. */
typedef struct ug_blocks {
    int64_t outer, groups, outer_step, group_step; /* block b begins at b / groups * outer_step + b % groups * group_step */
    int64_t lines, width, pitch, weights;          /* weights of a block; those of its group begin at b % groups * weights */
    int32_t per_line, centred;                     /* centred: by mean and variance; else by the mean of squares */
    double eps;
} ug_blocks;

typedef struct ug_layer_norm_params {
    int64_t axis;
    double eps;
} ug_layer_norm_params;
extern const upreg_param ug_layer_norm_table[2];

typedef struct ug_group_norm_params {
    int64_t groups;
    double eps;
    int32_t layout;
} ug_group_norm_params;
extern const upreg_param ug_group_norm_table[3];

/* Blocks of a tensor, and the shape of a weight. */
typedef upreg_status (*ug_blocks_of)(const ug_ask *ask, ug_blocks *blocks, upreg_spec *weight);
upreg_status ug_layer_blocks(const ug_ask *ask, ug_blocks *blocks, upreg_spec *weight);
upreg_status ug_rms_blocks(const ug_ask *ask, ug_blocks *blocks, upreg_spec *weight);
upreg_status ug_group_blocks(const ug_ask *ask, ug_blocks *blocks, upreg_spec *weight);

/* Ports "x weight? bias? -> y" and "x weight? gy -> gx". */
upreg_status ug_blocks_infer(upreg_infer *ctx, ug_blocks_of of);
upreg_status ug_blocks_prepare(upreg_prepare *p, ug_blocks_of of);
void ug_blocks_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);
upreg_status ug_blocks_grad_infer(upreg_infer *ctx, ug_blocks_of of);
upreg_status ug_blocks_grad_prepare(upreg_prepare *p, ug_blocks_of of);
void ug_blocks_grad_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);

/* The gradient of the method `name` with the parameters `text`; `sum` sums to the shape of a weight. */
upreg_status ug_blocks_vjp(upreg_vjp *ctx, const char *name, const char *text, const char *sum);
/* layer_norm and rms_norm */
upreg_status ug_layer_norm_vjp(upreg_vjp *ctx, const char *name);
/* reach: whole blocks. */
upreg_status ug_layer_norm_reach(upreg_reach *ctx);
upreg_status ug_layer_norm_tile(upreg_tiling *ctx);

/* infer and prepare of a method file, and of its gradient's. */
#define UG_BLOCKS_FUNCTIONS(of)                                                                                                                      \
    static upreg_status infer(upreg_infer *ctx) { return ug_blocks_infer(ctx, of); }                                                                 \
    static upreg_status prepare(upreg_prepare *p) { return ug_blocks_prepare(p, of); }
#define UG_BLOCKS_GRAD_FUNCTIONS(of)                                                                                                                 \
    static upreg_status infer(upreg_infer *ctx) { return ug_blocks_grad_infer(ctx, of); }                                                            \
    static upreg_status prepare(upreg_prepare *p) { return ug_blocks_grad_prepare(p, of); }

#endif
