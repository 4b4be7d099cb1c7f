/* The functions of one type of whole numbers: F names it, S is the number, W an unsigned type in which nothing overflows; results wrap. */
#define FUNCTION(name, expression)                                                                                                                   \
    static void N(name)(void *to, const void *x, int64_t n, const double *p) {                                                                       \
        (void)p;                                                                                                                                     \
        S *y = to;                                                                                                                                   \
        const S *xa = x;                                                                                                                             \
        for (int64_t i = 0; i < n; i++) {                                                                                                            \
            const S a = xa[i];                                                                                                                       \
            y[i] = (S)(expression);                                                                                                                  \
        }                                                                                                                                            \
    }

FUNCTION(neg, 0 - (W)a)
FUNCTION(sign, (a > 0) - (a < 1 && a != 0))
FUNCTION(abs, a < 1 ? 0 - (W)a : (W)a)

/* A bound as the nearest number of the type; `other` when there is none. */
static S N(bound)(double bound, S other) {
    if (bound != bound) return other;
    return bound <= (double)LEAST ? (S)LEAST : bound >= (double)MOST ? (S)MOST : (S)bound;
}

static void N(clip)(void *to, const void *x, int64_t n, const double *p) {
    const S low = N(bound)(p[0], (S)LEAST), high = N(bound)(p[1], (S)MOST);
    S *y = to;
    const S *xa = x;
    for (int64_t i = 0; i < n; i++) {
        S a = xa[i] < low ? low : xa[i];
        y[i] = a > high ? high : a;
    }
}

#undef FUNCTION
#undef F
#undef S
#undef W
#undef LEAST
#undef MOST
