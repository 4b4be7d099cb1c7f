/* One element type's transforms; included with T (element), S (suffix), V (vector) defined.
 * Every a and b below is a constant where it is inlined, so the tiles stay in registers. */

#define LANES UG_PASTE(UG_LANES, S)
#define LOAD UG_PASTE(ug_load, S)
#define STORE UG_PASTE(ug_store, S)
#define NAME(x) UG_PASTE(x, S)

/* B^T d along one axis, in place: n + 1 numbers, `step` apart. */
UG_INLINE void NAME(input_axis)(V *d, const int n, const int step) {
    V d0 = d[0], d1 = n > 0 ? d[step] : d0, d2 = n > 1 ? d[2 * step] : d0;
    if (n == 2) d[0] = d0 - d1, d[2 * step] = d2 - d1;
    if (n == 3) d[0] = d0 - d2, d[step] = d1 + d2, d[2 * step] = d2 - d1, d[3 * step] = d1 - d[3 * step];
}

/* A^T m along one axis, in place: n + 1 products become two outputs. */
UG_INLINE void NAME(output_axis)(V *m, const int n, const int step) {
    if (n == 2) m[0] = m[0] + m[step], m[step] = m[step] + m[2 * step];
    if (n == 3) {
        V m1 = m[step], m2 = m[2 * step];
        m[0] = m[0] + m1 + m2, m[step] = m1 - m2 - m[3 * step];
    }
}

UG_INLINE void NAME(input_body)(const T *restrict x, int64_t x_row, const int32_t *restrict offset, T *restrict u, int64_t u_step, int64_t n,
                                int64_t rows, const int a, const int b) {
    for (int64_t r = 0; r < rows; r++, x += x_row, u += n) for (int64_t j = 0; j < n; j += LANES) {
        V d[16];
        UG_UNROLL
        for (int i = 0; i < (a + 1) * (b + 1); i++) d[i] = LOAD(x + offset[i] + j);
        UG_UNROLL
        for (int i = 0; i < b + 1; i++) NAME(input_axis)(d + i, a, b + 1);
        UG_UNROLL
        for (int i = 0; i < a + 1; i++) NAME(input_axis)(d + i * (b + 1), b, 1);
        UG_UNROLL
        for (int i = 0; i < (a + 1) * (b + 1); i++) STORE(u + i * u_step + j, d[i]);
    }
}

/* Two vectors' numbers in turn. */
UG_INLINE void NAME(store_pairs)(T *y, V even, V odd) {
#if UG_VECTOR_BYTES == 64
    V low = sizeof(T) == 4 ? (V)_mm512_permutex2var_ps((__m512)even, _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), (__m512)odd)
                           : (V)_mm512_permutex2var_pd((__m512d)even, _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), (__m512d)odd);
    V high = sizeof(T) == 4
                 ? (V)_mm512_permutex2var_ps((__m512)even, _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), (__m512)odd)
                 : (V)_mm512_permutex2var_pd((__m512d)even, _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15), (__m512d)odd);
    STORE(y, low), STORE(y + LANES, high);
#else
    for (int i = 0; i < LANES; i++) y[2 * i] = even[i], y[2 * i + 1] = odd[i];
#endif
}

UG_INLINE void NAME(output_body)(const T *restrict m, int64_t m_step, T *restrict y, int64_t y_step, int64_t n, const int a, const int b) {
    for (int64_t j = 0; j < n; j += LANES) {
        V d[16];
        UG_UNROLL
        for (int i = 0; i < (a + 1) * (b + 1); i++) d[i] = LOAD(m + i * m_step + j);
        UG_UNROLL
        for (int i = 0; i < b + 1; i++) NAME(output_axis)(d + i, a, b + 1);
        for (int i = 0; i < (a ? 2 : 1); i++) {
            NAME(output_axis)(d + i * (b + 1), b, 1);
            if (b)
                NAME(store_pairs)(y + i * y_step + 2 * j, d[i * (b + 1)], d[i * (b + 1) + 1]);
            else
                STORE(y + i * y_step + j, d[i]);
        }
    }
}

#define SIZE(a, b)                                                                                                                                   \
    static void NAME(input_##a##_##b)(const T *x, int64_t x_row, const int32_t *offset, T *u, int64_t u_step, int64_t n, int64_t rows) {             \
        NAME(input_body)(x, x_row, offset, u, u_step, n, rows, a, b);                                                                                             \
    }                                                                                                                                                \
    static void NAME(output_##a##_##b)(const T *m, int64_t m_step, T *y, int64_t y_step, int64_t n) {                                                \
        NAME(output_body)(m, m_step, y, y_step, n, a, b);                                                                                            \
    }
#define SIZES(a) SIZE(a, 0) SIZE(a, 1) SIZE(a, 2) SIZE(a, 3)
SIZES(0)
SIZES(1)
SIZES(2)
SIZES(3)

#undef LANES
#undef LOAD
#undef STORE
#undef NAME
#undef SIZE
#undef SIZES
#undef T
#undef S
#undef V
