/* The windows of one floating type: F names it, T is the number, V and VI are the vectors of numbers and of integers as wide. */
#define N(name) UG_PASTE(name, F)
#define LANES N(UG_LANES)

/* p[0], p[s], p[2 s], ...: n of them, at most a vector. */
UG_INLINE V N(load)(const T *p, int64_t n) { return n >= LANES ? N(ug_load)(p) : N(ug_load_part)(p, n); }
UG_INLINE V N(load_step)(const T *p, int64_t s, int64_t n) {
    if (s == 1) return N(load)(p, n);
    if (s == 2) return N(ug_even)(N(load)(p, 2 * n - 1), N(ug_load_part)(p + LANES, 2 * n - 1 - LANES));
    V v = {0};
    for (int i = 0; i < LANES; i++)
        if (i < n) v[i] = p[i * s];
    return v;
}

UG_INLINE void N(put)(T *y, V v, int64_t n, int stream) {
    if (n < LANES)
        N(ug_store_part)(y, v, n);
    else if (stream)
        N(ug_stream)(y, v);
    else
        N(ug_store)(y, v);
}

UG_INLINE V N(fold)(V y, V x, const int kind) {
    if (kind == UG_POOL_SUM) return y + x;
    return N(ug_select)((x > y) | (x != x), x, y);
}

UG_INLINE V N(divide)(V sum, T divisor, int exact) { /* exact: the divisor is a power of two, so that its reciprocal is too */
    return exact ? sum * N(ug_set1)(1 / divisor) : sum / N(ug_set1)(divisor);
}
UG_INLINE int N(power_of_two)(T x) {
    int exponent;
    return frexp((double)x, &exponent) == 0.5;
}

/* The largest so far and where it was; x meets it. */
UG_INLINE void N(meet)(V *y, VI *place, V x, int32_t here) {
    VI wins = (x > *y) | ((x != x) & (*y == *y));
    *y = N(ug_select)(wins, x, *y);
    *place = (*place & ~wins) | (here & wins);
}

/* ---- channels innermost: vectors run along the channels of one pixel ---- */

/* `vectors` vectors (constant wherever this is inlined), the last of them with `part` numbers.  Rows are folded before columns, as everywhere. */
UG_INLINE void N(pixel_block)(const ug_pool_window *p, T *y, int64_t *index, int64_t base, int64_t at, int64_t first, int64_t last, T divisor,
                              int exact, const int kind, const int vectors, int64_t part) {
    V sum[4], column[4];
    VI place[4];
    UG_UNROLL
    for (int v = 0; v < vectors; v++) sum[v] = (V){0}, place[v] = (VI){0};
    if (kind == UG_POOL_MAX_INDEX) {
        for (int64_t r = 0; r < p->rows; r++)
            for (int64_t t = first; t < last; t++) {
                const T *x = (const T *)p->row[r] + at + t * p->d * p->x_step;
                int32_t here = (int32_t)(p->row_place[r] + t * p->tap_place);
                UG_UNROLL
                for (int v = 0; v < vectors; v++) {
                    V value = N(load)(x + v * LANES, v == vectors - 1 ? part : LANES);
                    if (r == 0 && t == first)
                        sum[v] = value, place[v] = (VI){0} + here;
                    else
                        N(meet)(&sum[v], &place[v], value, here);
                }
            }
    } else {
        for (int64_t t = first; t < last; t++) {
            const int64_t from = at + t * p->d * p->x_step;
            UG_UNROLL
            for (int v = 0; v < vectors; v++) column[v] = N(load)((const T *)p->row[0] + from + v * LANES, v == vectors - 1 ? part : LANES);
            for (int64_t r = 1; r < p->rows; r++) UG_UNROLL
            for (int v = 0; v < vectors; v++)
                column[v] = N(fold)(column[v], N(load)((const T *)p->row[r] + from + v * LANES, v == vectors - 1 ? part : LANES), kind);
            UG_UNROLL
            for (int v = 0; v < vectors; v++) sum[v] = kind == UG_POOL_MAX && t == first ? column[v] : N(fold)(sum[v], column[v], kind);
        }
    }
    UG_UNROLL
    for (int v = 0; v < vectors; v++) {
        int64_t n = v == vectors - 1 ? part : LANES;
        if (kind == UG_POOL_SUM) sum[v] = N(divide)(sum[v], divisor, exact);
        N(put)(y + v * LANES, sum[v], n, p->stream && ug_is_aligned(y));
        if (kind == UG_POOL_MAX_INDEX) N(put_places)(index + v * LANES, place[v], base + v * LANES * p->inner_place, p->inner_place, n, p->stream);
    }
}

