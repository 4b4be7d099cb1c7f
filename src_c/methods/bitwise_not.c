/* bitwise_not: the other bits. */
#include "methods/function.h"

UG_RUN_FUNCTION(bitwise_not)

const upreg_method ug_method_bitwise_not = {
    UG_FUNCTION_METHOD,
    .name = "bitwise_not",
    .family = "arithmetic",
    .aliases = "invert",
    .summary = "every bit of a whole number turned over, elementwise",
    .doc = "y = ~x: -1 - x, or for unsigned numbers the largest one minus x.",
    .source = "ONNX BitwiseNot",
    .types = UG_INTEGERS,
};
