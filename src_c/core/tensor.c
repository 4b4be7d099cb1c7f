/* Tensors: types, strides, copies. */
#include <string.h>

#include "core/core.h"

static const struct {
    const char *name;
    upreg_dtype dtype;
} types[] = {
    {"none", {0, 0, 0}}, {"float32", {2, 32, 1}}, {"float64", {2, 64, 1}}, {"float16", {2, 16, 1}}, {"bfloat16", {4, 16, 1}}, {"uint8", {1, 8, 1}},
    {"int8", {0, 8, 1}}, {"uint16", {1, 16, 1}},  {"int16", {0, 16, 1}},   {"int32", {0, 32, 1}},   {"int64", {0, 64, 1}},
};
enum { N_TYPES = sizeof types / sizeof *types };

upreg_dtype upreg_dtype_of(upreg_type type) { return types[(unsigned)type < N_TYPES ? type : 0].dtype; }
size_t upreg_type_size(upreg_type type) { return upreg_dtype_of(type).bits / 8u; }
const char *upreg_type_name(upreg_type type) { return types[(unsigned)type < N_TYPES ? type : 0].name; }

upreg_type upreg_type_of(upreg_dtype dtype) {
    for (int i = 1; i < N_TYPES; i++)
        if (types[i].dtype.code == dtype.code && types[i].dtype.bits == dtype.bits && dtype.lanes == 1) return (upreg_type)i;
    return UPREG_NONE;
}

int64_t ug_tensor_elements(const upreg_tensor *t) {
    int64_t n = 1;
    for (int i = 0; i < t->ndim; i++) n *= t->shape[i];
    return n;
}

int ug_is_dense(const upreg_tensor *t) {
    if (!t->strides) return 1;
    int64_t expected = 1;
    for (int i = t->ndim - 1; i >= 0; i--) {
        if (t->shape[i] != 1 && t->strides[i] != expected) return 0;
        expected *= t->shape[i];
    }
    return 1;
}

int ug_inner_contiguous(const upreg_tensor *t) { return t->ndim == 0 || !t->strides || t->shape[t->ndim - 1] <= 1 || t->strides[t->ndim - 1] == 1; }

int ug_is_aligned(const upreg_tensor *t) { return ((uintptr_t)t->data + t->byte_offset) % (t->dtype.bits / 8u) == 0; }

void ug_box_dense(ug_box *box, const upreg_spec *spec, void *data) {
    int64_t stride = 1;
    for (int i = spec->ndim - 1; i >= 0; i--) {
        box->shape[i] = spec->dim[i], box->strides[i] = stride;
        stride *= spec->dim[i] > 1 ? spec->dim[i] : 1;
    }
    box->tensor = (upreg_tensor){
        .data = data, .device = {1, 0}, .ndim = spec->ndim, .dtype = upreg_dtype_of(spec->type), .shape = box->shape, .strides = box->strides};
}

void ug_box_copy(ug_box *box, const upreg_tensor *t) {
    int64_t stride = 1;
    for (int i = t->ndim - 1; i >= 0; i--) {
        box->shape[i] = t->shape[i], box->strides[i] = t->strides ? t->strides[i] : stride;
        stride *= t->shape[i] > 1 ? t->shape[i] : 1;
    }
    box->tensor = *t;
    box->tensor.shape = box->shape, box->tensor.strides = box->strides;
}

/* The bytes from the lowest to the highest element. */
static void extent(const upreg_tensor *t, uintptr_t *low, uintptr_t *high) {
    ug_box box;
    ug_box_copy(&box, t);
    intptr_t least = 0, most = 0, width = t->dtype.bits / 8;
    for (int i = 0; i < t->ndim; i++) {
        intptr_t span = (intptr_t)(box.strides[i] * (t->shape[i] - 1)) * width;
        if (span < 0) least += span;
        if (span > 0) most += span;
    }
    uintptr_t base = (uintptr_t)t->data + t->byte_offset;
    *low = base + (uintptr_t)least, *high = base + (uintptr_t)(most + width);
}