UG_INLINE void N(pixels_of)(T *y, const ug_pool_window *p, int64_t begin, int64_t end, const int kind) {
    T divisor = (T)p->divisor;
    int exact = kind == UG_POOL_SUM && N(power_of_two)(divisor);
    int64_t *index = p->index;
    for (int64_t i = begin; i < end; i++, y += p->y_step, index += p->index_step) {
        int64_t start = i * p->s - p->begin, first = 0, last = p->k;
        while (first < last && start + first * p->d < 0) first++;
        while (last > first && start + (last - 1) * p->d >= p->in) last--;
        if (kind == UG_POOL_SUM && p->count) divisor = (T)p->divisor * ((const T *)p->count)[i], exact = 0;
        int64_t c = 0, at = start * p->x_step, base = p->base + i * p->step_place;
        for (; c + 4 * LANES <= p->inner; c += 4 * LANES)
            N(pixel_block)(p, y + c, index + c, base + c * p->inner_place, at + c, first, last, divisor, exact, kind, 4, LANES);
        for (; c + LANES <= p->inner; c += LANES)
            N(pixel_block)(p, y + c, index + c, base + c * p->inner_place, at + c, first, last, divisor, exact, kind, 1, LANES);
        if (c < p->inner) N(pixel_block)(p, y + c, index + c, base + c * p->inner_place, at + c, first, last, divisor, exact, kind, 1, p->inner - c);
    }
}

/* ---- planes side by side: maps too small for a vector along their rows ---- */

static void N(turn)(T *to, const T *const *from, int64_t n) {
    for (int64_t i = 0; i < n; i += LANES) {
        V v[LANES];
        UG_UNROLL
        for (int l = 0; l < LANES; l++) v[l] = N(load)(from[l] + i, n - i);
        N(ug_turn)(v);
        for (int l = 0; l < LANES && i + l < n; l++) N(ug_store)(to + (i + l) * LANES, v[l]);
    }
}

UG_INLINE void N(turn_back_adding)(T *const *to, const T *from, int64_t step, int64_t n, const int64_t *add) {
    for (int64_t i = 0; i < n; i += LANES) {
        V v[LANES];
        UG_UNROLL
        for (int l = 0; l < LANES; l++) v[l] = i + l < n ? N(ug_load)(from + (i + l) * step) : (V){0};
        N(ug_turn)(v);
        for (int l = 0; l < LANES; l++) N(put)(to[l] + i, add ? (V)((ug_vi64)v[l] + add[l]) : v[l], n - i, 0);
    }
}

static void N(turn_back)(T *const *to, const T *from, int64_t step, int64_t n) { N(turn_back_adding)(to, from, step, n, NULL); }

/* ---- channels apart: vectors run along the row ---- */

UG_INLINE void N(finish)(T *y, V sum, const ug_pool_window *p, int64_t i, int64_t n, int exact, const int kind) {
    if (kind == UG_POOL_SUM) sum = sum + 0; /* a sum of minus zeros is zero, wherever it is begun */
    if (kind == UG_POOL_SUM && p->count)
        sum = sum / (N(ug_set1)((T)p->divisor) * N(load)((const T *)p->count + i, n));
    else if (kind == UG_POOL_SUM)
        sum = N(divide)(sum, (T)p->divisor, exact);
    N(put)(y, sum, n, p->stream && ug_is_aligned(y));
}

