/* Blocks of a matrix product of one element type; included with T (element) and S (suffix) defined. */

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define NAME(x) PASTE(x, S)

int64_t NAME(ug_panel_width)(const ug_gemm_kernels *g) { return (int64_t)g->NAME(vectors) * g->NAME(lanes); }

void NAME(ug_pack_right)(const ug_gemm_kernels *g, T *to, const T *from, int64_t row, int64_t column, int64_t terms, int64_t columns) {
    int64_t width = NAME(ug_panel_width)(g);
    for (int64_t first = 0; first < columns; first += width, to += width * terms) {
        int64_t n = ug_min64(width, columns - first);
        const T *at = from + first * column;
        if (n < width) memset(to, 0, (size_t)(width * terms) * sizeof(T));
        if (column == 1)
            for (int64_t k = 0; k < terms; k++) memcpy(to + k * width, at + k * row, (size_t)n * sizeof(T));
        else if (row == 1)
            g->NAME(transpose)(to, width, at, column, n, terms);
        else
            for (int64_t k = 0; k < terms; k++)
                for (int64_t j = 0; j < n; j++) to[k * width + j] = at[k * row + j * column];
    }
}

void NAME(ug_pack_left)(const ug_gemm_kernels *g, T *to, const T *from, int64_t row, int64_t column, int64_t rows, int64_t terms) {
    for (int64_t first = 0; first < rows; first += g->NAME(rows)) {
        int64_t m = ug_min64(g->NAME(rows), rows - first);
        const T *at = from + first * row;
        if (column == 1)
            g->NAME(transpose)(to, m, at, row, m, terms);
        else
            for (int64_t k = 0; k < terms; k++)
                for (int64_t i = 0; i < m; i++) to[k * m + i] = at[i * row + k * column];
        to += m * terms;
    }
}

void NAME(ug_multiply_panel)(const ug_gemm_kernels *g, T *c, int64_t pitch, const T *left, const T *panel, const int32_t *offset, int64_t rows,
                             int64_t terms, int64_t columns, int add) {
    int64_t v = ug_ceil_div(columns, g->NAME(lanes));
    for (int64_t first = 0; first < rows; first += g->NAME(rows)) {
        int64_t m = ug_min64(g->NAME(rows), rows - first);
        g->NAME(tile)[m - 1][v - 1](left + first * terms, panel, offset, terms, c + first * pitch, pitch, add);
    }
}

void NAME(ug_pack_matrix)(const ug_gemm_kernels *g, T *to, const T *from, int64_t row, int64_t column, int64_t terms, int64_t columns) {
    for (int64_t k = 0; k < terms; k += UG_K_BLOCK) {
        int64_t n = ug_min64(UG_K_BLOCK, terms - k);
        NAME(ug_pack_right)(g, to, from + k * row, row, column, n, columns);
        to += n * ug_round_up(columns, NAME(ug_panel_width)(g));
    }
}

void NAME(ug_multiply)(const ug_gemm_kernels *g, T *c, int64_t pitch, const T *left, int64_t step, const T *matrix, int64_t rows, int64_t terms,
                       int64_t columns, void *scratch) {
    int64_t width = NAME(ug_panel_width)(g);
    T *packed = scratch;
    int32_t *offset = (int32_t *)((char *)scratch + ug_aligned((size_t)(rows * UG_K_BLOCK) * sizeof(T)));
    for (int64_t i = 0; i < UG_K_BLOCK; i++) offset[i] = (int32_t)(i * width);
    for (int64_t i = 0; terms == 0 && i < rows; i++) memset(c + i * pitch, 0, (size_t)columns * sizeof(T));
    for (int64_t k = 0; k < terms; k += UG_K_BLOCK) {
        int64_t n = ug_min64(UG_K_BLOCK, terms - k);
        NAME(ug_pack_left)(g, packed, left + k, step, 1, rows, n);
        for (int64_t first = 0; first < columns; first += width, matrix += width * n)
            NAME(ug_multiply_panel)(g, c + first, pitch, packed, matrix, offset, rows, n, ug_min64(width, columns - first), k > 0);
    }
}

#undef PASTE_
#undef PASTE
#undef NAME
#undef T
#undef S
