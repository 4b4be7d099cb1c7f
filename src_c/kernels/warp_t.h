/* Template over F (suffix), S (scalar) and V (vector); included by warp.c for each. */
#define NAME(x) UG_PASTE(x, F)
#define LANES ((int64_t)(sizeof(V) / sizeof(S)))

UG_INLINE void NAME(pick_vector)(S *y, const S *x, const int32_t *place, const S *weight, const S *start, int64_t n, int64_t step, int taps) {
    V sum = start ? NAME(ug_load_part)(start, n) : (V){0};
    for (int t = 0; t < taps; t++, place += step, weight += step)
        sum = NAME(ug_fma)(NAME(ug_load_part)(weight, n), NAME(at)(x, place, n), sum);
    NAME(ug_store_part)(y, sum, n);
}

UG_INLINE void NAME(pick_taps)(S *y, const S *x, const int32_t *place, const S *weight, const S *start, int64_t n, int64_t step, int taps) {
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) NAME(pick_vector)(y + i, x, place + i, weight + i, start ? start + i : NULL, LANES, step, taps);
    if (i < n) NAME(pick_vector)(y + i, x, place + i, weight + i, start ? start + i : NULL, n - i, step, taps);
}

static void NAME(pick)(S *y, const S *x, const int32_t *place, const S *weight, const S *start, int64_t n, int64_t step, int taps) {
    if (taps == 4 && !start)
        NAME(pick_taps)(y, x, place, weight, NULL, n, step, 4);
    else
        NAME(pick_taps)(y, x, place, weight, start, n, step, taps);
}

UG_INLINE void NAME(blend_vector)(S *y, const S *x, const int32_t *place, const S *weight, S start, int64_t left, int64_t n, int64_t step, int taps) {
    V sum = NAME(ug_set1)(start);
    for (int t = 0; t < taps; t++)
        if (place[t * step] >= 0)
            sum = NAME(ug_fma)(NAME(ug_set1)(weight[t * step]), NAME(ug_load_part)(x + place[t * step] * n, left), sum);
        else
            sum = NAME(ug_fma)(NAME(ug_set1)(weight[t * step]), (V){0}, sum); /* as the other kernel: a weight of NaN shows */
    NAME(ug_store_part)(y, sum, left);
}

static void NAME(blend)(S *y, const S *x, const int32_t *place, const S *weight, S start, int64_t n, int64_t step, int taps) {
    int64_t c = 0;
    for (; c + LANES <= n; c += LANES) NAME(blend_vector)(y + c, x + c, place, weight, start, LANES, n, step, taps);
    if (c < n) NAME(blend_vector)(y + c, x + c, place, weight, start, n - c, n, step, taps);
}

#undef NAME
#undef LANES
#undef F
#undef S
#undef V
