/* bitwise_or: or of the bits. */
#include "methods/binary.h"

UG_RUN_BINARY(bitwise_or)

const upreg_method ug_method_bitwise_or = {
    UG_BINARY_METHOD,
    .name = "bitwise_or",
    .family = "arithmetic",
    .summary = "or of the bits of two whole numbers, broadcast to one another",
    .doc = "y = a | b, bit by bit." UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX BitwiseOr",
    .flags = UPREG_IN_PLACE | UPREG_OVERLAP_REFUSE,
    .types = UG_INTEGERS,
    .ports = "a:T b:T -> y:T",
    .infer = ug_binary_infer,
};
