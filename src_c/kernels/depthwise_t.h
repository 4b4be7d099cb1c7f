/* The depthwise convolutions of one type: F names it, T is the number, V the vector. */
#define N(name) UG_PASTE(name, F)
#define LANES N(UG_LANES)
#define MOST_VECTORS 4
#define MOST_ROWS 4

UG_INLINE void N(put)(T *y, V v, int64_t n) {
    if (n >= LANES)
        N(ug_store)(y, v);
    else
        N(ug_store_part)(y, v, n);
}

static void N(stage)(T *to, int64_t line, const T *from, int64_t x_row, int64_t rows, int64_t low, int64_t n, int64_t high, T fill) {
    V outside = N(ug_set1)(fill);
    for (int64_t r = 0; r < rows; r++, to += line, from += x_row) {
        for (int64_t i = 0; i < low; i += LANES) N(ug_store)(to + i, outside);
        int64_t i = 0;
        for (; i + LANES <= n; i += LANES) N(ug_store)(to + low + i, N(ug_load)(from + i));
        if (i < n) N(ug_store)(to + low + i, N(ug_load_part)(from + i, n - i));
        for (i = 0; i < high; i += LANES) N(ug_store)(to + low + n + i, outside);
    }
}

static void N(stage_halves)(T *to, int64_t pitch, int64_t line, const T *from, int64_t x_row, int64_t rows, int64_t low, int64_t n, int64_t places,
                            T fill) {
    V outside = N(ug_set1)(fill);
    const int64_t single = low % 2 && n > 0; /* a number whose neighbour is outside */
    for (int64_t r = 0; r < rows; r++, to += line, from += x_row) {
        for (int64_t i = 0; 2 * i < low; i += LANES) N(ug_store)(to + i, outside), N(ug_store)(to + pitch + i, outside);
        if (single) to[pitch + low / 2] = *from;
        T *at = to + (low + single) / 2;
        for (int64_t i = single; i < n; i += 2 * LANES, at += LANES) {
            V u = n - i >= LANES ? N(ug_load)(from + i) : N(ug_load_part)(from + i, n - i);
            V v = n - i >= 2 * LANES ? N(ug_load)(from + i + LANES) : N(ug_load_part)(from + i + LANES, n - i - LANES);
            N(ug_store)(at, N(ug_even)(u, v)), N(ug_store)(at + pitch, N(ug_odd)(u, v));
        }
        for (int64_t i = (low + n + 1) / 2; i < places; i += LANES) N(ug_store)(to + i, outside);
        for (int64_t i = (low + n) / 2; i < places; i += LANES) N(ug_store)(to + pitch + i, outside);
    }
}

/* `rows` and `vectors` are constants wherever this is inlined: a tap's weight serves all of them. */
UG_INLINE void N(row_block)(T *c, int64_t c_row, const T *x, int64_t x_row, const T *w, const int32_t *offset, int64_t taps, int64_t n,
                            const int rows, const int vectors) {
    V total[MOST_ROWS][MOST_VECTORS] = {{{0}}};
    for (int64_t begin = 0; begin < taps; begin += UG_K_BLOCK) {
        int64_t end = taps - begin < UG_K_BLOCK ? taps : begin + UG_K_BLOCK;
        V sum[MOST_ROWS][MOST_VECTORS];
        UG_UNROLL
        for (int r = 0; r < rows; r++) UG_UNROLL
        for (int v = 0; v < vectors; v++) sum[r][v] = (V){0};
        for (int64_t t = begin; t < end; t++) {
            V weight = N(ug_set1)(w[t]);
            const T *from = x + offset[t];
            UG_UNROLL
            for (int r = 0; r < rows; r++) UG_UNROLL
            for (int v = 0; v < vectors; v++) sum[r][v] = N(ug_fma)(weight, N(ug_load)(from + r * x_row + v * LANES), sum[r][v]);
        }
        UG_UNROLL
        for (int r = 0; r < rows; r++) UG_UNROLL
        for (int v = 0; v < vectors; v++)
            if (begin)
                total[r][v] += sum[r][v];
            else
                total[r][v] = sum[r][v];
    }
    UG_UNROLL
    for (int r = 0; r < rows; r++) UG_UNROLL
    for (int v = 0; v < vectors; v++) N(put)(c + r * c_row + v * LANES, total[r][v], n - v * LANES);
}

