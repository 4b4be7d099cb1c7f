/* The resampling kernels from one whole type to another: F names both, X is read, Y written.  XN and YN are their names. */
#define N(name) UG_PASTE(name, F)
#ifdef DOWN /* cut off: nothing is added before the shift */
#define HALF_OF(shift) ((void)(shift), 0u)
#else
#define HALF_OF(shift) ug_half(shift)
#endif
#define LOOK_UP UG_PASTE(ug_look_up, XN)

#if UG_WHOLE
/* Rows two by two: neighbouring numbers of both become pairs. */
UG_INLINE ug_words N(blend_at)(const X *const *row, const ug_words *weight, const int16_t *weights, const int64_t taps, int64_t i, int shift) {
    ug_words low = ug_words_all((int32_t)HALF_OF(shift)), high = low;
    for (int64_t t = 0; t < taps; t += 2) {
        ug_words w = weight ? weight[t / 2] : ug_words_pair(weights + t);
        ug_words a = UG_PASTE(ug_words, XN)(row[t] + i), b = UG_PASTE(ug_words, XN)(row[t + 1] + i);
        low = ug_add_products(low, ug_words_low(a, b), w), high = ug_add_products(high, ug_words_high(a, b), w);
    }
    return ug_words_of(low, high, shift);
}

/* An even number of taps; `fixed`: constant, and their weights stay in registers. */
UG_INLINE void N(blend_even)(Y *y, const X *const *rows, const int16_t *weights, const int64_t taps, const int fixed, int64_t n, int shift,
                             const ug_way *way) {
    enum { STEP = 2 * UG_WORDS };
    ug_words weight[4];
    const X *few[8], *const *row = rows;
    if (fixed) {
        for (int64_t t = 0; t < taps; t++) few[t] = rows[t];
        for (int64_t t = 0; t < taps; t += 2) weight[t / 2] = ug_words_pair(weights + t);
        row = few;
    }
    const ug_words *held = fixed ? weight : NULL;
    const int stream = way->stream && (uintptr_t)y % UG_VECTOR_BYTES == 0;
    for (int64_t i = 0; i < n; i += STEP) {
        if (i + STEP > n && n >= STEP) i = n - STEP; /* the last one overlaps the one before */
        if (way->ahead[0]) __builtin_prefetch(way->ahead[0] + i * (int64_t)sizeof(X)), __builtin_prefetch(way->ahead[1] + i * (int64_t)sizeof(X));
        ug_words first = N(blend_at)(row, held, weights, taps, i, shift);
        int64_t other = i + STEP <= n ? i + UG_WORDS : n - UG_WORDS;
        ug_words second = N(blend_at)(row, held, weights, taps, other, shift);
        if (i + STEP > n)
            UG_PASTE(ug_put_one, YN)(y + i, first), UG_PASTE(ug_put_one, YN)(y + other, second);
        else if (stream && (uintptr_t)(y + i) % UG_VECTOR_BYTES == 0)
            UG_PASTE(ug_stream_two, YN)(y + i, first, second);
        else
            UG_PASTE(ug_put_two, YN)(y + i, first, second);
    }
}

static void N(blend)(void *y, const void *const *row_, const void *weight_, int64_t taps, int64_t n, int shift, const ug_way *way) {
    const X *const *row = (const X *const *)row_;
    const int16_t *weight = weight_;
    if (n < UG_WORDS || (taps & 1 && taps >= UG_SUM_BLOCK)) {
        for (int64_t i = 0; i < n; i++) {
            uint32_t sum = HALF_OF(shift);
            for (int64_t t = 0; t < taps; t++) sum += (uint32_t)(weight[t] * row[t][i]);
            ((Y *)y)[i] = UG_PASTE(ug_whole, YN)((int32_t)sum >> shift);
        }
        return;
    }
    const X *even_row[UG_SUM_BLOCK];
    int16_t even_weight[UG_SUM_BLOCK];
    if (taps & 1) { /* one more of weight 0 */
        memcpy(even_row, row, (size_t)taps * sizeof *row), memcpy(even_weight, weight, (size_t)taps * sizeof *weight);
        even_row[taps] = row[0], even_weight[taps] = 0, taps++;
        row = even_row, weight = even_weight;
    }
    switch (taps) {
    case 2: N(blend_even)(y, row, weight, 2, 1, n, shift, way); return;
    case 4: N(blend_even)(y, row, weight, 4, 1, n, shift, way); return;
    case 6: N(blend_even)(y, row, weight, 6, 1, n, shift, way); return;
    case 8: N(blend_even)(y, row, weight, 8, 1, n, shift, way); return;
    }
    N(blend_even)(y, row, weight, taps, 0, n, shift, way);
}

UG_INLINE ug_sums N(group)(const X *x, const ug_windows *w, const int steps, const int kind, int64_t group, int shift) {
    const int32_t *base = w->base + group * steps;
    const int64_t at = (int64_t)w->pattern[group] * steps * 2 * UG_WHOLE_LANES;
    const int16_t *index = (const int16_t *)w->index + at, *weight = (const int16_t *)w->weight + at;
    ug_sums sum = ug_sums_all((int32_t)HALF_OF(shift));
    for (int t = 0; t < steps; t++)
        sum = ug_sums_add(sum, LOOK_UP(x + base[t], index + 2 * UG_WHOLE_LANES * t, kind), weight + 2 * UG_WHOLE_LANES * t);
    return sum;
}

