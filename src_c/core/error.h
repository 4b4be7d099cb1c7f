/* Writing one clear sentence into the caller's error buffer. */
#ifndef UG_ERROR_H
#define UG_ERROR_H

#include "upreg.h"

#if defined(__GNUC__)
#define UG_PRINTF(a, b) __attribute__((format(printf, a, b)))
#else
#define UG_PRINTF(a, b)
#endif

/* Writes the text (cut to fit) and returns `status`, so that a check is one line. */
upreg_status ug_fail(upreg_error *err, upreg_status status, const char *format, ...) UG_PRINTF(3, 4);
upreg_status ug_no_memory(upreg_error *err, size_t bytes);

/* "(1, 3, 8, 8)" */
const char *ug_shape_text(char *buffer, size_t size, int ndim, const int64_t *dim);

#define UG_TRY(call)                                                                                                                                 \
    do {                                                                                                                                             \
        upreg_status ug_status_ = (call);                                                                                                            \
        if (ug_status_ != UPREG_OK) return ug_status_;                                                                                               \
    } while (0)

/* Overflow-checked arithmetic on sizes: 0 on success. */
static inline int ug_mul_overflows(int64_t a, int64_t b, int64_t *out) { return __builtin_mul_overflow(a, b, out); }
static inline int ug_add_overflows(int64_t a, int64_t b, int64_t *out) { return __builtin_add_overflow(a, b, out); }

#endif
