/* Resampling from one type to another, as plain sums in order without fused multiply-add: X is read, W are weights, S sums, Y is written.
 * RESULT(sum, shift) makes a result of a sum; FIRST(shift) is what sums begin with. */
#define N(name) UG_PASTE(name, F)

static void N(blend)(void *y_, const void *const *row_, const void *weight_, int64_t taps, int64_t n, int shift, const ug_way *way) {
    (void)way, (void)shift;
    Y *restrict y = y_;
    const X *const *row = (const X *const *)row_;
    const W *weight = weight_;
    for (int64_t i0 = 0; i0 < n; i0 += UG_MIXED_PIECE) {
        S sum[UG_MIXED_PIECE];
        int64_t m = n - i0 < UG_MIXED_PIECE ? n - i0 : UG_MIXED_PIECE;
        for (int i = 0; i < UG_MIXED_PIECE; i++) sum[i] = FIRST(shift);
        for (int64_t t = 0; t < taps; t++) {
            const X *restrict r = row[t] + i0;
            const S w = (S)weight[t];
            if (m == UG_MIXED_PIECE)
                for (int i = 0; i < UG_MIXED_PIECE; i++) sum[i] += w * (S)r[i];
            else
                for (int64_t i = 0; i < m; i++) sum[i] += w * (S)r[i];
        }
        for (int64_t i = 0; i < m; i++) y[i0 + i] = RESULT(sum[i], shift);
    }
}

/* `inner` is a constant where pixels are few numbers. */
UG_INLINE void N(few)(Y *y, const X *x, const ug_taps *taps, int64_t begin, int64_t n, const int64_t inner, int shift) {
    (void)shift;
    for (int64_t i = begin; i < begin + n; i++, y += inner) {
        const int32_t *index = taps->index + i * taps->taps, count = taps->count[i];
        const W *weight = (const W *)taps->weight + i * taps->taps;
        for (int64_t c0 = 0; c0 < inner; c0 += 4) {
            S sum[4];
            const int64_t m = inner - c0 < 4 ? inner - c0 : 4;
            for (int64_t c = 0; c < m; c++) sum[c] = FIRST(shift);
            for (int32_t t = 0; t < count; t++)
                for (int64_t c = 0; c < m; c++) sum[c] += (S)weight[t] * (S)x[index[t] * inner + c0 + c];
            for (int64_t c = 0; c < m; c++) y[c0 + c] = RESULT(sum[c], shift);
        }
    }
}

static void N(pixels)(void *y, const void *x, const ug_taps *taps, int64_t begin, int64_t n, int64_t inner, int shift) {
    switch (inner) {
    case 1: N(few)(y, x, taps, begin, n, 1, shift); return;
    case 2: N(few)(y, x, taps, begin, n, 2, shift); return;
    case 3: N(few)(y, x, taps, begin, n, 3, shift); return;
    case 4: N(few)(y, x, taps, begin, n, 4, shift); return;
    }
    N(few)(y, x, taps, begin, n, inner, shift);
}

static const ug_resample_pass N(pass) = {.pixels = N(pixels), .blend = N(blend)};

#undef N
#undef F
#undef X
#undef W
#undef S
#undef Y
#undef FIRST
#undef RESULT
