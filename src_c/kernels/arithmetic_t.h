/* The arithmetic of one floating type: F names it, S is the number, V the vector. */
#define BINARY(name, expression)                                                                                                                     \
    static void N(name)(void *to, const void *from_a, const void *from_b, int64_t n, int a_runs, int b_runs) {                                       \
        S *y = to;                                                                                                                                   \
        const S *xa = from_a, *xb = from_b;                                                                                                          \
        LOOP_REPEATED(expression)                                                                                                                    \
    }

BINARY(add, a + b)
BINARY(sub, a - b)
BINARY(mul, a *b)
BINARY(div, a / b)
BINARY(pow_of_any, N(ug_pow)(a, b))
BINARY(minimum, N(ug_minimum)(a, b))
BINARY(maximum, N(ug_maximum)(a, b))
BINARY(pow_base, N(ug_select)(b == 0, SET(0), b *N(ug_pow)(a, b - 1)))
BINARY(pow_exponent, N(ug_select)((a == 0) & (b >= 0), SET(0), N(ug_pow)(a, b) * N(ug_log)(a)))

/* Squares, which networks are full of, by one product; ug_pow has the same bits there. */
static void N(pow)(void *to, const void *from_a, const void *from_b, int64_t n, int a_runs, int b_runs) {
    if (!b_runs && *(const S *)from_b == 2)
        N(mul)(to, from_a, from_a, n, a_runs, a_runs);
    else
        N(pow_of_any)(to, from_a, from_b, n, a_runs, b_runs);
}

/* The remainder with the sign of b; fmod is exact, and so the same everywhere. */
static inline S N(modulo)(S a, S b) {
    S r = FMOD(a, b);
    if (r == 0) return b < 0 ? -(S)0 : 0;
    return (r < 0) != (b < 0) ? r + b : r;
}
LOOP_OF_NUMBERS(fmod, S, FMOD(a, b))
LOOP_OF_NUMBERS(mod, S, N(modulo)(a, b))

#undef BINARY
#undef FMOD
#undef V
