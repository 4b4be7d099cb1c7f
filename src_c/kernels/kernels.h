/* Layer 1: the inner loops.  They know numbers and nothing else: no tensors, no parameters, no errors.
 *
 * Each family of kernels is one header (a struct of function pointers) and one or two .c files that are compiled once per CPU tier; a tier's
 * table gathers them.  A method reaches a kernel as `call->kernels->gemm->f32(...)`. */
#ifndef UG_KERNELS_H
#define UG_KERNELS_H

#include "kernels/arithmetic.h"
#include "kernels/convert.h"
#include "kernels/depthwise.h"
#include "kernels/elementwise.h"
#include "kernels/gemm.h"
#include "kernels/math.h"
#include "kernels/move.h"
#include "kernels/norm.h"
#include "kernels/pool.h"
#include "kernels/quantize.h"
#include "kernels/reduce.h"
#include "kernels/resample.h"
#include "kernels/tuning.h"
#include "kernels/warp.h"
#include "kernels/winograd.h"

struct upreg_kernels {
    const char *tier;
    const ug_gemm_kernels *gemm;
    const ug_elementwise_kernels *elementwise;
    const ug_move_kernels *move;
    const ug_convert_kernels *convert;
    const ug_norm_kernels *norm;
    const ug_pool_kernels *pool;
    const ug_resample_kernels *resample;
    const ug_winograd_kernels *winograd;
    const ug_depthwise_kernels *depthwise;
    const ug_arithmetic_kernels *arithmetic;
    const ug_math_kernels *math;
    const ug_reduce_kernels *reduce;
    const ug_quantize_kernels *quantize;
    const ug_warp_kernels *warp;
};

typedef struct upreg_kernels upreg_kernels;

#endif
