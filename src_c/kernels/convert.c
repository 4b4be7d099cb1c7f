#include "kernels/convert.h"

#include "kernels/simd.h"

UG_INLINE uint32_t bits_of(float x) {
    uint32_t u;
    memcpy(&u, &x, 4);
    return u;
}

UG_INLINE float float_of(uint32_t u) {
    float x;
    memcpy(&x, &u, 4);
    return x;
}

/* Scaling by 2^112 turns a half's exponent into a float's, denormals included, exactly. */
UG_INLINE float one_f16_to_f32(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000u) << 16, rest = (uint32_t)(h & 0x7fffu) << 13;
    uint32_t magnitude = (h & 0x7c00u) == 0x7c00u ? rest | 0x7f800000u : bits_of(float_of(rest) * 0x1p112f);
    return float_of(sign | magnitude);
}

UG_INLINE uint16_t one_f32_to_f16(float x) {
    uint32_t u = bits_of(x), sign = u >> 16 & 0x8000u, magnitude = u & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return (uint16_t)(sign | 0x7e00u);
    if (magnitude >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u); /* 65520 and above round to infinity */
    if (magnitude < 0x38800000u) {                                   /* below 2^-14: the sum's rounding is the denormal's */
        uint32_t rounded = bits_of(float_of(magnitude) + 0.5f) - 0x3f000000u;
        return (uint16_t)(sign | rounded);
    }
    uint32_t odd = magnitude >> 13 & 1u;
    return (uint16_t)(sign | (magnitude - 0x38000000u + 0xfffu + odd) >> 13);
}

static void f16_to_f32(float *restrict to, const uint16_t *restrict from, int64_t n) {
    for (int64_t i = 0; i < n; i++) to[i] = one_f16_to_f32(from[i]);
}

static void f32_to_f16(uint16_t *restrict to, const float *restrict from, int64_t n) {
    for (int64_t i = 0; i < n; i++) to[i] = one_f32_to_f16(from[i]);
}

static void bf16_to_f32(float *restrict to, const uint16_t *restrict from, int64_t n) {
    for (int64_t i = 0; i < n; i++) to[i] = float_of((uint32_t)from[i] << 16);
}

static void f32_to_bf16(uint16_t *restrict to, const float *restrict from, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        uint32_t u = bits_of(from[i]);
        to[i] = (uint16_t)((u & 0x7fffffffu) > 0x7f800000u ? (u >> 16) | 0x40u : (u + 0x7fffu + (u >> 16 & 1u)) >> 16);
    }
}

extern const ug_convert_kernels UGK(convert);
const ug_convert_kernels UGK(convert) = {f16_to_f32, bf16_to_f32, f32_to_f16, f32_to_bf16};
