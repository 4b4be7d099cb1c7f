/* Methods that are a function of one number, elementwise: the kernels are in the table `math`, their gradients behind the method
 * elementwise_grad.  A method's file has its texts, its parameters, and UG_RUN_FUNCTION(name). */
#ifndef UG_FUNCTION_H
#define UG_FUNCTION_H

#include "methods/pointwise.h"

/* Up to two parameters, called as each method's table says. */
typedef struct ug_function_params {
    double p[2];
} ug_function_params;
#define UG_FUNCTION_PARAM(place, name, text, lo, hi, help) {name, UPREG_FLOAT, offsetof(ug_function_params, p[place]), text, lo, hi, NULL, help}

/* Elements [begin, end) of y = f(x); f is a row of the table, p its parameters. */
void ug_run_function(const upreg_call *call, int64_t begin, int64_t end, const ug_function *f, const double *p);
/* x's shape, and uint8 */
upreg_status ug_test_infer(upreg_infer *ctx);
/* elementwise_grad with this method's name and parameters, and zeros: the gradient of steps */
upreg_status ug_function_vjp(upreg_vjp *ctx);
upreg_status ug_step_vjp(upreg_vjp *ctx);

#define UG_RUN_FUNCTION(name)                                                                                                                        \
    static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {                                                     \
        (void)stage, (void)worker;                                                                                                                   \
        ug_run_function(call, begin, end, call->kernels->math->function[UG_FUNCTION_##name], call->params);                                          \
    }

/* Those that an epilogue knows. */
#define UG_FUSE_FUNCTION(name, has_params)                                                                                                           \
    static void fuse(upreg_fusion *ctx) {                                                                                                            \
        ctx->kind = UPREG_FUSE_ACTIVATION, ctx->activation = UPREG_ACT_##name;                                                                       \
        if (has_params) memcpy(ctx->p, ((const ug_function_params *)ctx->params)->p, sizeof ctx->p);                                                 \
    }

/* What all of them say of themselves, and those whose result is uint8; the rest is texts, parameters, types,
 * vjp, and for these ports and infer. */
#define UG_FUNCTION_METHOD                                                                                                                           \
    .struct_size = sizeof(upreg_method), .version = 1, .ports = "x:T -> y:T", .infer = ug_infer_same, .prepare = ug_prepare_pointwise, .run = run,   \
    .reach = ug_reach_same, .tile = ug_tile_same, .flags = UPREG_ELEMENTWISE | UPREG_IN_PLACE | UPREG_OVERLAP_IDENTITY
#define UG_TEST_METHOD                                                                                                                               \
    .struct_size = sizeof(upreg_method), .version = 1, .prepare = ug_prepare_pointwise, .run = run, .reach = ug_reach_same, .tile = ug_tile_same,    \
    .flags = UPREG_ELEMENTWISE | UPREG_OVERLAP_REFUSE
#define UG_FUNCTION_TABLE(table) .params = table, .n_params = UG_COUNT(table), .params_size = sizeof(ug_function_params)

#endif
