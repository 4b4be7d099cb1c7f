/* equal: 1 where a == b, else 0. */
#include "methods/binary.h"

UG_RUN_BINARY(equal)

const upreg_method ug_method_equal = {
    UG_BINARY_METHOD,
    .name = "equal",
    .family = "arithmetic",
    .aliases = "eq",
    .summary = "1 where a == b, else 0, broadcast to one another",
    .doc = "y = a == b, elementwise: 1 or 0 of type uint8; 0 where one is NaN." UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX Equal",
    .flags = UPREG_OVERLAP_REFUSE,
    .types = UG_FLOATING | UG_INTEGERS,
    .ports = "a:T b:T -> y:u8",
    .infer = ug_comparison_infer,
};