/* Outputs before the first aligned one, so that whole vectors can be streamed. */
UG_INLINE int64_t N(before_aligned)(const T *y, int64_t n) {
    int64_t head = (int64_t)(-(uintptr_t)y % UG_VECTOR_BYTES / sizeof(T));
    return head < n ? head : n;
}

/* Windows of two by steps of two, all inside: both halves of a pair of vectors.  The two rows of the usual case are read side by side, and ahead:
 * they share a page, where the processor expects one stream. */
UG_INLINE void N(pairs_block)(T *y, const ug_pool_window *p, const T *x, int64_t i, int64_t n, int exact, const int64_t rows, const int kind) {
    V a = N(load)(x, 2 * n), b = N(load)(x + LANES, 2 * n - LANES);
    if (rows == 2) {
        const T *next = x + ((const T *)p->row[1] - (const T *)p->row[0]);
        __builtin_prefetch((const char *)next + UG_AHEAD), __builtin_prefetch((const char *)next + UG_AHEAD + 64);
        __builtin_prefetch((const char *)x + UG_AHEAD), __builtin_prefetch((const char *)x + UG_AHEAD + 64);
        a = N(fold)(a, N(load)(next, 2 * n), kind), b = N(fold)(b, N(load)(next + LANES, 2 * n - LANES), kind);
    }
    for (int64_t r = 1; r < rows && rows != 2; r++) {
        const T *next = x + ((const T *)p->row[r] - (const T *)p->row[0]);
        a = N(fold)(a, N(load)(next, 2 * n), kind), b = N(fold)(b, N(load)(next + LANES, 2 * n - LANES), kind);
    }
    N(finish)(y, N(fold)(N(ug_even)(a, b), N(ug_odd)(a, b), kind), p, i, n, exact, kind);
}

UG_INLINE void N(pairs)(T *y, const ug_pool_window *p, const T *x, int64_t begin, int64_t end, int exact, const int64_t rows, const int kind) {
    int64_t i = begin, head = p->stream ? N(before_aligned)(y, end - begin) : 0;
    x += 2 * begin - p->begin;
    if (head) N(pairs_block)(y, p, x, i, head, exact, rows, kind);
    for (i += head; i + LANES <= end; i += LANES) N(pairs_block)(y + (i - begin), p, x + 2 * (i - begin), i, LANES, exact, rows, kind);
    if (i < end) N(pairs_block)(y + (i - begin), p, x + 2 * (i - begin), i, end - i, exact, rows, kind);
}

/* Folds the rows, `offset` from where they begin, into a line that begins at column `origin` and has what changes nothing where the input ends. */
UG_INLINE void N(fold_rows)(T *line, const ug_pool_window *p, int64_t offset, int64_t origin, int64_t columns, const int kind) {
    const T nothing = kind == UG_POOL_SUM ? 0 : -(T)INFINITY;
    int64_t low = origin < 0 ? -origin : 0, high = p->in - origin < columns ? p->in - origin : columns;
    for (int64_t j = 0; j < low && j < columns; j++) line[j] = nothing;
    for (int64_t j = low; j < high; j += LANES) {
        int64_t n = high - j < LANES ? high - j : LANES;
        V v = N(load)((const T *)p->row[0] + offset + origin + j, n);
        for (int64_t r = 1; r < p->rows; r++) v = N(fold)(v, N(load)((const T *)p->row[r] + offset + origin + j, n), kind);
        N(ug_store)(line + j, v);
    }
    for (int64_t j = high > low ? high : low; j < columns; j++) line[j] = nothing;
}

