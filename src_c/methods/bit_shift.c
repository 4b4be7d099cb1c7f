/* bit_shift: bits moved up or down. */
#include "methods/binary.h"

typedef struct bit_shift_params {
    int32_t direction;
} bit_shift_params;

enum { LEFT, RIGHT };
static const upreg_param table[] = {
    UG_CHOICE_PARAM(bit_shift_params, direction, "required", "left|right", "to the left, to larger numbers, or to the right"),
};

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    int right = ((const bit_shift_params *)call->params)->direction == RIGHT;
    ug_run_binary_row(call, begin, end, call->kernels->arithmetic->binary[right ? UG_BINARY_shift_right : UG_BINARY_shift_left]);
}

const upreg_method ug_method_bit_shift = {
    UG_BINARY_METHOD,
    .name = "bit_shift",
    .family = "arithmetic",
    .summary = "the bits of one whole number moved by the other, broadcast to one another",
    .doc = "y = a * 2^b, wrapped, or with direction=right a / 2^b rounded down. A b that is negative or not less than the number of bits moves "
           "everything out: 0, or -1 for a negative a that is moved right." UG_BROADCAST_TEXT,
    .source = "NumPy broadcasting; ONNX BitShift",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(bit_shift_params),
    .flags = UPREG_IN_PLACE | UPREG_OVERLAP_REFUSE,
    .types = UG_INTEGERS,
    .ports = "a:T b:T -> y:T",
    .infer = ug_binary_infer,
};
