/* Passes by the arithmetic of other libraries, and of 16-bit numbers: see resample_mixed_t.h. */
enum { UG_MIXED_PIECE = 64 }; /* sums that are kept at once */

UG_INLINE uint8_t ug_byte(int32_t v) { return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v); }
UG_INLINE uint8_t ug_byte_f(float v) { return ug_byte((int32_t)rintf(v < -1 ? -1 : v > 256 ? 256 : v)); }
#define NOTHING(shift) 0
#define HALF(shift) ug_half(shift)
#define AS_IT_IS(sum, shift) (sum)
#define SHIFTED(sum, shift) ug_byte((int32_t)(sum) >> (shift))
#define MEAN(sum, area) ug_byte_f((float)(int32_t)(sum) * (1.f / (float)(area)))
#define BYTE(sum, shift) ug_byte_f(sum)

#define F u8_wide /* Pillow: weights of 22 bits */
#define X uint8_t
#define W int32_t
#define S uint32_t
#define Y uint8_t
#define FIRST HALF
#define RESULT SHIFTED
#include "kernels/resample_mixed_t.h"

#define F u8_i32 /* OpenCV: sums along rows keep all places */
#define X uint8_t
#define W int16_t
#define S uint32_t
#define Y int32_t
#define FIRST NOTHING
#define RESULT AS_IT_IS
#include "kernels/resample_mixed_t.h"
#define F i32_u8
#define X int32_t
#define W int16_t
#define S uint32_t
#define Y uint8_t
#define FIRST HALF
#define RESULT SHIFTED
#include "kernels/resample_mixed_t.h"
#define F i32_mean /* `shift` is the number of pixels */
#define X int32_t
#define W int16_t
#define S uint32_t
#define Y uint8_t
#define FIRST NOTHING
#define RESULT MEAN
#include "kernels/resample_mixed_t.h"

#define F u8_f32
#define X uint8_t
#define W float
#define S float
#define Y float
#define FIRST NOTHING
#define RESULT AS_IT_IS
#include "kernels/resample_mixed_t.h"
#define F f32_u8
#define X float
#define W float
#define S float
#define Y uint8_t
#define FIRST NOTHING
#define RESULT BYTE
#include "kernels/resample_mixed_t.h"

/* OpenCV's linear pass down the columns: each row's share is cut off to two binary places. */
static void blend_i16_linear(void *y_, const void *const *row, const void *weight_, int64_t taps, int64_t n, int shift, const ug_way *way) {
    (void)taps, (void)shift, (void)way;
    uint8_t *restrict y = y_;
    const int16_t *a = row[0], *b = row[1];
    const int16_t wa = ((const int16_t *)weight_)[0], wb = ((const int16_t *)weight_)[1];
    for (int64_t i = 0; i < n; i++) { /* never more than 4 * 255 */
        int16_t sum = (int16_t)((int16_t)((wa * a[i]) >> 16) + (int16_t)((wb * b[i]) >> 16) + 2);
        y[i] = (uint8_t)(sum >> 2);
    }
}
static const ug_resample_pass pass_i16_linear = {.blend = blend_i16_linear};

/* ---- whole numbers as floats ---- */

static void to_floats(float *restrict to, const void *from, ug_whole_type type, int64_t n) {
    if (type == UG_WHOLE_U8)
        for (int64_t i = 0; i < n; i++) to[i] = ((const uint8_t *)from)[i];
    else if (type == UG_WHOLE_U16)
        for (int64_t i = 0; i < n; i++) to[i] = ((const uint16_t *)from)[i];
    else
        for (int64_t i = 0; i < n; i++) to[i] = ((const int16_t *)from)[i];
}

/* By adding 1.5 * 2^23, at which floats are whole numbers: the sum is rounded to even. */
UG_INLINE int32_t rounded(float v, float low, float high) {
    v = v >= low ? v : low;
    v = v <= high ? v : high;
    union {
        float f;
        int32_t i;
    } u = {v + 12582912.f};
    return u.i - 0x4b400000;
}

static void from_floats(void *restrict to, const float *from, ug_whole_type type, int64_t n) {
    if (type == UG_WHOLE_U8)
        for (int64_t i = 0; i < n; i++) ((uint8_t *)to)[i] = (uint8_t)rounded(from[i], 0, 255);
    else if (type == UG_WHOLE_U16)
        for (int64_t i = 0; i < n; i++) ((uint16_t *)to)[i] = (uint16_t)rounded(from[i], 0, 65535);
    else
        for (int64_t i = 0; i < n; i++) ((int16_t *)to)[i] = (int16_t)rounded(from[i], -32768, 32767);
}
