/* A test in C: CHECK counts and reports; `return check_result()` ends main. */
#ifndef CHECK_H
#define CHECK_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "upreg.h"

static int checks, failures;

#define CHECK(condition)                                                                                                                             \
    do {                                                                                                                                             \
        checks++;                                                                                                                                    \
        if (!(condition)) failures++, printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                                                 \
    } while (0)

static inline int check_result(void) {
    printf("%d checks, %d failures\n", checks, failures);
    return failures != 0;
}

/* A dense tensor over the caller's memory. */
typedef struct array {
    upreg_tensor tensor;
    int64_t shape[UPREG_MAX_DIMS];
} array;

static inline upreg_spec spec_of(upreg_type type, int ndim, const int64_t *shape) {
    upreg_spec s = {.known = 1, .ndim = ndim, .type = type};
    for (int i = 0; i < ndim; i++) s.dim[i] = shape[i];
    return s;
}

static inline upreg_tensor *tensor_of(array *a, upreg_type type, int ndim, const int64_t *shape, void *data) {
    for (int i = 0; i < ndim; i++) a->shape[i] = shape[i];
    a->tensor = (upreg_tensor){.data = data, .device = {1, 0}, .ndim = ndim, .dtype = upreg_dtype_of(type), .shape = a->shape};
    return &a->tensor;
}

#define SHAPE(...) ((const int64_t[]){__VA_ARGS__})

#endif
