/* One element type's kernels; included with T (element), S (suffix), V (vector) defined. */

#define LANES UG_PASTE(UG_LANES, S)
#define LOAD UG_PASTE(ug_load, S)
#define STORE UG_PASTE(ug_store, S)
#define LOAD_PART UG_PASTE(ug_load_part, S)
#define STORE_PART UG_PASTE(ug_store_part, S)
#define SET1 UG_PASTE(ug_set1, S)
#define FMA UG_PASTE(ug_fma, S)
#define NAME(x) UG_PASTE(x, S)

/* m and v are constants wherever this is inlined: the accumulators stay in registers. */
UG_INLINE void NAME(tile_body)(const T *restrict w, const T *restrict x, const int32_t *restrict offset, int64_t k, T *restrict c, int64_t c_pitch,
                               int add, const int m, const int v) {
    V sum[UG_TILE_ROWS][UG_TILE_VECTORS];
    UG_UNROLL
    for (int i = 0; i < m; i++) UG_UNROLL
    for (int j = 0; j < v; j++) sum[i][j] = (V){0};
    for (int64_t at = 0; at < k; at++) {
        const T *row = x + offset[at];
        __builtin_prefetch(w + at * m + UG_WEIGHTS_AHEAD / (int64_t)sizeof(T));
        V column[UG_TILE_VECTORS];
        UG_UNROLL
        for (int j = 0; j < v; j++) column[j] = LOAD(row + j * LANES);
        UG_UNROLL
        for (int i = 0; i < m; i++) {
            V weight = SET1(w[at * m + i]);
            UG_UNROLL
            for (int j = 0; j < v; j++) sum[i][j] = FMA(weight, column[j], sum[i][j]);
        }
    }
    UG_UNROLL
    for (int i = 0; i < m; i++) UG_UNROLL
    for (int j = 0; j < v; j++) {
        T *to = c + i * c_pitch + j * LANES;
        if (add) sum[i][j] = LOAD(to) + sum[i][j];
        STORE(to, sum[i][j]);
    }
}

#define TILE(m, v)                                                                                                                                   \
    static void NAME(tile_##m##_##v)(const T *w, const T *x, const int32_t *offset, int64_t k, T *c, int64_t c_pitch, int add) {                     \
        NAME(tile_body)(w, x, offset, k, c, c_pitch, add, m, v);                                                                                     \
    }
#define TILES(m) TILE(m, 1) TILE(m, 2) TILE(m, 3)
TILES(1)
TILES(2)
TILES(3)
TILES(4)
#if UG_ROWS > 4
TILES(5)
TILES(6) TILES(7) TILES(8)
#endif

    static void NAME(take)(T *restrict to, const T *restrict from, int64_t step, int64_t n) {
    if (step == 2) {
        for (int64_t i = 0; i < n; i++) to[i] = from[2 * i];
    } else {
        for (int64_t i = 0; i < n; i++) to[i] = from[i * step];
    }
}

static void NAME(spread)(T *restrict to, int64_t step, const T *restrict from, int64_t n) {
    for (int64_t i = 0; i < n; i++) to[i * step] = from[i];
}

static void NAME(gather)(T *restrict to, const T *restrict from, const int64_t *restrict index, int64_t n, T fill) {
    int64_t i = 0;
#if defined(UG_TIER_AVX512)
    for (; i + 8 <= n; i += 8) {
        __m512i at = _mm512_loadu_si512(index + i);
        __mmask8 inside = _mm512_cmpneq_epi64_mask(at, _mm512_set1_epi64(UG_OUTSIDE));
        if (sizeof(T) == 4)
            _mm256_storeu_ps((float *)(to + i), _mm512_mask_i64gather_ps(_mm256_set1_ps((float)fill), inside, at, from, 4));
        else
            _mm512_storeu_pd(to + i, _mm512_mask_i64gather_pd(_mm512_set1_pd((double)fill), inside, at, from, 8));
    }
#endif
    for (; i < n; i++) to[i] = index[i] == UG_OUTSIDE ? fill : from[index[i]];
}

static void NAME(scatter)(T *restrict to, const int64_t *restrict index, const T *restrict from, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (index[i] != UG_OUTSIDE) to[index[i]] = from[i];
}

