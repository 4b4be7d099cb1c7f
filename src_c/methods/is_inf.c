/* is_inf: where x is infinite. */
#include "methods/function.h"

typedef struct is_inf_params {
    int32_t detect_positive, detect_negative;
} is_inf_params;

static const upreg_param table[] = {
    UG_BOOL_PARAM(is_inf_params, detect_positive, "true", "whether infinity counts"),
    UG_BOOL_PARAM(is_inf_params, detect_negative, "true", "whether minus infinity counts"),
};

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const is_inf_params *params = call->params;
    const double p[2] = {params->detect_positive, params->detect_negative};
    ug_run_function(call, begin, end, call->kernels->math->function[UG_FUNCTION_is_inf], p);
}

const upreg_method ug_method_is_inf = {
    UG_TEST_METHOD,
    .name = "is_inf",
    .family = "arithmetic",
    .aliases = "isinf",
    .summary = "1 where x is infinite, else 0, elementwise",
    .doc = "y = 1 where x is infinity or minus infinity, as far as they count, else 0, of type uint8.",
    .source = "ONNX IsInf",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(is_inf_params),
    .types = UG_FLOATING,
    .ports = "x:T -> y:u8",
    .infer = ug_test_infer,
};
