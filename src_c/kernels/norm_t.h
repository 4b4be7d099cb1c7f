/* The statistics of one type: F names it, S is the number, V the vector. */
#define N(name) UG_PASTE(name, F)
#define LANES N(UG_LANES)
#define LOAD(p) N(ug_load)(p)
enum { N(STRIP) = 32 }; /* columns summed at a time */

/* x - mean without losing the mean's low half */
#define DIFF(x) (((x) - high) - low)
#define SPLIT_MEAN const S high = (S)mean, low = (S)(mean - (double)high)

/* A block: whole vectors, their lanes in order, then the numbers left over. */
#define DEFINE_SUM(name, args, setup, term, term_tail)                                                                                               \
    static double N(name) args {                                                                                                                     \
        double total = 0;                                                                                                                            \
        setup;                                                                                                                                       \
        for (int64_t b = 0; b < n; b += UG_SUM_BLOCK) {                                                                                              \
            int64_t i = b, end = n - b < UG_SUM_BLOCK ? n : b + UG_SUM_BLOCK;                                                                        \
            V sum = {0};                                                                                                                             \
            for (; i + LANES <= end; i += LANES) sum += term;                                                                                        \
            S lane[LANES], block = 0;                                                                                                                \
            N(ug_store)(lane, sum);                                                                                                                  \
            for (int k = 0; k < LANES; k++) block += lane[k];                                                                                        \
            for (; i < end; i++) block += term_tail;                                                                                                 \
            total += (double)block;                                                                                                                  \
        }                                                                                                                                            \
        return total;                                                                                                                                \
    }

DEFINE_SUM(squares, (const S *x, double mean, int64_t n), SPLIT_MEAN, DIFF(LOAD(x + i)) * DIFF(LOAD(x + i)), DIFF(x[i]) * DIFF(x[i]))
DEFINE_SUM(products, (const S *g, const S *x, double mean, int64_t n), SPLIT_MEAN, LOAD(g + i) * DIFF(LOAD(x + i)), g[i] * DIFF(x[i]))

/* Columns: strips of neighbouring ones, blocks of rows. */
#define DEFINE_COLUMNS(name, args, setup, term)                                                                                                      \
    static void N(name) args {                                                                                                                       \
        for (int64_t c0 = 0; c0 < n; c0 += N(STRIP)) {                                                                                               \
            int64_t width = n - c0 < N(STRIP) ? n - c0 : N(STRIP);                                                                                   \
            setup;                                                                                                                                   \
            for (int64_t b = 0; b < rows; b += UG_SUM_BLOCK) {                                                                                       \
                int64_t end = rows - b < UG_SUM_BLOCK ? rows : b + UG_SUM_BLOCK;                                                                     \
                S sum[N(STRIP)] = {0};                                                                                                               \
                for (int64_t r = b; r < end; r++)                                                                                                    \
                    for (int64_t c = 0; c < width; c++) sum[c] += term;                                                                              \
                for (int64_t c = 0; c < width; c++) total[c0 + c] += (double)sum[c];                                                                 \
            }                                                                                                                                        \
        }                                                                                                                                            \
    }

#define AT(x) x[r * stride + c0 + c]
#define COLUMN_DIFF(x) ((AT(x) - high[c]) - low[c])
#define SPLIT_MEANS                                                                                                                                  \
    S high[N(STRIP)], low[N(STRIP)];                                                                                                                 \
    for (int64_t c = 0; c < width; c++) high[c] = (S)mean[c0 + c], low[c] = (S)(mean[c0 + c] - (double)high[c])

DEFINE_COLUMNS(squares_columns, (double *restrict total, const S *restrict x, const double *restrict mean, int64_t rows, int64_t stride, int64_t n),
               SPLIT_MEANS, COLUMN_DIFF(x) * COLUMN_DIFF(x))
DEFINE_COLUMNS(products_columns,
               (double *restrict total, const S *restrict g, const S *restrict x, const double *restrict mean, int64_t rows, int64_t stride,
                int64_t n),
               SPLIT_MEANS, AT(g) * COLUMN_DIFF(x))

#undef N
#undef LANES
#undef LOAD
#undef DIFF
#undef SPLIT_MEAN
#undef DEFINE_SUM
#undef DEFINE_COLUMNS
#undef AT
#undef COLUMN_DIFF
#undef SPLIT_MEANS
#undef F
#undef S
#undef V
