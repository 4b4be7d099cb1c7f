/* greater: 1 where a > b, else 0. */
#include "methods/binary.h"

UG_RUN_BINARY(greater)

const upreg_method ug_method_greater = {
    UG_BINARY_METHOD,
    .name = "greater",
    .family = "arithmetic",
    .aliases = "gt",
    .summary = "1 where a > b, else 0, broadcast to one another",
    .doc = "y = a > b, elementwise: 1 or 0 of type uint8; 0 where one is NaN." UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX Greater",
    .flags = UPREG_OVERLAP_REFUSE,
    .types = UG_FLOATING | UG_INTEGERS,
    .ports = "a:T b:T -> y:u8",
    .infer = ug_comparison_infer,
};
