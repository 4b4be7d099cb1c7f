/* An op: a method (or preset) with its parameters, immutable and counted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

const char *ug_op_name(const upreg_op *op) { return op->info.name; }
const char *upreg_op_text(const upreg_op *op) { return op->text; }
const upreg_method *upreg_op_method(const upreg_op *op) { return op->info.method; }
const upreg_method_info *upreg_op_info(const upreg_op *op) { return &op->info; }

upreg_status upreg_op_create(const char *text, upreg_op **result, upreg_error *err) {
    if (!text || !result) return ug_fail(err, UPREG_E_USAGE, "upreg_op_create: text and op must not be NULL");
    *result = NULL;
    const char *colon = strchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : strlen(text);
    char name[128];
    while (length && text[length - 1] == ' ') length--;
    while (length && *text == ' ') text++, length--;
    if (length >= sizeof name)
        return ug_fail(err, UPREG_E_METHOD, "unknown method '%.60s...': names are shorter than %zu characters", text, sizeof name);
    memcpy(name, text, length), name[length] = 0;
    upreg_op *op = calloc(1, sizeof *op);
    if (!op) return ug_no_memory(err, sizeof *op);
    atomic_init(&op->references, 1);
    upreg_status status = upreg_method_find(name, &op->info, err);
    if (status == UPREG_OK) {
        size_t size = op->info.method->params_size;
        op->params = calloc(1, size ? size : 1);
        if (colon && colon[1 + strspn(colon + 1, " ")] == 0)
            status = ug_fail(err, UPREG_E_PARAMETER, "%s: there is a ':' but no parameter after it", op->info.name);
        else
            status = op->params ? ug_params_parse(&op->info, colon ? colon + 1 : "", op->params, &op->computed, err) : ug_no_memory(err, size);
    }
    if (status == UPREG_OK) {
        size_t name_length = strlen(op->info.name), need = ug_params_text(&op->info, op->params, op->computed, NULL, 0);
        op->text = need == SIZE_MAX ? NULL : malloc(name_length + need + 2);
        if (op->text) memcpy(op->text, op->info.name, name_length + 1);
        if (op->text && need) {
            op->text[name_length] = ':';
            need = ug_params_text(&op->info, op->params, op->computed, op->text + name_length + 1, need + 1);
        }
        if (!op->text || need == SIZE_MAX) status = ug_no_memory(err, name_length + 2);
    }
    if (status != UPREG_OK) {
        upreg_op_free(op);
        return status;
    }
    *result = op;
    return UPREG_OK;
}

upreg_op *upreg_op_retain(const upreg_op *op) {
    atomic_fetch_add(&((upreg_op *)op)->references, 1);
    return (upreg_op *)op;
}

void upreg_op_free(upreg_op *op) {
    if (!op || atomic_fetch_sub(&op->references, 1) > 1) return;
    free(op->params);
    free(op->text);
    free(op->part);
    free(op);
}

size_t upreg_op_param(const upreg_op *op, uint32_t index, char *text, size_t size) {
    if (index >= op->info.method->n_params) return 0;
    if (op->computed & 1ull << index) return (size_t)snprintf(text, size, "\"?\"");
    return ug_param_text(&op->info.method->params[index], op->params, 1, text, size);
}

/* ---- computed parameters ---- */

int ug_op_computed(const upreg_op *op) { return __builtin_popcountll(op->computed); }

static int number_text(const upreg_tensor *t, int64_t index, int as_bool, char *text, size_t size) {
    const char *at = (const char *)t->data + t->byte_offset;
    int64_t whole = 0;
    switch (upreg_type_of(t->dtype)) {
    case UPREG_I64: whole = ((const int64_t *)at)[index]; break;
    case UPREG_I32: whole = ((const int32_t *)at)[index]; break;
    case UPREG_I16: whole = ((const int16_t *)at)[index]; break;
    case UPREG_U16: whole = ((const uint16_t *)at)[index]; break;
    case UPREG_I8: whole = ((const int8_t *)at)[index]; break;
    case UPREG_U8: whole = ((const uint8_t *)at)[index]; break;
    case UPREG_F32: return snprintf(text, size, "%.17g", (double)((const float *)at)[index]);
    case UPREG_F64: return snprintf(text, size, "%.17g", ((const double *)at)[index]);
    default: return -1;
    }
    return as_bool ? snprintf(text, size, whole ? "true" : "false") : snprintf(text, size, "%lld", (long long)whole);
}

