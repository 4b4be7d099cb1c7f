/* Two numbers in, one number out, of every type.  Each input runs along the output, or is one number that is repeated. */
#ifndef UG_ARITHMETIC_H
#define UG_ARITHMETIC_H

#include "kernels/types.h"

/* Those of every type of number, of floating types only (the derivatives of a^b), of whole numbers only, and of truth values: uint8, 0 or not. */
#define UG_BINARIES(X) X(add) X(sub) X(mul) X(div) X(pow) X(minimum) X(maximum) X(mod) X(fmod)
#define UG_DERIVATIVES(X) X(pow_base) X(pow_exponent)
#define UG_BITWISE(X) X(bitwise_and) X(bitwise_or) X(bitwise_xor) X(shift_left) X(shift_right)
#define UG_LOGICAL(X) X(logical_and) X(logical_or) X(logical_xor)
/* Those whose result is uint8: 1 or 0. */
#define UG_COMPARISONS(X) X(equal) X(less) X(greater) X(less_equal) X(greater_equal)

#define UG_BINARY_NUMBER(name) UG_BINARY_##name,
#define UG_ALL_BINARIES(X) UG_BINARIES(X) UG_DERIVATIVES(X) UG_BITWISE(X) UG_LOGICAL(X) UG_COMPARISONS(X)
enum { UG_ALL_BINARIES(UG_BINARY_NUMBER) UG_BINARY_COUNT };

/* y may be the memory of an input, unless the result has another type. */
typedef void (*ug_binary)(void *y, const void *a, const void *b, int64_t n, int a_runs, int b_runs);
/* y[i] = condition[i] ? a[i] : b[i]; every step is 1 (runs) or 0 (one number) */
typedef void (*ug_choice)(void *y, const uint8_t *condition, const void *a, const void *b, int64_t n, int c_step, int a_step, int b_step);

typedef struct ug_arithmetic_kernels {
    ug_binary binary[UG_BINARY_COUNT][UG_TYPES]; /* NULL where a type does not have it */
    ug_choice choose[4];                         /* of elements of 1, 2, 4 and 8 bytes */
} ug_arithmetic_kernels;

#endif
