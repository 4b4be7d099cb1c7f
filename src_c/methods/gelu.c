/* gelu: x times the probability that a normal variable is less. */
#include "methods/function.h"

typedef struct gelu_params {
    int32_t approximate;
} gelu_params;

enum { NONE, TANH };
static const upreg_param table[] = {
    UG_CHOICE_PARAM(gelu_params, approximate, "none", "none|tanh", "tanh: the formula with a hyperbolic tangent instead of the error function"),
};

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    int approximate = ((const gelu_params *)call->params)->approximate == TANH;
    ug_run_function(call, begin, end, call->kernels->math->function[approximate ? UG_FUNCTION_gelu_tanh : UG_FUNCTION_gelu], NULL);
}

static upreg_status vjp(upreg_vjp *ctx) {
    const char *name = ((const gelu_params *)ctx->params)->approximate == TANH ? "gelu_tanh" : "gelu";
    ctx->result = ug_step(ctx, 2, UG_REFS(UG_INPUT(0), UG_GRAD), "elementwise_grad:of=%s", name);
    return UPREG_OK;
}

const upreg_method ug_method_gelu = {
    UG_FUNCTION_METHOD,
    .name = "gelu",
    .family = "activation",
    .aliases = "gaussian_error_linear_unit",
    .summary = "x times the probability that a normal variable is less than x, elementwise",
    .doc = "y = x (1 + erf(x / sqrt(2))) / 2, within 6 units in the last place also where it is tiny; with approximate=tanh "
           "y = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.",
    .source = "Hendrycks and Gimpel, Gaussian Error Linear Units, 2016",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(gelu_params),
    .types = UG_FLOATING,
    .vjp = vjp,
};
