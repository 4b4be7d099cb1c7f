/* Looking numbers up in one or two vectors: the places are counted from the first number of the first. */
#ifndef UG_RESAMPLE_PICK_H
#define UG_RESAMPLE_PICK_H

#include "kernels/lanes.h"

#if defined(UG_TIER_AVX512)
typedef __m512i ug_places;
UG_INLINE ug_places ug_places_f32(const int32_t *p) { return _mm512_loadu_si512(p); }
UG_INLINE ug_places ug_places_f64(const int32_t *p) { return _mm512_cvtepi32_epi64(_mm256_loadu_si256((const __m256i *)p)); }
UG_INLINE ug_v32 ug_pick_f32(const float *x, ug_places i) { return (ug_v32)_mm512_permutexvar_ps(i, _mm512_loadu_ps(x)); }
UG_INLINE ug_v64 ug_pick_f64(const double *x, ug_places i) { return (ug_v64)_mm512_permutexvar_pd(i, _mm512_loadu_pd(x)); }
UG_INLINE ug_v32 ug_pick2_f32(const float *x, ug_places i) { return (ug_v32)_mm512_permutex2var_ps(_mm512_loadu_ps(x), i, _mm512_loadu_ps(x + 16)); }
UG_INLINE ug_v64 ug_pick2_f64(const double *x, ug_places i) { return (ug_v64)_mm512_permutex2var_pd(_mm512_loadu_pd(x), i, _mm512_loadu_pd(x + 8)); }
#elif defined(UG_TIER_AVX2)
typedef __m256i ug_places;
UG_INLINE ug_places ug_places_f32(const int32_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
/* doubles are looked up as pairs of 32-bit halves */
UG_INLINE ug_places ug_places_f64(const int32_t *p) {
    __m256i twice = _mm256_slli_epi64(_mm256_cvtepi32_epi64(_mm_loadu_si128((const __m128i *)p)), 1);
    return _mm256_or_si256(twice, _mm256_slli_epi64(_mm256_add_epi64(twice, _mm256_set1_epi64x(1)), 32));
}
UG_INLINE ug_v32 ug_pick_f32(const float *x, ug_places i) { return (ug_v32)_mm256_permutevar8x32_ps(_mm256_loadu_ps(x), i); }
UG_INLINE ug_v64 ug_pick_f64(const double *x, ug_places i) { return (ug_v64)ug_pick_f32((const float *)x, i); }
UG_INLINE ug_v32 ug_pick2_f32(const float *x, ug_places i) {
    __m256 low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(x), i), high = _mm256_permutevar8x32_ps(_mm256_loadu_ps(x + 8), i);
    return (ug_v32)_mm256_blendv_ps(low, high, _mm256_castsi256_ps(_mm256_cmpgt_epi32(i, _mm256_set1_epi32(7))));
}
UG_INLINE ug_v64 ug_pick2_f64(const double *x, ug_places i) { return (ug_v64)ug_pick2_f32((const float *)x, i); }
#else
typedef const int32_t *ug_places;
UG_INLINE ug_places ug_places_f32(const int32_t *p) { return p; }
UG_INLINE ug_places ug_places_f64(const int32_t *p) { return p; }
UG_INLINE ug_v32 ug_pick_f32(const float *x, ug_places i) { return (ug_v32){x[i[0]], x[i[1]], x[i[2]], x[i[3]]}; }
UG_INLINE ug_v64 ug_pick_f64(const double *x, ug_places i) { return (ug_v64){x[i[0]], x[i[1]]}; }
UG_INLINE ug_v32 ug_pick2_f32(const float *x, ug_places i) { return ug_pick_f32(x, i); }
UG_INLINE ug_v64 ug_pick2_f64(const double *x, ug_places i) { return ug_pick_f64(x, i); }
#endif

#endif
