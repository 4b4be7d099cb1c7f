/* Vectors whose lanes are picked apart, put together, turned, or only partly in memory: for moves, pools, resampling, depthwise convolution.
 * Moves know a number by its width only: floats stand for anything of 4 bytes, doubles for 8. */
#ifndef UG_LANES_H
#define UG_LANES_H

#include "kernels/simd.h"

/* 0, 1, 2, ... */
#if UG_VECTOR_BYTES == 64
#define UG_COUNT_f32 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
#define UG_COUNT_f64 0, 1, 2, 3, 4, 5, 6, 7
#elif UG_VECTOR_BYTES == 32
#define UG_COUNT_f32 0, 1, 2, 3, 4, 5, 6, 7
#define UG_COUNT_f64 0, 1, 2, 3
#else
#define UG_COUNT_f32 0, 1, 2, 3
#define UG_COUNT_f64 0, 1
#endif

/* Numbers of a and b, one after the other: those at even places, at odd places; and a and b taking turns: low half, high half. */
#define UG_DEFINE_HALF(name, both, half, F, V)                                                                                                       \
    UG_INLINE V ug_##name##_##F(V a, V b) {                                                                                                          \
        V to[2];                                                                                                                                     \
        ug_##both##_##F(a, b, to);                                                                                                                   \
        return to[half];                                                                                                                             \
    }
UG_DEFINE_HALF(even, halves, 0, f32, ug_v32)
UG_DEFINE_HALF(even, halves, 0, f64, ug_v64)
UG_DEFINE_HALF(odd, halves, 1, f32, ug_v32)
UG_DEFINE_HALF(odd, halves, 1, f64, ug_v64)
UG_DEFINE_HALF(low, pairs, 0, f32, ug_v32)
UG_DEFINE_HALF(low, pairs, 0, f64, ug_v64)
UG_DEFINE_HALF(high, pairs, 1, f32, ug_v32)
UG_DEFINE_HALF(high, pairs, 1, f64, ug_v64)

/* Keeps a vector in a register: compilers like to load it again for each of its uses. */
#if defined(UG_TIER_AVX512)
#define UG_KEEP(v) __asm__("" : "+v"(v))
#else
#define UG_KEEP(v) (void)0
#endif

