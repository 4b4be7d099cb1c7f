#include "kernels/pool.h"

#include "kernels/activation.h"
#include "kernels/lanes.h"

enum { UG_CLEARED = 2048 }; /* numbers that are cleared at once */

#define IS_NAN(x) ((x) != (x))
#define ADD(a, b) ((a) + (b))
#define F f32
#define T float
#include "kernels/pool_t.h"
#define F f64
#define T double
#include "kernels/pool_t.h"
#undef IS_NAN
#undef ADD
#define IS_NAN(x) 0
#define ADD(a, b) (T)((uint64_t)(a) + (uint64_t)(b)) /* wraps around */
#define F u8
#define T uint8_t
#include "kernels/pool_t.h"
#define F i8
#define T int8_t
#include "kernels/pool_t.h"
#define F u16
#define T uint16_t
#include "kernels/pool_t.h"
#define F i16
#define T int16_t
#include "kernels/pool_t.h"
#define F i32
#define T int32_t
#include "kernels/pool_t.h"
#define F i64
#define T int64_t
#include "kernels/pool_t.h"

/* to[i] = base + i * step + place[i], the first n of them. */
UG_INLINE void put_places_f64(int64_t *to, ug_vi64 place, int64_t base, int64_t step, int64_t n, int stream) {
    const ug_vi64 count = {UG_COUNT_f64};
    ug_v64 v = (ug_v64)(place + (count * step + base));
    if (n < UG_LANES_f64)
        ug_store_part_f64((double *)to, v, n);
    else if (stream && ug_is_aligned(to))
        ug_stream_f64((double *)to, v);
    else
        ug_store_f64((double *)to, v);
}

UG_INLINE void put_places_f32(int64_t *to, ug_vi32 place, int64_t base, int64_t step, int64_t n, int stream) {
#if defined(UG_TIER_AVX512)
    ug_vi64 low = (ug_vi64)_mm512_cvtepi32_epi64(_mm512_castsi512_si256((__m512i)place));
    ug_vi64 high = (ug_vi64)_mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64((__m512i)place, 1));
#elif defined(UG_TIER_AVX2)
    ug_vi64 low = (ug_vi64)_mm256_cvtepi32_epi64(_mm256_castsi256_si128((__m256i)place));
    ug_vi64 high = (ug_vi64)_mm256_cvtepi32_epi64(_mm256_extracti128_si256((__m256i)place, 1));
#else
    ug_vi64 low = {place[0], place[1]}, high = {place[2], place[3]};
#endif
    put_places_f64(to, low, base, step, n, stream);
    put_places_f64(to + UG_LANES_f64, high, base + UG_LANES_f64 * step, step, n - UG_LANES_f64, stream);
}

enum { UG_AHEAD = 1 << 13 }; /* bytes of the input that are fetched ahead */

#define F f32
#define T float
#define V ug_v32
#define VI ug_vi32
#include "kernels/pool_window_t.h"
#define F f64
#define T double
#define V ug_v64
#define VI ug_vi64
#include "kernels/pool_window_t.h"

static void turn_back_index(int64_t *const *to, const int64_t *from, int64_t step, int64_t n, const int64_t *add) {
    turn_back_adding_f64((double *const *)to, (const double *)from, step, n, add);
}

static void index_row(int64_t *restrict out, const int32_t *restrict tap, const int64_t *restrict offset, int64_t base, int64_t step,
                      int64_t inner_step, int64_t n, int64_t inner) {
    if (inner == 1)
        for (int64_t i = 0; i < n; i++) out[i] = base + i * step + offset[tap[i]];
    else
        for (int64_t i = 0; i < n; i++)
            for (int64_t c = 0; c < inner; c++) out[i * inner + c] = base + i * step + c * inner_step + offset[tap[i * inner + c]];
}

static void widen_add_u8(int32_t *restrict y, const uint8_t *restrict x, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[i] += x[i];
}

static void add_i32(int32_t *restrict y, const int32_t *restrict x, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[i] += x[i];
}

static void mean_f32(float *restrict y, const float *restrict sum, const float *restrict divisor, int64_t n, int64_t inner) {
    if (inner == 1)
        for (int64_t i = 0; i < n; i++) y[i] = sum[i] / divisor[i];
    else
        for (int64_t i = 0; i < n; i++)
            for (int64_t c = 0; c < inner; c++) y[i * inner + c] = sum[i * inner + c] / divisor[i];
}

static void mean_f64(double *restrict y, const double *restrict sum, const double *restrict divisor, int64_t n, int64_t inner) {
    if (inner == 1)
        for (int64_t i = 0; i < n; i++) y[i] = sum[i] / divisor[i];
    else
        for (int64_t i = 0; i < n; i++)
            for (int64_t c = 0; c < inner; c++) y[i * inner + c] = sum[i * inner + c] / divisor[i];
}

/* floor(sum / divisor + 1/2), kept in 0..255: a divisor of the caller's own may be anything */
static void mean_u8(uint8_t *restrict y, const int32_t *restrict sum, const int64_t *restrict divisor, int64_t n, int64_t inner) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t c = 0; c < inner; c++) {
            int64_t twice = 2 * (int64_t)sum[i * inner + c], d = divisor[i];
            int64_t mean = d > 0 ? (twice + d) / (2 * d) : 0;
            y[i * inner + c] = (uint8_t)(mean > 255 ? 255 : mean);
        }
}

#define SLOTS(F, T) .max_fold_##F = max_fold_##F, .max_index_##F = max_index_##F, .unpool_##F = unpool_##F, .unpool_flat_##F = unpool_flat_##F,
#define WINDOW_SLOTS(F)                                                                                                                              \
    .window_pixels_##F = window_pixels_##F, .window_rows_##F = window_rows_##F, .turn_##F = turn_##F, .turn_back_##F = turn_back_##F,                \
    .lanes_##F = UG_LANES_##F

extern const ug_pool_kernels UGK(pool);
const ug_pool_kernels UGK(pool) = {
    UG_POOL_TYPES(SLOTS).index = index_row,
    WINDOW_SLOTS(f32),
    WINDOW_SLOTS(f64),
    .turn_back_index = turn_back_index,
    .widen_add_u8 = widen_add_u8,
    .add_i32 = add_i32,
    .mean_f32 = mean_f32,
    .mean_f64 = mean_f64,
    .mean_u8 = mean_u8,
};
