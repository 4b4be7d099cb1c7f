/* The arithmetic of one type of whole numbers: F names it, S is the number, W an unsigned type in which nothing overflows.
 * Results wrap.  Division by zero gives 0, and the smallest number divided by -1 is itself: nothing traps. */
#define BINARY(name, expression) LOOP_OF_NUMBERS(name, S, expression)

static inline S N(quotient)(S a, S b) { return b == 0 ? 0 : b == (S)-1 && LEAST < 0 ? (S)(0 - (W)a) : (S)(a / b); }

/* With the sign of a, and with that of b; 0 for division by zero. */
static inline S N(remainder)(S a, S b) { return b == 0 || (b == (S)-1 && LEAST < 0) ? 0 : (S)(a % b); }
static inline S N(modulo)(S a, S b) {
    S r = N(remainder)(a, b);
    return r != 0 && (r < 1) != (b < 1) ? (S)(r + b) : r;
}

/* By as many bits as there are, or by less than none: everything is shifted out. */
static inline S N(left)(S a, S b) { return (uint64_t)b < 8 * sizeof(S) ? (S)((W)a << b) : 0; }
static inline S N(right)(S a, S b) { return (uint64_t)b < 8 * sizeof(S) ? (S)(a >> b) : (S)(a < 1 && a != 0 ? -1 : 0); }

/* By squaring.  Negative exponents give what truncation leaves of the fraction: 0, but for bases 1 and -1. */
static inline S N(power)(S a, S b) {
    W result = 1, base = (W)a;
    if (b < 1 && b != 0) return a == 1 || (a == (S)-1 && (b & 1) == 0) ? 1 : a == (S)-1 ? a : 0;
    for (uint64_t left = (uint64_t)b; left; left >>= 1, base *= base)
        if (left & 1) result *= base;
    return (S)result;
}

BINARY(add, (W)a + (W)b)
BINARY(sub, (W)a - (W)b)
BINARY(mul, (W)a *(W)b)
BINARY(div, N(quotient)(a, b))
BINARY(pow, N(power)(a, b))
BINARY(minimum, a < b ? a : b)
BINARY(maximum, a > b ? a : b)

BINARY(fmod, N(remainder)(a, b))
BINARY(mod, N(modulo)(a, b))
BINARY(bitwise_and, a &b)
BINARY(bitwise_or, a | b)
BINARY(bitwise_xor, a ^ b)
BINARY(shift_left, N(left)(a, b))
BINARY(shift_right, N(right)(a, b))

#undef BINARY
#undef W
#undef LEAST
