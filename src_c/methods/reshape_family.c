#include "methods/reshape_family.h"

#include "methods/blocks.h"

upreg_status ug_reshape_prepare(upreg_prepare *p) {
    upreg_spec x = ug_part_in(p, 0);
    ug_add_stage(p, ug_ceil_div(ug_elements(&x), UG_PIECE), (double)UG_PIECE * (double)upreg_type_size(x.type), 0);
    return UPREG_OK;
}

/* Which axis of x each axis of y is, or -1.  Both shapes are read as groups of neighbouring axes with equal products. */
static void same_axes(const upreg_spec *x, const upreg_spec *y, int of[UPREG_MAX_DIMS]) {
    for (int k = 0; k < UPREG_MAX_DIMS; k++) of[k] = -1;
    if (ug_elements(x) < 1) return;
    for (int i = 0, k = 0; i < x->ndim || k < y->ndim;) {
        int64_t a = i < x->ndim ? x->dim[i] : 1, b = k < y->ndim ? y->dim[k] : 1;
        int own = a > 1 ? i : -1, other = b > 1 ? k : -1, many = 0;
        i += i < x->ndim, k += k < y->ndim;
        while (a != b) {
            int left = a < b, *at = left ? &i : &k, *found = left ? &own : &other;
            int64_t n = left ? x->dim[i] : y->dim[k];
            if (n > 1) many |= *found >= 0, *found = *at;
            *(left ? &a : &b) *= n, ++*at;
        }
        if (!many && own >= 0) of[other] = own;
    }
}

upreg_status ug_reshape_reach(upreg_reach *ctx) {
    int of[UPREG_MAX_DIMS];
    same_axes(&ctx->in[0], &ctx->out[0], of);
    for (int k = 0; k < ctx->out[0].ndim; k++)
        if (of[k] >= 0) ctx->in_begin[of[k]] = ctx->out_begin[k], ctx->in_end[of[k]] = ctx->out_end[k];
    return UPREG_OK;
}

upreg_status ug_reshape_tile(upreg_tiling *ctx) {
    int of[UPREG_MAX_DIMS];
    same_axes(&ctx->in[0], &ctx->out[0], of);
    ctx->told = 2;
    for (int k = 0; k < ctx->out[0].ndim; k++)
        if (of[k] < 0) UG_TRY(ug_tile_needs_all(ctx, k));
    return UPREG_OK;
}

void ug_reshape_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    int64_t n = 1, width = call->out[0].dtype.bits / 8;
    for (int i = 0; i < call->out[0].ndim; i++) n *= call->out[0].shape[i];
    int64_t first = begin * UG_PIECE, last = ug_min64(end * UG_PIECE, n);
    memcpy((char *)ug_data(&call->out[0]) + first * width, (const char *)ug_data(&call->in[0]) + first * width, (size_t)((last - first) * width));
}

upreg_status ug_reshape_vjp(upreg_vjp *ctx) {
    char text[300] = "";
    ug_text_ints(text, sizeof text, "shape", ctx->in[0].ndim, ctx->in[0].dim);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "reshape:%s,zero_copies=false", text + 1);
    return UPREG_OK;
}
