#include "kernels/gemm.h"

#include "kernels/activation.h"
#include "kernels/lanes.h"
#include "kernels/simd.h"
#include "kernels/tuning.h"

/* Rows x vectors of accumulators, the vectors of x and one weight must fit the registers: 32 with AVX-512, 16 otherwise. */
#if defined(UG_TIER_AVX512)
#define UG_ROWS 8
#define UG_VECTORS 3
#elif defined(UG_TIER_AVX2)
#define UG_ROWS 4
#define UG_VECTORS 3
#else
#define UG_ROWS 6
#define UG_VECTORS 2
#endif

#define T float
#define S f32
#define V ug_v32
#include "kernels/gemm_t.h"

#define T double
#define S f64
#define V ug_v64
#include "kernels/gemm_t.h"

#define ROW(m, S) {UG_PASTE(tile_##m##_1, S), UG_PASTE(tile_##m##_2, S), UG_PASTE(tile_##m##_3, S)}
#if UG_ROWS > 4
#define TILES(S) {ROW(1, S), ROW(2, S), ROW(3, S), ROW(4, S), ROW(5, S), ROW(6, S), ROW(7, S), ROW(8, S)}
#else
#define TILES(S) {ROW(1, S), ROW(2, S), ROW(3, S), ROW(4, S)}
#endif
#define FAMILY(S)                                                                                                                                    \
    .rows_##S = UG_ROWS, .vectors_##S = UG_VECTORS, .lanes_##S = UG_LANES_##S, .tile_##S = TILES(S), .take_##S = take_##S, .spread_##S = spread_##S, \
    .weave_##S = weave_##S, .unweave_##S = unweave_##S, .gather_##S = gather_##S, .scatter_##S = scatter_##S, .transpose_##S = transpose_##S,        \
    .finish_##S = finish_##S, .finish_across_##S = finish_across_##S, .accumulate_##S = accumulate_##S

extern const ug_gemm_kernels UGK(gemm);
const ug_gemm_kernels UGK(gemm) = {FAMILY(f32), FAMILY(f64)};
