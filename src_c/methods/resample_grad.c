/* resample_grad: the adjoint of every method that interpolates by a kernel. */
#include "methods/filter.h"

static const upreg_param table[] = {
    UG_CHOICE_PARAM(ug_filter_params, kernel, "linear", UG_KERNELS, "the forward method"),
    UG_FLOAT_PARAM(ug_filter_params, a, "-0.75", -4, 16, "of cubic and lanczos"),
    UG_MITCHELL_PARAMS,
    UG_GAUSSIAN_PARAM,
    UG_MAGIC_PARAM,
    UG_SPLINE_PARAMS,
    UG_CHOICE_PARAM(ug_filter_params, rule, "exact", UG_AREA_RULES, "of area"),
    UG_FILTER_PARAMS,
    UG_INPUT_SIZE_PARAM(ug_filter_params),
};

UG_SEPARABLE_FUNCTIONS(ug_filter_adjoint_of)

const upreg_method ug_method_resample_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "resample_grad",
    .family = "gradient",
    .summary = "the adjoint of linear, cubic and the other kernels: what reaches x of a gradient of y",
    .doc = "gy (N, C, n...) -> gx (N, C, input_size...). gx[j] = sum over i of gy[i] w(i, j), where w(i, j) is the weight of x[j] in y[i] of the "
           "method `kernel` with the same parameters; those that it does not have are not read.",
    .source = "the transposes of the resampling methods",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(ug_filter_params),
    .flags = UPREG_LINEAR | UPREG_HAS_TAPS | UPREG_STRIDED | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "gy:T -> gx:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_separable_run,
    .vjp = ug_filter_adjoint_vjp,
    .reach = reach,
    .tile = tile,
};
