/* nearest: every output pixel is the input pixel at its rounded coordinate. */
#include "methods/nearest.h"
#include "methods/map_engine.h"

extern const upreg_method ug_method_nearest_grad;

enum { FLOOR, CEIL, PREFER_FLOOR, PREFER_CEIL };
enum { TORCH, DOUBLE, ACCUMULATED };

static const upreg_param table[] = {UG_NEAREST_PARAMS};

static double rounded(int rounding, double x) {
    switch (rounding) {
    case CEIL: return ceil(x);
    case PREFER_FLOOR: return ceil(x - 0.5);
    case PREFER_CEIL: return floor(x + 0.5);
    default: return floor(x);
    }
}

/* begin + step / 2, and a step more for every output.  Outputs mostly come one after the other, so the sum goes on from the last one. */
static double accumulated(ug_nearest_map *map, int axis, int64_t i) {
    if (map->sum[axis] == 0 || i < map->last[axis]) map->last[axis] = 0, map->sum[axis] = map->resize.begin[axis] + map->resize.step[axis] * 0.5;
    for (; map->last[axis] < i; map->last[axis]++) map->sum[axis] += map->resize.step[axis];
    return map->sum[axis];
}

int64_t ug_nearest_at(const void *context, int axis, int64_t i) {
    const ug_nearest_map *map = context;
    const ug_nearest_params *p = map->params;
    int64_t last = map->resize.m[axis] - 1;
    int single = p->arith == TORCH && p->rounding == FLOOR && map->resize.begin[axis] == 0;
    float step = (float)map->resize.step[axis];
    double x;
    if (p->arith == ACCUMULATED)
        x = accumulated((ug_nearest_map *)context, axis, i);
    else if (single && p->coordinates == UG_ASYMMETRIC)
        x = (double)((float)i * step);
    else if (single && p->coordinates == UG_TF_HALF_PIXEL)
        x = (double)(float)(((double)i + 0.5) * (double)step);
    else {
        ug_resize resize = map->resize;
        if (p->arith != TORCH && (p->target.size.count || p->target.recompute_scale)) /* OpenCV's way to write m / n; the last bit shows */
            resize.step[axis] = 1 / ((double)resize.n[axis] / resize.shown[axis]);
        x = ug_coordinate(p->coordinates, &resize, axis, i);
        if (ug_coordinate_outside(p->coordinates, &resize, axis, x)) return -1;
    }
    x = rounded(p->rounding, x);
    return x <= 0 ? 0 : x >= (double)last ? last : (int64_t)x;
}

static upreg_status geometry(const ug_ask *ask, ug_map *map) {
    _Static_assert(sizeof(ug_nearest_map) <= sizeof map->context, "a map's context must hold nearest's");
    ug_nearest_map *own = (ug_nearest_map *)map->context;
    own->params = ask->params, map->at = ug_nearest_at;
    UG_TRY(ug_frame_of(ask->err, ask->method, own->params->layout, ask->rank, &ask->in[0], &map->in));
    UG_TRY(ug_resize_of(ask->err, ask->method, &own->params->target, &map->in, &own->resize));
    UG_TRY(ug_resize_roi(ask->err, ask->method, own->params->coordinates, &own->params->roi, map->in.rank, &own->resize));
    map->out = map->in;
    memcpy(map->out.x, own->resize.n, sizeof map->out.x);
    if (own->params->arith == ACCUMULATED && (own->params->coordinates != UG_TF_HALF_PIXEL || own->params->rounding != FLOOR))
        return ug_fail(ask->err, UPREG_E_PARAMETER,
                       "%s: parameter 'arith' = accumulated is not allowed here; allowed: with coordinates=tf_half_pixel_for_nn and rounding=floor",
                       ask->method->name);
    if (own->params->arith == TORCH) ug_resize_period(own->params->coordinates, &own->resize, map->period, map->shift);
    return UPREG_OK;
}

UG_MAP_FUNCTIONS(geometry)

static upreg_status vjp(upreg_vjp *ctx) {
    char text[sizeof ctx->step[0].text] = "";
    ug_map map = {0};
    UG_TRY(geometry(UG_ASK(ctx), &map));
    ug_text_params(text, sizeof text, ctx->method, ctx->params, &ug_method_nearest_grad);
    ug_text_input_size(text, sizeof text, &map.in);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "nearest_grad:%s", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_nearest = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "nearest",
    .family = "resample",
    .aliases = "nearest_neighbour|nearest_neighbor|unpool_nearest|replicate_upsample",
    .summary = "nearest-neighbour resampling in 1, 2 or 3 dimensions, to a size or by a scale",
    .doc = "x (N, C, m...) -> y (N, C, n...), n = size or floor(m * scale). Along each axis y[i] = x[clamp(round(X(i)), 0, m - 1)], with s = m / n, "
           "or 1 / scale when a scale is given and recompute_scale is not set. X(i): asymmetric i s; half_pixel (i + 1/2) s - 1/2; "
           "pytorch_half_pixel the same, but 0 when n = 1; half_pixel_symmetric half_pixel + m/2 (1 - n s / m); align_corners i (m - 1) / (n - 1); "
           "tf_half_pixel_for_nn (i + 1/2) s. The defaults are torch's mode 'nearest', with its float32 coordinates.",
    .source = "ONNX Resize (coordinate_transformation_mode, nearest_mode); PyTorch UpSample.h",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_nearest_params),
    .flags = UPREG_LINEAR | UPREG_UPSAMPLES | UPREG_STRIDED,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_map_run,
    .vjp = vjp,
    .reach = reach,
    .tile = tile,
};
