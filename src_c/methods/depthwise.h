/* Convolutions whose groups have one input channel: every sum has few terms and every input few uses, so they are bound by memory, and by the
 * staging that the dense engine does.
 *
 * rows: the rows that a unit reads are staged with their padding, and each tap is a contiguous load, as in the dense engine; the 3 x 3 kernel
 * keeps sums of several rows in registers.  pixels: channels are innermost, and vectors run along them.  spread: transposed with a large stride;
 * between two inputs lie `stride` outputs that read neighbouring weights, so vectors run along the kernel.
 * All sum in the order of the dense engine: the same bits. */
#ifndef UG_DEPTHWISE_METHOD_H
#define UG_DEPTHWISE_METHOD_H

#include "methods/conv_engine.h"

int ug_depthwise_fits(const upreg_prepare *p, const ug_conv_problem *problem);
upreg_status ug_depthwise_prepare(upreg_prepare *p, const ug_conv_problem *problem);
void ug_depthwise_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);

#endif