/* All rows of some vectors of columns, `most` rows at once. */
UG_INLINE void N(row_blocks)(T *c, int64_t c_row, const T *x, int64_t x_row, const T *w, const int32_t *offset, int64_t taps, int64_t rows, int64_t n,
                             const int most, const int vectors) {
    int64_t r = 0;
    for (; r + most <= rows; r += most) N(row_block)(c + r * c_row, c_row, x + r * x_row, x_row, w, offset, taps, n, most, vectors);
    for (; r < rows; r++) N(row_block)(c + r * c_row, c_row, x + r * x_row, x_row, w, offset, taps, n, 1, vectors);
}

static void N(rows)(T *c, int64_t c_row, const T *x, int64_t x_row, const T *w, const int32_t *offset, int64_t taps, int64_t rows, int64_t n) {
    int64_t j = 0;
    for (; n - j > 3 * LANES; j += 4 * LANES) N(row_blocks)(c + j, c_row, x + j, x_row, w, offset, taps, rows, n - j, 2, 4);
    if (n - j > 2 * LANES)
        N(row_blocks)(c + j, c_row, x + j, x_row, w, offset, taps, rows, n - j, 2, 3);
    else if (n - j > LANES)
        N(row_blocks)(c + j, c_row, x + j, x_row, w, offset, taps, rows, n - j, 4, 2);
    else if (n > j)
        N(row_blocks)(c + j, c_row, x + j, x_row, w, offset, taps, rows, n - j, 4, 1);
}

/* Some rows of outputs at once: every row of inputs is loaded for all three of those that read it. */
UG_INLINE void N(block_3x3)(T *c, int64_t c_row, const T *x, int64_t x_row, const V *weight, int64_t n, const int rows) {
    for (int64_t j = 0; j < n; j += LANES) {
        V sum[MOST_VECTORS];
        UG_UNROLL
        for (int r = 0; r < rows; r++) sum[r] = (V){0};
        UG_UNROLL
        for (int i = 0; i < rows + 2; i++) {
            const T *from = x + i * x_row + j;
            V left = N(ug_load)(from), middle = N(ug_load)(from + 1), right = N(ug_load)(from + 2);
            UG_KEEP(left);
            UG_KEEP(middle);
            UG_KEEP(right);
            UG_UNROLL
            for (int r = 0; r < rows; r++) {
                if (r > i || r < i - 2) continue;
                sum[r] = N(ug_fma)(weight[3 * (i - r)], left, sum[r]);
                sum[r] = N(ug_fma)(weight[3 * (i - r) + 1], middle, sum[r]);
                sum[r] = N(ug_fma)(weight[3 * (i - r) + 2], right, sum[r]);
            }
        }
        UG_UNROLL
        for (int r = 0; r < rows; r++) N(put)(c + r * c_row + j, sum[r], n - j);
    }
}

static void N(rows_3x3)(T *c, int64_t c_row, const T *x, int64_t x_row, const T *w, int64_t rows, int64_t n) {
    V weight[9];
    UG_UNROLL
    for (int t = 0; t < 9; t++) weight[t] = N(ug_set1)(w[t]);
    int64_t r = 0;
    for (; r + 4 <= rows; r += 4) N(block_3x3)(c + r * c_row, c_row, x + r * x_row, x_row, weight, n, 4);
    for (; r + 2 <= rows; r += 2) N(block_3x3)(c + r * c_row, c_row, x + r * x_row, x_row, weight, n, 2);
    if (r < rows) N(block_3x3)(c + r * c_row, c_row, x + r * x_row, x_row, weight, n, 1);
}

/* One vector of channels, the first n of them, of some pixels. */
UG_INLINE void N(pixel_block)(T *y, int64_t y_step, const T *const *x, int64_t at, int64_t x_step, const T *w, int64_t taps, int64_t channels,
                              int64_t n, const int pixels) {
    V total[MOST_VECTORS] = {{0}};
    for (int64_t begin = 0; begin < taps; begin += UG_K_BLOCK) {
        int64_t end = taps - begin < UG_K_BLOCK ? taps : begin + UG_K_BLOCK;
        V sum[MOST_VECTORS];
        UG_UNROLL
        for (int i = 0; i < pixels; i++) sum[i] = (V){0};
        for (int64_t t = begin; t < end; t++) {
            V weight = n >= LANES ? N(ug_load)(w + t * channels) : N(ug_load_part)(w + t * channels, n);
            const T *from = x[t] + at;
            UG_UNROLL
            for (int i = 0; i < pixels; i++)
                sum[i] = N(ug_fma)(weight, n >= LANES ? N(ug_load)(from + i * x_step) : N(ug_load_part)(from + i * x_step, n), sum[i]);
        }
        UG_UNROLL
        for (int i = 0; i < pixels; i++)
            if (begin)
                total[i] += sum[i];
            else
                total[i] = sum[i];
    }
    UG_UNROLL
    for (int i = 0; i < pixels; i++) N(put)(y + i * y_step, total[i], n);
}

