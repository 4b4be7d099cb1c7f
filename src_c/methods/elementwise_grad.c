/* elementwise_grad: gy times the derivative of an elementwise function at x. */
#include "methods/function.h"

typedef struct grad_params {
    ug_function_params function; /* first: the kernels read it */
    int32_t of;
} grad_params;

#define BAR(name) "|" #name
static const upreg_param table[] = {
    UG_CHOICE_PARAM(grad_params, of, "required", &(UG_FLOAT_FUNCTIONS(BAR) UG_NUMBER_FUNCTIONS(BAR))[1], "the function's method"),
    UG_FUNCTION_PARAM(0, "a", "null", -FLT_MAX, FLT_MAX, "the function's first parameter, where it has one"),
    UG_FUNCTION_PARAM(1, "b", "null", -FLT_MAX, FLT_MAX, "its second parameter"),
};

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const upreg_tensor *x = &call->in[0], *gy = &call->in[1], *gx = &call->out[0];
    int64_t element = x->dtype.bits / 8, at = begin * element;
    ug_function_grad grad = call->kernels->math->grad[((const grad_params *)call->params)->of][upreg_type_of(x->dtype)];
    grad((char *)ug_data(gx) + at, (const char *)ug_data(x) + at, (const char *)ug_data(gy) + at, end - begin, call->params);
}

const upreg_method ug_method_elementwise_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "elementwise_grad",
    .family = "gradient",
    .summary = "the gradient of an elementwise function with respect to x",
    .doc = "gx = gy * f'(x), where f is the method named by `of`; gelu_tanh is gelu with approximate=tanh. x, gy and gx have one shape of 0 to 8 "
           "dimensions. At a bend the derivative is 0, but that of clip at its bounds is 1.",
    .source = "the derivatives of the functions",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(grad_params),
    .flags = UPREG_ELEMENTWISE | UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "x:T gy:T -> gx:T",
    .infer = ug_infer_pair,
    .prepare = ug_prepare_pointwise,
    .run = run,
    .reach = ug_reach_same,
};
