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
    for (int64_t r = 0; r < rows; r++, x += x_row, u += n)
        for (int64_t j = 0; j < n; j += LANES) {
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

UG_INLINE void NAME(output_body)(const T *restrict m, int64_t m_step, T *restrict y, int64_t y_step, int64_t n, const int a, const int b) {
    for (int64_t j = 0; j < n; j += LANES) {
        V d[16];
        UG_UNROLL
        for (int i = 0; i < (a + 1) * (b + 1); i++) d[i] = LOAD(m + i * m_step + j);
        UG_UNROLL
        for (int i = 0; i < b + 1; i++) NAME(output_axis)(d + i, a, b + 1);
        for (int i = 0; i < (a ? 2 : 1); i++) {
            V pair[2];
            NAME(output_axis)(d + i * (b + 1), b, 1);
            if (b)
                UG_PASTE(ug_pairs, S)(d[i * (b + 1)], d[i * (b + 1) + 1], pair);
            else
                pair[0] = d[i];
            STORE(y + i * y_step + (b ? 2 * j : j), pair[0]);
            if (b) STORE(y + i * y_step + 2 * j + LANES, pair[1]);
        }
    }
}

#define SIZE(a, b)                                                                                                                                   \
    static void NAME(input_##a##_##b)(const T *x, int64_t x_row, const int32_t *offset, T *u, int64_t u_step, int64_t n, int64_t rows) {             \
        NAME(input_body)(x, x_row, offset, u, u_step, n, rows, a, b);                                                                                \
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
