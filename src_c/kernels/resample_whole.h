/* Vectors of whole numbers for resampling: 16-bit numbers in, 32-bit sums of pairs, 16 or 8 bits out. */
#ifndef UG_RESAMPLE_WHOLE_H
#define UG_RESAMPLE_WHOLE_H

#include "kernels/simd.h"

/* What makes a shift round.  Sums wrap around, in vectors and alone: tables keep them far from it, unless a kernel has absurd weights. */
UG_INLINE uint32_t ug_half(int shift) { return shift ? 1u << (shift - 1) : 0; }
UG_INLINE int16_t ug_whole_i16(int32_t sum) { return (int16_t)(sum < -32768 ? -32768 : sum > 32767 ? 32767 : sum); }
UG_INLINE uint8_t ug_whole_u8(int32_t sum) { return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum); }

#if defined(UG_TIER_AVX512)
#define UG_WHOLE 1
enum { UG_WORDS = 32, UG_WHOLE_LANES = 16, UG_WHOLE_WIDEST = 64 };
#define UG_WINDOWS_i16 {32, 64}
#define UG_WINDOWS_u8 {16, 32, 64}
typedef __m512i ug_words;
typedef __m512i ug_sums; /* of one group of outputs */
UG_INLINE ug_words ug_words_i16(const int16_t *p) { return _mm512_loadu_si512(p); }
UG_INLINE ug_words ug_words_u8(const uint8_t *p) { return _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)p)); }
UG_INLINE ug_words ug_words_all(int32_t pair) { return _mm512_set1_epi32(pair); }
UG_INLINE ug_words ug_words_low(ug_words a, ug_words b) { return _mm512_unpacklo_epi16(a, b); }
UG_INLINE ug_words ug_words_high(ug_words a, ug_words b) { return _mm512_unpackhi_epi16(a, b); }
UG_INLINE ug_words ug_add_products(ug_words sum, ug_words a, ug_words w) { return _mm512_add_epi32(sum, _mm512_madd_epi16(a, w)); }
UG_INLINE ug_words ug_words_of(ug_words low, ug_words high, int shift) {
    return _mm512_packs_epi32(_mm512_sra_epi32(low, _mm_cvtsi32_si128(shift)), _mm512_sra_epi32(high, _mm_cvtsi32_si128(shift)));
}
UG_INLINE void ug_put_one_i16(int16_t *y, ug_words v) { _mm512_storeu_si512(y, v); }
UG_INLINE void ug_put_one_u8(uint8_t *y, ug_words v) {
    _mm256_storeu_si256((__m256i *)y, _mm512_cvtusepi16_epi8(_mm512_max_epi16(v, _mm512_setzero_si512())));
}
UG_INLINE __m512i ug_bytes(ug_words a, ug_words b) {
    return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), _mm512_packus_epi16(a, b));
}
UG_INLINE void ug_put_two_u8(uint8_t *y, ug_words a, ug_words b) { _mm512_storeu_si512(y, ug_bytes(a, b)); }
UG_INLINE void ug_stream_two_u8(uint8_t *y, ug_words a, ug_words b) { _mm512_stream_si512((__m512i *)y, ug_bytes(a, b)); }

