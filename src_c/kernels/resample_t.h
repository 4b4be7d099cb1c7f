/* The resampling kernels of one floating type: F names it, T is the type, V a vector of it, VI whole numbers as wide. */
#define N(name) UG_PASTE(name, F)
enum { N(L) = N(UG_LANES) };

UG_INLINE V N(blend_at)(const T *const *row, const V *weight, const int taps, int64_t i) {
    V sum = weight[0] * N(ug_load)(row[0] + i);
    UG_UNROLL
    for (int t = 1; t < taps; t++) sum = N(ug_fma)(weight[t], N(ug_load)(row[t] + i), sum);
    return sum;
}

/* y = sum of taps [0, taps) of n numbers.  Inlined with constant taps, weights stay in registers. */
UG_INLINE void N(blend_few)(T *restrict y, const T *const *row, const T *restrict weight, const int taps, int64_t n, const ug_way *way) {
    const T *r[8];
    V w[8];
    for (int t = 0; t < taps; t++) r[t] = row[t], w[t] = N(ug_set1)(weight[t]);
    int64_t i = 0;
    for (; i + N(L) <= n; i += N(L)) {
        if (way && way->ahead[0])
            __builtin_prefetch(way->ahead[0] + i * (int64_t)sizeof(T)), __builtin_prefetch(way->ahead[1] + i * (int64_t)sizeof(T));
        if (way && way->stream)
            N(ug_stream)(y + i, N(blend_at)(r, w, taps, i));
        else
            N(ug_store)(y + i, N(blend_at)(r, w, taps, i));
    }
    if (i < n && n >= N(L)) { /* the last vector overlaps the one before */
        N(ug_store)(y + n - N(L), N(blend_at)(r, w, taps, n - N(L)));
        return;
    }
    for (; i < n; i++) {
        T sum = weight[0] * r[0][i];
        for (int t = 1; t < taps; t++) sum = N(ug_sfma)(weight[t], r[t][i], sum);
        y[i] = sum;
    }
}

/* The sum of at most UG_SUM_BLOCK taps is added to y, or becomes it. */
static void N(blend_block)(T *restrict y, const T *const *row, const T *restrict weight, int64_t taps, int64_t n, int add) {
    int64_t i = 0;
    for (; i + 4 * N(L) <= n; i += 4 * N(L)) {
        V sum[4], first = N(ug_set1)(weight[0]);
        UG_UNROLL
        for (int k = 0; k < 4; k++) sum[k] = first * N(ug_load)(row[0] + i + k * N(L));
        for (int64_t t = 1; t < taps; t++) {
            V w = N(ug_set1)(weight[t]);
            UG_UNROLL
            for (int k = 0; k < 4; k++) sum[k] = N(ug_fma)(w, N(ug_load)(row[t] + i + k * N(L)), sum[k]);
        }
        UG_UNROLL
        for (int k = 0; k < 4; k++) {
            if (add) sum[k] = N(ug_load)(y + i + k * N(L)) + sum[k];
            N(ug_store)(y + i + k * N(L), sum[k]);
        }
    }
    for (; i + N(L) <= n; i += N(L)) {
        V sum = N(ug_set1)(weight[0]) * N(ug_load)(row[0] + i);
        for (int64_t t = 1; t < taps; t++) sum = N(ug_fma)(N(ug_set1)(weight[t]), N(ug_load)(row[t] + i), sum);
        if (add) sum = N(ug_load)(y + i) + sum;
        N(ug_store)(y + i, sum);
    }
    for (; i < n; i++) {
        T sum = weight[0] * row[0][i];
        for (int64_t t = 1; t < taps; t++) sum = N(ug_sfma)(weight[t], row[t][i], sum);
        y[i] = add ? y[i] + sum : sum;
    }
}

