#include "methods/function.h"

#include <stdio.h>

_Static_assert((int)UG_TYPE_F32 == (int)UPREG_F32 && (int)UG_TYPE_F64 == (int)UPREG_F64 && (int)UG_TYPE_U8 == (int)UPREG_U8 &&
                   (int)UG_TYPE_I64 == (int)UPREG_I64,
               "the kernels' numbers of types must be the public ones");

void ug_run_function(const upreg_call *call, int64_t begin, int64_t end, const ug_function *f, const double *p) {
    const upreg_tensor *x = &call->in[0], *y = &call->out[0];
    f[upreg_type_of(x->dtype)]((char *)ug_data(y) + begin * (y->dtype.bits / 8), (const char *)ug_data(x) + begin * (x->dtype.bits / 8), end - begin,
                               p);
}

upreg_status ug_test_infer(upreg_infer *ctx) {
    UG_TRY(ug_infer_same(ctx));
    ctx->out[0].type = UPREG_U8;
    return UPREG_OK;
}

upreg_status ug_step_vjp(upreg_vjp *ctx) {
    ctx->result = UG_NO_REF;
    return UPREG_OK;
}

upreg_status ug_function_vjp(upreg_vjp *ctx) {
    char text[128] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < ctx->method->n_params; i++) {
        double value = ((const ug_function_params *)ctx->params)->p[i];
        if (value == value) used += (size_t)snprintf(text + used, sizeof text - used, ",%c=%.17g", (int)('a' + i), value);
    }
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_INPUT(0), UG_GRAD), "elementwise_grad:of=%s%s", ctx->method->name, text);
    return UPREG_OK;
}