/* Transposes a square of vectors in registers: log2(LANES) perfect shuffles. */
UG_INLINE void NAME(turn)(V r[LANES]) {
    UG_UNROLL
    for (int stage = 1; stage < LANES; stage *= 2) {
        V t[LANES];
        UG_UNROLL
        for (int i = 0; i < LANES / 2; i++) UG_PASTE(ug_pairs, S)(r[i], r[i + LANES / 2], t + 2 * i);
        UG_UNROLL
        for (int i = 0; i < LANES / 2; i++) r[2 * i] = t[2 * i], r[2 * i + 1] = t[2 * i + 1];
    }
}

/* A square that is cut off at an edge: m rows, n columns.  slack: rows may be read to a whole vector. */
static void NAME(transpose_edge)(T *restrict to, int64_t to_pitch, const T *restrict from, int64_t from_pitch, int64_t m, int64_t n, int slack) {
    V r[LANES];
    for (int64_t i = 0; i < LANES; i++) {
        T row[LANES] = {0};
        if (i < m && !slack && n < LANES) memcpy(row, from + i * from_pitch, (size_t)n * sizeof(T));
        r[i] = i < m && (slack || n == LANES) ? LOAD(from + i * from_pitch) : LOAD(row);
    }
    NAME(turn)(r);
    for (int64_t j = 0; j < n; j++) {
        T column[LANES];
        STORE(column, r[j]);
        if (m == LANES)
            STORE(to + j * to_pitch, r[j]);
        else if (2 * m == LANES)
            memcpy(to + j * to_pitch, column, LANES / 2 * sizeof(T));
        else
            memcpy(to + j * to_pitch, column, (size_t)m * sizeof(T));
    }
}

UG_INLINE void NAME(transpose_body)(T *restrict to, int64_t to_pitch, const T *restrict from, int64_t from_pitch, int64_t rows, int64_t columns,
                                    int slack) {
    for (int64_t i = 0; i < rows; i += LANES)
        for (int64_t j = 0; j < columns; j += LANES) {
            int64_t m = rows - i < LANES ? rows - i : LANES, n = columns - j < LANES ? columns - j : LANES;
            const T *square = from + i * from_pitch + j;
            T *turned = to + j * to_pitch + i;
            if (m < LANES || n < LANES) {
                NAME(transpose_edge)(turned, to_pitch, square, from_pitch, m, n, slack);
                continue;
            }
            V r[LANES];
            UG_UNROLL
            for (int k = 0; k < LANES; k++) r[k] = LOAD(square + k * from_pitch);
            NAME(turn)(r);
            UG_UNROLL
            for (int k = 0; k < LANES; k++) STORE(turned + k * to_pitch, r[k]);
        }
}

static void NAME(transpose)(T *restrict to, int64_t to_pitch, const T *restrict from, int64_t from_pitch, int64_t rows, int64_t columns) {
    NAME(transpose_body)(to, to_pitch, from, from_pitch, rows, columns, 0);
}

/* Interleaves `parts` rows (a power of two, constant where it is inlined): each stage is a perfect shuffle of all numbers. */
UG_INLINE void NAME(weave_power)(T *restrict to, const T *restrict from, int64_t pitch, int64_t n, const int parts) {
    for (int64_t at = 0; at < n; at += LANES) {
        V r[LANES], t[LANES];
        if (at + LANES > n && n >= LANES) at = n - LANES; /* the last vectors overlap those before */
        UG_UNROLL
        for (int i = 0; i < parts; i++) r[i] = LOAD(from + i * pitch + at);
        UG_UNROLL
        for (int stage = 1; stage < parts; stage *= 2) {
            UG_UNROLL
            for (int i = 0; i < parts / 2; i++) UG_PASTE(ug_pairs, S)(r[i], r[i + parts / 2], t + 2 * i);
            UG_UNROLL
            for (int i = 0; i < parts; i++) r[i] = t[i];
        }
        if (at + LANES <= n) {
            UG_UNROLL
            for (int i = 0; i < parts; i++) STORE(to + at * parts + i * LANES, r[i]);
        } else {
            T last[LANES * LANES];
            UG_UNROLL
            for (int i = 0; i < parts; i++) STORE(last + i * LANES, r[i]);
            memcpy(to + at * parts, last, (size_t)((n - at) * parts) * sizeof(T));
        }
    }
}

static void NAME(weave)(T *restrict to, int64_t step, const T *restrict from, int64_t pitch, int64_t parts, int64_t n) {
    if (step == 1 && parts == 2) {
        NAME(weave_power)(to, from, pitch, n, 2);
    } else if (step == 1 && parts == 4 && LANES >= 4) {
        NAME(weave_power)(to, from, pitch, n, 4);
    } else if (step == 1 && parts == 8 && LANES >= 8) {
        NAME(weave_power)(to, from, pitch, n, 8);
    } else if (step == 1 && parts == 16 && LANES >= 16) {
        NAME(weave_power)(to, from, pitch, n, 16);
    } else if (step == 1 && parts > 4) {
        NAME(transpose_body)(to, parts, from, pitch, parts, n, 1);
    } else {
        for (int64_t p = 0; p < parts; p++)
            for (int64_t i = 0; i < n; i++) to[(i * parts + p) * step] = from[p * pitch + i];
    }
}

