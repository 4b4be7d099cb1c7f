/* The resampling kernels of one type: F names it, T is the pixel, A the sum (and the weight), FMA(w, x, sum) the step. */
#define N(name) UG_PASTE(name, F)
enum { N(CHUNK) = 64 };

/* Outputs [i0, i0 + n) of at most CHUNK, taps [t0, t1) of one block. */
static void N(gather_block)(A *restrict sum, const T *restrict x, const ug_taps *taps, int64_t i0, int64_t n, int32_t t0, int32_t t1) {
    for (int32_t t = t0; t < t1; t++) {
        const int32_t *restrict index = taps->index + t * taps->stride + i0;
        const A *restrict weight = (const A *)taps->weight + t * taps->stride + i0;
        if (t == t0)
            for (int64_t i = 0; i < n; i++) sum[i] = weight[i] * (A)x[index[i]];
        else
            for (int64_t i = 0; i < n; i++) sum[i] = FMA(weight[i], (A)x[index[i]], sum[i]);
    }
}

/* The same where outputs have different numbers of taps: what lies past an output's own is not added, not even as zero. */
static void N(gather_counted)(A *restrict sum, const T *restrict x, const ug_taps *taps, int64_t i0, int64_t n, int32_t t0, int32_t t1) {
    const int32_t *restrict count = taps->count + i0;
    for (int64_t i = 0; i < n; i++) sum[i] = 0;
    for (int32_t t = t0; t < t1; t++) {
        const int32_t *restrict index = taps->index + t * taps->stride + i0;
        const A *restrict weight = (const A *)taps->weight + t * taps->stride + i0;
        for (int64_t i = 0; i < n; i++) {
            A next = t == t0 ? weight[i] * (A)x[index[i]] : FMA(weight[i], (A)x[index[i]], sum[i]);
            sum[i] = t < count[i] ? next : sum[i];
        }
    }
}

static void N(gather2)(A *restrict y, const T *restrict x, const ug_taps *taps, int64_t begin, int64_t n) {
    const int32_t *restrict i0 = taps->index + begin, *restrict i1 = i0 + taps->stride;
    const A *restrict w0 = (const A *)taps->weight + begin, *restrict w1 = w0 + taps->stride;
    for (int64_t i = 0; i < n; i++) {
        A first = w0[i] * (A)x[i0[i]];
        y[i] = FMA(w1[i], (A)x[i1[i]], first);
    }
}

static void N(gather)(A *restrict y, const T *restrict x, const ug_taps *taps, int64_t begin, int64_t n) {
    if (taps->taps == 2 && !taps->count) {
        N(gather2)(y, x, taps, begin, n);
        return;
    }
    for (int64_t i0 = 0; i0 < n; i0 += N(CHUNK)) {
        int64_t m = n - i0 < N(CHUNK) ? n - i0 : N(CHUNK);
        A sum[N(CHUNK)];
        for (int32_t t0 = 0; t0 < taps->taps; t0 += UG_SUM_BLOCK) {
            int32_t t1 = taps->taps - t0 < UG_SUM_BLOCK ? taps->taps : t0 + UG_SUM_BLOCK;
            (taps->count ? N(gather_counted) : N(gather_block))(sum, x, taps, begin + i0, m, t0, t1);
            for (int64_t i = 0; i < m; i++) y[i0 + i] = t0 ? y[i0 + i] + sum[i] : sum[i];
        }
    }
}

/* One phase of a chunk. */
static void N(phase)(A *restrict y, const T *restrict x, const int32_t *restrict offset, const A *restrict weight, int32_t taps, int64_t n) {
    if (taps == 2) {
        const T *restrict x0 = x + offset[0], *restrict x1 = x + offset[1];
        A w0 = weight[0], w1 = weight[1];
        for (int64_t i = 0; i < n; i++) {
            A first = w0 * (A)x0[i];
            y[i] = FMA(w1, (A)x1[i], first);
        }
        return;
    }
    for (int32_t t = 0; t < taps; t++) {
        const T *restrict xt = x + offset[t];
        A w = weight[t];
        if (t == 0)
            for (int64_t i = 0; i < n; i++) y[i] = w * (A)xt[i];
        else
            for (int64_t i = 0; i < n; i++) y[i] = FMA(w, (A)xt[i], y[i]);
    }
}

/* Puts the pixels of phase p between those of the others. */
UG_INLINE void N(place_phase)(A *restrict to, const A *restrict from, int64_t m, int64_t factor, int64_t p, int64_t inner) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t c = 0; c < inner; c++) to[(i * factor + p) * inner + c] = from[i * inner + c];
}

