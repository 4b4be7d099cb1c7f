/* Dense layers as convolutions of one tap: rows are pixels, features are channels. */
#ifndef UG_DENSE_FAMILY_H
#define UG_DENSE_FAMILY_H

#include "methods/conv_grad_weight.h"

typedef struct ug_dense_params {
    int64_t channels;
} ug_dense_params;

/* Rows of a tensor whose last axis is the features. */
int64_t ug_dense_rows(const upreg_spec *spec);
ug_conv_problem ug_dense_problem(int64_t rows, int64_t in, int64_t out);
/* Runs `run` with the tensors seen as (rows, features). */
void ug_dense_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker,
                  void (*run)(const upreg_call *, int, int64_t, int64_t, int));
upreg_status ug_dense_mismatch(upreg_error *err, const upreg_method *method, const upreg_spec *a, const char *a_name, const upreg_spec *b,
                               const char *b_name, const char *allowed);

#endif
