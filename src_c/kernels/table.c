/* One CPU tier's table.  Compiled once per tier. */
#include "kernels/kernels.h"
#include "kernels/simd.h"

#define UG_TEXT_(x) #x
#define UG_TEXT(x) UG_TEXT_(x)

extern const ug_gemm_kernels UGK(gemm);
extern const ug_elementwise_kernels UGK(elementwise);
extern const ug_move_kernels UGK(move);
extern const ug_convert_kernels UGK(convert);
extern const ug_norm_kernels UGK(norm);
extern const ug_pool_kernels UGK(pool);
extern const ug_resample_kernels UGK(resample);
extern const ug_winograd_kernels UGK(winograd);
extern const ug_depthwise_kernels UGK(depthwise);
extern const ug_arithmetic_kernels UGK(arithmetic);
extern const ug_math_kernels UGK(math);
extern const ug_reduce_kernels UGK(reduce);
extern const ug_quantize_kernels UGK(quantize);
extern const ug_warp_kernels UGK(warp);

extern const upreg_kernels UGK(kernels);
const upreg_kernels UGK(kernels) = {
    .tier = UG_TEXT(UG_TIER),
    .gemm = &UGK(gemm),
    .elementwise = &UGK(elementwise),
    .move = &UGK(move),
    .convert = &UGK(convert),
    .norm = &UGK(norm),
    .pool = &UGK(pool),
    .resample = &UGK(resample),
    .winograd = &UGK(winograd),
    .depthwise = &UGK(depthwise),
    .arithmetic = &UGK(arithmetic),
    .math = &UGK(math),
    .reduce = &UGK(reduce),
    .quantize = &UGK(quantize),
    .warp = &UGK(warp),
};
