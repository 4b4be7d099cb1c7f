/* pad_grad: the adjoint of pad. */
#include "methods/filter.h"
#include "methods/pad.h"

static const upreg_param table[] = {UG_PAD_PARAMS, UG_INPUT_SIZE_PARAM(ug_pad_params)};

static ug_span span(const void *context, int axis, int64_t i) {
    int64_t position = ug_padding_at(context, axis, i);
    return (ug_span){.first = position, .count = position >= 0, .total = 1};
}

static upreg_status geometry(const ug_ask *ask, ug_separable *s) {
    _Static_assert(sizeof(ug_padding) <= sizeof s->context, "the context must hold pad's");
    const ug_pad_params *params = ask->params;
    ug_padding *padding = (ug_padding *)s->context;
    s->span = span, s->adjoint = 1;
    UG_TRY(ug_frame_of(ask->err, ask->method, params->layout, ask->rank, &ask->in[0], &s->in));
    UG_TRY(ug_input_frame(ask->err, ask->method, &params->input_size, &s->in, &s->out));
    UG_TRY(ug_padding_of(ask, &s->out, padding));
    return ug_check_output(ask->err, ask->method, &s->in, padding->n);
}

UG_SEPARABLE_FUNCTIONS(geometry)

/* A constant does not come back: what pad adds for a change of x are zeros. */
static upreg_status vjp(upreg_vjp *ctx) {
    const ug_pad_params *params = ctx->params;
    ug_separable s = {0};
    char text[400] = "";
    UG_TRY(geometry(UG_ASK(ctx), &s));
    ug_pad_text(text, sizeof text, params, &s.out, (const ug_padding *)s.context);
    ug_text_choice(text, sizeof text, "layout", UG_LAYOUTS, params->layout);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "pad:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_pad_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "pad_grad",
    .family = "gradient",
    .summary = "the adjoint of pad: every pixel goes back to the pixel it was made from",
    .doc = "gy (N, C, n...) -> gx (N, C, input_size...). gx[j] = sum of gy[i] over the i whose y[i] is x[j] in pad with the same parameters.",
    .source = "the transpose of pad",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_pad_params),
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
