#include "methods/reshape_family.h"

#include "methods/blocks.h"

upreg_status ug_reshape_prepare(upreg_prepare *p) {
    ug_add_stage(p, ug_ceil_div(ug_elements(&p->in[0]), UG_PIECE), (double)UG_PIECE * (double)upreg_type_size(p->in[0].type), 0);
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
