/* blur_pool_grad: the adjoint of blur_pool. */
#include "methods/blur_pool.h"

static const upreg_param table[] = {
    UG_BLUR_PARAMS, UG_INTS_PARAM(ug_blur_params, input_size, "required", 1, UG_MAX_SIZE, NULL, "spatial size of the forward method's input")};

static upreg_status geometry(const ug_ask *ask, ug_separable *s) {
    const ug_blur_params *params = ask->params;
    int64_t n[UPREG_MAX_SPATIAL];
    UG_TRY(ug_frame_of(ask->err, ask->method, params->layout, ask->rank, &ask->in[0], &s->in));
    UG_TRY(ug_input_frame(ask->err, ask->method, &params->input_size, &s->in, &s->out));
    s->adjoint = 1;
    UG_TRY(ug_blur_of(ask, &s->out, s, n));
    return ug_check_output(ask->err, ask->method, &s->in, n);
}

UG_SEPARABLE_FUNCTIONS(geometry)

static upreg_status vjp(upreg_vjp *ctx) {
    char text[400] = "";
    ug_blur_text(text, sizeof text, ctx->params);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "blur_pool:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_blur_pool_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "blur_pool_grad",
    .family = "gradient",
    .summary = "the adjoint of blur_pool",
    .doc = "gy (N, C, n...) -> gx (N, C, input_size...). gx[j] = sum over the outputs i that read x[j] of gy[i] times its weight there.",
    .source = "the transpose of blur_pool",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_blur_params),
    .flags = UPREG_LINEAR | UPREG_HAS_TAPS | UPREG_STRIDED | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "gy:T -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_separable_run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
