/* uint8 by weights of 32 bits: Pillow's arithmetic, (sum of w * x + half) >> shift in 32 bits, clamped. */

enum { WIDE_PIECE = 64 }; /* sums that are kept at once */

UG_INLINE uint8_t wide_result(uint32_t sum, int shift) {
    int32_t v = (int32_t)sum >> shift;
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static void blend_u8_wide(void *y_, const void *const *row_, const void *weight_, int64_t taps, int64_t n, int shift, const ug_way *way) {
    (void)way;
    uint8_t *restrict y = y_;
    const uint8_t *const *row = (const uint8_t *const *)row_;
    const uint32_t *weight = weight_;
    for (int64_t i0 = 0; i0 < n; i0 += WIDE_PIECE) {
        uint32_t sum[WIDE_PIECE];
        int64_t m = n - i0 < WIDE_PIECE ? n - i0 : WIDE_PIECE;
        for (int i = 0; i < WIDE_PIECE; i++) sum[i] = (uint32_t)ug_half(shift);
        for (int64_t t = 0; t < taps; t++) {
            const uint8_t *restrict r = row[t] + i0;
            const uint32_t w = weight[t];
            if (m == WIDE_PIECE)
                for (int i = 0; i < WIDE_PIECE; i++) sum[i] += w * r[i];
            else
                for (int64_t i = 0; i < m; i++) sum[i] += w * r[i];
        }
        for (int64_t i = 0; i < m; i++) y[i0 + i] = wide_result(sum[i], shift);
    }
}

/* Pixels of `inner` numbers, a constant where they are few. */
UG_INLINE void wide_pixels(uint8_t *y, const uint8_t *x, const ug_taps *taps, int64_t begin, int64_t n, const int64_t inner, int shift) {
    for (int64_t i = begin; i < begin + n; i++, y += inner) {
        const int32_t *index = taps->index + i * taps->taps, count = taps->count[i];
        const uint32_t *weight = (const uint32_t *)taps->weight + i * taps->taps;
        uint32_t sum[4];
        for (int64_t c = 0; c < inner; c++) sum[c] = (uint32_t)ug_half(shift);
        for (int32_t t = 0; t < count; t++)
            for (int64_t c = 0; c < inner; c++) sum[c] += weight[t] * x[index[t] * inner + c];
        for (int64_t c = 0; c < inner; c++) y[c] = wide_result(sum[c], shift);
    }
}

static void pixels_u8_wide(void *y, const void *x, const ug_taps *taps, int64_t begin, int64_t n, int64_t inner, int shift) {
    switch (inner) {
    case 1: wide_pixels(y, x, taps, begin, n, 1, shift); return;
    case 2: wide_pixels(y, x, taps, begin, n, 2, shift); return;
    case 3: wide_pixels(y, x, taps, begin, n, 3, shift); return;
    case 4: wide_pixels(y, x, taps, begin, n, 4, shift); return;
    }
    for (int64_t i = begin; i < begin + n; i++)
        for (int64_t c = 0; c < inner; c++) {
            const int32_t *index = taps->index + i * taps->taps;
            const uint32_t *weight = (const uint32_t *)taps->weight + i * taps->taps;
            uint32_t sum = (uint32_t)ug_half(shift);
            for (int32_t t = 0; t < taps->count[i]; t++) sum += weight[t] * ((const uint8_t *)x)[index[t] * inner + c];
            ((uint8_t *)y)[(i - begin) * inner + c] = wide_result(sum, shift);
        }
}

static const ug_resample_pass pass_u8_wide = {.pixels = pixels_u8_wide, .blend = blend_u8_wide};
