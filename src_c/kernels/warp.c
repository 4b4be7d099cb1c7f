#include "kernels/warp.h"

#include "kernels/lanes.h"

/* The numbers at a vector of places, 0 where a place is negative. */
#if defined(UG_TIER_AVX512)
UG_INLINE ug_v32 at_f32(const float *x, const int32_t *place, int64_t n) {
    __m512i p = _mm512_mask_loadu_epi32(_mm512_set1_epi32(-1), (__mmask16)UG_FIRST(n, 16), place);
    return (ug_v32)_mm512_mask_i32gather_ps(_mm512_setzero_ps(), _mm512_cmpge_epi32_mask(p, _mm512_setzero_si512()), p, x, 4);
}
UG_INLINE ug_v64 at_f64(const double *x, const int32_t *place, int64_t n) {
    __m256i p = _mm256_mask_loadu_epi32(_mm256_set1_epi32(-1), (__mmask8)UG_FIRST(n, 8), place);
    return (ug_v64)_mm512_mask_i32gather_pd(_mm512_setzero_pd(), _mm256_cmpge_epi32_mask(p, _mm256_setzero_si256()), p, x, 8);
}
#elif defined(UG_TIER_AVX2)
UG_INLINE ug_v32 at_f32(const float *x, const int32_t *place, int64_t n) {
    __m256i inside = ug_first_f32(n), p = _mm256_maskload_epi32(place, inside);
    __m256i mask = _mm256_andnot_si256(p, inside); /* the sign of a number says whether it is read */
    return (ug_v32)_mm256_mask_i32gather_ps(_mm256_setzero_ps(), x, p, (__m256)mask, 4);
}
UG_INLINE ug_v64 at_f64(const double *x, const int32_t *place, int64_t n) {
    n = n > 4 ? 4 : n;
    __m128i inside = _mm_cmpgt_epi32(_mm_set1_epi32((int)n), _mm_setr_epi32(0, 1, 2, 3)), p = _mm_maskload_epi32(place, inside);
    __m256i mask = _mm256_cvtepi32_epi64(_mm_andnot_si128(p, inside));
    return (ug_v64)_mm256_mask_i32gather_pd(_mm256_setzero_pd(), x, p, (__m256d)mask, 8);
}
#else
#define UG_DEFINE_AT(F, S, V)                                                                                                                        \
    UG_INLINE V at_##F(const S *x, const int32_t *place, int64_t n) {                                                                                \
        V v = {0};                                                                                                                                   \
        for (int i = 0; i < UG_LANES_##F; i++)                                                                                                       \
            if (i < n && place[i] >= 0) v[i] = x[place[i]];                                                                                          \
        return v;                                                                                                                                    \
    }
UG_DEFINE_AT(f32, float, ug_v32)
UG_DEFINE_AT(f64, double, ug_v64)
#endif

/* Places as many as there are positions in a vector; sums of them wrap around where they are not used. */
typedef int32_t places __attribute__((vector_size(UG_VECTOR_BYTES / 2)));

UG_INLINE ug_v64 choose(ug_vi64 which, ug_v64 a, ug_v64 b) { return (ug_v64)((which & (ug_vi64)a) | (~which & (ug_vi64)b)); }
UG_INLINE ug_v64 within(ug_v64 v, double low, double high) {
    ug_v64 l = ug_set1_f64(low), h = ug_set1_f64(high);
    v = choose(v < l, l, v);
    return choose(v > h, h, v);
}
/* Of numbers below 2^51: those above have no fraction to lose. */
UG_INLINE ug_v64 floor_of(ug_v64 v) {
    const ug_v64 magic = ug_set1_f64(6755399441055744.0);
    ug_v64 nearest = (v + magic) - magic;
    return nearest - choose(nearest > v, ug_set1_f64(1), ug_set1_f64(0));
}
/* Not-a-number is outside. */
UG_INLINE places whole_of(ug_v64 v) { return __builtin_convertvector(choose(v == v, v, ug_set1_f64(-2)), places); }

#define F f32
#define S float
#define V ug_v32
#include "kernels/warp_t.h"
#define F f64
#define S double
#define V ug_v64
#include "kernels/warp_t.h"

#define SLOT(name) .name##_f32 = name##_f32, .name##_f64 = name##_f64

extern const ug_warp_kernels UGK(warp);
const ug_warp_kernels UGK(warp) = {SLOT(pick), SLOT(blend), SLOT(corners)};
