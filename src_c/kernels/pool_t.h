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
