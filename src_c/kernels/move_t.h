/* The moves of one pixel type: T is the type, W(name) makes the names. */
static void W(gather)(T *restrict y, const T *restrict x, const int32_t *restrict index, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[i] = x[index[i]];
}

static void W(repeat)(T *restrict y, const T *restrict x, int64_t n, int64_t times) {
    if (times == 2)
        for (int64_t i = 0; i < n; i++) y[2 * i] = x[i], y[2 * i + 1] = x[i];
    else if (times == 4)
        for (int64_t i = 0; i < n; i++) y[4 * i] = x[i], y[4 * i + 1] = x[i], y[4 * i + 2] = x[i], y[4 * i + 3] = x[i];
    else if (times == 3)
        for (int64_t i = 0; i < n; i++) y[3 * i] = x[i], y[3 * i + 1] = x[i], y[3 * i + 2] = x[i];
    else
        for (int64_t i = 0; i < n; i++)
            for (int64_t k = 0; k < times; k++) y[i * times + k] = x[i];
}

static void W(spread)(T *restrict y, const T *restrict x, int64_t n, int64_t step, int64_t corner) {
    const T zero = {0};
    if (step == 2 && corner == 0) {
        for (int64_t i = 0; i < n; i++) y[2 * i] = x[i], y[2 * i + 1] = zero;
    } else if (step == 2) {
        for (int64_t i = 0; i < n; i++) y[2 * i] = zero, y[2 * i + 1] = x[i];
    } else {
        memset(y, 0, (size_t)(n * step) * sizeof(T));
        for (int64_t i = 0; i < n; i++) y[i * step + corner] = x[i];
    }
}

static void W(take)(T *restrict y, const T *restrict x, int64_t n, int64_t step) {
    if (step == 2)
        for (int64_t i = 0; i < n; i++) y[i] = x[2 * i];
    else
        for (int64_t i = 0; i < n; i++) y[i] = x[i * step];
}

static void W(fill)(T *restrict y, const T *restrict value, int64_t n) {
    T v = *value;
    for (int64_t i = 0; i < n; i++) y[i] = v;
}

static void W(interleave2)(T *restrict y, const T *restrict a, const T *restrict b, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[2 * i] = a[i], y[2 * i + 1] = b[i];
}

static void W(interleave4)(T *restrict y, const T *restrict a, const T *restrict b, const T *restrict c, const T *restrict d, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[4 * i] = a[i], y[4 * i + 1] = b[i], y[4 * i + 2] = c[i], y[4 * i + 3] = d[i];
}

#define CONST_ROW(base, j) (const T *)((base) + (j) * step)

static void W(interleave)(T *restrict y, const char *x, int64_t step, int64_t n, int64_t parts) {
    if (parts == 2) {
        W(interleave2)(y, CONST_ROW(x, 0), CONST_ROW(x, 1), n);
    } else if (parts == 4) {
        W(interleave4)(y, CONST_ROW(x, 0), CONST_ROW(x, 1), CONST_ROW(x, 2), CONST_ROW(x, 3), n);
    } else {
        for (int64_t j = 0; j < parts; j++) {
            const T *restrict row = CONST_ROW(x, j);
            for (int64_t i = 0; i < n; i++) y[i * parts + j] = row[i];
        }
    }
}

static void W(permute)(T *restrict y, const int64_t *y_step, const T *restrict x, const int64_t *x_step, const int64_t *count) {
    const int64_t n = count[2], to = y_step[2], from = x_step[2];
    for (int64_t p = 0; p < count[0]; p++)
        for (int64_t j = 0; j < count[1]; j++) {
            T *restrict yj = y + p * y_step[0] + j * y_step[1];
            const T *restrict xj = x + p * x_step[0] + j * x_step[1];
            for (int64_t c = 0; c < n; c++) yj[c * to] = xj[c * from];
        }
}

#undef CONST_ROW
#undef W
#undef T