UG_INLINE void N(fold_line)(T *y, const T *line, const ug_pool_window *p, int64_t begin, int64_t end, int exact, const int64_t k, const int64_t s,
                            const int64_t d, const int kind) {
    for (int64_t i = begin; i < end; i += LANES, y += LANES) {
        const T *x = line + (i - begin) * s;
        V sum = N(load_step)(x, s, LANES);
        for (int64_t t = 1; t < k; t++) sum = N(fold)(sum, N(load_step)(x + t * d, s, LANES), kind);
        N(finish)(y, sum, p, i, end - i < LANES ? end - i : LANES, exact, kind);
    }
}

/* Rows of outputs whose windows overlap or end outside.  Several lines are folded before they are read again, when their stores have settled. */
UG_INLINE void N(lines_of)(T *y, const ug_pool_window *p, int64_t begin, int64_t end, int exact, const int64_t k, const int64_t s, const int64_t d,
                           const int kind) {
    int64_t columns = (end - 1 - begin) * s + (k - 1) * d + 1, pitch = columns + (s + 1) * LANES;
    for (int64_t first = 0; first < p->lines; first += UG_POOL_LINES) {
        int64_t last = first + UG_POOL_LINES < p->lines ? first + UG_POOL_LINES : p->lines;
        T *line = p->line;
        for (int64_t l = first; l < last; l++) N(fold_rows)(line + (l - first) * pitch, p, l * p->x_line, begin * s - p->begin, columns, kind);
        for (int64_t l = first; l < last; l++) N(fold_line)(y + l * p->y_line, line + (l - first) * pitch, p, begin, end, exact, k, s, d, kind);
    }
}

UG_INLINE void N(rows_of)(T *y, const ug_pool_window *p, int64_t begin, int64_t end, const int kind) {
    int exact = kind == UG_POOL_SUM && !p->count && N(power_of_two)((T)p->divisor);
    if (p->k == 2 && p->s == 2 && p->d == 1 && 2 * begin >= p->begin && 2 * end - p->begin <= p->in)
        for (int64_t l = 0; l < p->lines; l++) {
            const T *x = (const T *)p->row[0] + l * p->x_line;
            if (p->rows == 2)
                N(pairs)(y + l * p->y_line, p, x, begin, end, exact, 2, kind);
            else
                N(pairs)(y + l * p->y_line, p, x, begin, end, exact, p->rows, kind);
        }
    else if (p->k == 3 && p->d == 1 && p->s == 1)
        N(lines_of)(y, p, begin, end, exact, 3, 1, 1, kind);
    else if (p->k == 3 && p->d == 1 && p->s == 2)
        N(lines_of)(y, p, begin, end, exact, 3, 2, 1, kind);
    else
        N(lines_of)(y, p, begin, end, exact, p->k, p->s, p->d, kind);
}

/* Where the largest are.  n outputs, whose taps all lie inside; at: the column of the first. */
UG_INLINE void N(index_block)(T *y, int64_t *index, const ug_pool_window *p, int64_t at, int64_t base, int64_t n, const int64_t k, const int64_t s,
                              const int64_t d) {
    V best = N(load_step)((const T *)p->row[0] + at, s, n);
    VI place = (VI){0} + (int32_t)p->row_place[0];
    for (int64_t r = 0; r < p->rows; r++) {
        const T *x = (const T *)p->row[r] + at;
        int32_t here = (int32_t)p->row_place[r], step = (int32_t)p->tap_place;
        if (k == 2 && s == 2 && d == 1) {
            V a = N(load)(x, 2 * n), b = N(load)(x + LANES, 2 * n - LANES);
            __builtin_prefetch((const char *)x + UG_AHEAD), __builtin_prefetch((const char *)x + UG_AHEAD + 64);
            N(meet)(&best, &place, N(ug_even)(a, b), here);
            N(meet)(&best, &place, N(ug_odd)(a, b), here + step);
        } else {
            for (int64_t t = 0; t < k; t++) N(meet)(&best, &place, N(load_step)(x + t * d, s, n), here + (int32_t)t * step);
        }
    }
    N(put)(y, best, n, p->stream && ug_is_aligned(y));
    N(put_places)(index, place, base, p->step_place, n, p->stream);
}