/* A dense tensor as a parameter's value: a number, a list, or, of shape (n, 2), pairs. */
static upreg_status value_text(const upreg_op *op, const upreg_param *p, const upreg_tensor *t, char *text, size_t size, upreg_error *err) {
    int64_t n = ug_tensor_elements(t);
    int single = p->kind == UPREG_INT || p->kind == UPREG_FLOAT || p->kind == UPREG_BOOL, pairs = t->ndim == 2;
    size_t used = 0;
    int fits = t->ndim <= 2 && n <= 2 * UPREG_MAX_DIMS && (!single || n == 1) && (!pairs || t->shape[1] == 2) && ug_is_dense(t);
    if (!single) used += (size_t)snprintf(text, size, "[");
    for (int64_t i = 0; i < n && fits; i++) {
        if (i) used += (size_t)snprintf(text + used, size - used, pairs && i % 2 == 0 ? "],[" : ",");
        if (i == 0 && pairs) used += (size_t)snprintf(text + used, size - used, "[");
        int length = number_text(t, i, p->kind == UPREG_BOOL, text + used, size - used);
        if (length < 0) fits = 0;
        used += length > 0 ? (size_t)length : 0;
    }
    if (pairs && n) used += (size_t)snprintf(text + used, size - used, "]");
    if (!single) snprintf(text + used, size - used, "]");
    char shape[256];
    if (!fits)
        return ug_fail(err, UPREG_E_GRAPH, "%s: the computed parameter '%s' is %s of shape %s; allowed: at most %d numbers in a list, or pairs",
                       op->info.name, p->name, upreg_type_name(upreg_type_of(t->dtype)), ug_shape_text(shape, sizeof shape, t->ndim, t->shape),
                       2 * UPREG_MAX_DIMS);
    return UPREG_OK;
}

upreg_status ug_op_with(const upreg_op *op, const upreg_tensor *const *values, upreg_op **result, upreg_error *err) {
    enum { ROOM = 640 };
    const upreg_method *m = op->info.method;
    size_t room = strlen(op->text) + ROOM * (size_t)(ug_op_computed(op) + 1), used = strlen(op->info.name);
    char *text = malloc(room), value[ROOM], *mark;
    if (!text) return ug_no_memory(err, room);
    upreg_status status = UPREG_OK;
    memcpy(text, op->text, strlen(op->text) + 1);
    for (uint32_t i = 0, k = 0; i < m->n_params && status == UPREG_OK; i++) {
        if (!(op->computed & 1ull << i)) continue;
        char key[96];
        snprintf(key, sizeof key, "%s=?", m->params[i].name);
        status = value_text(op, &m->params[i], values[k++], value, sizeof value, err);
        for (mark = text + used; status == UPREG_OK && (mark = strstr(mark, key)); mark++) /* `size=?` also ends `output_size=?` */
            if (mark[-1] == ':' || mark[-1] == ',') break;
        if (status != UPREG_OK || !mark) continue;
        char *after = mark + strlen(key);
        size_t keep = strlen(m->params[i].name) + 1;
        memmove(mark + keep + strlen(value), after, strlen(after) + 1);
        memcpy(mark + keep, value, strlen(value));
    }
    if (status == UPREG_OK) status = upreg_op_create(text, result, err);
    free(text);
    return status;
}

/* ---- inputs ---- */

int ug_op_places(const upreg_op *op, int n_in) { return op->info.in[0].variadic ? n_in : op->info.n_in; }
const upreg_port *ug_op_port(const upreg_op *op, int place) { return &op->info.in[op->info.in[0].variadic ? 0 : place]; }

static upreg_status check_count(const upreg_op *op, int n_in, upreg_error *err) {
    const upreg_method_info *info = &op->info;
    int least = 0;
    for (int i = 0; i < info->n_in; i++)
        if (!info->in[i].optional) least = i + 1;
    if (n_in < least || (!info->in[0].variadic && n_in > info->n_in)) {
        char names[256] = "";
        size_t used = 0;
        for (int i = 0; i < info->n_in && used < sizeof names; i++)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s%s", i ? ", " : "", info->in[i].name,
                                     info->in[i].variadic   ? "..."
                                     : info->in[i].optional ? " (optional)"
                                                            : "");
        return ug_fail(err, UPREG_E_SHAPE, "%s: got %d inputs; allowed: %s", info->name, n_in, names);
    }
    return UPREG_OK;
}

