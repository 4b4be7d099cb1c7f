/* avg_pool_grad: every pixel gets its share of the windows that hold it. */
#include "methods/avg_pool.h"

static const upreg_param table[] = {UG_AVG_POOL_PARAMS, UG_INTS_PARAM(ug_avg_pool_params, input_size, "required", 1, UG_MAX_SIZE, NULL,
                                                                      "spatial size of the forward method's input")};

static upreg_status geometry(const ug_ask *ask, ug_window *w) {
    const ug_avg_pool_params *p = ask->params;
    ug_frame gy, gx;
    UG_TRY(ug_frame_of(ask->err, ask->method, p->layout, ask->rank, &ask->in[0], &gy));
    UG_TRY(ug_input_frame(ask->err, ask->method, &p->input_size, &gy, &gx));
    UG_TRY(ug_avg_window_of(ask, &gx, w));
    return ug_check_output(ask->err, ask->method, &gy, w->out.x);
}

UG_AVG_SPREAD_FUNCTIONS(geometry)

const upreg_method ug_method_avg_pool_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "avg_pool_grad",
    .family = "gradient",
    .summary = "the adjoint of avg_pool: every pixel gets its share of the windows that hold it",
    .doc = "gy (N, C, n...) -> gx (N, C, input_size...). gx[j] = sum over the windows i that hold j of gy[i] / divisor[i].",
    .source = "the transpose of avg_pool",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_avg_pool_params),
    .flags = UPREG_LINEAR | UPREG_HAS_TAPS | UPREG_STRIDED | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "gy:T -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_avg_spread_run,
    .vjp = vjp,
};