UG_INLINE void N(index_run)(T *y, int64_t *index, const ug_pool_window *p, int64_t begin, int64_t end, const int64_t k, const int64_t s,
                            const int64_t d) {
    int64_t n = p->stream ? N(before_aligned)(y, end - begin) : 0;
    n = n ? n : LANES;
    for (int64_t i = begin; i < end; i += n, y += n, index += n, n = LANES) {
        if (n > end - i) n = end - i;
        if (n == LANES)
            N(index_block)(y, index, p, i * s - p->begin, p->base + i * p->step_place, LANES, k, s, d);
        else
            N(index_block)(y, index, p, i * s - p->begin, p->base + i * p->step_place, n, k, s, d);
    }
}

/* One output at the border. */
static void N(index_one)(T *y, int64_t *index, const ug_pool_window *p, int64_t i) {
    int64_t start = i * p->s - p->begin, place = -1;
    T best = 0;
    for (int64_t r = 0; r < p->rows; r++)
        for (int64_t t = 0; t < p->k; t++) {
            int64_t column = start + t * p->d;
            if (column < 0 || column >= p->in) continue;
            T x = ((const T *)p->row[r])[column];
            if (place < 0 || x > best || (x != x && best == best)) best = x, place = p->row_place[r] + t * p->tap_place;
        }
    *y = best, *index = p->base + i * p->step_place + place;
}

static void N(index_row)(T *y, const ug_pool_window *p, int64_t begin, int64_t end) {
    int64_t reach = (p->k - 1) * p->d, i = begin, inside = begin;
    while (inside < end && inside * p->s - p->begin < 0) inside++;
    for (; i < inside; i++) N(index_one)(y + (i - begin), p->index + (i - begin), p, i);
    int64_t room = p->in - 1 - reach + p->begin, last = room < 0 ? i : room / p->s + 1; /* outputs before `last` end inside */
    last = last < i ? i : last > end ? end : last;
    if (p->k == 2 && p->s == 2 && p->d == 1)
        N(index_run)(y + (i - begin), p->index + (i - begin), p, i, last, 2, 2, 1);
    else if (p->k == 3 && p->s == 2 && p->d == 1)
        N(index_run)(y + (i - begin), p->index + (i - begin), p, i, last, 3, 2, 1);
    else
        N(index_run)(y + (i - begin), p->index + (i - begin), p, i, last, p->k, p->s, p->d);
    for (i = last; i < end; i++) N(index_one)(y + (i - begin), p->index + (i - begin), p, i);
}

static void N(window_pixels)(T *y, const ug_pool_window *p, int64_t begin, int64_t end, int32_t kind) {
    if (kind == UG_POOL_SUM)
        N(pixels_of)(y, p, begin, end, UG_POOL_SUM);
    else if (kind == UG_POOL_MAX)
        N(pixels_of)(y, p, begin, end, UG_POOL_MAX);
    else
        N(pixels_of)(y, p, begin, end, UG_POOL_MAX_INDEX);
}

static void N(window_rows)(T *y, const ug_pool_window *p, int64_t begin, int64_t end, int32_t kind) {
    if (kind == UG_POOL_SUM)
        N(rows_of)(y, p, begin, end, UG_POOL_SUM);
    else if (kind == UG_POOL_MAX)
        N(rows_of)(y, p, begin, end, UG_POOL_MAX);
    if (kind != UG_POOL_MAX_INDEX) return;
    ug_pool_window now = *p;
    for (int64_t l = 0; l < p->lines; l++, now.index += p->index_line, now.base += p->line_place) {
        N(index_row)(y + l * p->y_line, &now, begin, end);
        for (int64_t r = 0; r < p->rows; r++) now.row[r] = (const T *)now.row[r] + p->x_line;
    }
}

#undef N
#undef LANES
#undef F
#undef T
#undef V
#undef VI
