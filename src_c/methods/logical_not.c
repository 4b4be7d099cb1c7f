/* logical_not: 1 where x is 0. */
#include "methods/function.h"

static upreg_status infer(upreg_infer *ctx) {
    UG_TRY(ug_need_u8(ctx, 0, "x"));
    return ug_infer_same(ctx);
}

UG_RUN_FUNCTION(logical_not)

const upreg_method ug_method_logical_not = {
    UG_TEST_METHOD,
    .name = "logical_not",
    .family = "arithmetic",
    .aliases = "not",
    .summary = "1 where x is 0, else 0, elementwise",
    .doc = "y = 1 where x is 0, else 0, of type uint8.",
    .source = "ONNX Not",
    .types = 1u << UPREG_U8,
    .ports = "x:u8 -> y:u8",
    .infer = infer,
};