static void NAME(unweave)(T *restrict to, int64_t pitch, const T *restrict from, int64_t parts, int64_t n, int64_t ahead) {
    int64_t done = 0;
    for (int64_t i = 0; i < n * parts; i += UG_CACHE_LINE / (int64_t)sizeof(T)) __builtin_prefetch(from + ahead + i);
    if (parts == 1) {
        memcpy(to, from, (size_t)n * sizeof(T));
        return;
    }
    if (parts >= 4) {
        NAME(transpose)(to, pitch, from, parts, n, parts);
        return;
    }
    for (; parts == 2 && n >= LANES && done < n; done += LANES) {
        V both[2];
        if (done + LANES > n) done = n - LANES; /* the last vector overlaps the one before */
        UG_PASTE(ug_halves, S)(LOAD(from + 2 * done), LOAD(from + 2 * done + LANES), both);
        STORE(to + done, both[0]), STORE(to + pitch + done, both[1]);
    }
    for (int64_t p = 0; p < parts; p++)
        for (int64_t i = done; i < n; i++) to[p * pitch + i] = from[i * parts + p];
}

/* `activation` is a constant wherever this is inlined.  A bias that is not there is -0: adding it changes nothing. */
UG_INLINE void NAME(finish_as)(T *y, const T *c, const T *residual, int64_t n, const ug_post *post, const int activation) {
    const V bias = SET1(post->has_bias ? (T)post->bias : -(T)0), scale = SET1((T)post->scale), shift = SET1((T)post->shift);
    const T p0 = (T)post->p[0], p1 = (T)post->p[1];
    const int affine = post->has_affine;
    const T *first = post->residual_last ? NULL : residual, *last = post->residual_last ? residual : NULL;
    for (int64_t i = 0; i < n; i += LANES) {
        const int whole = n - i >= LANES;
        V x = (whole ? LOAD(c + i) : LOAD_PART(c + i, n - i)) + bias;
        if (affine) x = UG_PASTE(ug_scale_shift, S)(x, scale, shift);
        if (first) x = x + (whole ? LOAD(first + i) : LOAD_PART(first + i, n - i));
        x = UG_PASTE(ug_act, S)(x, activation, p0, p1);
        if (last) x = x + (whole ? LOAD(last + i) : LOAD_PART(last + i, n - i));
        if (whole)
            STORE(y + i, x);
        else
            STORE_PART(y + i, x, n - i);
    }
}

static void NAME(finish)(T *y, const T *c, const T *residual, int64_t n, const ug_post *post) {
#define FINISH(name)                                                                                                                                 \
    case UG_ACT_##name: NAME(finish_as)(y, c, residual, n, post, UG_ACT_##name); break;
    switch (post->activation) { UG_ACTIVATIONS(FINISH) }
#undef FINISH
}

static void NAME(finish_across)(T *c, int64_t n, const ug_across *across) {
    const T *bias = across->bias, *scale = across->scale, *shift = across->shift, *residual = across->residual;
    for (int64_t i = 0; i < n; i += LANES) {
        int64_t m = n - i;
        V x = LOAD_PART(c + i, m);
        if (bias) x = x + LOAD_PART(bias + i, m);
        if (scale) x = UG_PASTE(ug_scale_shift, S)(x, LOAD_PART(scale + i, m), LOAD_PART(shift + i, m));
        if (residual && !across->residual_last) x = x + LOAD_PART(residual + i, m);
        x = UG_PASTE(ug_act, S)(x, across->activation, (T)across->p[0], (T)across->p[1]);
        if (residual && across->residual_last) x = x + LOAD_PART(residual + i, m);
        STORE_PART(c + i, x, m);
    }
}

static void NAME(accumulate)(T *restrict to, const T *restrict from, int64_t n) {
    for (int64_t i = 0; i < n; i++) to[i] += from[i];
}

#undef LANES
#undef LOAD
#undef STORE
#undef LOAD_PART
#undef STORE_PART
#undef SET1
#undef FMA
#undef TILE
#undef TILES
#undef T
#undef S
#undef V
