/* The moves of numbers of one width in vectors: F names them (floats and doubles stand for anything as wide), T is the number, V the vector. */
#define N(name) UG_PASTE(name, F)
#define LANES N(UG_LANES)

UG_INLINE void N(put)(T *y, V v, int stream) {
    if (stream)
        N(ug_stream)(y, v);
    else
        N(ug_store)(y, v);
}

/* Every number twice, into several rows, one after the other: two streams of stores would disturb each other.  Whole vectors only.  Returns how
 * many numbers of x were done. */
UG_INLINE int64_t N(double_rows)(T *y, int64_t row_step, int64_t rows, const T *x, int64_t n, const int stream) {
    int64_t whole = n / LANES * LANES;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < whole; i += LANES) {
            V v = N(ug_load)(x + i);
            N(put)(y + r * row_step + 2 * i, N(ug_low)(v, v), stream), N(put)(y + r * row_step + 2 * i + LANES, N(ug_high)(v, v), stream);
        }
    return whole;
}

/* y[2 i] = a[i], y[2 i + 1] = b[i] */
UG_INLINE int64_t N(zip)(T *y, const T *a, const T *b, int64_t n, const int stream) {
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        V u = N(ug_load)(a + i), v = N(ug_load)(b + i);
        N(put)(y + 2 * i, N(ug_low)(u, v), stream), N(put)(y + 2 * i + LANES, N(ug_high)(u, v), stream);
    }
    return i;
}

/* y[j * y_step + i] = x[4 i + j] for j below `parts`, at most 4 */
UG_INLINE int64_t N(unzip_4)(T *y, int64_t y_step, const T *x, int64_t n, int64_t parts) {
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        int64_t left = 4 * (n - i - 1) + parts; /* numbers up to the last one that is taken: x may end there */
        V a = N(ug_load)(x + 4 * i), b = N(ug_load_part)(x + 4 * i + LANES, left - LANES);
        V c = N(ug_load_part)(x + 4 * i + 2 * LANES, left - 2 * LANES), d = N(ug_load_part)(x + 4 * i + 3 * LANES, left - 3 * LANES);
        V even_low = N(ug_even)(a, b), even_high = N(ug_even)(c, d), odd_low = N(ug_odd)(a, b), odd_high = N(ug_odd)(c, d);
        N(ug_store)(y + i, N(ug_even)(even_low, even_high));
        if (parts > 1) N(ug_store)(y + y_step + i, N(ug_even)(odd_low, odd_high));
        if (parts > 2) N(ug_store)(y + 2 * y_step + i, N(ug_odd)(even_low, even_high));
        if (parts > 3) N(ug_store)(y + 3 * y_step + i, N(ug_odd)(odd_low, odd_high));
    }
    return i;
}

#undef N
#undef LANES
#undef F
#undef T
#undef V
