/* is_nan: where x is not a number. */
#include "methods/function.h"

UG_RUN_FUNCTION(is_nan)

const upreg_method ug_method_is_nan = {
    UG_TEST_METHOD,
    .name = "is_nan",
    .family = "arithmetic",
    .aliases = "isnan",
    .summary = "1 where x is not a number, else 0, elementwise",
    .doc = "y = 1 where x is NaN, else 0, of type uint8.",
    .source = "ONNX IsNaN",
    .types = UG_FLOATING,
    .ports = "x:T -> y:u8",
    .infer = ug_test_infer,
};
