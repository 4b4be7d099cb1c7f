/* nearest_grad: the adjoint of nearest. */
#include "methods/filter.h"
#include "methods/nearest.h"

extern const upreg_method ug_method_nearest;

static const upreg_param table[] = {UG_NEAREST_PARAMS, UG_INPUT_SIZE_PARAM(ug_nearest_params)};

static ug_span span(const void *context, int axis, int64_t i) {
    int64_t at = ug_nearest_at(context, axis, i);
    return (ug_span){.first = ug_max64(at, 0), .count = at >= 0, .total = 1};
}

static upreg_status geometry(const ug_ask *ask, ug_separable *s) {
    ug_nearest_map *map = (ug_nearest_map *)s->context;
    map->params = ask->params, s->span = span, s->adjoint = 1;
    UG_TRY(ug_frame_of(ask->err, ask->method, map->params->layout, ask->rank, &ask->in[0], &s->in));
    UG_TRY(ug_input_frame(ask->err, ask->method, &map->params->input_size, &s->in, &s->out));
    UG_TRY(ug_resize_of(ask->err, ask->method, &map->params->target, &s->out, &map->resize));
    UG_TRY(ug_resize_roi(ask->err, ask->method, map->params->coordinates, &map->params->roi, s->out.rank, &map->resize));
    return ug_check_output(ask->err, ask->method, &s->in, map->resize.n);
}

UG_SEPARABLE_FUNCTIONS(geometry)

static upreg_status vjp(upreg_vjp *ctx) {
    char text[sizeof ctx->step[0].text] = "";
    ug_text_params(text, sizeof text, ctx->method, ctx->params, &ug_method_nearest);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "nearest:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_nearest_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "nearest_grad",
    .family = "gradient",
    .summary = "the adjoint of nearest: every input pixel gets the sum over the output pixels that copy it",
    .doc = "gy (N, C, n...) -> gx (N, C, input_size...). gx[j] = sum of gy[i] over the i whose y[i] is x[j] in nearest with the same parameters.",
    .source = "the transpose of nearest",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_nearest_params),
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
