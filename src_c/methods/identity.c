/* identity: x as it is. */
#include "methods/reshape_family.h"

static upreg_status vjp(upreg_vjp *ctx) {
    ctx->result = UG_GRAD;
    return UPREG_OK;
}

const upreg_method ug_method_identity = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "identity",
    .family = "rearrange",
    .aliases = "dropout",
    .summary = "x as it is; what dropout is outside training",
    .doc = "y = x. Any shape of 0 to 8 dimensions. Inside a graph nothing is copied.",
    .source = "ONNX Identity",
    .flags = UG_RESHAPE_FLAGS,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:T",
    .infer = ug_infer_same,
    .prepare = ug_reshape_prepare,
    .run = ug_reshape_run,
    .vjp = vjp,
    .reach = ug_reach_same,
    .tile = ug_tile_same,
};
