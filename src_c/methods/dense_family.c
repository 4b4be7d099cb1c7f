#include "methods/dense_family.h"

int64_t ug_dense_rows(const upreg_spec *spec) {
    int64_t rows = 1;
    for (int i = 0; i + 1 < spec->ndim; i++) rows *= spec->dim[i];
    return rows;
}

ug_conv_problem ug_dense_problem(int64_t rows, int64_t in, int64_t out) {
    ug_frame frame = {.layout = UG_XC, .ndim = 2, .rank = 1, .axis_n = -1, .axis_c = 1, .axis_x = 0, .n = 1, .c = in, .x = {1, 1, rows}};
    return (ug_conv_problem){.x_frame = frame,
                             .y_frame = frame,
                             .n = 1,
                             .groups = 1,
                             .in_channels = in,
                             .out_channels = out,
                             .in = {1, 1, rows},
                             .out = {1, 1, rows},
                             .kernel = {1, 1, 1},
                             .stride = {1, 1, 1},
                             .upscale = {1, 1, 1},
                             .dilation = {1, 1, 1}};
}

typedef struct flat_tensor {
    upreg_tensor tensor;
    int64_t shape[2], strides[2];
} flat_tensor;

static upreg_tensor flatten(const upreg_tensor *t, flat_tensor *flat) {
    flat->shape[0] = 1, flat->shape[1] = t->ndim ? t->shape[t->ndim - 1] : 1;
    for (int i = 0; i + 1 < t->ndim; i++) flat->shape[0] *= t->shape[i];
    flat->strides[0] = flat->shape[1], flat->strides[1] = 1;
    flat->tensor = *t, flat->tensor.ndim = 2, flat->tensor.shape = flat->shape, flat->tensor.strides = flat->strides;
    return flat->tensor;
}

void ug_dense_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker,
                  void (*run)(const upreg_call *, int, int64_t, int64_t, int)) {
    upreg_call rows = *call;
    upreg_tensor in[3], out;
    flat_tensor flat[4];
    for (int i = 0; i < call->n_in && i < 3; i++) in[i] = flatten(&call->in[i], &flat[i]);
    out = flatten(&call->out[0], &flat[3]);
    rows.in = in, rows.out = &out;
    run(&rows, stage, begin, end, worker);
}

upreg_status ug_dense_mismatch(upreg_error *err, const upreg_method *method, const upreg_spec *a, const char *a_name, const upreg_spec *b,
                               const char *b_name, const char *allowed) {
    char first[256], second[256];
    return ug_fail(err, UPREG_E_SHAPE, "%s: '%s' has shape %s and '%s' has shape %s; allowed: %s", method->name, a_name,
                   ug_shape_text(first, sizeof first, a->ndim, a->dim), b_name, ug_shape_text(second, sizeof second, b->ndim, b->dim), allowed);
}
