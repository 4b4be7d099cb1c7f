/* nearest_unpool: every element all over its window, zeros between windows. */
#include "methods/map_engine.h"
#include "methods/window.h"
#include "methods/resize.h"

typedef struct unpool_params {
    upreg_ints kernel, stride, padding, output_size;
    int32_t layout;
} unpool_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(unpool_params, kernel, "required", 1, UG_MAX_SIZE, NULL, "window of the pool that is undone"),
    UG_INTS_PARAM(unpool_params, stride, "null", 1, UG_MAX_SIZE, NULL, "step from window to window, the kernel or more; null: the kernel"),
    UG_PAIRS_PARAM(unpool_params, padding, "0", 0, UG_MAX_SIZE, NULL, "padding of the pool that is undone; less than a window"),
    UG_INTS_PARAM(unpool_params, output_size, "null", 1, UG_MAX_SIZE, NULL,
                  "spatial size of y, of which the pool makes that of x; null: (m - 1) stride - begin - end + kernel"),
    UG_LAYOUT_PARAM(unpool_params),
};

/* The context of a map is the pool's windows: w.in is y. */
static int64_t at(const void *context, int axis, int64_t i) {
    const ug_window *w = context;
    int64_t place = i + w->begin[axis], o = place / w->s[axis];
    return o < w->out.x[axis] && place % w->s[axis] < w->k[axis] ? o : -1;
}

static upreg_status geometry(const ug_ask *ask, ug_map *map) {
    _Static_assert(sizeof(ug_window) <= sizeof map->context, "a map's context must hold the windows");
    const unpool_params *p = ask->params;
    ug_window *w = (ug_window *)map->context;
    ug_frame in, out;
    UG_TRY(ug_frame_of(ask->err, ask->method, p->layout, ask->rank, &ask->in[0], &in));
    UG_TRY(ug_unpooled_frame(ask, &p->kernel, &p->stride, &p->padding, &p->output_size, &in, &out));
    UG_TRY(ug_window_of(ask, &p->kernel, &p->stride, &p->padding, NULL, 0, &out, w));
    UG_TRY(ug_check_unpooled(ask, w, &in));
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        if (w->k[axis] > w->s[axis])
            return ug_fail(ask->err, UPREG_E_PARAMETER,
                           "%s: parameter 'stride' = %" PRId64 " makes windows of %" PRId64 " overlap; allowed: at least the kernel",
                           ask->method->name, w->s[axis], w->k[axis]);
        map->period[axis] = w->s[axis], map->shift[axis] = 1;
    }
    map->in = in, map->out = out, map->at = at;
    return UPREG_OK;
}

UG_MAP_FUNCTIONS(geometry)

static upreg_status vjp(upreg_vjp *ctx) {
    char text[420] = "";
    ug_map map = {0};
    UG_TRY(geometry(UG_ASK(ctx), &map));
    ug_window_text(text, sizeof text, (const ug_window *)map.context);
    ug_text_choice(text, sizeof text, "layout", UG_LAYOUTS, map.in.layout);
    ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "avg_pool:%s,divisor_override=1", text + 1);
    return UPREG_OK;
}

const upreg_method ug_method_nearest_unpool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "nearest_unpool",
    .family = "pool",
    .summary = "every element all over its window, zeros between windows",
    .doc = "x (N, C, m...) -> y (N, C, n...), n = output_size or (m - 1) stride - begin - end + kernel. y[i] = x[o] where i lies in window o of the "
           "pool, 0 in none. Windows must not overlap; avg_unpool has those that do.",
    .source = "the adjoint of a sum over windows",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(unpool_params),
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
