#include "kernels/move.h"

#include "kernels/lanes.h"

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

#define F f32
#define T float
#define V ug_v32
#include "kernels/move_lanes_t.h"
#define F f64
#define T double
#define V ug_v64
#include "kernels/move_lanes_t.h"

/* Whether numbers of this width at these addresses can be moved in vectors. */
static int has_lanes(const void *y, const void *x, int64_t step, int64_t width) {
    return (width == 4 || width == 8) && ((uintptr_t)y | (uintptr_t)x | (uintptr_t)step) % (uintptr_t)width == 0;
}

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

/* Pixels that are a number of whole vectors. */
UG_INLINE void repeat_wide(char *y, int64_t row_step, int64_t rows, const char *x, int64_t n, int64_t times, int64_t width, const int stream) {
    for (int64_t i = 0; i < n; i++, x += width)
        for (int64_t at = 0; at < width; at += UG_VECTOR_BYTES) {
            ug_v32 v = ug_load_f32((const float *)(x + at));
            for (int64_t r = 0; r < rows; r++)
                for (int64_t k = 0; k < times; k++) put_f32((float *)(y + r * row_step + (i * times + k) * width + at), v, stream);
        }
}

static void repeat_rows(void *to, int64_t row_step, int64_t rows, const void *from, int64_t n, int64_t times, int64_t width, int32_t stream) {
    char *y = to;
    const char *x = from;
    int64_t done = 0;
    stream = stream && ug_is_aligned(y) && row_step % UG_VECTOR_BYTES == 0;
    if (width % UG_VECTOR_BYTES == 0 && has_lanes(y, x, row_step, 4)) {
        stream ? repeat_wide(y, row_step, rows, x, n, times, width, 1) : repeat_wide(y, row_step, rows, x, n, times, width, 0);
        return;
    }
    if (times == 2 && has_lanes(y, x, row_step, width)) {
        if (width == 4)
            done = stream ? double_rows_f32(to, row_step / 4, rows, from, n, 1) : double_rows_f32(to, row_step / 4, rows, from, n, 0);
        else
            done = stream ? double_rows_f64(to, row_step / 8, rows, from, n, 1) : double_rows_f64(to, row_step / 8, rows, from, n, 0);
    }
    y += done * times * width, x += done * width, n -= done;
    if (n == 0) return;
    repeat(y, x, n, times, width);
    for (int64_t r = 1; r < rows; r++) memcpy(y + r * row_step, y, (size_t)(n * times * width));
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

static void interleave(void *y, const void *x, int64_t step, int64_t n, int64_t parts, int64_t width, int32_t stream) {
    if (parts == 2 && has_lanes(y, x, step, width)) {
        const char *b = (const char *)x + step;
        int64_t done;
        stream = stream && ug_is_aligned(y);
        if (width == 4)
            done = stream ? zip_f32(y, x, (const float *)b, n, 1) : zip_f32(y, x, (const float *)b, n, 0);
        else
            done = stream ? zip_f64(y, x, (const double *)b, n, 1) : zip_f64(y, x, (const double *)b, n, 0);
        y = (char *)y + 2 * done * width, x = (const char *)x + done * width, n -= done;
    }
    BY_WIDTH(interleave, y, x, step, n, parts)
    char *to = y;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < parts; j++, to += width) memcpy(to, (const char *)x + j * step + i * width, (size_t)width);
}

/* Cells of two by two: of every four channels, the first `count[1]` go to as many pixels. */
static void permute_by_4(char *y, const int64_t *y_step, const char *x, const int64_t *x_step, const int64_t *count, int64_t width) {
    for (int64_t p = 0; p < count[0]; p++, y += y_step[0] * width, x += x_step[0] * width) {
        int64_t done = width == 4 ? unzip_4_f32((float *)y, y_step[1], (const float *)x, count[2], count[1])
                                  : unzip_4_f64((double *)y, y_step[1], (const double *)x, count[2], count[1]);
        const int64_t rest[] = {1, count[1], count[2] - done};
        void *to = y + done * width;
        const void *from = x + 4 * done * width;
        if (width == 4)
            permute_4(to, y_step, from, x_step, rest);
        else
            permute_8(to, y_step, from, x_step, rest);
    }
}

static void permute(void *y, const int64_t y_step[3], const void *x, const int64_t x_step[3], const int64_t count[3], int64_t width) {
    if (y_step[2] == 1 && x_step[2] == 4 && x_step[1] == 1 && count[1] <= 4 && has_lanes(y, x, 0, width))
        permute_by_4(y, y_step, x, x_step, count, width);
    else
        BY_WIDTH(permute, y, y_step, x, x_step, count)
}

static void streamed(void) { ug_streamed(); }

extern const ug_move_kernels UGK(move);
const ug_move_kernels UGK(move) = {gather, repeat, repeat_rows, spread, take, fill, interleave, permute, streamed};