UG_INLINE void N(blend_rows)(T *restrict y, const T *const *row, const T *restrict weight, int64_t taps, int64_t n) {
    switch (taps) {
    case 1: N(blend_few)(y, row, weight, 1, n, NULL); return;
    case 2: N(blend_few)(y, row, weight, 2, n, NULL); return;
    case 3: N(blend_few)(y, row, weight, 3, n, NULL); return;
    case 4: N(blend_few)(y, row, weight, 4, n, NULL); return;
    case 6: N(blend_few)(y, row, weight, 6, n, NULL); return;
    case 8: N(blend_few)(y, row, weight, 8, n, NULL); return;
    }
    for (int64_t t = 0; t < taps; t += UG_SUM_BLOCK)
        N(blend_block)(y, row + t, weight + t, taps - t < UG_SUM_BLOCK ? taps - t : UG_SUM_BLOCK, n, t > 0);
}

static void N(blend)(void *y, const void *const *row, const void *weight, int64_t taps, int64_t n, int shift, const ug_way *way) {
    (void)shift;
    const ug_way streamed = {.stream = 1}, ahead = {.ahead = {way->ahead[0], way->ahead[1]}};
    if ((taps == 2 || taps == 4) && way->stream && (uintptr_t)y % UG_VECTOR_BYTES == 0) {
        if (taps == 2)
            N(blend_few)(y, (const T *const *)row, weight, 2, n, &streamed);
        else
            N(blend_few)(y, (const T *const *)row, weight, 4, n, &streamed);
        return;
    }
    if (taps == 4 && way->ahead[0]) {
        N(blend_few)(y, (const T *const *)row, weight, 4, n, &ahead);
        return;
    }
    N(blend_rows)(y, (const T *const *)row, weight, taps, n);
}

/* Pixels of few numbers: one number after the other. */
static void N(narrow_pixel)(T *restrict y, const T *restrict x, const int32_t *index, const T *weight, int32_t taps, int64_t inner) {
    for (int64_t c = 0; c < inner; c++) {
        T total = 0;
        for (int32_t t0 = 0; t0 < taps; t0 += UG_SUM_BLOCK) {
            int32_t end = taps - t0 < UG_SUM_BLOCK ? taps : t0 + UG_SUM_BLOCK;
            T sum = weight[t0] * x[index[t0] * inner + c];
            for (int32_t t = t0 + 1; t < end; t++) sum = N(ug_sfma)(weight[t], x[index[t] * inner + c], sum);
            total = t0 ? total + sum : sum;
        }
        y[c] = total;
    }
}

UG_INLINE void N(wide_pixels)(T *y, const T *x, const ug_taps *taps, const int count, int64_t begin, int64_t n, int64_t inner) {
    for (int64_t i = begin; i < begin + n; i++, y += inner) {
        const T *row[8];
        for (int t = 0; t < count; t++) row[t] = x + taps->index[i * count + t] * inner;
        N(blend_few)(y, row, (const T *)taps->weight + i * count, count, inner, NULL);
    }
}

static void N(pixels)(void *y_, const void *x_, const ug_taps *taps, int64_t begin, int64_t n, int64_t inner, int shift) {
    (void)shift;
    T *y = y_;
    const T *x = x_;
    if (inner >= N(L) && !taps->counted && (taps->taps == 2 || taps->taps == 4)) {
        if (taps->taps == 2)
            N(wide_pixels)(y, x, taps, 2, begin, n, inner);
        else
            N(wide_pixels)(y, x, taps, 4, begin, n, inner);
        return;
    }
    for (int64_t i = begin; i < begin + n; i++, y += inner) {
        const int32_t *index = taps->index + i * taps->taps, count = taps->count[i];
        const T *weight = (const T *)taps->weight + i * taps->taps;
        if (count == 0)
            memset(y, 0, (size_t)inner * sizeof(T));
        else if (inner < N(L))
            N(narrow_pixel)(y, x, index, weight, count, inner);
        for (int32_t t0 = 0; t0 < count && inner >= N(L); t0 += UG_SUM_BLOCK) {
            const T *row[UG_SUM_BLOCK];
            int32_t block = count - t0 < UG_SUM_BLOCK ? count - t0 : UG_SUM_BLOCK;
            for (int32_t t = 0; t < block; t++) row[t] = x + index[t0 + t] * inner;
            N(blend_block)(y, row, weight + t0, block, inner, t0 > 0);
        }
    }
}

