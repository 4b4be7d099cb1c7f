/* maximum: the largest of the inputs. */
#include "methods/extremum.h"

UG_RUN_BINARY(maximum)

const upreg_method ug_method_maximum = {
    UG_BINARY_METHOD,
    .name = "maximum",
    .family = "arithmetic",
    .aliases = "max",
    .summary = "the largest of the inputs, broadcast to one another",
    .doc =
        "y = the largest of xs[0], xs[1], ..., elementwise; NaN where one is NaN. One input or more. The gradient goes to the first of equals." UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX Max",
    .flags = UPREG_IN_PLACE | UPREG_OVERLAP_IDENTITY,
    .types = UG_FLOATING | UG_INTEGERS,
    .ports = "xs*:T -> y:T",
    .infer = ug_binary_infer,
    .vjp = ug_extremum_vjp,
};
