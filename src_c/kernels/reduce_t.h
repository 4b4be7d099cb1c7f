/* The reductions of one floating type: F names it, S is the number, V the vector. */
#define N(name) UG_PASTE(name, F)
#define LANES N(UG_LANES)
#define LOAD(p) N(ug_load)(p)
#define SET(x) N(ug_set1)(x)

/* One number (type S) or a vector of them (type V). */
#define TERM_SUM(x) (x)
#define TERM_SQUARE(x) ((x) * (x))
#define TERM_ABS(x) N(ug_abs)(x)
#define TERM_ABS_ONE(x) N(magnitude)(x)
#define TERM_POWER(x) N(power)(x, p)
#define TERM_POWER_ONE(x) N(power_one)(x, p)

UG_INLINE S N(magnitude)(S x) { return x < 0 ? -x : x == 0 ? 0 : x; }

/* |x|^p, p at least 1, from its squares. */
#define DEFINE_POWER(name, type, magnitude)                                                                                                          \
    UG_INLINE type N(name)(type x, int64_t p) {                                                                                                      \
        type square = magnitude(x), y = square;                                                                                                      \
        for (p--; p > 0; p >>= 1, square = square * square)                                                                                          \
            if (p & 1) y = y * square;                                                                                                               \
        return y;                                                                                                                                    \
    }
DEFINE_POWER(power, V, N(ug_abs))
DEFINE_POWER(power_one, S, N(magnitude))

/* The sum of a vector's numbers, in order. */
UG_INLINE S N(across)(V v) {
    S lane[LANES], sum = 0;
    N(ug_store)(lane, v);
    for (int k = 0; k < LANES; k++) sum += lane[k];
    return sum;
}

/* Blocks of terms: whole vectors, then the numbers left over; columns: a row at a time. */
#define DEFINE_SUM(name, term, term_one)                                                                                                             \
    static void UG_PASTE(name##_row, F)(void *total, const void *from, int64_t n, int64_t p) {                                                       \
        (void)p;                                                                                                                                     \
        const S *x = from;                                                                                                                           \
        double all = *(double *)total;                                                                                                               \
        for (int64_t b = 0; b < n; b += UG_SUM_BLOCK) {                                                                                              \
            int64_t i = b, end = n - b < UG_SUM_BLOCK ? n : b + UG_SUM_BLOCK;                                                                        \
            V sum = {0};                                                                                                                             \
            for (; i + LANES <= end; i += LANES) sum += term(LOAD(x + i));                                                                           \
            S block = N(across)(sum);                                                                                                                \
            for (; i < end; i++) block += term_one(x[i]);                                                                                            \
            all += (double)block;                                                                                                                    \
        }                                                                                                                                            \
        *(double *)total = all;                                                                                                                      \
    }                                                                                                                                                \
    static void N(name##_columns)(void *total, const void *from, int64_t rows, int64_t stride, int64_t n, int64_t p) {                               \
        (void)p;                                                                                                                                     \
        double *restrict all = total;                                                                                                                \
        for (int64_t b = 0; b < rows; b += UG_SUM_BLOCK) {                                                                                           \
            int64_t end = rows - b < UG_SUM_BLOCK ? rows : b + UG_SUM_BLOCK;                                                                         \
            S sum[UG_FOLD_COLUMNS] = {0};                                                                                                            \
            for (int64_t r = b; r < end; r++) {                                                                                                      \
                const S *restrict x = (const S *)from + r * stride;                                                                                  \
                for (int64_t c = 0; c < n; c++) sum[c] += term_one(x[c]);                                                                            \
            }                                                                                                                                        \
            for (int64_t c = 0; c < n; c++) all[c] += (double)sum[c];                                                                                \
        }                                                                                                                                            \
    }
DEFINE_SUM(sum, TERM_SUM, TERM_SUM)
DEFINE_SUM(abs, TERM_ABS, TERM_ABS_ONE)
DEFINE_SUM(square, TERM_SQUARE, TERM_SQUARE)
DEFINE_SUM(power_sum, TERM_POWER, TERM_POWER_ONE)

static void N(product_row)(void *total, const void *from, int64_t n, int64_t p) {
    (void)p;
    const S *x = from;
    double lane[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int k = 0; k < 8; k++) lane[k] *= (double)x[i + k];
    for (; i < n; i++) lane[0] *= (double)x[i];
    for (int k = 0; k < 8; k++) *(double *)total *= lane[k];
}

static void N(product_columns)(void *total, const void *from, int64_t rows, int64_t stride, int64_t n, int64_t p) {
    (void)p;
    double *restrict all = total;
    for (int64_t r = 0; r < rows; r++) {
        const S *restrict x = (const S *)from + r * stride;
        for (int64_t c = 0; c < n; c++) all[c] *= (double)x[c];
    }
}

