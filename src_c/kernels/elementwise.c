#include "kernels/elementwise.h"
#include "kernels/activation.h"
#include "kernels/map.h"

#define F f32
#define S float
#define V ug_v32
#include "kernels/elementwise_t.h"

#define F f64
#define S double
#define V ug_v64
#include "kernels/elementwise_t.h"

#define SLOT(name) .name##_f32 = name##_f32, .name##_f64 = name##_f64

extern const ug_elementwise_kernels UGK(elementwise);
const ug_elementwise_kernels UGK(elementwise) = {
    SLOT(leaky_relu),       SLOT(relu),         SLOT(sigmoid),      SLOT(tanh),        SLOT(prelu),           SLOT(scale_shift),
    SLOT(scale_shift_each), SLOT(add),          SLOT(mul_add),      SLOT(mul_add_one), SLOT(leaky_relu_grad), SLOT(prelu_grad),
    SLOT(prelu_grad_slope), SLOT(sigmoid_grad), SLOT(tanh_grad),    SLOT(exp_shift),   SLOT(exp_shift_one),   SLOT(div),
    SLOT(div_one),          SLOT(mul_diff),     SLOT(mul_diff_one),
};