static void N(phases)(A *restrict y, const T *restrict x, const ug_phases *phases, int64_t n) {
    const int32_t taps = phases->taps, factor = phases->factor;
    const int64_t inner = phases->inner, chunk = inner < N(CHUNK) ? N(CHUNK) / inner : 1;
    const A *weight = phases->weight;
    A even[N(CHUNK)], odd[N(CHUNK)];
    for (int64_t i0 = 0; i0 < n; i0 += chunk) {
        int64_t m = n - i0 < chunk ? n - i0 : chunk;
        A *restrict to = y + i0 * factor * inner;
        if (factor == 2 && inner == 1) {
            N(phase)(even, x + i0, phases->offset, weight, taps, m);
            N(phase)(odd, x + i0, phases->offset + taps, weight + taps, taps, m);
            for (int64_t i = 0; i < m; i++) to[2 * i] = even[i], to[2 * i + 1] = odd[i];
            continue;
        }
        for (int64_t p = 0; p < factor; p++) {
            N(phase)(even, x + i0 * inner, phases->offset + p * taps, weight + p * taps, taps, m * inner);
            if (inner == 1)
                N(place_phase)(to, even, m, factor, p, 1);
            else if (inner == 3)
                N(place_phase)(to, even, m, factor, p, 3);
            else
                N(place_phase)(to, even, m, factor, p, inner);
        }
    }
}

/* taps <= UG_SUM_BLOCK */
static void N(blend_block)(A *restrict y, const T *const *row, const A *weight, int64_t taps, int64_t n) {
    const T *restrict r0 = row[0], *restrict r1 = row[taps > 1], *restrict r2 = row[taps > 2 ? 2 : 0], *restrict r3 = row[taps > 3 ? 3 : 0];
    A w0 = weight[0], w1 = weight[taps > 1], w2 = weight[taps > 2 ? 2 : 0], w3 = weight[taps > 3 ? 3 : 0];
    if (taps == 1) {
        for (int64_t i = 0; i < n; i++) y[i] = w0 * (A)r0[i];
        return;
    }
    if (taps == 2 || taps == 3)
        for (int64_t i = 0; i < n; i++) {
            A first = w0 * (A)r0[i];
            y[i] = FMA(w1, (A)r1[i], first);
        }
    else
        for (int64_t i = 0; i < n; i++) {
            A first = w0 * (A)r0[i];
            A second = FMA(w1, (A)r1[i], first);
            A third = FMA(w2, (A)r2[i], second);
            y[i] = FMA(w3, (A)r3[i], third);
        }
    for (int64_t t = taps < 4 ? 2 : 4; t < taps; t++) {
        const T *restrict rt = row[t];
        A w = weight[t];
        for (int64_t i = 0; i < n; i++) y[i] = FMA(w, (A)rt[i], y[i]);
    }
}

static void N(blend)(A *restrict y, const T *const *row, const A *weight, int64_t taps, int64_t n) {
    if (taps <= 4) {
        N(blend_block)(y, row, weight, taps, n);
        return;
    }
    const T *shifted[UG_SUM_BLOCK];
    for (int64_t i0 = 0; i0 < n; i0 += N(CHUNK)) {
        int64_t m = n - i0 < N(CHUNK) ? n - i0 : N(CHUNK);
        for (int64_t t0 = 0; t0 < taps; t0 += UG_SUM_BLOCK) {
            int64_t block = taps - t0 < UG_SUM_BLOCK ? taps - t0 : UG_SUM_BLOCK;
            A sum[N(CHUNK)];
            for (int64_t t = 0; t < block; t++) shifted[t] = row[t0 + t] + i0;
            N(blend_block)(sum, shifted, weight + t0, block, m);
            for (int64_t i = 0; i < m; i++) y[i0 + i] = t0 ? y[i0 + i] + sum[i] : sum[i];
        }
    }
}

static void N(pixels)(A *restrict y, const T *restrict x, const ug_pixel_taps *taps, int64_t begin, int64_t n, int64_t inner, int64_t step) {
    for (int64_t i = 0; i < n; i++) {
        const int32_t *index = taps->index + (begin + i) * taps->taps, count = taps->count[begin + i];
        const A *weight = (const A *)taps->weight + (begin + i) * taps->taps;
        A *restrict to = y + i * inner;
        if (count == 0) memset(to, 0, (size_t)inner * sizeof(A));
        for (int64_t c = 0; c < inner && count; c += N(CHUNK)) {
            int64_t m = inner - c < N(CHUNK) ? inner - c : N(CHUNK);
            for (int32_t t0 = 0; t0 < count; t0 += UG_SUM_BLOCK) {
                const T *row[UG_SUM_BLOCK];
                A sum[N(CHUNK)];
                int32_t block = count - t0 < UG_SUM_BLOCK ? count - t0 : UG_SUM_BLOCK;
                for (int32_t t = 0; t < block; t++) row[t] = x + index[t0 + t] * step + c;
                N(blend_block)(t0 ? sum : to + c, row, weight + t0, block, m);
                for (int64_t k = 0; k < m && t0; k++) to[c + k] += sum[k];
            }
        }
    }
}

#undef N
#undef F
#undef T
#undef A
#undef FMA