UG_INLINE ug_sums ug_sums_all(int32_t x) { return _mm512_set1_epi32(x); }
UG_INLINE ug_sums ug_sums_add(ug_sums sum, ug_sums pairs, const int16_t *weight) {
    return _mm512_add_epi32(sum, _mm512_madd_epi16(pairs, _mm512_loadu_si512(weight)));
}
UG_INLINE ug_sums ug_look_up_words(ug_words first, ug_words second, const int16_t *index, int wide) {
    __m512i places = _mm512_loadu_si512(index);
    return wide ? _mm512_permutex2var_epi16(first, places, second) : _mm512_permutexvar_epi16(places, first);
}
UG_INLINE ug_sums ug_look_up_i16(const int16_t *x, const int16_t *index, int kind) {
    return ug_look_up_words(ug_words_i16(x), kind ? ug_words_i16(x + 32) : _mm512_setzero_si512(), index, kind);
}
UG_INLINE ug_sums ug_look_up_u8(const uint8_t *x, const int16_t *index, int kind) {
    if (kind == 0) { /* bytes of 16, and zeros for the upper halves */
        __m512i places = _mm512_or_si512(_mm512_loadu_si512(index), _mm512_set1_epi16(-0x8000));
        return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)x)), places);
    }
    return ug_look_up_words(ug_words_u8(x), kind == 2 ? ug_words_u8(x + 32) : _mm512_setzero_si512(), index, kind == 2);
}
UG_INLINE ug_words ug_words_of_groups(ug_sums a, ug_sums b, int shift) {
    return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), ug_words_of(a, b, shift));
}
UG_INLINE void ug_put_groups_i16(int16_t *y, ug_sums a, ug_sums b, int shift) { ug_put_one_i16(y, ug_words_of_groups(a, b, shift)); }
UG_INLINE void ug_put_groups_u8(uint8_t *y, ug_sums a, ug_sums b, int shift) { ug_put_one_u8(y, ug_words_of_groups(a, b, shift)); }
#elif defined(UG_TIER_AVX2)
#define UG_WHOLE 1
enum { UG_WORDS = 16, UG_WHOLE_LANES = 4, UG_WHOLE_WIDEST = 16 };
#define UG_WINDOWS_i16 {8}
#define UG_WINDOWS_u8 {16}
typedef __m256i ug_words;
typedef __m128i ug_sums;
UG_INLINE ug_words ug_words_i16(const int16_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
UG_INLINE ug_words ug_words_u8(const uint8_t *p) { return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)p)); }
UG_INLINE ug_words ug_words_all(int32_t pair) { return _mm256_set1_epi32(pair); }
UG_INLINE ug_words ug_words_low(ug_words a, ug_words b) { return _mm256_unpacklo_epi16(a, b); }
UG_INLINE ug_words ug_words_high(ug_words a, ug_words b) { return _mm256_unpackhi_epi16(a, b); }
UG_INLINE ug_words ug_add_products(ug_words sum, ug_words a, ug_words w) { return _mm256_add_epi32(sum, _mm256_madd_epi16(a, w)); }
UG_INLINE ug_words ug_words_of(ug_words low, ug_words high, int shift) {
    return _mm256_packs_epi32(_mm256_sra_epi32(low, _mm_cvtsi32_si128(shift)), _mm256_sra_epi32(high, _mm_cvtsi32_si128(shift)));
}
UG_INLINE void ug_put_one_i16(int16_t *y, ug_words v) { _mm256_storeu_si256((__m256i *)y, v); }
UG_INLINE void ug_put_one_u8(uint8_t *y, ug_words v) {
    _mm_storeu_si128((__m128i *)y, _mm_packus_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1)));
}
UG_INLINE __m256i ug_bytes(ug_words a, ug_words b) { return _mm256_permute4x64_epi64(_mm256_packus_epi16(a, b), 0xd8); }
UG_INLINE void ug_put_two_u8(uint8_t *y, ug_words a, ug_words b) { _mm256_storeu_si256((__m256i *)y, ug_bytes(a, b)); }
UG_INLINE void ug_stream_two_u8(uint8_t *y, ug_words a, ug_words b) { _mm256_stream_si256((__m256i *)y, ug_bytes(a, b)); }

UG_INLINE ug_sums ug_sums_all(int32_t x) { return _mm_set1_epi32(x); }
UG_INLINE ug_sums ug_sums_add(ug_sums sum, ug_sums pairs, const int16_t *weight) {
    return _mm_add_epi32(sum, _mm_madd_epi16(pairs, _mm_loadu_si128((const __m128i *)weight)));
}
UG_INLINE ug_sums ug_look_up_i16(const int16_t *x, const int16_t *index, int kind) {
    (void)kind;
    /* a place i of 16 bits is the bytes 2i and 2i + 1 */
    __m128i places = _mm_mullo_epi16(_mm_loadu_si128((const __m128i *)index), _mm_set1_epi16(0x0202));
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)x), _mm_add_epi16(places, _mm_set1_epi16(0x0100)));
}
UG_INLINE ug_sums ug_look_up_u8(const uint8_t *x, const int16_t *index, int kind) {
    (void)kind;
    /* bytes, and zeros for the upper halves */
    __m128i places = _mm_or_si128(_mm_loadu_si128((const __m128i *)index), _mm_set1_epi16(-0x8000));
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)x), places);
}
UG_INLINE __m128i ug_words_of_groups(ug_sums a, ug_sums b, int shift) {
    return _mm_packs_epi32(_mm_sra_epi32(a, _mm_cvtsi32_si128(shift)), _mm_sra_epi32(b, _mm_cvtsi32_si128(shift)));
}
UG_INLINE void ug_put_groups_i16(int16_t *y, ug_sums a, ug_sums b, int shift) { _mm_storeu_si128((__m128i *)y, ug_words_of_groups(a, b, shift)); }
UG_INLINE void ug_put_groups_u8(uint8_t *y, ug_sums a, ug_sums b, int shift) {
    __m128i words = ug_words_of_groups(a, b, shift);
    _mm_storel_epi64((__m128i *)y, _mm_packus_epi16(words, words));
}
#else
#define UG_WHOLE 0
enum { UG_WHOLE_PIECE = 64 }; /* sums that are kept at once */
#endif

#if UG_WHOLE
UG_INLINE ug_words ug_words_pair(const int16_t *weight) {
    int32_t pair;
    memcpy(&pair, weight, sizeof pair);
    return ug_words_all(pair);
}
UG_INLINE void ug_put_two_i16(int16_t *y, ug_words a, ug_words b) { ug_put_one_i16(y, a), ug_put_one_i16(y + UG_WORDS, b); }
UG_INLINE void ug_stream_two_i16(int16_t *y, ug_words a, ug_words b) { ug_put_two_i16(y, a, b); } /* never a result */
#endif

#endif
