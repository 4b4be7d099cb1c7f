#include "kernels/move.h"
#include "kernels/simd.h"

/* Pixel types.  Numbers where there is one of the width; small structs for colours; anything wider is copied by memcpy
 * (but not permuted: that is for numbers). */
typedef struct {
    uint8_t v[3];
} ug_bytes3;
typedef struct {
    uint16_t v[3];
} __attribute__((packed, may_alias)) ug_bytes6;
typedef struct {
    uint32_t v[3];
} __attribute__((packed, may_alias)) ug_bytes12;
typedef struct {
    uint64_t v[2];
} __attribute__((packed, may_alias)) ug_bytes16;
typedef uint8_t ug_bytes1;
typedef uint16_t __attribute__((may_alias)) ug_bytes2;
typedef uint32_t __attribute__((may_alias)) ug_bytes4;
typedef uint64_t __attribute__((may_alias)) ug_bytes8;
/* A pixel of 4 or 8 bytes may be several channels of one or two bytes: no alignment is promised. */
typedef ug_bytes2 __attribute__((aligned(1))) ug_pixel2;
typedef ug_bytes4 __attribute__((aligned(1))) ug_pixel4;
typedef ug_bytes8 __attribute__((aligned(1))) ug_pixel8;

#define T ug_bytes1
#define W(name) name##_1
#include "kernels/move_t.h"
#define T ug_pixel2
#define W(name) name##_2
#include "kernels/move_t.h"
#define T ug_bytes3
#define W(name) name##_3
#include "kernels/move_t.h"
#define T ug_pixel4
#define W(name) name##_4
#include "kernels/move_t.h"
#define T ug_bytes6
#define W(name) name##_6
#include "kernels/move_t.h"
#define T ug_pixel8
#define W(name) name##_8
#include "kernels/move_t.h"
#define T ug_bytes12
#define W(name) name##_12
#include "kernels/move_t.h"
#define T ug_bytes16
#define W(name) name##_16
#include "kernels/move_t.h"

#define BY_WIDTH(name, ...)                                                                                                                          \
    switch (width) {                                                                                                                                 \
    case 1: name##_1(__VA_ARGS__); return;                                                                                                           \
    case 2: name##_2(__VA_ARGS__); return;                                                                                                           \
    case 3: name##_3(__VA_ARGS__); return;                                                                                                           \
    case 4: name##_4(__VA_ARGS__); return;                                                                                                           \
    case 6: name##_6(__VA_ARGS__); return;                                                                                                           \
    case 8: name##_8(__VA_ARGS__); return;                                                                                                           \
    case 12: name##_12(__VA_ARGS__); return;                                                                                                         \
    case 16: name##_16(__VA_ARGS__); return;                                                                                                         \
    default: break;                                                                                                                                  \
    }

static void gather(void *y, const void *x, const int32_t *index, int64_t n, int64_t width) {
    BY_WIDTH(gather, y, x, index, n)
    for (int64_t i = 0; i < n; i++) memcpy((char *)y + i * width, (const char *)x + index[i] * width, (size_t)width);
}

static void repeat(void *y, const void *x, int64_t n, int64_t times, int64_t width) {
    BY_WIDTH(repeat, y, x, n, times)
    char *to = y;
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < times; k++, to += width) memcpy(to, (const char *)x + i * width, (size_t)width);
}

static void spread(void *y, const void *x, int64_t n, int64_t step, int64_t corner, int64_t width) {
    BY_WIDTH(spread, y, x, n, step, corner)
    for (int64_t i = 0; i < n; i++) {
        char *to = (char *)y + i * step * width;
        memset(to, 0, (size_t)(corner * width));
        memcpy(to + corner * width, (const char *)x + i * width, (size_t)width);
        memset(to + (corner + 1) * width, 0, (size_t)((step - corner - 1) * width));
    }
}

static void take(void *y, const void *x, int64_t n, int64_t step, int64_t width) {
    BY_WIDTH(take, y, x, n, step)
    for (int64_t i = 0; i < n; i++) memcpy((char *)y + i * width, (const char *)x + i * step * width, (size_t)width);
}

static void fill(void *y, const void *value, int64_t n, int64_t width) {
    BY_WIDTH(fill, y, value, n)
    for (int64_t i = 0; i < n; i++) memcpy((char *)y + i * width, value, (size_t)width);
}

static void interleave(void *y, const void *x, int64_t step, int64_t n, int64_t parts, int64_t width) {
    BY_WIDTH(interleave, y, x, step, n, parts)
    char *to = y;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < parts; j++, to += width) memcpy(to, (const char *)x + j * step + i * width, (size_t)width);
}

static void deinterleave(void *y, int64_t step, const void *x, int64_t n, int64_t parts, int64_t width) {
    BY_WIDTH(deinterleave, y, step, x, n, parts)
    const char *from = x;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < parts; j++, from += width) memcpy((char *)y + j * step + i * width, from, (size_t)width);
}

static void permute(void *y, const int64_t y_step[3], const void *x, const int64_t x_step[3], const int64_t count[3], int64_t width) {
    BY_WIDTH(permute, y, y_step, x, x_step, count)
}

extern const ug_move_kernels UGK(move);
const ug_move_kernels UGK(move) = {gather, repeat, spread, take, fill, interleave, deinterleave, permute};
