/* The reductions of one integer type: F names it, S is the number.  Totals are int64 and wrap. */
#define N(name) UG_PASTE(name, F)

#define DEFINE_FOLD(name, expression)                                                                                                                \
    static void UG_PASTE(name##_row, F)(void *total, const void *from, int64_t n, int64_t p) {                                                       \
        (void)p;                                                                                                                                     \
        const S *x = from;                                                                                                                           \
        uint64_t all = *(uint64_t *)total;                                                                                                           \
        for (int64_t i = 0; i < n; i++) {                                                                                                            \
            uint64_t v = (uint64_t)(int64_t)x[i];                                                                                                    \
            all = expression;                                                                                                                        \
        }                                                                                                                                            \
        *(uint64_t *)total = all;                                                                                                                    \
    }                                                                                                                                                \
    static void N(name##_columns)(void *total, const void *from, int64_t rows, int64_t stride, int64_t n, int64_t p) {                               \
        (void)p;                                                                                                                                     \
        uint64_t *restrict totals = total;                                                                                                           \
        for (int64_t r = 0; r < rows; r++) {                                                                                                         \
            const S *restrict x = (const S *)from + r * stride;                                                                                      \
            for (int64_t c = 0; c < n; c++) {                                                                                                        \
                uint64_t v = (uint64_t)(int64_t)x[c], all = totals[c];                                                                               \
                totals[c] = expression;                                                                                                              \
            }                                                                                                                                        \
        }                                                                                                                                            \
    }
DEFINE_FOLD(sum, all + v)
DEFINE_FOLD(abs, all + ((int64_t)v < 0 ? 0 - v : v))
DEFINE_FOLD(square, all + v * v)
DEFINE_FOLD(product, all *v)
DEFINE_FOLD(max, (int64_t)v > (int64_t)all ? v : all)
DEFINE_FOLD(min, (int64_t)v < (int64_t)all ? v : all)

#undef N
#undef DEFINE_FOLD
#undef F
#undef S
