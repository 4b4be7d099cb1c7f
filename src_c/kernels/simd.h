/* The vectors of one CPU tier.  Every kernel file is compiled once per tier; UG_TIER names it and UGK(name) suffixes its symbols.
 *
 * A fused multiply-add happens only through ug_fma_* (vector) and ug_sfma_* (scalar), which agree bit for bit within a tier, so a
 * loop's vector body and its tail do too.  The base tier multiplies and adds: same bits on every machine. */
#ifndef UG_SIMD_H
#define UG_SIMD_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define UG_PASTE_(a, b) a##_##b
#define UG_PASTE(a, b) UG_PASTE_(a, b)
#define UGK(name) UG_PASTE(ug_##name, UG_TIER)

#if defined(UG_TIER_AVX512)
#include <immintrin.h>
#define UG_VECTOR_BYTES 64
#elif defined(UG_TIER_AVX2)
#include <immintrin.h>
#define UG_VECTOR_BYTES 32
#else
#define UG_VECTOR_BYTES 16
#endif

#if defined(__clang__)
#define UG_UNROLL _Pragma("unroll")
#else
#define UG_UNROLL _Pragma("GCC unroll 16")
#endif
#define UG_INLINE static inline __attribute__((always_inline))

typedef float ug_v32 __attribute__((vector_size(UG_VECTOR_BYTES), may_alias));
typedef double ug_v64 __attribute__((vector_size(UG_VECTOR_BYTES), may_alias));
typedef int32_t ug_vi32 __attribute__((vector_size(UG_VECTOR_BYTES), may_alias));
typedef int64_t ug_vi64 __attribute__((vector_size(UG_VECTOR_BYTES), may_alias));
typedef float ug_u32 __attribute__((vector_size(UG_VECTOR_BYTES), aligned(4), may_alias)); /* unaligned in memory */
typedef double ug_u64 __attribute__((vector_size(UG_VECTOR_BYTES), aligned(8), may_alias));

enum { UG_CACHE_LINE = 64 };
enum { UG_LANES_f32 = UG_VECTOR_BYTES / 4, UG_LANES_f64 = UG_VECTOR_BYTES / 8 };

UG_INLINE ug_v32 ug_load_f32(const float *p) { return *(const ug_u32 *)p; }
UG_INLINE ug_v64 ug_load_f64(const double *p) { return *(const ug_u64 *)p; }
UG_INLINE void ug_store_f32(float *p, ug_v32 v) { *(ug_u32 *)p = v; }
UG_INLINE void ug_store_f64(double *p, ug_v64 v) { *(ug_u64 *)p = v; }

#if defined(UG_TIER_AVX512)
UG_INLINE ug_v32 ug_set1_f32(float x) { return (ug_v32)_mm512_set1_ps(x); }
UG_INLINE ug_v64 ug_set1_f64(double x) { return (ug_v64)_mm512_set1_pd(x); }
UG_INLINE ug_v32 ug_fma_f32(ug_v32 a, ug_v32 b, ug_v32 c) { return (ug_v32)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c); }
UG_INLINE ug_v64 ug_fma_f64(ug_v64 a, ug_v64 b, ug_v64 c) { return (ug_v64)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c); }
#elif defined(UG_TIER_AVX2)
UG_INLINE ug_v32 ug_set1_f32(float x) { return (ug_v32)_mm256_set1_ps(x); }
UG_INLINE ug_v64 ug_set1_f64(double x) { return (ug_v64)_mm256_set1_pd(x); }
UG_INLINE ug_v32 ug_fma_f32(ug_v32 a, ug_v32 b, ug_v32 c) { return (ug_v32)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c); }
UG_INLINE ug_v64 ug_fma_f64(ug_v64 a, ug_v64 b, ug_v64 c) { return (ug_v64)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c); }
#else
UG_INLINE ug_v32 ug_set1_f32(float x) { return (ug_v32){x, x, x, x}; }
UG_INLINE ug_v64 ug_set1_f64(double x) { return (ug_v64){x, x}; }
UG_INLINE ug_v32 ug_fma_f32(ug_v32 a, ug_v32 b, ug_v32 c) { return a * b + c; }
UG_INLINE ug_v64 ug_fma_f64(ug_v64 a, ug_v64 b, ug_v64 c) { return a * b + c; }
#endif

#if defined(UG_TIER_AVX512) || defined(UG_TIER_AVX2)
UG_INLINE float ug_sfma_f32(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
UG_INLINE double ug_sfma_f64(double a, double b, double c) { return __builtin_fma(a, b, c); }
#else
UG_INLINE float ug_sfma_f32(float a, float b, float c) { return a * b + c; }
UG_INLINE double ug_sfma_f64(double a, double b, double c) { return a * b + c; }
#endif

/* Whether any lane of a mask of all ones or all zeros is set. */
#if defined(UG_TIER_AVX512)
UG_INLINE int ug_any_f32(ug_vi32 mask) { return _mm512_movepi32_mask((__m512i)mask) != 0; }
UG_INLINE int ug_any_f64(ug_vi64 mask) { return _mm512_movepi64_mask((__m512i)mask) != 0; }
#elif defined(UG_TIER_AVX2)
UG_INLINE int ug_any_f32(ug_vi32 mask) { return !_mm256_testz_si256((__m256i)mask, (__m256i)mask); }
UG_INLINE int ug_any_f64(ug_vi64 mask) { return !_mm256_testz_si256((__m256i)mask, (__m256i)mask); }
#else
UG_INLINE int ug_any_f32(ug_vi32 mask) { return (mask[0] | mask[1] | mask[2] | mask[3]) != 0; }
UG_INLINE int ug_any_f64(ug_vi64 mask) { return (mask[0] | mask[1]) != 0; }
#endif

/* Two vectors' numbers in turn (low and high half), and back: those at even and at odd places. */
#define UG_PAIRS_2(a, b) __builtin_shufflevector(a, b, 0, 2), __builtin_shufflevector(a, b, 1, 3)
#define UG_HALVES_2(a, b) __builtin_shufflevector(a, b, 0, 2), __builtin_shufflevector(a, b, 1, 3)
#define UG_PAIRS_4(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5), __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define UG_HALVES_4(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6), __builtin_shufflevector(a, b, 1, 3, 5, 7)
#define UG_PAIRS_8(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11), __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define UG_HALVES_8(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14), __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define UG_PAIRS_16(a, b)                                                                                                                            \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),                                                           \
        __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define UG_HALVES_16(a, b)                                                                                                                           \
    __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30),                                                        \
        __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define UG_SHUFFLES(S, V, n)                                                                                                                         \
    UG_INLINE void ug_pairs_##S(V a, V b, V to[2]) {                                                                                                 \
        const V both[2] = {UG_PAIRS_##n(a, b)};                                                                                                      \
        to[0] = both[0], to[1] = both[1];                                                                                                            \
    }                                                                                                                                                \
    UG_INLINE void ug_halves_##S(V a, V b, V to[2]) {                                                                                                \
        const V both[2] = {UG_HALVES_##n(a, b)};                                                                                                     \
        to[0] = both[0], to[1] = both[1];                                                                                                            \
    }
#if UG_VECTOR_BYTES == 64
UG_SHUFFLES(f32, ug_v32, 16)
UG_SHUFFLES(f64, ug_v64, 8)
#elif UG_VECTOR_BYTES == 32
UG_SHUFFLES(f32, ug_v32, 8)
UG_SHUFFLES(f64, ug_v64, 4)
#else
UG_SHUFFLES(f32, ug_v32, 4)
UG_SHUFFLES(f64, ug_v64, 2)
#endif

#endif
