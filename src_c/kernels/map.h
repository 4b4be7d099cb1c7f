/* Loops of elementwise kernels over whole vectors, for files that are written once for every type: F names the type, S is the number, V the
 * vector.  a, b, c are the vectors at xa, xb, xc; the last, partial ones are copied to padded buffers and back, so y may be an input's memory. */
#ifndef UG_MAP_H
#define UG_MAP_H

#include "kernels/simd.h"

#define N(name) UG_PASTE(name, F)
#define LANES N(UG_LANES)
#define LOAD(p) N(ug_load)(p)
#define SET(x) N(ug_set1)(x)

#define TAIL_IN(buffer, pointer, left) memcpy(buffer, (pointer) + i, (size_t)(left) * sizeof(S))
#define TAIL_OUT(value)                                                                                                                              \
    {                                                                                                                                                \
        S last[LANES];                                                                                                                               \
        N(ug_store)(last, value);                                                                                                                    \
        memcpy(y + i, last, (size_t)(n - i) * sizeof(S));                                                                                            \
    }

#define LOOP1(expression)                                                                                                                            \
    {                                                                                                                                                \
        int64_t i = 0;                                                                                                                               \
        for (; i + LANES <= n; i += LANES) {                                                                                                         \
            V a = LOAD(xa + i);                                                                                                                      \
            N(ug_store)(y + i, expression);                                                                                                          \
        }                                                                                                                                            \
        if (i < n) {                                                                                                                                 \
            S pa[LANES] = {0};                                                                                                                       \
            TAIL_IN(pa, xa, n - i);                                                                                                                  \
            V a = LOAD(pa);                                                                                                                          \
            TAIL_OUT(expression)                                                                                                                     \
        }                                                                                                                                            \
    }

#define LOOP2(expression)                                                                                                                            \
    {                                                                                                                                                \
        int64_t i = 0;                                                                                                                               \
        for (; i + LANES <= n; i += LANES) {                                                                                                         \
            V a = LOAD(xa + i), b = LOAD(xb + i);                                                                                                    \
            N(ug_store)(y + i, expression);                                                                                                          \
        }                                                                                                                                            \
        if (i < n) {                                                                                                                                 \
            S pa[LANES] = {0}, pb[LANES] = {0};                                                                                                      \
            TAIL_IN(pa, xa, n - i), TAIL_IN(pb, xb, n - i);                                                                                          \
            V a = LOAD(pa), b = LOAD(pb);                                                                                                            \
            TAIL_OUT(expression)                                                                                                                     \
        }                                                                                                                                            \
    }

#define LOOP3(expression)                                                                                                                            \
    {                                                                                                                                                \
        int64_t i = 0;                                                                                                                               \
        for (; i + LANES <= n; i += LANES) {                                                                                                         \
            V a = LOAD(xa + i), b = LOAD(xb + i), c = LOAD(xc + i);                                                                                  \
            N(ug_store)(y + i, expression);                                                                                                          \
        }                                                                                                                                            \
        if (i < n) {                                                                                                                                 \
            S pa[LANES] = {0}, pb[LANES] = {0}, pc[LANES] = {0};                                                                                     \
            TAIL_IN(pa, xa, n - i), TAIL_IN(pb, xb, n - i), TAIL_IN(pc, xc, n - i);                                                                  \
            V a = LOAD(pa), b = LOAD(pb), c = LOAD(pc);                                                                                              \
            TAIL_OUT(expression)                                                                                                                     \
        }                                                                                                                                            \
    }

/* The same for two inputs of which one or both may be a single number, repeated. */
#define LOOP_REPEATED(expression)                                                                                                                    \
    {                                                                                                                                                \
        const V one_a = SET(*xa), one_b = SET(*xb);                                                                                                  \
        int64_t i = 0;                                                                                                                               \
        for (; i + LANES <= n; i += LANES) {                                                                                                         \
            V a = a_runs ? LOAD(xa + i) : one_a, b = b_runs ? LOAD(xb + i) : one_b;                                                                  \
            N(ug_store)(y + i, expression);                                                                                                          \
        }                                                                                                                                            \
        if (i < n) {                                                                                                                                 \
            S pa[LANES] = {0}, pb[LANES] = {0};                                                                                                      \
            if (a_runs) TAIL_IN(pa, xa, n - i);                                                                                                      \
            if (b_runs) TAIL_IN(pb, xb, n - i);                                                                                                      \
            V a = a_runs ? LOAD(pa) : one_a, b = b_runs ? LOAD(pb) : one_b;                                                                          \
            TAIL_OUT(expression)                                                                                                                     \
        }                                                                                                                                            \
    }

#endif