int ug_may_overlap(const upreg_tensor *a, const upreg_tensor *b) {
    if (ug_tensor_elements(a) == 0 || ug_tensor_elements(b) == 0) return 0;
    uintptr_t a_low, a_high, b_low, b_high;
    extent(a, &a_low, &a_high), extent(b, &b_low, &b_high);
    return a_low < b_high && b_low < a_high;
}

static void copy_row(char *to, int64_t to_step, const char *from, int64_t from_step, int64_t n, int width) {
    if (to_step == width && from_step == width) {
        memcpy(to, from, (size_t)(n * width));
        return;
    }
#define UG_COPY(bytes)                                                                                                                               \
    case bytes:                                                                                                                                      \
        for (int64_t i = 0; i < n; i++) memcpy(to + i * to_step, from + i * from_step, bytes);                                                       \
        break;
    switch (width) {
        UG_COPY(1)
        UG_COPY(2)
        UG_COPY(4)
        UG_COPY(8)
    }
#undef UG_COPY
}

void ug_copy_strided(const upreg_tensor *to, const upreg_tensor *from) {
    ug_box a, b;
    ug_box_copy(&a, to), ug_box_copy(&b, from);
    if (ug_tensor_elements(to) == 0) return;
    int width = to->dtype.bits / 8, last = to->ndim - 1;
    char *at = (char *)to->data + to->byte_offset;
    const char *source = (const char *)from->data + from->byte_offset;
    if (last < 0) {
        memcpy(at, source, (size_t)width);
        return;
    }
    int64_t index[UPREG_MAX_DIMS] = {0};
    for (;;) {
        copy_row(at, a.strides[last] * width, source, b.strides[last] * width, to->shape[last], width);
        int axis = last - 1;
        for (; axis >= 0; axis--) {
            at += a.strides[axis] * width, source += b.strides[axis] * width;
            if (++index[axis] < to->shape[axis]) break;
            at -= a.strides[axis] * width * to->shape[axis], source -= b.strides[axis] * width * to->shape[axis];
            index[axis] = 0;
        }
        if (axis < 0) return;
    }
}

void ug_convert_dense(const upreg_kernels *k, void *to, upreg_type to_type, const void *from, upreg_type from_type, int64_t n) {
    if (to_type == from_type)
        memcpy(to, from, (size_t)n * upreg_type_size(to_type));
    else if (from_type == UPREG_F16)
        k->convert->f16_to_f32(to, from, n);
    else if (from_type == UPREG_BF16)
        k->convert->bf16_to_f32(to, from, n);
    else if (to_type == UPREG_F16)
        k->convert->f32_to_f16(to, from, n);
    else
        k->convert->f32_to_bf16(to, from, n);
}

upreg_status ug_check_tensor(const upreg_tensor *t, const upreg_spec *spec, const char *owner, const char *port, upreg_error *err) {
    char got[256], want[256];
    if (t->device.type != 1) return ug_fail(err, UPREG_E_DTYPE, "%s: '%s' is not in this computer's memory (device %d)", owner, port, t->device.type);
    if (upreg_type_of(t->dtype) != spec->type)
        return ug_fail(err, UPREG_E_DTYPE, "%s: '%s' is %s; the plan was made for %s", owner, port, upreg_type_name(upreg_type_of(t->dtype)),
                       upreg_type_name(spec->type));
    int same = t->ndim == spec->ndim;
    for (int i = 0; same && i < t->ndim; i++) same = t->shape[i] == spec->dim[i];
    if (!same)
        return ug_fail(err, UPREG_E_SHAPE, "%s: '%s' has shape %s; the plan was made for %s", owner, port,
                       ug_shape_text(got, sizeof got, t->ndim, t->shape), ug_shape_text(want, sizeof want, spec->ndim, spec->dim));
    if (!t->data && ug_tensor_elements(t) > 0) return ug_fail(err, UPREG_E_USAGE, "%s: '%s' has no memory", owner, port);
    return UPREG_OK;
}
