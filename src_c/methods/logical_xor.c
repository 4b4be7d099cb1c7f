/* logical_xor: 1 where one of the two, but not both, is true. */
#include "methods/binary.h"

UG_RUN_BINARY(logical_xor)

const upreg_method ug_method_logical_xor = {
    UG_BINARY_METHOD,
    .name = "logical_xor",
    .family = "arithmetic",
    .aliases = "xor",
    .summary = "1 where one of the two, but not both, is true, else 0, broadcast to one another",
    .doc = "y = 1 where one of the two, but not both, is not 0, else 0, of type uint8." UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX Xor",
    .flags = UPREG_IN_PLACE | UPREG_OVERLAP_REFUSE,
    .types = 1u << UPREG_U8,
    .ports = "a:u8 b:u8 -> y:u8",
    .infer = ug_logical_infer,
};
