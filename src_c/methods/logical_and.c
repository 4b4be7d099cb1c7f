/* logical_and: 1 where both are true. */
#include "methods/binary.h"

UG_RUN_BINARY(logical_and)

const upreg_method ug_method_logical_and = {
    UG_BINARY_METHOD,
    .name = "logical_and",
    .family = "arithmetic",
    .aliases = "and",
    .summary = "1 where both are true, else 0, broadcast to one another",
    .doc = "y = 1 where both are not 0, else 0, of type uint8." UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX And",
    .flags = UPREG_IN_PLACE | UPREG_OVERLAP_REFUSE,
    .types = 1u << UPREG_U8,
    .ports = "a:u8 b:u8 -> y:u8",
    .infer = ug_logical_infer,
};
