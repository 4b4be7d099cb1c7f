#include "kernels/pool.h"
#include "kernels/simd.h"

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

#define SLOTS(F, T) .max_fold_##F = max_fold_##F, .max_index_##F = max_index_##F, .unpool_##F = unpool_##F,

extern const ug_pool_kernels UGK(pool);
const ug_pool_kernels UGK(pool) = {
    UG_POOL_TYPES(SLOTS).index = index_row,
    .widen_add_u8 = widen_add_u8,
    .add_i32 = add_i32,
    .mean_f32 = mean_f32,
    .mean_f64 = mean_f64,
    .mean_u8 = mean_u8,
};
