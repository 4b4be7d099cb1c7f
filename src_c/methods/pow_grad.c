/* pow_grad: the derivatives of a power. */
#include "methods/binary.h"

typedef struct grad_params {
    int32_t of;
} grad_params;

enum { OF_BASE, OF_EXPONENT };
static const upreg_param table[] = {
    UG_CHOICE_PARAM(grad_params, of, "base", "base|exponent", "what the derivative is with respect to"),
};

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    int of_base = ((const grad_params *)call->params)->of == OF_BASE;
    ug_run_binary_row(call, begin, end, call->kernels->arithmetic->binary[of_base ? UG_BINARY_pow_base : UG_BINARY_pow_exponent]);
}

const upreg_method ug_method_pow_grad = {
    UG_BINARY_METHOD,
    .name = "pow_grad",
    .family = "gradient",
    .summary = "the derivative of a to the power of b, with respect to either",
    .doc = "slope = b * pow(a, b - 1), and 0 where b is 0; or pow(a, b) * log(a), and 0 where a is 0 and b is not negative." UG_BROADCAST_TEXT,
    .source = "the derivatives of the power",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(grad_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "a:T b:T -> slope:T",
    .infer = ug_binary_infer,
};