UG_INLINE V N(look_up)(const T *x, ug_places places, int wide) { return wide ? N(ug_pick2)(x, places) : N(ug_pick)(x, places); }

/* Constant steps, and groups of which all lanes have all taps: returns how many there were.  A pattern stays in registers for its run. */
UG_INLINE int64_t N(windows_few)(T *y, const T *x, const ug_windows *w, int64_t group, int64_t n, const int steps, const int wide) {
    const int64_t begin = group, end = group + n / N(L);
    while (group < end && w->run[group] > 0) {
        ug_places places[8];
        V weight[8];
        const int64_t at = (int64_t)w->pattern[group] * steps * N(L), run_end = group + w->run[group] < end ? group + w->run[group] : end;
        const int32_t *base = w->base + group * steps;
        UG_UNROLL
        for (int t = 0; t < steps; t++) {
            places[t] = N(ug_places)((const int32_t *)w->index + at + t * N(L));
            weight[t] = N(ug_load)((const T *)w->weight + at + t * N(L));
        }
        for (; group < run_end; group++, base += steps, y += N(L)) {
            V sum = weight[0] * N(look_up)(x + base[0], places[0], wide);
            UG_UNROLL
            for (int t = 1; t < steps; t++) sum = N(ug_fma)(weight[t], N(look_up)(x + base[t], places[t], wide), sum);
            N(ug_store)(y, sum);
        }
    }
    return group - begin;
}

/* One group, any number of steps; what lies past an output's own taps is not added, not even as zero. */
static void N(window)(T *y, const T *x, const ug_windows *w, int64_t group, int64_t n) {
    const int32_t *base = w->base + group * w->steps, *count = w->count + w->pattern[group] * N(L);
    int64_t at = (int64_t)w->pattern[group] * w->steps * N(L);
    V sum = N(ug_set1)(0);
    VI taps;
    for (int k = 0; k < N(L); k++) taps[k] = count[k];
    for (int t = 0; t < w->steps; t++, at += N(L)) {
        V x1 = N(look_up)(x + base[t], N(ug_places)((const int32_t *)w->index + at), w->kind), weight = N(ug_load)((const T *)w->weight + at);
        V next = weight * x1;
        if (t) next = N(ug_fma)(weight, x1, sum);
        VI has = taps > t;
        sum = (V)(((VI)next & has) | ((VI)sum & ~has));
    }
    memcpy(y, &sum, (size_t)(n < N(L) ? n : N(L)) * sizeof(T));
}

static int64_t N(windows_full)(T *y, const T *x, const ug_windows *w, int64_t group, int64_t n) {
    switch (w->kind ? -w->steps : w->steps) {
    case 2: return N(windows_few)(y, x, w, group, n, 2, 0);
    case 4: return N(windows_few)(y, x, w, group, n, 4, 0);
    case 6: return N(windows_few)(y, x, w, group, n, 6, 0);
    case -2: return N(windows_few)(y, x, w, group, n, 2, 1);
    case -4: return N(windows_few)(y, x, w, group, n, 4, 1);
    case -8: return N(windows_few)(y, x, w, group, n, 8, 1);
    }
    return 0;
}

static void N(windows)(void *y_, const void *x, const ug_windows *w, int64_t group, int64_t n, int shift) {
    (void)shift;
    T *y = y_, whole[2 * N(L)];
    if (w->length < (w->kind + 1) * N(L)) {
        memset(whole, 0, sizeof whole);
        x = memcpy(whole, x, (size_t)w->length * sizeof(T));
    }
    for (;;) {
        int64_t full = N(windows_full)(y, x, w, group, n);
        y += full * N(L), n -= full * N(L), group += full;
        if (n <= 0) return;
        N(window)(y, x, w, group, n);
        y += N(L), n -= N(L), group++;
    }
}
static const ug_resample_pass N(pass) = {.lanes = N(L), .window = {N(L), 2 * N(L)}, .windows = N(windows), .pixels = N(pixels), .blend = N(blend)};

#undef N
#undef F
#undef T
#undef V
#undef VI