/* Rows become columns. */
#define UG_DEFINE_TURN(F, V)                                                                                                                         \
    UG_INLINE void ug_turn_##F(V *row) {                                                                                                             \
        UG_UNROLL                                                                                                                                    \
        for (int step = 1; step < UG_LANES_##F; step *= 2) {                                                                                         \
            V old[UG_LANES_##F];                                                                                                                     \
            UG_UNROLL                                                                                                                                \
            for (int i = 0; i < UG_LANES_##F / 2; i++) old[i] = row[i], old[i + UG_LANES_##F / 2] = row[i + UG_LANES_##F / 2];                       \
            UG_UNROLL                                                                                                                                \
            for (int i = 0; i < UG_LANES_##F / 2; i++) {                                                                                             \
                row[2 * i] = ug_low_##F(old[i], old[i + UG_LANES_##F / 2]);                                                                          \
                row[2 * i + 1] = ug_high_##F(old[i], old[i + UG_LANES_##F / 2]);                                                                     \
            }                                                                                                                                        \
        }                                                                                                                                            \
    }
UG_DEFINE_TURN(f32, ug_v32)
UG_DEFINE_TURN(f64, ug_v64)

/* The first n numbers (any n; zeros, and nothing stored, where n ends).  Nothing beyond them is touched in memory. */
#if defined(UG_TIER_AVX512)
#define UG_FIRST(n, lanes) ((n) >= (lanes) ? ~0u : (n) <= 0 ? 0u : (1u << (n)) - 1)
UG_INLINE ug_v32 ug_load_part_f32(const float *p, int64_t n) { return (ug_v32)_mm512_maskz_loadu_ps((__mmask16)UG_FIRST(n, 16), p); }
UG_INLINE ug_v64 ug_load_part_f64(const double *p, int64_t n) { return (ug_v64)_mm512_maskz_loadu_pd((__mmask8)UG_FIRST(n, 8), p); }
UG_INLINE void ug_store_part_f32(float *p, ug_v32 v, int64_t n) { _mm512_mask_storeu_ps(p, (__mmask16)UG_FIRST(n, 16), (__m512)v); }
UG_INLINE void ug_store_part_f64(double *p, ug_v64 v, int64_t n) { _mm512_mask_storeu_pd(p, (__mmask8)UG_FIRST(n, 8), (__m512d)v); }
#elif defined(UG_TIER_AVX2)
UG_INLINE __m256i ug_first_f32(int64_t n) {
    n = n < 0 ? 0 : n > 8 ? 8 : n;
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), (__m256i)(ug_vi32){UG_COUNT_f32});
}
UG_INLINE __m256i ug_first_f64(int64_t n) { return _mm256_cmpgt_epi64(_mm256_set1_epi64x(n), (__m256i)(ug_vi64){UG_COUNT_f64}); }
UG_INLINE ug_v32 ug_load_part_f32(const float *p, int64_t n) { return (ug_v32)_mm256_maskload_ps(p, ug_first_f32(n)); }
UG_INLINE ug_v64 ug_load_part_f64(const double *p, int64_t n) { return (ug_v64)_mm256_maskload_pd(p, ug_first_f64(n)); }
UG_INLINE void ug_store_part_f32(float *p, ug_v32 v, int64_t n) { _mm256_maskstore_ps(p, ug_first_f32(n), (__m256)v); }
UG_INLINE void ug_store_part_f64(double *p, ug_v64 v, int64_t n) { _mm256_maskstore_pd(p, ug_first_f64(n), (__m256d)v); }
#else
#define UG_DEFINE_PARTS(F, T, V)                                                                                                                     \
    UG_INLINE V ug_load_part_##F(const T *p, int64_t n) {                                                                                            \
        V v = {0};                                                                                                                                   \
        for (int i = 0; i < UG_LANES_##F; i++)                                                                                                       \
            if (i < n) v[i] = p[i];                                                                                                                  \
        return v;                                                                                                                                    \
    }                                                                                                                                                \
    UG_INLINE void ug_store_part_##F(T *p, V v, int64_t n) {                                                                                         \
        for (int i = 0; i < UG_LANES_##F; i++)                                                                                                       \
            if (i < n) p[i] = v[i];                                                                                                                  \
    }
UG_DEFINE_PARTS(f32, float, ug_v32)
UG_DEFINE_PARTS(f64, double, ug_v64)
#endif

/* Stores past the caches: for arrays that are too large to be found there again.  p must be aligned to the vector.  Ends with ug_streamed. */
#if defined(UG_TIER_AVX512)
UG_INLINE void ug_stream_f32(float *p, ug_v32 v) { _mm512_stream_ps(p, (__m512)v); }
UG_INLINE void ug_stream_f64(double *p, ug_v64 v) { _mm512_stream_pd(p, (__m512d)v); }
UG_INLINE void ug_streamed(void) { _mm_sfence(); }
#elif defined(UG_TIER_AVX2)
UG_INLINE void ug_stream_f32(float *p, ug_v32 v) { _mm256_stream_ps(p, (__m256)v); }
UG_INLINE void ug_stream_f64(double *p, ug_v64 v) { _mm256_stream_pd(p, (__m256d)v); }
UG_INLINE void ug_streamed(void) { _mm_sfence(); }
#else
UG_INLINE void ug_stream_f32(float *p, ug_v32 v) { *(ug_v32 *)p = v; }
UG_INLINE void ug_stream_f64(double *p, ug_v64 v) { *(ug_v64 *)p = v; }
UG_INLINE void ug_streamed(void) {}
#endif
UG_INLINE int ug_is_aligned(const void *p) { return (uintptr_t)p % UG_VECTOR_BYTES == 0; }

#endif
