#include "core/error.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

upreg_status ug_fail(upreg_error *err, upreg_status status, const char *format, ...) {
    if (err) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
    }
    return status;
}

upreg_status ug_no_memory(upreg_error *err, size_t bytes) { return ug_fail(err, UPREG_E_MEMORY, "out of memory: %zu bytes could not be had", bytes); }

const char *ug_shape_text(char *buffer, size_t size, int ndim, const int64_t *dim) {
    size_t used = (size_t)snprintf(buffer, size, "(");
    for (int i = 0; i < ndim && used + 24 < size; i++)
        used += (size_t)snprintf(buffer + used, size - used, i || ndim == 1 ? (i ? ", %" PRId64 : "%" PRId64 ",") : "%" PRId64, dim[i]);
    snprintf(buffer + used, size - used, ")");
    return buffer;
}
