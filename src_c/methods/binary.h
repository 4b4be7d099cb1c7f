/* Methods that compute one number from two, which broadcast: the kernels are in the table `arithmetic`.  Those of any number of inputs fold through
 * it, in order.  A method's file has its texts, its vjp, and UG_RUN_BINARY(name). */
#ifndef UG_BINARY_H
#define UG_BINARY_H

#include "methods/broadcast.h"

/* The shape that all inputs broadcast to, with the type of the first, and with uint8. */
upreg_status ug_binary_infer(upreg_infer *ctx);
upreg_status ug_comparison_infer(upreg_infer *ctx);
/* The same for two truth values, which are uint8. */
upreg_status ug_logical_infer(upreg_infer *ctx);
/* Units [begin, end) of ug_broadcast_prepare's stage; f is a row of the table. */
void ug_run_binary_row(const upreg_call *call, int64_t begin, int64_t end, const ug_binary *f);

#define UG_RUN_BINARY(name)                                                                                                                          \
    static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {                                                     \
        (void)stage, (void)worker;                                                                                                                   \
        ug_run_binary_row(call, begin, end, call->kernels->arithmetic->binary[UG_BINARY_##name]);                                                    \
    }

#define UG_BROADCAST_TEXT " Shapes broadcast as in NumPy: aligned at the last axis, lengths equal or 1."
#define UG_WHOLE_TEXT " Whole numbers wrap."

/* What all of them say of themselves; the rest is ports, texts, flags, types, infer and vjp. */
#define UG_BINARY_METHOD                                                                                                                             \
    .struct_size = sizeof(upreg_method), .version = 1, .prepare = ug_broadcast_prepare, .run = run, .reach = ug_broadcast_reach, .tile = ug_tile_same

#endif
