/* Running a matrix product of one element type; included with T (element) and S (suffix) defined. */

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define NAME(x) PASTE(x, S)

/* A block of columns of the right side, for terms [k, k + terms): every panel packed, but those that few rows read once and that are rows in
 * memory anyway are read where they are. */
static void NAME(multiply_block)(const upreg_call *call, const ug_matmul *mm, const T *b, T *c, const T *left, T *right, int64_t rows, int64_t k,
                                 int64_t terms, int64_t n0, int64_t columns, int32_t *offset) {
    const ug_gemm_kernels *g = call->kernels->gemm;
    int64_t width = NAME(ug_panel_width)(g);
    int direct = !mm->packed && mm->b_column == 1 && rows <= FEW_ROWS && mm->b_row <= DIRECT_STEP;
    int32_t *own = offset + UG_K_BLOCK;
    for (int64_t i = 0; i < terms; i++) offset[i] = (int32_t)(i * width), own[i] = direct ? (int32_t)(i * mm->b_row) : 0;
    for (int64_t first = 0; first < columns; first += width) {
        int64_t n = ug_min64(width, columns - first);
        const T *from = b + k * mm->b_row + (n0 + first) * mm->b_column, *panel = right;
        const int32_t *steps = offset;
        if (mm->packed)
            panel = b + k * ug_round_up(mm->n, width) + (n0 + first) * terms;
        else if (direct && n == width)
            panel = from, steps = own;
        else
            NAME(ug_pack_right)(g, right, from, mm->b_row, mm->b_column, terms, n);
        NAME(ug_multiply_panel)(g, c + first, mm->n_block, left, panel, steps, rows, terms, n, k % mm->k_chunk > 0);
    }
}

static void NAME(unit)(const upreg_call *call, const ug_matmul *mm, int64_t unit, int worker) {
    unsigned char *scratch = call->scratch[worker];
    T *packed = (T *)scratch, *panel = (T *)(scratch + mm->right_at), *c = (T *)(scratch + mm->c_at);
    const T *a = ug_data(&call->in[0]), *b = mm->packed ? (const T *)(call->state + ug_aligned(sizeof *mm)) : ug_data(&call->in[1]);
    int64_t chunk = unit % mm->chunks, n0 = unit / mm->chunks % mm->n_blocks * mm->n_block;
    unit = unit / mm->chunks / mm->n_blocks;
    int64_t m0 = unit % mm->m_blocks * mm->m_block, stack = unit / mm->m_blocks;
    int64_t rows = ug_min64(mm->m_block, mm->m - m0), columns = ug_min64(mm->n_block, mm->n - n0), index = stack;
    for (int axis = mm->stack_ndim - 1; axis >= 0; index /= mm->stack[axis], axis--) {
        a += index % mm->stack[axis] * mm->a_stack[axis];
        b += index % mm->stack[axis] * mm->b_stack[axis];
    }
    if (mm->k == 0) memset(c, 0, (size_t)(rows * mm->n_block) * sizeof(T));
    for (int64_t k = chunk * mm->k_chunk; k < ug_min64((chunk + 1) * mm->k_chunk, mm->k); k += UG_K_BLOCK) {
        int64_t terms = ug_min64(UG_K_BLOCK, mm->k - k);
        NAME(ug_pack_left)(call->kernels->gemm, packed, a + m0 * mm->a_row + k * mm->a_column, mm->a_row, mm->a_column, rows, terms);
        NAME(multiply_block)(call, mm, b, c, packed, panel, rows, k, terms, n0, columns, (int32_t *)(scratch + mm->offset_at));
    }
    T *y = mm->chunks > 1 ? (T *)call->workspace + chunk * mm->stacks * mm->m * mm->n : (T *)ug_data(&call->out[0]);
    y += (stack * mm->m + m0) * mm->n + n0;
    for (int64_t i = 0; i < rows; i++) memcpy(y + i * mm->n, c + i * mm->n_block, (size_t)columns * sizeof(T));
}

/* Chunks of the sums of outputs [begin, end), added in order. */
static void NAME(join)(const upreg_call *call, const ug_matmul *mm, int64_t begin, int64_t end) {
    T *y = (T *)ug_data(&call->out[0]) + begin;
    const T *from = (const T *)call->workspace + begin;
    memcpy(y, from, (size_t)(end - begin) * sizeof(T));
    for (int64_t chunk = 1; chunk < mm->chunks; chunk++)
        call->kernels->gemm->NAME(accumulate)(y, from + chunk * mm->stacks * mm->m * mm->n, end - begin);
}

#undef PASTE_
#undef PASTE
#undef NAME
#undef T
#undef S
