/* cubic_grad: the adjoint of cubic. */
#include "methods/filter.h"

static const upreg_param table[] = {UG_CUBIC_PARAM, UG_FILTER_PARAMS, UG_INPUT_SIZE_PARAM(ug_filter_params)};

UG_SEPARABLE_FUNCTIONS(ug_cubic_adjoint_of)

static upreg_status vjp(upreg_vjp *ctx) { return ug_filter_vjp(ctx, ug_cubic_adjoint_of, "cubic"); }

const upreg_method ug_method_cubic_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 2,
    .name = "cubic_grad",
    .family = "gradient",
    .summary = "the adjoint of cubic: what reaches x of a gradient of y",
    .doc = "gy (N, C, n...) -> gx (N, C, input_size...). gx[j] = sum over i of gy[i] w(i, j), where w(i, j) is the weight of x[j] in y[i] of cubic "
           "with the same parameters.",
    .source = "the transpose of cubic",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_filter_params),
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