UG_INLINE void N(windows_of)(Y *y, const X *x, const ug_windows *w, const int steps, const int kind, int64_t group, int64_t n, int shift) {
    enum { TWO = 2 * UG_WHOLE_LANES };
    for (; n >= TWO; n -= TWO, y += TWO, group += 2)
        UG_PASTE(ug_put_groups, YN)(y, N(group)(x, w, steps, kind, group, shift), N(group)(x, w, steps, kind, group + 1, shift), shift);
    if (n <= 0) return;
    Y last[TWO];
    ug_sums first = N(group)(x, w, steps, kind, group, shift), second = first;
    if (n > UG_WHOLE_LANES) second = N(group)(x, w, steps, kind, group + 1, shift);
    UG_PASTE(ug_put_groups, YN)(last, first, second, shift);
    memcpy(y, last, (size_t)n * sizeof(Y));
}

static void N(windows)(void *y, const void *x, const ug_windows *w, int64_t group, int64_t n, int shift) {
    static const int32_t size[UG_WINDOW_KINDS] = UG_PASTE(UG_WINDOWS, XN);
    X whole[UG_WHOLE_WIDEST] = {0};
    if (w->length < size[w->kind]) x = memcpy(whole, x, (size_t)w->length * sizeof(X));
    switch (w->steps < 4 ? w->kind * 4 + w->steps : 0) {
    case 1: N(windows_of)(y, x, w, 1, 0, group, n, shift); return;
    case 2: N(windows_of)(y, x, w, 2, 0, group, n, shift); return;
    case 3: N(windows_of)(y, x, w, 3, 0, group, n, shift); return;
    case 5: N(windows_of)(y, x, w, 1, 1, group, n, shift); return;
    case 6: N(windows_of)(y, x, w, 2, 1, group, n, shift); return;
    }
    if (w->kind == 0)
        N(windows_of)(y, x, w, w->steps, 0, group, n, shift);
    else if (w->kind == 1)
        N(windows_of)(y, x, w, w->steps, 1, group, n, shift);
    else
        N(windows_of)(y, x, w, w->steps, 2, group, n, shift);
}
#define WINDOWS .lanes = UG_WHOLE_LANES, .window = UG_PASTE(UG_WINDOWS, XN), .windows = N(windows),
#else
static void N(blend)(void *y_, const void *const *row_, const void *weight_, int64_t taps, int64_t n, int shift, const ug_way *way) {
    (void)way;
    Y *restrict y = y_;
    const X *const *row = (const X *const *)row_;
    const int16_t *weight = weight_;
    for (int64_t i0 = 0; i0 < n; i0 += UG_WHOLE_PIECE) {
        uint32_t sum[UG_WHOLE_PIECE];
        int64_t m = n - i0 < UG_WHOLE_PIECE ? n - i0 : UG_WHOLE_PIECE;
        for (int64_t i = 0; i < m; i++) sum[i] = HALF_OF(shift);
        for (int64_t t = 0; t < taps; t++) {
            const X *restrict r = row[t] + i0;
            const int16_t w = weight[t];
            for (int64_t i = 0; i < m; i++) sum[i] += (uint32_t)(w * r[i]);
        }
        for (int64_t i = 0; i < m; i++) y[i0 + i] = UG_PASTE(ug_whole, YN)((int32_t)sum[i] >> shift);
    }
}
#define WINDOWS
#endif

static void N(pixels)(void *y_, const void *x_, const ug_taps *taps, int64_t begin, int64_t n, int64_t inner, int shift) {
    Y *y = y_;
    const X *x = x_;
    for (int64_t i = begin; i < begin + n; i++, y += inner) {
        const int32_t *index = taps->index + i * taps->taps, count = taps->count[i];
        const int16_t *weight = (const int16_t *)taps->weight + i * taps->taps;
        if (inner >= 32 && count > 0 && count <= UG_SUM_BLOCK) {
            const ug_way way = {0};
            const void *row[UG_SUM_BLOCK];
            for (int32_t t = 0; t < count; t++) row[t] = x + index[t] * inner;
            N(blend)(y, row, weight, count, inner, shift, &way);
            continue;
        }
        for (int64_t c = 0; c < inner; c++) {
            uint32_t sum = HALF_OF(shift);
            for (int32_t t = 0; t < count; t++) sum += (uint32_t)(weight[t] * x[index[t] * inner + c]);
            y[c] = UG_PASTE(ug_whole, YN)((int32_t)sum >> shift);
        }
    }
}

static const ug_resample_pass N(pass) = {WINDOWS.pixels = N(pixels), .blend = N(blend)};

#undef WINDOWS
#undef N
#undef LOOK_UP
#undef HALF_OF
#undef F
#undef X
#undef Y
#undef XN
#undef YN
