/* Template over F (suffix), S (scalar) and V (vector); included by warp.c for each. */
#define NAME(x) UG_PASTE(x, F)
#define LANES ((int64_t)(sizeof(V) / sizeof(S)))

UG_INLINE void NAME(pick_vector)(S *y, const S *x, const int32_t *place, const S *weight, const S *start, int64_t n, int64_t step, int taps) {
    V sum = start ? NAME(ug_load_part)(start, n) : (V){0};
    for (int t = 0; t < taps; t++, place += step, weight += step) sum = NAME(ug_fma)(NAME(ug_load_part)(weight, n), NAME(at)(x, place, n), sum);
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

/* One vector of positions: 4 places and weights of each. */
UG_INLINE void NAME(corners_vector)(int32_t place[4][UG_LANES_f64], S weight[4][UG_LANES_f64], ug_v64 y, ug_v64 x, const double range[4],
                                    const int32_t size[2]) {
    y = within(y, range[0], range[1]), x = within(x, range[2], range[3]);
    ug_v64 y_floor = floor_of(y), x_floor = floor_of(x), ty = y - y_floor, tx = x - x_floor;
    places iy = whole_of(y_floor), ix = whole_of(x_floor), at = iy * size[1] + ix;
    places top = (iy >= 0) & (iy < size[0]), bottom = (iy >= -1) & (iy < size[0] - 1);
    places left = (ix >= 0) & (ix < size[1]), right = (ix >= -1) & (ix < size[1] - 1);
    const places found[4] = {at | ~(top & left), (at + 1) | ~(top & right), (at + size[1]) | ~(bottom & left),
                             (at + size[1] + 1) | ~(bottom & right)};
    const ug_v64 product[4] = {(1 - ty) * (1 - tx), (1 - ty) * tx, ty * (1 - tx), ty * tx};
    for (int t = 0; t < 4; t++) {
        memcpy(place[t], &found[t], sizeof found[t]);
        for (int k = 0; k < UG_LANES_f64; k++) weight[t][k] = (S)product[t][k];
    }
}

static void NAME(corners)(int32_t *place, S *weight, const double *row, const double *column, const double range[4], const int32_t size[2], int64_t n,
                          int64_t step) {
    int32_t places_of[4][UG_LANES_f64];
    S weights_of[4][UG_LANES_f64];
    for (int64_t i = 0; i < n; i += UG_LANES_f64) {
        int64_t left = n - i < UG_LANES_f64 ? n - i : UG_LANES_f64;
        NAME(corners_vector)(places_of, weights_of, ug_load_part_f64(row + i, left), ug_load_part_f64(column + i, left), range, size);
        for (int t = 0; t < 4; t++)
            if (left == UG_LANES_f64) {
                memcpy(place + t * step + i, places_of[t], sizeof places_of[t]);
                memcpy(weight + t * step + i, weights_of[t], sizeof weights_of[t]);
            } else {
                memcpy(place + t * step + i, places_of[t], (size_t)left * sizeof(int32_t));
                memcpy(weight + t * step + i, weights_of[t], (size_t)left * sizeof(S));
            }
    }
}

#undef NAME
#undef LANES
#undef F
#undef S
#undef V