/* The largest or smallest; NaN wins. */
#define DEFINE_BEST(name, BETTER)                                                                                                                    \
    static void UG_PASTE(name##_row, F)(void *total, const void *from, int64_t n, int64_t p) {                                                       \
        (void)p;                                                                                                                                     \
        const S *x = from;                                                                                                                           \
        S best = (S) * (double *)total;                                                                                                              \
        int64_t i = 0;                                                                                                                               \
        if (n >= LANES) {                                                                                                                            \
            V most[4] = {LOAD(x), LOAD(x), LOAD(x), LOAD(x)};                                                                                        \
            S lane[LANES];                                                                                                                           \
            for (; i + 4 * LANES <= n; i += 4 * LANES) {                                                                                             \
                UG_UNROLL                                                                                                                            \
                for (int k = 0; k < 4; k++) {                                                                                                        \
                    V v = LOAD(x + i + k * LANES);                                                                                                   \
                    most[k] = N(ug_select)((v BETTER most[k]) | (v != v), v, most[k]);                                                               \
                }                                                                                                                                    \
            }                                                                                                                                        \
            for (; i + LANES <= n; i += LANES)                                                                                                       \
                most[0] = N(ug_select)((LOAD(x + i) BETTER most[0]) | (LOAD(x + i) != LOAD(x + i)), LOAD(x + i), most[0]);                           \
            for (int k = 1; k < 4; k++) most[0] = N(ug_select)((most[k] BETTER most[0]) | (most[k] != most[k]), most[k], most[0]);                   \
            N(ug_store)(lane, most[0]);                                                                                                              \
            for (int k = 0; k < LANES; k++) best = (lane[k] BETTER best) | (lane[k] != lane[k]) ? lane[k] : best;                                    \
        }                                                                                                                                            \
        for (; i < n; i++) best = (x[i] BETTER best) | (x[i] != x[i]) ? x[i] : best;                                                                 \
        *(double *)total = (double)best;                                                                                                             \
    }                                                                                                                                                \
    static void N(name##_columns)(void *total, const void *from, int64_t rows, int64_t stride, int64_t n, int64_t p) {                               \
        (void)p;                                                                                                                                     \
        double *all = total;                                                                                                                         \
        S best[UG_FOLD_COLUMNS];                                                                                                                     \
        for (int64_t c = 0; c < n; c++) best[c] = (S)all[c];                                                                                         \
        for (int64_t r = 0; r < rows; r++) {                                                                                                         \
            const S *restrict x = (const S *)from + r * stride;                                                                                      \
            for (int64_t c = 0; c < n; c++) best[c] = (x[c] BETTER best[c]) | (x[c] != x[c]) ? x[c] : best[c];                                       \
        }                                                                                                                                            \
        for (int64_t c = 0; c < n; c++) all[c] = (double)best[c];                                                                                    \
    }
DEFINE_BEST(max, >)
DEFINE_BEST(min, <)

/* Sums of exp(x - shift) in blocks. */
static void N(exp_row)(void *total, const void *from, int64_t n, int64_t p) {
    const S *x = from;
    double more[2] = {-INFINITY, 0};
    N(max_row)(more, x, n, p);
    V shift = SET((S)shift_of(more[0]));
    for (int64_t b = 0; b < n; b += UG_SUM_BLOCK) {
        int64_t i = b, end = n - b < UG_SUM_BLOCK ? n : b + UG_SUM_BLOCK;
        V sum = {0};
        for (; i + LANES <= end; i += LANES) sum += N(ug_exp)(LOAD(x + i) - shift);
        S part[LANES];
        for (int k = 0; k < LANES; k++) part[k] = i + k < end ? x[i + k] : -INFINITY;
        more[1] += (double)N(across)(sum + N(ug_exp)(LOAD(part) - shift));
    }
    exp_join(total, more, 1);
}

