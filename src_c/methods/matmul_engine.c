#include "methods/matmul_engine.h"

#include <stdio.h>

#include "methods/gemm_block.h"

enum { M_BLOCK = 128, FEW_UNITS = 8, FEW_ROWS = 16, DIRECT_STEP = INT32_MAX / UG_K_BLOCK };

/* The matrix's axes, and the axes of the stack before them. */
static void split(const ug_matrix *x, int right, int64_t *rows, int64_t *columns, int64_t *row, int64_t *column, upreg_spec *stack) {
    int n = x->spec->ndim, own = x->vector ? 1 : 2;
    int64_t last = x->spec->dim[n - 1], before = x->vector ? 1 : x->spec->dim[n - 2];
    *stack = ug_spec(x->spec->type, n - own, x->spec->dim);
    int turned = x->vector ? right != x->transpose : x->transpose;
    *rows = turned ? last : before, *columns = turned ? before : last;
    *row = turned ? 1 : last, *column = turned ? last : 1;
}

/* Strides of a stack's axes, right-aligned; 0 where the axis is broadcast. */
static void stack_strides(const upreg_spec *own, const upreg_spec *all, int64_t matrix, int64_t stride[UPREG_MAX_DIMS]) {
    for (int axis = all->ndim - 1, k = own->ndim - 1; axis >= 0; axis--, k--) {
        stride[axis] = k < 0 || own->dim[k] == 1 ? 0 : matrix;
        if (k >= 0) matrix *= own->dim[k];
    }
}

upreg_status ug_matmul_of(upreg_error *err, const upreg_method *method, const ug_matrix *left, const ug_matrix *right, ug_matmul *mm,
                          upreg_spec *stack) {
    char a[256], b[256];
    upreg_spec stacks[2];
    int64_t k;
    for (int i = 0; i < 2; i++)
        if ((i ? right : left)->spec->ndim < ((i ? right : left)->vector ? 1 : 2))
            return ug_fail(err, UPREG_E_SHAPE, "%s: input %d has shape %s; allowed: a vector, a matrix or a stack of matrices", method->name, i,
                           ug_shape_text(a, sizeof a, (i ? right : left)->spec->ndim, (i ? right : left)->spec->dim));
    *mm = (ug_matmul){0};
    split(left, 0, &mm->m, &mm->k, &mm->a_row, &mm->a_column, &stacks[0]);
    split(right, 1, &k, &mm->n, &mm->b_row, &mm->b_column, &stacks[1]);
    if (mm->k != k)
        return ug_fail(err, UPREG_E_SHAPE, "%s: shapes %s and %s have sums of %" PRId64 " and %" PRId64 " terms; allowed: the same number",
                       method->name, ug_shape_text(a, sizeof a, left->spec->ndim, left->spec->dim),
                       ug_shape_text(b, sizeof b, right->spec->ndim, right->spec->dim), mm->k, k);
    UG_TRY(ug_broadcast_shape(err, method, stacks, 2, stack));
    mm->stack_ndim = stack->ndim, mm->stacks = 1;
    for (int axis = 0; axis < stack->ndim; axis++) mm->stack[axis] = stack->dim[axis], mm->stacks *= stack->dim[axis];
    stack_strides(&stacks[0], stack, mm->m * mm->k, mm->a_stack);
    stack_strides(&stacks[1], stack, mm->k * mm->n, mm->b_stack);
    return UPREG_OK;
}

/* A right side that is one matrix for the whole stack makes the stack of a dense left side one taller matrix. */
static void flatten(ug_matmul *mm) {
    for (int axis = 0; axis < mm->stack_ndim; axis++)
        if (mm->b_stack[axis] || (mm->stack[axis] > 1 && !mm->a_stack[axis])) return;
    if (mm->a_column != 1 || mm->a_row != mm->k) return;
    mm->m *= mm->stacks, mm->stacks = 1, mm->stack_ndim = 0;
}

upreg_status ug_matmul_spec(upreg_infer *ctx, const upreg_spec *stack, int64_t rows, int64_t columns) {
    upreg_spec *y = &ctx->out[0];
    *y = *stack;
    for (int i = 0; i < 2; i++) {
        int64_t n = i ? columns : rows;
        if (n < 0) continue;
        if (y->ndim == UPREG_MAX_DIMS)
            return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: the result has more than %d dimensions; allowed: up to that", ctx->method->name,
                           UPREG_MAX_DIMS);
        y->dim[y->ndim++] = n;
    }
    return ug_check_size(ctx->err, ctx->method, y);
}

