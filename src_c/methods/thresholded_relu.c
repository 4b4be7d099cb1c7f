/* thresholded_relu: x above a threshold. */
#include "methods/function.h"

static const upreg_param table[] = {
    UG_FUNCTION_PARAM(0, "alpha", "1", -FLT_MAX, FLT_MAX, "the threshold"),
};

UG_RUN_FUNCTION(thresholded_relu)

const upreg_method ug_method_thresholded_relu = {
    UG_FUNCTION_METHOD,
    .name = "thresholded_relu",
    .family = "activation",
    .summary = "x where x > alpha, else 0, elementwise",
    .doc = "y = x where x > alpha, else 0. NaN stays NaN. The gradient at alpha is 0.",
    .source = "Konda, Memisevic and Krueger, Zero-bias Autoencoders and the Benefits of Co-adapting Features, ICLR 2015; ONNX ThresholdedRelu",
    UG_FUNCTION_TABLE(table),
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