UG_INLINE void N(pixel_group)(T *y, int64_t y_step, const T *const *x, int64_t at, int64_t x_step, const T *w, int64_t taps, int64_t channels,
                              const int pixels) {
    int64_t c = 0;
    for (; c + LANES <= channels; c += LANES) N(pixel_block)(y + c, y_step, x, at + c, x_step, w + c, taps, channels, LANES, pixels);
    if (c < channels) N(pixel_block)(y + c, y_step, x, at + c, x_step, w + c, taps, channels, channels - c, pixels);
}

static void N(pixels)(T *y, int64_t y_step, const T *const *x, int64_t x_step, const T *w, int64_t taps, int64_t pixels, int64_t channels) {
    int64_t i = 0;
    for (; i + 4 <= pixels; i += 4) N(pixel_group)(y + i * y_step, y_step, x, i * x_step, x_step, w, taps, channels, 4);
    for (; i < pixels; i++) N(pixel_group)(y + i * y_step, y_step, x, i * x_step, x_step, w, taps, channels, 1);
}

/* n outputs (at most `vectors` vectors) that one column begins, and the columns `low` to `high` before it reach: the same taps for all of them. */
UG_INLINE void N(spread_block)(T *y, int64_t n, const T *const *x, int64_t column, const T *const *w, int64_t tap, int64_t rows, int64_t low,
                               int64_t high, int64_t s, const int vectors) {
    V sum[MOST_VECTORS];
    UG_UNROLL
    for (int v = 0; v < vectors; v++) sum[v] = (V){0};
    for (int64_t r = 0; r < rows; r++) {
        const T *weight = w[r] + tap + low * s, *value = x[r] + column - low;
        for (int64_t j = low; j < high; j++, weight += s, value--) {
            V each = N(ug_set1)(*value);
            UG_UNROLL
            for (int v = 0; v < vectors; v++) {
                if (n >= vectors * LANES)
                    sum[v] = N(ug_fma)(N(ug_load)(weight + v * LANES), each, sum[v]);
                else
                    sum[v] = N(ug_fma)(N(ug_load_part)(weight + v * LANES, n - v * LANES), each, sum[v]);
            }
        }
    }
    UG_UNROLL
    for (int v = 0; v < vectors; v++) N(put)(y + v * LANES, sum[v], n - v * LANES);
}

UG_INLINE void N(spread_run)(T *y, int64_t n, int64_t column, int64_t tap, const T *const *x, const T *const *w, int64_t rows, int64_t in, int64_t k,
                             int64_t s) {
    int64_t low = column >= in ? column - in + 1 : 0, high = tap < k ? (k - 1 - tap) / s + 1 : 0, i = 0;
    if (high > column + 1) high = column + 1;
    for (; n - i >= 4 * LANES; i += 4 * LANES) N(spread_block)(y + i, 4 * LANES, x, column, w, tap + i, rows, low, high, s, 4);
    for (; n - i >= 2 * LANES; i += 2 * LANES) N(spread_block)(y + i, 2 * LANES, x, column, w, tap + i, rows, low, high, s, 2);
    for (; n - i >= LANES; i += LANES) N(spread_block)(y + i, LANES, x, column, w, tap + i, rows, low, high, s, 1);
    if (i < n) N(spread_block)(y + i, n - i, x, column, w, tap + i, rows, low, high, s, 1);
}

static void N(spread)(T *y, int64_t first, int64_t n, const T *const *x, const T *const *w, int64_t rows, int64_t in, int64_t k, int64_t s) {
    int64_t column = first / s - (first % s < 0), tap = first - column * s;
    while (n > 0) { /* up to where the number of taps changes: at the kernel's end, or the next column */
        int64_t part = tap < k % s ? k % s - tap : s - tap;
        if (part > n) part = n;
        N(spread_run)(y, part, column, tap, x, w, rows, in, k, s);
        y += part, n -= part, tap += part;
        if (tap == s) tap = 0, column++;
    }
}

#undef N
#undef LANES
#undef MOST_VECTORS
#undef MOST_ROWS
#undef F
#undef T
#undef V
