/* less: 1 where a < b, else 0. */
#include "methods/binary.h"

UG_RUN_BINARY(less)

const upreg_method ug_method_less = {
    UG_BINARY_METHOD,
    .name = "less",
    .family = "arithmetic",
    .aliases = "lt",
    .summary = "1 where a < b, else 0, broadcast to one another",
    .doc = "y = a < b, elementwise: 1 or 0 of type uint8; 0 where one is NaN." UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX Less",
    .flags = UPREG_OVERLAP_REFUSE,
    .types = UG_FLOATING | UG_INTEGERS,
    .ports = "a:T b:T -> y:u8",
    .infer = ug_comparison_infer,
};