static void cut(ug_matmul *mm, int64_t width, int64_t tile) {
    mm->n_block = ug_round_up(ug_max64(ug_min64(mm->n, 4 * width), 1), width);
    mm->m_block = ug_round_up(ug_max64(ug_min64(mm->m, M_BLOCK), 1), tile);
    mm->n_blocks = ug_ceil_div(mm->n, mm->n_block);
    while (mm->m_block > 4 * tile && mm->stacks * mm->n_blocks * ug_ceil_div(mm->m, mm->m_block) < FEW_UNITS)
        mm->m_block = ug_round_up(mm->m_block / 2, tile);
    mm->m_blocks = ug_ceil_div(mm->m, mm->m_block);
}

/* Of every tier, and of every part, the same. */
static void cut_sums(ug_matmul *mm) {
    int64_t outputs = mm->stacks * ug_ceil_div(mm->m, UG_K_BLOCK) * ug_ceil_div(mm->n, UG_K_BLOCK);
    int64_t most = outputs >= FEW_UNITS || !outputs ? 1 : ug_min64(FEW_UNITS / outputs, mm->k / (16 * UG_K_BLOCK));
    mm->k_chunk = ug_round_up(ug_ceil_div(mm->k, ug_max64(most, 1)), UG_K_BLOCK);
    mm->chunks = ug_max64(ug_ceil_div(mm->k, ug_max64(mm->k_chunk, 1)), 1);
}

#define T float
#define S f32
#include "methods/matmul_run_t.h"
#define T double
#define S f64
#include "methods/matmul_run_t.h"

upreg_status ug_matmul_prepare(upreg_prepare *p, const ug_matmul *of, const ug_matmul *whole) {
    const ug_gemm_kernels *g = p->kernels->gemm;
    int single = p->in[0].type == UPREG_F32;
    int64_t width = single ? ug_panel_width_f32(g) : ug_panel_width_f64(g), tile = single ? g->rows_f32 : g->rows_f64;
    size_t element = upreg_type_size(p->in[0].type), scratch = 0;
    ug_matmul *mm = upreg_reserve(p, sizeof *mm), local;
    if (!mm) mm = &local;
    ug_matmul all = *whole;
    flatten(&all);
    cut_sums(&all);
    *mm = *of;
    flatten(mm);
    cut(mm, width, tile);
    mm->k_chunk = all.k_chunk, mm->chunks = all.chunks;
    for (int axis = 0; axis < mm->stack_ndim; axis++) mm->packed |= mm->b_stack[axis] != 0;
    mm->packed = !mm->packed && p->bound[1] && mm->k && mm->n;
    if (mm->packed) {
        p->packed_bytes = (size_t)(mm->k * ug_round_up(mm->n, width)) * element, p->packed_inputs |= 1u << 1;
        void *to = upreg_reserve(p, p->packed_bytes);
        if (to && single)
            ug_pack_matrix_f32(g, to, ug_data(p->bound[1]), mm->b_row, mm->b_column, mm->k, mm->n);
        else if (to)
            ug_pack_matrix_f64(g, to, ug_data(p->bound[1]), mm->b_row, mm->b_column, mm->k, mm->n);
    }
    mm->right_at = scratch += ug_aligned((size_t)(mm->m_block * UG_K_BLOCK) * element);
    if (!mm->packed) scratch += ug_aligned((size_t)(width * UG_K_BLOCK) * element);
    mm->c_at = scratch, scratch += ug_aligned((size_t)(mm->m_block * mm->n_block) * element);
    mm->offset_at = scratch, scratch += 2 * ug_aligned(UG_K_BLOCK * sizeof(int32_t));
    int64_t outputs = mm->stacks * mm->m * mm->n;
    p->macs = outputs * mm->k;
    snprintf(p->algorithm, sizeof p->algorithm, "gemm");
    double macs = (double)ug_min64(mm->m_block, mm->m) * (double)ug_min64(mm->n_block, mm->n) * (double)ug_min64(mm->k, mm->k_chunk);
    ug_add_compute_stage(p, mm->stacks * mm->m_blocks * mm->n_blocks * mm->chunks, macs, scratch);
    if (mm->chunks == 1) return UPREG_OK;
    p->workspace = (size_t)(outputs * mm->chunks) * element;
    ug_add_stage(p, outputs, (double)element * (double)mm->chunks, 0);
    return UPREG_OK;
}

void ug_matmul_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const ug_matmul *mm = (const ug_matmul *)call->state;
    int single = ug_is_f32(&call->out[0]);
    if (stage == 1) {
        (single ? join_f32 : join_f64)(call, mm, begin, end);
        return;
    }
    for (int64_t unit = begin; unit < end; unit++) (single ? unit_f32 : unit_f64)(call, mm, unit, worker);
}
