/* bed_of_nails_grad: the pixels at the corners of the cells. */
#include "methods/bed_of_nails.h"

static int64_t at(const void *context, int axis, int64_t i) {
    const ug_nails *nails = context;
    return i * nails->scale[axis] + nails->corner[axis];
}

static upreg_status geometry(const ug_ask *ask, ug_map *map) {
    ug_nails *nails = (ug_nails *)map->context;
    UG_TRY(ug_nails_of(ask, &map->in, nails));
    map->at = at, map->out = map->in;
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        if (map->in.x[axis] % nails->scale[axis])
            return ug_fail(ask->err, UPREG_E_SHAPE, "%s: an axis of 'gy' has length %" PRId64 "; allowed: a multiple of 'scale' = %" PRId64,
                           ask->method->name, map->in.x[axis], nails->scale[axis]);
        map->out.x[axis] = map->in.x[axis] / nails->scale[axis];
    }
    return UPREG_OK;
}

UG_MAP_FUNCTIONS(geometry)

static upreg_status vjp(upreg_vjp *ctx) {
    char text[300] = "";
    ug_map map = {0};
    UG_TRY(geometry(UG_ASK(ctx), &map));
    ug_nails_text(text, sizeof text, ctx->params, &map.in, (const ug_nails *)map.context);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "bed_of_nails:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_bed_of_nails_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "bed_of_nails_grad",
    .family = "gradient",
    .summary = "the adjoint of bed_of_nails: the pixels at the corners of the cells",
    .doc = "gy (N, C, m * scale...) -> gx (N, C, m...). Along each axis gx[i] = gy[i * scale + corner].",
    .source = "the transpose of bed_of_nails",
    .params = ug_nails_table,
    .n_params = UG_COUNT(ug_nails_table),
    .params_size = sizeof(ug_nails_params),
    .flags = UPREG_LINEAR | UPREG_STRIDED | UPREG_GRADIENT,
    .types = UG_ANY_TYPE,
    .ports = "gy:T -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_map_run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
