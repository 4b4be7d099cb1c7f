#include "kernels/resample.h"
#include "kernels/kernels.h"
#include "kernels/simd.h"

#define F f32
#define T float
#define A float
#define FMA ug_sfma_f32
#include "kernels/resample_t.h"
#define F f64
#define T double
#define A double
#define FMA ug_sfma_f64
#include "kernels/resample_t.h"
#define F u8
#define T uint8_t
#define A int32_t
#define FMA(w, x, sum) ((sum) + (w) * (x))
#include "kernels/resample_t.h"

static void blend_i32(uint8_t *restrict y, const int32_t *const *row, const int32_t *weight, int64_t taps, int64_t n, int shift) {
    const int64_t half = shift ? (int64_t)1 << (shift - 1) : 0;
    for (int64_t i0 = 0; i0 < n; i0 += 64) {
        int64_t m = n - i0 < 64 ? n - i0 : 64, sum[64];
        for (int64_t i = 0; i < m; i++) sum[i] = half;
        for (int64_t t = 0; t < taps; t++) {
            const int32_t *restrict rt = row[t] + i0;
            int32_t w = weight[t];
            for (int64_t i = 0; i < m; i++) sum[i] += (int64_t)w * rt[i];
        }
        for (int64_t i = 0; i < m; i++) {
            int64_t v = sum[i] >> shift;
            y[i0 + i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
    }
}

#define SLOTS(F) .gather_##F = gather_##F, .phases_##F = phases_##F, .pixels_##F = pixels_##F, .blend_##F = blend_##F

extern const ug_resample_kernels UGK(resample);
const ug_resample_kernels UGK(resample) = {SLOTS(f32), SLOTS(f64), SLOTS(u8), .blend_i32 = blend_i32};