static void N(exp_columns)(void *total, const void *from, int64_t rows, int64_t stride, int64_t n, int64_t p) {
    double more[2 * UG_FOLD_COLUMNS];
    S shift[UG_FOLD_COLUMNS + LANES], sum[UG_FOLD_COLUMNS + LANES], part[LANES];
    for (int64_t c = 0; c < n; c++) more[c] = -INFINITY, more[n + c] = 0;
    N(max_columns)(more, from, rows, stride, n, p);
    for (int64_t c = 0; c < n + LANES; c++) shift[c] = c < n ? (S)shift_of(more[c]) : 0;
    for (int64_t b = 0; b < rows; b += UG_SUM_BLOCK) {
        int64_t end = rows - b < UG_SUM_BLOCK ? rows : b + UG_SUM_BLOCK;
        memset(sum, 0, sizeof sum);
        for (int64_t r = b; r < end; r++) {
            const S *x = (const S *)from + r * stride;
            for (int64_t c = 0; c < n; c += LANES) {
                if (c + LANES > n) memset(part, 0, sizeof part), memcpy(part, x + c, (size_t)(n - c) * sizeof(S));
                V v = LOAD(c + LANES > n ? part : x + c);
                N(ug_store)(sum + c, LOAD(sum + c) + N(ug_exp)(v - LOAD(shift + c)));
            }
        }
        for (int64_t c = 0; c < n; c++) more[n + c] += (double)sum[c];
    }
    exp_join(total, more, n);
}

UG_INLINE V N(grad_of)(V x, V g, V y, V m, const int kind, int64_t p) {
    V zero = {0}, size = N(ug_abs)(x);
    switch (kind) {
    case UG_REDUCE_MEAN: return g / SET((S)p);
    case UG_REDUCE_MAX:
    case UG_REDUCE_MIN: return g / m * N(ug_select)(x == y, SET(1), zero);
    case UG_REDUCE_PROD: return N(ug_select)(x == 0, N(ug_select)(m == 1, g * y, zero), N(ug_select)(m == 0, g * (y / x), zero));
    case UG_REDUCE_L1: return N(ug_select)(x == x, N(ug_select)(x == 0, zero, N(ug_sign)(SET(1), x) * g), x);
    case UG_REDUCE_L2: return N(ug_select)(y == 0, zero, g * (x / y));
    case UG_REDUCE_LP: return N(ug_select)(y == 0, zero, g * N(ug_sign)(p == 1 ? SET(1) : N(power)(size / y, p - 1), x));
    case UG_REDUCE_SUM_SQUARE: return g * x * 2;
    case UG_REDUCE_LOG_SUM: return g / y;
    case UG_REDUCE_LOG_SUM_EXP: return g * N(ug_exp)(x - y);
    case UG_REDUCE_IS_BEST: return N(ug_select)(x == g, SET(1), zero);
    case UG_REDUCE_IS_ZERO: return N(ug_select)(x == 0, SET(1), zero);
    default: return g;
    }
}

UG_INLINE void N(grad_all)(S *gx, const S *x, const S *g, const S *y, const S *m, int runs, const int kind, int64_t p, int64_t n) {
    V zero = {0}, one_g = g ? SET(*g) : zero, one_y = y ? SET(*y) : zero, one_m = m ? SET(*m) : zero;
    for (int64_t i = 0; i < n; i += LANES) {
        int64_t left = n - i;
        V vg = one_g, vy = one_y, vm = one_m, vx = N(ug_load_part)(x + i, left);
        if (runs && g) vg = N(ug_load_part)(g + i, left);
        if (runs && y) vy = N(ug_load_part)(y + i, left);
        if (runs && m) vm = N(ug_load_part)(m + i, left);
        N(ug_store_part)(gx + i, N(grad_of)(vx, vg, vy, vm, kind, p), left);
    }
}

static void N(grad)(S *gx, const S *x, const S *g, const S *y, const S *m, int runs, int kind, int64_t p, int64_t n) {
#define CASE(kind)                                                                                                                                   \
    case kind: N(grad_all)(gx, x, g, y, m, runs, kind, p, n); break
    switch (kind) {
        CASE(UG_REDUCE_SUM);
        CASE(UG_REDUCE_MEAN);
        CASE(UG_REDUCE_MAX);
        CASE(UG_REDUCE_MIN);
        CASE(UG_REDUCE_PROD);
        CASE(UG_REDUCE_L1);
        CASE(UG_REDUCE_L2);
        CASE(UG_REDUCE_LP);
        CASE(UG_REDUCE_SUM_SQUARE);
        CASE(UG_REDUCE_LOG_SUM);
        CASE(UG_REDUCE_LOG_SUM_EXP);
        CASE(UG_REDUCE_IS_BEST);
        CASE(UG_REDUCE_IS_ZERO);
    default: break;
    }
#undef CASE
}

#undef N
#undef LANES
#undef LOAD
#undef SET
#undef TERM_SUM
#undef TERM_SQUARE
#undef TERM_ABS
#undef TERM_ABS_ONE
#undef TERM_POWER
#undef TERM_POWER_ONE
#undef DEFINE_POWER
#undef DEFINE_SUM
#undef DEFINE_BEST
#undef F
#undef S
#undef V