static upreg_status check_type(const upreg_op *op, const upreg_port *port, const upreg_spec *spec, upreg_type *t, const char **t_port,
                               upreg_error *err) {
    const upreg_method *m = op->info.method;
    const char *name = op->info.name, *type = upreg_type_name(spec->type);
    if (strcmp(port->dtype, "i64") == 0 && spec->type != UPREG_I64)
        return ug_fail(err, UPREG_E_DTYPE, "%s: input '%s' is %s; allowed: int64", name, port->name, type);
    if (strcmp(port->dtype, "T") != 0) return UPREG_OK;
    uint32_t types = m->types;
    if (types & 1u << UPREG_F32) types |= 1u << UPREG_F16 | 1u << UPREG_BF16;
    if (!(types & 1u << spec->type)) {
        char allowed[160] = "";
        size_t used = 0;
        for (int i = 1; i <= UPREG_I64; i++)
            if (types & 1u << i)
                used += (size_t)snprintf(allowed + used, sizeof allowed - used, "%s%s", used ? ", " : "", upreg_type_name((upreg_type)i));
        return ug_fail(err, UPREG_E_DTYPE, "%s: input '%s' is %s; allowed: %s", name, port->name, type, allowed);
    }
    if (*t == UPREG_NONE) {
        *t = spec->type, *t_port = port->name;
    } else if (*t != spec->type) {
        return ug_fail(err, UPREG_E_DTYPE, "%s: input '%s' is %s but '%s' is %s; allowed: one element type for both", name, port->name, type, *t_port,
                       upreg_type_name(*t));
    }
    return UPREG_OK;
}

/* After this, products of an input's sizes fit 64 bits, also in bytes. */
static upreg_status check_elements(const upreg_op *op, const upreg_port *port, const upreg_spec *spec, upreg_error *err) {
    int64_t n = 16;
    char shape[256];
    for (int k = 0; k < spec->ndim; k++)
        if (spec->dim[k] > 0 && ug_mul_overflows(n, spec->dim[k], &n))
            return ug_fail(err, UPREG_E_SHAPE, "%s: input '%s' of shape %s is too large to address", op->info.name, port->name,
                           ug_shape_text(shape, sizeof shape, spec->ndim, spec->dim));
    return UPREG_OK;
}

upreg_status ug_op_infer_all(const upreg_op *op, upreg_spec *in, int n_in, upreg_spec *out, upreg_error *err) {
    const upreg_method_info *info = &op->info;
    const upreg_method *m = info->method;
    upreg_type t = UPREG_NONE;
    const char *t_port = "x";
    if (op->computed)
        return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter '%s' is '?': only a graph can compute it", info->name,
                       m->params[__builtin_ctzll(op->computed)].name);
    int places = ug_op_places(op, n_in);
    for (int i = 0; i < places; i++) {
        const upreg_port *port = ug_op_port(op, i);
        if (in[i].known == 0 && in[i].type != UPREG_NONE) { /* a weight to be shaped by infer */
            if (strcmp(port->role, "param") != 0 && strcmp(port->role, "stat") != 0)
                return ug_fail(err, UPREG_E_SHAPE, "%s: the shape of input '%s' must be known", info->name, port->name);
            continue;
        }
        if (in[i].type == UPREG_NONE) {
            if (!port->optional) return ug_fail(err, UPREG_E_SHAPE, "%s: input '%s' is missing", info->name, port->name);
            continue;
        }
        if (in[i].ndim < 0 || in[i].ndim > UPREG_MAX_DIMS)
            return ug_fail(err, UPREG_E_SHAPE, "%s: input '%s' has %d dimensions; allowed: 0 to %d", info->name, port->name, in[i].ndim,
                           UPREG_MAX_DIMS);
        for (int k = 0; k < in[i].ndim; k++)
            if (in[i].dim[k] < 0 || in[i].dim[k] > INT64_MAX / 2)
                return ug_fail(err, UPREG_E_SHAPE, "%s: input '%s' has %lld as size of axis %d; allowed: 0 or more", info->name, port->name,
                               (long long)in[i].dim[k], k);
        UG_TRY(check_elements(op, port, &in[i], err));
        UG_TRY(check_type(op, port, &in[i], &t, &t_port, err));
    }
    for (int i = 0; i < places; i++)
        if (in[i].known == 0 && in[i].type != UPREG_NONE) in[i].type = t;
    memset(out, 0, sizeof *out * (size_t)info->n_out);
    if (op->part) return ug_op_part_infer(op, in, out, err);
    upreg_infer ctx = {.struct_size = sizeof ctx,
                       .rank = info->rank,
                       .method = m,
                       .params = op->params,
                       .n_in = places,
                       .n_out = info->n_out,
                       .in = in,
                       .out = out,
                       .err = err};
    UG_TRY(m->infer(&ctx));
    for (int i = 0; i < info->n_out; i++) out[i].known = out[i].type != UPREG_NONE;
    return UPREG_OK;
}

