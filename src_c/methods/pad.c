/* pad: adds to both ends of every spatial axis, or cuts off. */
#include "methods/pad.h"

#include <stdio.h>

static const upreg_param table[] = {UG_PAD_PARAMS};

static upreg_status one_axis(const ug_ask *ask, ug_padding *p, int axis, int64_t m) {
    int64_t b = p->begin[axis], e = p->end[axis];
    p->skip[axis] = ug_max64(-b, 0);
    p->left[axis] = m - p->skip[axis] - ug_max64(-e, 0);
    p->n[axis] = p->left[axis] + ug_max64(b, 0) + ug_max64(e, 0);
    if (p->left[axis] < 0 || (p->n[axis] < 1 && m > 0))
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: parameter 'amount' = [%" PRId64 ", %" PRId64 "] cuts all of an axis of length %" PRId64,
                       ask->method->name, b, e, m);
    if (p->n[axis] > (int64_t)UG_MAX_SIZE)
        return ug_fail(ask->err, UPREG_E_SHAPE,
                       "%s: parameter 'amount' = [%" PRId64 ", %" PRId64 "] makes an axis of length %" PRId64 "; allowed: at most %.0f",
                       ask->method->name, b, e, p->n[axis], UG_MAX_SIZE);
    return ug_check_pad_mode(ask->err, ask->method, p->mode, ug_max64(b, e), p->left[axis]);
}

upreg_status ug_padding_of(const ug_ask *ask, const ug_frame *input, ug_padding *padding) {
    const ug_pad_params *params = ask->params;
    padding->mode = params->padding_mode;
    UG_TRY(ug_axes_pairs(ask->err, ask->method, "amount", &params->amount, input->rank, padding->begin, padding->end));
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) UG_TRY(one_axis(ask, padding, axis, input->x[axis]));
    return UPREG_OK;
}

int64_t ug_padding_at(const void *context, int axis, int64_t i) {
    const ug_padding *p = context;
    int64_t position = ug_pad_index(p->mode, i - ug_max64(p->begin[axis], 0), p->left[axis]);
    return position < 0 ? -1 : position + p->skip[axis];
}

void ug_pad_text(char *text, size_t size, const ug_pad_params *params, const ug_frame *input, const ug_padding *padding) {
    int first = UPREG_MAX_SPATIAL - input->rank;
    ug_text_pairs(text, size, "amount", input->rank, padding->begin + first, padding->end + first);
    ug_text_choice(text, size, "padding_mode", UG_PAD_MODES, params->padding_mode);
}

static upreg_status geometry(const ug_ask *ask, ug_map *map) {
    _Static_assert(sizeof(ug_padding) <= sizeof map->context, "a map's context must hold pad's");
    const ug_pad_params *params = ask->params;
    ug_padding *padding = (ug_padding *)map->context;
    map->at = ug_padding_at;
    UG_TRY(ug_frame_of(ask->err, ask->method, params->layout, ask->rank, &ask->in[0], &map->in));
    UG_TRY(ug_padding_of(ask, &map->in, padding));
    map->out = map->in;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) map->period[axis] = map->shift[axis] = 1;
    memcpy(map->out.x, padding->n, sizeof map->out.x);
    UG_TRY(ug_check_pad_value(ask->err, ask->method, params->padding_mode, params->value));
    if (params->padding_mode == UG_CONSTANT && !ug_element_of(ask->in[0].type, params->value, map->value))
        return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: parameter 'value' = %.17g; allowed: what %s can hold", ask->method->name, params->value,
                       upreg_type_name(ask->in[0].type));
    return UPREG_OK;
}

UG_MAP_FUNCTIONS(geometry)

/* Where zeros or a constant were added, the adjoint cuts them off again (and adds zeros where pixels were cut off). */
static upreg_status vjp(upreg_vjp *ctx) {
    const ug_pad_params *params = ctx->params;
    char text[400] = "";
    ug_map map = {0};
    UG_TRY(geometry(UG_ASK(ctx), &map));
    ug_padding *padding = (ug_padding *)map.context;
    int cut = params->padding_mode == UG_ZEROS || params->padding_mode == UG_CONSTANT;
    if (cut) {
        int64_t begin[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL];
        int first = UPREG_MAX_SPATIAL - map.in.rank;
        for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) begin[axis] = -padding->begin[axis], end[axis] = -padding->end[axis];
        ug_text_pairs(text, sizeof text, "amount", map.in.rank, begin + first, end + first);
    } else {
        ug_pad_text(text, sizeof text, params, &map.in, padding);
        ug_text_input_size(text, sizeof text, &map.in);
    }
    ug_text_choice(text, sizeof text, "layout", UG_LAYOUTS, params->layout);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "%s:%s", cut ? "pad" : "pad_grad", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_pad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "pad",
    .family = "rearrange",
    .aliases = "padding",
    .summary = "adds pixels at both ends of every spatial axis, or cuts them off",
    .doc =
        "x (N, C, m...) -> y (N, C, m + begin + end...). Negative amounts cut off, before anything is added. What is added: zeros; constant (value); "
        "reflect (the edge not repeated, at most m - 1); symmetric (the edge repeated, at most m); replicate (the edge pixel); circular (at most m).",
    .source = "NumPy pad; PyTorch functional.pad; ONNX Pad",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_pad_params),
    .flags = UPREG_LINEAR | UPREG_STRIDED,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_map_run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
