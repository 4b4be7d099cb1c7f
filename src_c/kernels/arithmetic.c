#include "kernels/arithmetic.h"

#include "kernels/map.h"
#include "kernels/math_vector.h"

/* y[i] = expression of the numbers a and b, which the compiler turns into vectors. */
#define LOOP_OF_NUMBERS(name, result, expression)                                                                                                    \
    static void N(name)(void *to, const void *from_a, const void *from_b, int64_t n, int a_runs, int b_runs) {                                       \
        result *y = to;                                                                                                                              \
        const S *xa = from_a, *xb = from_b, one_a = *xa, one_b = *xb;                                                                                \
        if (a_runs && b_runs) {                                                                                                                      \
            for (int64_t i = 0; i < n; i++) {                                                                                                        \
                const S a = xa[i], b = xb[i];                                                                                                        \
                y[i] = (result)(expression);                                                                                                         \
            }                                                                                                                                        \
        } else if (a_runs) {                                                                                                                         \
            for (int64_t i = 0; i < n; i++) {                                                                                                        \
                const S a = xa[i], b = one_b;                                                                                                        \
                y[i] = (result)(expression);                                                                                                         \
            }                                                                                                                                        \
        } else {                                                                                                                                     \
            for (int64_t i = 0; i < n; i++) {                                                                                                        \
                const S a = one_a, b = b_runs ? xb[i] : one_b;                                                                                       \
                y[i] = (result)(expression);                                                                                                         \
            }                                                                                                                                        \
        }                                                                                                                                            \
    }

#define F f32
#define S float
#define V ug_v32
#define FMOD __builtin_fmodf
#include "kernels/arithmetic_t.h"
#include "kernels/comparison_t.h"

#define F f64
#define S double
#define V ug_v64
#define FMOD __builtin_fmod
#include "kernels/arithmetic_t.h"
#include "kernels/comparison_t.h"

#define F u8
#define S uint8_t
#define W uint32_t
#define LEAST 0
#include "kernels/arithmetic_whole_t.h"
LOOP_OF_NUMBERS(logical_and, uint8_t, (a != 0) & (b != 0))
LOOP_OF_NUMBERS(logical_or, uint8_t, (a | b) != 0)
LOOP_OF_NUMBERS(logical_xor, uint8_t, (a != 0) ^ (b != 0))
#include "kernels/comparison_t.h"

#define F i8
#define S int8_t
#define W uint32_t
#define LEAST INT8_MIN
#include "kernels/arithmetic_whole_t.h"
#include "kernels/comparison_t.h"

#define F u16
#define S uint16_t
#define W uint32_t
#define LEAST 0
#include "kernels/arithmetic_whole_t.h"
#include "kernels/comparison_t.h"

#define F i16
#define S int16_t
#define W uint32_t
#define LEAST INT16_MIN
#include "kernels/arithmetic_whole_t.h"
#include "kernels/comparison_t.h"

#define F i32
#define S int32_t
#define W uint32_t
#define LEAST INT32_MIN
#include "kernels/arithmetic_whole_t.h"
#include "kernels/comparison_t.h"

#define F i64
#define S int64_t
#define W uint64_t
#define LEAST INT64_MIN
#include "kernels/arithmetic_whole_t.h"
#include "kernels/comparison_t.h"

#define DEFINE_CHOICE(bits)                                                                                                                          \
    static void choose_##bits(void *to, const uint8_t *condition, const void *from_a, const void *from_b, int64_t n, int c_step, int a_step,         \
                              int b_step) {                                                                                                          \
        uint##bits##_t *y = to;                                                                                                                      \
        const uint##bits##_t *a = from_a, *b = from_b, one_a = *a, one_b = *b;                                                                       \
        if (c_step && a_step && b_step)                                                                                                              \
            for (int64_t i = 0; i < n; i++) y[i] = condition[i] ? a[i] : b[i];                                                                       \
        else if (c_step && a_step)                                                                                                                   \
            for (int64_t i = 0; i < n; i++) y[i] = condition[i] ? a[i] : one_b;                                                                      \
        else if (c_step && b_step)                                                                                                                   \
            for (int64_t i = 0; i < n; i++) y[i] = condition[i] ? one_a : b[i];                                                                      \
        else                                                                                                                                         \
            for (int64_t i = 0; i < n; i++) y[i] = condition[i * c_step] ? a[i * a_step] : b[i * b_step];                                            \
    }
DEFINE_CHOICE(8)
DEFINE_CHOICE(16)
DEFINE_CHOICE(32)
DEFINE_CHOICE(64)

#define OF_NUMBERS(name) [UG_BINARY_##name] = {UG_FLOAT_SLOTS(name), UG_WHOLE_SLOTS(name)},
#define OF_WHOLE(name) [UG_BINARY_##name] = {UG_WHOLE_SLOTS(name)},
#define OF_TRUTHS(name) [UG_BINARY_##name] = {[UG_TYPE_U8] = name##_u8},
#define OF_FLOATS(name) [UG_BINARY_##name] = {UG_FLOAT_SLOTS(name)},

extern const ug_arithmetic_kernels UGK(arithmetic);
const ug_arithmetic_kernels UGK(arithmetic) = {
    .binary = {UG_BINARIES(OF_NUMBERS) UG_DERIVATIVES(OF_FLOATS) UG_BITWISE(OF_WHOLE) UG_LOGICAL(OF_TRUTHS) UG_COMPARISONS(OF_NUMBERS)},
    .choose = {choose_8, choose_16, choose_32, choose_64},
};
