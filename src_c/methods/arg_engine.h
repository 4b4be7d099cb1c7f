/* argmax and argmin: where along one axis the largest or smallest number is. */
#ifndef UG_ARG_ENGINE_H
#define UG_ARG_ENGINE_H

#include "methods/reduce_engine.h"

typedef struct ug_arg_params {
    int64_t axis;
    int32_t keepdims, select_last_index;
} ug_arg_params;
extern const upreg_param ug_arg_table[3];

upreg_status ug_arg_infer(upreg_infer *ctx);
upreg_status ug_arg_prepare(upreg_prepare *p, int kind); /* UG_REDUCE_MAX or UG_REDUCE_MIN */
void ug_arg_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);
upreg_status ug_arg_reach(upreg_reach *ctx);

#endif
