#include "methods/method.h"
#include "core/core.h"

#include <stdarg.h>
#include <stdio.h>

int64_t ug_elements(const upreg_spec *spec) {
    int64_t n = 1;
    for (int i = 0; i < spec->ndim; i++)
        if (spec->dim[i] == 0) return 0;
    for (int i = 0; i < spec->ndim; i++)
        if (ug_mul_overflows(n, spec->dim[i], &n) || n > INT64_MAX / 2) return -1;
    return n;
}

int ug_same_shape(const upreg_spec *a, const upreg_spec *b) {
    if (a->ndim != b->ndim) return 0;
    for (int i = 0; i < a->ndim; i++)
        if (a->dim[i] != b->dim[i]) return 0;
    return 1;
}

upreg_spec ug_spec(upreg_type type, int ndim, const int64_t *dim) {
    upreg_spec spec = {.known = 1, .ndim = ndim, .type = type};
    for (int i = 0; i < ndim; i++) spec.dim[i] = dim[i];
    return spec;
}

upreg_status ug_check_size(upreg_error *err, const upreg_method *method, const upreg_spec *out) {
    char shape[256];
    int64_t n = ug_elements(out);
    if (n < 0 || n > INT64_MAX / 16)
        return ug_fail(err, UPREG_E_SHAPE, "%s: an output of shape %s is too large to address", method->name,
                       ug_shape_text(shape, sizeof shape, out->ndim, out->dim));
    return UPREG_OK;
}

upreg_status ug_infer_same(upreg_infer *ctx) {
    ctx->out[0] = ctx->in[0];
    return UPREG_OK;
}

upreg_status ug_need_u8(const upreg_infer *ctx, int port, const char *name) {
    upreg_type type = ctx->in[port].type;
    if (type == UPREG_U8) return UPREG_OK;
    return ug_fail(ctx->err, UPREG_E_DTYPE, "%s: input '%s' is %s; allowed: uint8", ctx->method->name, name, upreg_type_name(type));
}

upreg_status ug_reach_same(upreg_reach *ctx) {
    memcpy(ctx->in_begin, ctx->out_begin, sizeof ctx->in_begin);
    memcpy(ctx->in_end, ctx->out_end, sizeof ctx->in_end);
    return UPREG_OK;
}

upreg_status ug_tile_same(upreg_tiling *ctx) {
    (void)ctx;
    return UPREG_OK;
}

static upreg_spec part_of(const upreg_spec *whole, const upreg_range *range) {
    upreg_spec part = *whole;
    for (int i = 0; range && i < part.ndim; i++) part.dim[i] = range->end[i] - range->begin[i];
    return part;
}

upreg_spec ug_part_in(const upreg_prepare *p, int port) { return part_of(&p->in[port], p->tile ? &p->tile->in[port] : NULL); }

upreg_spec ug_part_out(const upreg_prepare *p) { return part_of(&p->out[0], p->tile ? &p->tile->out : NULL); }

upreg_status ug_tile_needs_all(const upreg_tiling *ctx, int axis) {
    if (ctx->range.begin[axis] == 0 && ctx->range.end[axis] == ctx->out[0].dim[axis]) return UPREG_OK;
    return ug_fail(ctx->err, UPREG_E_GRAPH, "%s: every output needs all of axis %d", ctx->method->name, axis);
}

static void add_stage(upreg_prepare *p, int64_t units, int64_t grain, size_t scratch) {
    p->stage[p->n_stages++] = (upreg_stage){units, ug_max64(grain, 1), scratch};
}

void ug_add_stage(upreg_prepare *p, int64_t units, double bytes_per_unit, size_t scratch) {
    double grain = bytes_per_unit > 0 ? UG_GRAIN_BYTES / bytes_per_unit : (double)UG_GRAIN_BYTES;
    add_stage(p, units, grain < (double)units ? (int64_t)grain : units, scratch);
}

void ug_add_compute_stage(upreg_prepare *p, int64_t units, double macs_per_unit, size_t scratch) {
    ug_add_stage(p, units, macs_per_unit / 3.0, scratch);
}

upreg_ref ug_step(upreg_vjp *ctx, int n_in, const upreg_ref *in, const char *format, ...) {
    upreg_vjp_step *step = &ctx->step[ctx->n_steps];
    va_list args;
    va_start(args, format);
    vsnprintf(step->text, sizeof step->text, format, args);
    va_end(args);
    step->n_in = n_in;
    for (int i = 0; i < n_in; i++) step->in[i] = in[i];
    return (upreg_ref){UPREG_FROM_STEP, ctx->n_steps++, 0};
}

static void append(char *text, size_t size, const char *format, ...) {
    size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    if (used < size) vsnprintf(text + used, size - used, format, args);
    va_end(args);
}

void ug_text_params(char *text, size_t size, const upreg_method *from, const void *params, const upreg_method *to) {
    for (uint32_t i = 0; i < from->n_params; i++)
        for (uint32_t k = 0; k < to->n_params; k++) {
            char value[256];
            if (strcmp(from->params[i].name, to->params[k].name) != 0) continue;
            ug_param_text(&from->params[i], params, 0, value, sizeof value);
            if (strcmp(value, to->params[k].default_text) != 0) append(text, size, ",%s=%s", from->params[i].name, value);
        }
}

void ug_text_ints(char *text, size_t size, const char *key, int count, const int64_t *v) {
    append(text, size, ",%s=[", key);
    for (int i = 0; i < count; i++) append(text, size, i ? ",%" PRId64 : "%" PRId64, v[i]);
    append(text, size, "]");
}

void ug_text_pairs(char *text, size_t size, const char *key, int count, const int64_t *begin, const int64_t *end) {
    append(text, size, ",%s=[", key);
    for (int i = 0; i < count; i++) append(text, size, i ? ",[%" PRId64 ",%" PRId64 "]" : "[%" PRId64 ",%" PRId64 "]", begin[i], end[i]);
    append(text, size, "]");
}
