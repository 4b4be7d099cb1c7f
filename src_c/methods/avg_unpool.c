/* avg_unpool: every element spread evenly over its window. */
#include "methods/avg_pool.h"

static const upreg_param table[] = {
    UG_INTS_PARAM(ug_avg_pool_params, kernel, "required", 1, UG_MAX_SIZE, NULL, "window of the pool that is undone"),
    UG_INTS_PARAM(ug_avg_pool_params, stride, "null", 1, UG_MAX_SIZE, NULL, "step from window to window; null: the kernel"),
    UG_PAIRS_PARAM(ug_avg_pool_params, padding, "0", 0, UG_MAX_SIZE, NULL, "padding of the pool that is undone; less than a window"),
    {"output_size", UPREG_INTS, offsetof(ug_avg_pool_params, input_size), "null", 1, UG_MAX_SIZE, NULL,
     "spatial size of y, of which the pool makes that of x; null: (m - 1) stride - begin - end + kernel"},
    UG_BOOL_PARAM(ug_avg_pool_params, count_include_pad, "true", "padding counts in the divisor"),
    UG_INT_PARAM(ug_avg_pool_params, divisor_override, "null", 1, UG_MAX_SIZE, "divide by this instead of the elements of the window; 1: copies"),
    UG_LAYOUT_PARAM(ug_avg_pool_params),
};

/* w->in is y.  The parameters that the table does not have are those of no dilation. */
static upreg_status geometry(const ug_ask *ask, ug_window *w) {
    const ug_avg_pool_params *p = ask->params;
    ug_frame x, y;
    UG_TRY(ug_frame_of(ask->err, ask->method, p->layout, ask->rank, &ask->in[0], &x));
    UG_TRY(ug_unpooled_frame(ask, &p->kernel, &p->stride, &p->padding, &p->input_size, &x, &y));
    UG_TRY(ug_window_of(ask, &p->kernel, &p->stride, &p->padding, NULL, 0, &y, w));
    UG_TRY(ug_check_unpooled(ask, w, &x));
    return p->count_include_pad || p->divisor_override != UPREG_UNSET ? UPREG_OK : ug_window_not_empty(ask, w);
}

UG_AVG_SPREAD_FUNCTIONS(geometry)

static upreg_status reach(upreg_reach *ctx) {
    ug_window w;
    UG_TRY(geometry(UG_ASK(ctx), &w));
    ug_reach_same(ctx);
    for (int i = 0; i < w.in.rank; i++) {
        int axis = w.in.axis_x + i, a = UPREG_MAX_SPATIAL - w.in.rank + i;
        int64_t low = ug_floor_div(ctx->out_begin[axis] + w.begin[a] - w.k[a], w.s[a]) + 1;
        int64_t high = ug_floor_div(ctx->out_end[axis] - 1 + w.begin[a], w.s[a]) + 1;
        ctx->in_begin[axis] = ug_min64(ug_max64(low, 0), w.out.x[a]);
        ctx->in_end[axis] = ug_max64(ug_min64(high, w.out.x[a]), ctx->in_begin[axis]);
    }
    return UPREG_OK;
}

const upreg_method ug_method_avg_unpool = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "avg_unpool",
    .family = "pool",
    .aliases = "average_unpool",
    .summary = "every element spread evenly over its window, sums where windows overlap",
    .doc = "x (N, C, m...) -> y (N, C, n...), n = output_size or (m - 1) stride - begin - end + kernel. y[i] = sum over the windows o that hold i of "
           "x[o] / divisor[o], the divisors as in avg_pool: the adjoint of that.",
    .source = "the transpose of avg_pool",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_avg_pool_params),
    .flags = UPREG_LINEAR | UPREG_HAS_TAPS | UPREG_UPSAMPLES | UPREG_STRIDED,
    .types = UG_FLOATING,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_avg_spread_run,
    .vjp = vjp,
    .reach = reach,
};
