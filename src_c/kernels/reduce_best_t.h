/* The places of the largest and smallest numbers of one type: F names it, S is the number, IS_NAN its test. */
#define N(name) UG_PASTE(name, F)
#define SAME(a, b) (((a) == (b)) | (IS_NAN(a) & IS_NAN(b)))

/* Blocks first: whether a number is in one is seen without a branch for each. */
static int64_t N(find)(const void *from, const void *which, int64_t n, int last) {
    enum { BLOCK = 64 };
    const S *x = from, value = *(const S *)which;
    int64_t blocks = (n + BLOCK - 1) / BLOCK;
    for (int64_t k = 0; k < blocks; k++) {
        int64_t b = (last ? blocks - 1 - k : k) * BLOCK, end = n - b < BLOCK ? n : b + BLOCK;
        int found = 0;
        for (int64_t i = b; i < end; i++) found |= SAME(x[i], value);
        for (int64_t i = b; found && i < end; i++) {
            int64_t at = last ? end - 1 - (i - b) : i;
            if (SAME(x[at], value)) return at;
        }
    }
    return 0;
}

UG_INLINE void N(best_of)(S *restrict best, int64_t *restrict place, const S *restrict x, int64_t number, int64_t n, const int low) {
    for (int64_t c = 0; c < n; c++) {
        int wins = ((low ? x[c] < best[c] : x[c] > best[c]) | IS_NAN(x[c])) & !IS_NAN(best[c]);
        best[c] = wins ? x[c] : best[c];
        place[c] = wins ? number : place[c];
    }
}

static void N(best)(void *best, int64_t *place, const void *x, int64_t number, int64_t n, int low) {
    if (low)
        N(best_of)(best, place, x, number, n, 1);
    else
        N(best_of)(best, place, x, number, n, 0);
}

#undef N
#undef SAME
#undef F
#undef S
