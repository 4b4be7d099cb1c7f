/* One element type's kernels; included with T (element), S (suffix), V (vector) defined. */

#define LANES UG_PASTE(UG_LANES, S)
#define LOAD UG_PASTE(ug_load, S)
#define STORE UG_PASTE(ug_store, S)
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
TILES(2) TILES(3) TILES(4)
#if UG_ROWS > 4
    TILES(5) TILES(6) TILES(7) TILES(8)
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

static void NAME(weave)(T *restrict to, int64_t step, const T *restrict from, int64_t pitch, int64_t parts, int64_t n) {
    const T *restrict next = from + pitch;
    if (parts == 2 && step == 1) {
        for (int64_t i = 0; i < n; i++) to[2 * i] = from[i], to[2 * i + 1] = next[i];
        return;
    }
    for (int64_t p = 0; p < parts; p++)
        for (int64_t i = 0; i < n; i++) to[(i * parts + p) * step] = from[p * pitch + i];
}

static void NAME(unweave)(T *restrict to, int64_t pitch, const T *restrict from, int64_t parts, int64_t n) {
    T *restrict next = to + pitch;
    if (parts == 2) {
        for (int64_t i = 0; i < n; i++) to[i] = from[2 * i], next[i] = from[2 * i + 1];
        return;
    }
    for (int64_t p = 0; p < parts; p++)
        for (int64_t i = 0; i < n; i++) to[p * pitch + i] = from[i * parts + p];
}

static void NAME(gather)(T *restrict to, const T *restrict from, const int64_t *restrict index, int64_t n, T fill) {
    for (int64_t i = 0; i < n; i++) to[i] = index[i] == UG_OUTSIDE ? fill : from[index[i]];
}

static void NAME(scatter)(T *restrict to, const int64_t *restrict index, const T *restrict from, int64_t n) {
    for (int64_t i = 0; i < n; i++) to[index[i]] = from[i];
}

/* In squares of one cache line, so that both sides are read and written whole. */
static void NAME(transpose)(T *restrict to, int64_t to_pitch, const T *restrict from, int64_t from_pitch, int64_t rows, int64_t columns) {
    enum { SIDE = 64 / sizeof(T) };
    for (int64_t i0 = 0; i0 < rows; i0 += SIDE)
        for (int64_t j0 = 0; j0 < columns; j0 += SIDE) {
            int64_t i1 = i0 + SIDE < rows ? i0 + SIDE : rows, j1 = j0 + SIDE < columns ? j0 + SIDE : columns;
            for (int64_t j = j0; j < j1; j++)
                for (int64_t i = i0; i < i1; i++) to[j * to_pitch + i] = from[i * from_pitch + j];
        }
}

UG_INLINE V NAME(post)(V x, const T *residual, const ug_post *post) {
    if (post->has_bias) x = x + SET1((T)post->bias);
    if (post->has_affine) x = UG_PASTE(ug_scale_shift, S)(x, SET1((T)post->scale), SET1((T)post->shift));
    if (residual) x = x + LOAD(residual);
    return UG_PASTE(ug_act, S)(x, post->activation, (T)post->slope);
}

static void NAME(finish)(T *y, const T *c, const T *residual, int64_t n, const ug_post *post) {
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) STORE(y + i, NAME(post)(LOAD(c + i), residual ? residual + i : NULL, post));
    if (i == n) return;
    T part[LANES] = {0}, other[LANES] = {0}; /* the tail, padded to a vector */
    memcpy(part, c + i, (size_t)(n - i) * sizeof(T));
    if (residual) memcpy(other, residual + i, (size_t)(n - i) * sizeof(T));
    STORE(part, NAME(post)(LOAD(part), residual ? other : NULL, post));
    memcpy(y + i, part, (size_t)(n - i) * sizeof(T));
}

static void NAME(accumulate)(T *restrict to, const T *restrict from, int64_t n) {
    for (int64_t i = 0; i < n; i++) to[i] += from[i];
}

static T NAME(sum)(const T *restrict x, int64_t n) {
    enum { BLOCK = UG_SUM_BLOCK };
    T total = 0;
    for (int64_t at = 0; at < n; at += BLOCK) {
        int64_t end = at + BLOCK < n ? at + BLOCK : n;
        T part = 0;
        for (int64_t i = at; i < end; i++) part += x[i];
        total += part;
    }
    return total;
}

#undef LANES
#undef LOAD
#undef STORE
#undef SET1
#undef FMA
#undef TILE
#undef TILES
#undef T
#undef S
#undef V