upreg_status upreg_op_infer(const upreg_op *op, upreg_spec *in, int n_in, upreg_spec *out, int n_out, upreg_error *err) {
    if (!op || n_in < 0 || (n_in && !in) || !out || n_out < op->info.n_out)
        return ug_fail(err, UPREG_E_USAGE, "upreg_op_infer: op, in and out must not be NULL, and out must have a place for every output");
    UG_TRY(check_count(op, n_in, err));
    if (op->info.in[0].variadic) return ug_op_infer_all(op, in, n_in, out, err);
    upreg_spec all[UPREG_MAX_PORTS] = {0};
    memcpy(all, in, sizeof *in * (size_t)n_in);
    UG_TRY(ug_op_infer_all(op, all, n_in, out, err));
    memcpy(in, all, sizeof *in * (size_t)n_in);
    return UPREG_OK;
}

upreg_status upreg_op_vjp(const upreg_op *op, const upreg_spec *in, int n_in, const upreg_spec *out, int n_out, int wrt, upreg_vjp *result,
                          upreg_error *err) {
    const upreg_method *m = op->info.method;
    if (wrt < 0 || wrt >= n_in || in[wrt].type == UPREG_NONE) return ug_fail(err, UPREG_E_PARAMETER, "%s: wrt names no input", op->info.name);
    const upreg_port *port = ug_op_port(op, wrt);
    if (!m->vjp || op->part)
        return ug_fail(err, UPREG_E_PARAMETER, "%s: %s", op->info.name,
                       op->part ? "a part of a call has no gradient" : "this method is not differentiable");
    if (strcmp(port->role, "data") != 0 && strcmp(port->role, "param") != 0)
        return ug_fail(err, UPREG_E_PARAMETER, "%s: wrt = '%s' is not allowed: that input is not differentiable", op->info.name, port->name);
    *result = (upreg_vjp){.struct_size = sizeof *result,
                          .rank = op->info.rank,
                          .wrt = wrt,
                          .method = m,
                          .params = op->params,
                          .n_in = n_in,
                          .n_out = n_out,
                          .in = in,
                          .out = out,
                          .err = err};
    return m->vjp(result);
}

upreg_status upreg_op_reach(const upreg_op *op, const upreg_spec *in, int n_in, const upreg_spec *out, int n_out, upreg_reach *reach,
                            upreg_error *err) {
    const upreg_method *m = op->info.method;
    if (op->part) return ug_fail(err, UPREG_E_USAGE, "%s: a part of a call has no reach", op->info.name);
    if (reach->port < 0 || reach->port >= n_in)
        return ug_fail(err, UPREG_E_USAGE, "%s: reach of input %d, which there is not", op->info.name, reach->port);
    reach->rank = op->info.rank, reach->method = m, reach->params = op->params, reach->n_in = n_in, reach->n_out = n_out;
    reach->in = in, reach->out = out, reach->err = err;
    for (int i = 0; i < UPREG_MAX_DIMS; i++) reach->in_begin[i] = 0, reach->in_end[i] = i < in[reach->port].ndim ? in[reach->port].dim[i] : 0;
    return m->reach ? m->reach(reach) : UPREG_OK;
}
