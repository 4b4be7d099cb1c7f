/* The pooling kernels of one type: F names it, T is the type; IS_NAN and ADD are its tests and its (wrapping) sum. */
#define N(name) UG_PASTE(name, F)

static void N(max_fold)(T *restrict y, const T *restrict x, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[i] = (x[i] > y[i]) | IS_NAN(x[i]) ? x[i] : y[i];
}

static void N(max_index)(T *restrict y, int32_t *restrict tap, const T *restrict x, int32_t number, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        int wins = (tap[i] < 0) | (x[i] > y[i]) | (IS_NAN(x[i]) & !IS_NAN(y[i]));
        y[i] = wins ? x[i] : y[i];
        tap[i] = wins ? number : tap[i];
    }
}

/* Clears pixels up to `place` and some more, so that what is put there is still in the first cache; returns how far. */
static int64_t N(clear)(T *y, int64_t from, int64_t place, int64_t pixels, int64_t channels, int64_t step) {
    int64_t to = place + 1 + UG_CLEARED / channels < pixels ? place + 1 + UG_CLEARED / channels : pixels;
    if (channels == step)
        memset(y + from * step, 0, (size_t)((to - from) * step) * sizeof(T));
    else
        for (int64_t i = from; i < to; i++) memset(y + i * step, 0, (size_t)channels * sizeof(T));
    return to;
}

UG_INLINE int N(unpool_all)(T *restrict y, const T *restrict x, const int64_t *restrict index, int64_t first, int64_t pixels, const int64_t channels,
                            const int64_t step, int64_t n, const int sums) {
    int64_t cleared = 0;
    for (int64_t i = 0; i < n; i++, x += step, index += step)
        for (int64_t c = 0; c < channels; c++) {
            uint64_t place = (uint64_t)index[c] - (uint64_t)first;
            if (place >= (uint64_t)cleared) {
                if (place >= (uint64_t)pixels) return 0;
                cleared = N(clear)(y, cleared, (int64_t)place, pixels, channels, step);
            }
            T *to = y + (int64_t)place * step + c;
            *to = sums ? ADD(*to, x[c]) : x[c];
        }
    if (cleared < pixels) N(clear)(y, cleared, pixels - 1, pixels, channels, step);
    return 1;
}

static int N(unpool_flat)(T *y, const T *x, const int64_t *index, int64_t first, int64_t pixels, int64_t channels, int64_t step, int64_t n,
                          int32_t sums) {
    if (step == 1) return (sums ? N(unpool_all)(y, x, index, first, pixels, 1, 1, n, 1) : N(unpool_all)(y, x, index, first, pixels, 1, 1, n, 0));
    return sums ? N(unpool_all)(y, x, index, first, pixels, channels, step, n, 1) : N(unpool_all)(y, x, index, first, pixels, channels, step, n, 0);
}

static void N(unpool)(T *restrict y, const T *restrict x, const int64_t *restrict place, int64_t n, int32_t rule) {
    if (rule == UG_UNPOOL_SUM) {
        for (int64_t i = 0; i < n; i++)
            if (place[i] >= 0) y[place[i]] = ADD(y[place[i]], x[i]);
    } else if (rule == UG_UNPOOL_MAX) {
        for (int64_t i = 0; i < n; i++)
            if (place[i] >= 0 && (x[i] > y[place[i]] || IS_NAN(x[i]))) y[place[i]] = x[i];
    } else if (rule == UG_UNPOOL_FIRST) {
        for (int64_t i = n; i-- > 0;)
            if (place[i] >= 0) y[place[i]] = x[i];
    } else {
        for (int64_t i = 0; i < n; i++)
            if (place[i] >= 0) y[place[i]] = x[i];
    }
}

#undef N
#undef F
#undef T
