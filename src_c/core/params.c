/* Parameter structs <-> text: `key=value,key=value`, value = JSON scalar, JSON array or a bare word. */
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

typedef struct slice {
    const char *at;
    size_t length;
} slice;

static int slice_is(slice s, const char *word) { return strlen(word) == s.length && memcmp(s.at, word, s.length) == 0; }

static slice trim(slice s) {
    while (s.length && (*s.at == ' ' || *s.at == '\t' || *s.at == '\n')) s.at++, s.length--;
    while (s.length && (s.at[s.length - 1] == ' ' || s.at[s.length - 1] == '\t' || s.at[s.length - 1] == '\n')) s.length--;
    return s;
}

/* Cuts the part of *rest up to the next comma outside brackets and quotes. */
static slice next_item(slice *rest) {
    int depth = 0, quoted = 0;
    size_t i = 0;
    for (; i < rest->length; i++) {
        char c = rest->at[i];
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        if (c == '[' || c == '(') depth++;
        if (c == ']' || c == ')') depth--;
        if (c == ',' && depth == 0) break;
    }
    slice item = {rest->at, i};
    size_t used = i < rest->length ? i + 1 : i;
    rest->at += used, rest->length -= used;
    return trim(item);
}

static int is_list(slice s) { return s.length >= 2 && s.at[0] == '[' && s.at[s.length - 1] == ']'; }
static slice inside(slice s) { return trim((slice){s.at + 1, s.length - 2}); }

static slice unquote(slice s) {
    if (s.length >= 2 && s.at[0] == '"' && s.at[s.length - 1] == '"') return (slice){s.at + 1, s.length - 2};
    return s;
}

static int read_int(slice s, int64_t *out) {
    size_t i = s.length && (s.at[0] == '-' || s.at[0] == '+');
    int negative = s.length && s.at[0] == '-';
    if (i == s.length) return 0;
    int64_t value = 0;
    for (; i < s.length; i++) {
        int digit = s.at[i] - '0';
        if (digit < 0 || digit > 9) return 0;
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, negative ? -digit : digit, &value)) return 0;
    }
    if (value == UPREG_UNSET) return 0;
    *out = value;
    return 1;
}

/* strtod follows the locale's decimal point; the text form does not. */
static int read_float(slice s, double *out) {
    char buffer[64], *end;
    if (slice_is(s, "inf") || slice_is(s, "Infinity")) return *out = INFINITY, 1;
    if (slice_is(s, "-inf") || slice_is(s, "-Infinity")) return *out = -INFINITY, 1;
    if (s.length == 0 || s.length >= sizeof buffer) return 0;
    for (size_t i = 0; i < s.length; i++)
        if (!strchr("0123456789+-.eE", s.at[i])) return 0;
    memcpy(buffer, s.at, s.length), buffer[s.length] = 0;
    char *point = strchr(buffer, '.');
    if (point) *point = *localeconv()->decimal_point;
    *out = strtod(buffer, &end);
    return *end == 0;
}

static int read_choice(const char *choices, slice word) {
    int index = 0;
    for (const char *at = choices; at; index++) {
        const char *bar = strchr(at, '|');
        size_t length = bar ? (size_t)(bar - at) : strlen(at);
        if (length == word.length && memcmp(at, word.at, length) == 0) return index;
        at = bar ? bar + 1 : NULL;
    }
    return -1;
}

/* "zeros|constant" -> "zeros, constant" */
static void list_choices(const char *choices, char *text, size_t size) {
    size_t used = 0;
    for (; choices && *choices && used + 3 < size; choices++) {
        if (*choices == '|') text[used++] = ',';
        text[used++] = *choices == '|' ? ' ' : *choices;
    }
    text[used] = 0;
}

/* What is allowed, in words, for error texts. */
static void allowed_text(const upreg_param *p, char *text, size_t size) {
    char range[96] = "", choices[256];
    list_choices(p->choices, choices, sizeof choices);
    if (p->kind == UPREG_BOOL) {
        snprintf(text, size, "true or false");
        return;
    }
    if (p->kind == UPREG_CHOICE) {
        snprintf(text, size, "%s", choices);
        return;
    }
    if (isfinite(p->min) && isfinite(p->max) && p->max < 2e9)
        snprintf(range, sizeof range, " from %.12g to %.12g", p->min, p->max);
    else if (isfinite(p->min) && p->min > -2e9)
        snprintf(range, sizeof range, " of at least %.12g", p->min);
    const char *what = p->kind == UPREG_INT      ? "an integer"
                       : p->kind == UPREG_FLOAT  ? "a number"
                       : p->kind == UPREG_FLOATS ? "a number, or one per axis,"
                       : p->kind == UPREG_INTS   ? "an integer, or one per axis,"
                                                 : "an integer, one per axis, or [begin, end] pairs,";
    snprintf(text, size, "%s%s%s%s%s", what, range, p->choices ? ", or one of " : "", choices,
             strcmp(p->default_text, "null") == 0 ? ", or null" : "");
}

static upreg_status bad_value(const upreg_method_info *info, const upreg_param *p, slice value, upreg_error *err) {
    char allowed[512];
    allowed_text(p, allowed, sizeof allowed);
    return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter '%s' = %.*s is not allowed; allowed: %s", info->name, p->name,
                   (int)(value.length < 120 ? value.length : 120), value.at, allowed);
}

static int in_range(const upreg_param *p, double v) { return v >= p->min && v <= p->max; }

static int read_ints(const upreg_param *p, slice value, upreg_ints *out) {
    *out = (upreg_ints){.choice = -1};
    if (p->choices && (out->choice = read_choice(p->choices, unquote(value))) >= 0) return 1;
    if (!is_list(value)) {
        out->count = 1;
        return read_int(value, &out->v[0]) && in_range(p, (double)out->v[0]);
    }
    out->is_list = 1;
    slice rest = inside(value); /* an empty list: the shape of a scalar */
    int items = 0;
    while (rest.length) {
        slice item = next_item(&rest);
        int pair = p->kind == UPREG_PAIRS && is_list(item);
        if (items++ && pair != out->pairs) return 0; /* pairs and single numbers mixed */
        out->pairs = pair;
        slice numbers = pair ? inside(item) : item;
        int before = out->count;
        while (numbers.length) {
            if (out->count == 2 * UPREG_MAX_DIMS) return 0;
            slice number = next_item(&numbers);
            if (!read_int(number, &out->v[out->count]) || !in_range(p, (double)out->v[out->count])) return 0;
            out->count++;
        }
        if (out->count - before != (pair ? 2 : 1)) return 0;
    }
    if (out->count == 1) out->is_list = 0; /* [2] and 2 are one value */
    return 1;
}

static int read_floats(const upreg_param *p, slice value, upreg_floats *out) {
    *out = (upreg_floats){0};
    slice rest = value;
    if (is_list(value)) rest = inside(value), out->is_list = 1;
    if (rest.length == 0) return 0;
    while (rest.length) {
        if (out->count == UPREG_MAX_DIMS) return 0;
        slice number = next_item(&rest);
        if (!read_float(number, &out->v[out->count]) || !in_range(p, out->v[out->count])) return 0;
        out->count++;
    }
    if (out->is_list && out->count == 1) out->is_list = 0;
    return out->is_list || out->count == 1;
}

static int read_value(const upreg_param *p, slice value, void *field) {
    int null = slice_is(value, "null");
    if (null && strcmp(p->default_text, "null") != 0) return 0;
    switch (p->kind) {
    case UPREG_INT: {
        int64_t v = UPREG_UNSET;
        if (!null && !(read_int(value, &v) && in_range(p, (double)v))) return 0;
        return *(int64_t *)field = v, 1;
    }
    case UPREG_FLOAT: {
        double v = NAN;
        if (!null && !(read_float(value, &v) && in_range(p, v))) return 0;
        return *(double *)field = v, 1;
    }
    case UPREG_BOOL:
        if (!slice_is(value, "true") && !slice_is(value, "false")) return 0;
        return *(int32_t *)field = slice_is(value, "true"), 1;
    case UPREG_CHOICE: return (*(int32_t *)field = read_choice(p->choices, unquote(value))) >= 0;
    case UPREG_INTS:
    case UPREG_PAIRS:
        if (null) return *(upreg_ints *)field = (upreg_ints){.choice = -1}, 1;
        return read_ints(p, value, field);
    case UPREG_FLOATS:
        if (null) return *(upreg_floats *)field = (upreg_floats){0}, 1;
        return read_floats(p, value, field);
    }
    return 0;
}

static const upreg_param *find_param(const upreg_method *m, slice key) {
    for (uint32_t i = 0; i < m->n_params; i++)
        if (slice_is(key, m->params[i].name)) return &m->params[i];
    return NULL;
}

static upreg_status unknown_param(const upreg_method_info *info, slice key, upreg_error *err) {
    char names[640];
    size_t used = 0;
    names[0] = 0;
    for (uint32_t i = 0; i < info->method->n_params && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", info->method->params[i].name);
    return ug_fail(err, UPREG_E_PARAMETER, "%s: unknown parameter '%.*s'; allowed: %s", info->name, (int)(key.length < 60 ? key.length : 60), key.at,
                   info->method->n_params ? names : "none");
}

/* The default; numbers that must be given are unset.  Returns 0 when the parameter does not allow it. */
static int read_default(const upreg_param *p, void *field) {
    if (strcmp(p->default_text, "required") != 0) return read_value(p, (slice){p->default_text, strlen(p->default_text)}, field);
    if (p->kind == UPREG_INTS || p->kind == UPREG_PAIRS) ((upreg_ints *)field)->choice = -1;
    return 1;
}

/* Reads one key=value list.  fixed: bit i set for a parameter that the preset fixes (grown by a preset's own list). */
static upreg_status read_list(const upreg_method_info *info, const char *text, void *params, uint64_t *given, uint64_t *fixed, uint64_t *computed,
                              upreg_error *err) {
    int is_preset = computed == NULL;
    const upreg_method *m = info->method;
    slice rest = trim((slice){text, strlen(text)});
    uint64_t seen = 0;
    if (rest.length && rest.at[rest.length - 1] == ',') return ug_fail(err, UPREG_E_PARAMETER, "%s: the parameters end in a comma", info->name);
    while (rest.length) {
        slice item = next_item(&rest);
        const char *equals = memchr(item.at, '=', item.length);
        if (!equals)
            return ug_fail(err, UPREG_E_PARAMETER, "%s: '%.*s' is not of the form key=value", info->name, (int)(item.length < 80 ? item.length : 80),
                           item.at);
        slice key = {item.at, (size_t)(equals - item.at)}, value = trim((slice){equals + 1, item.length - key.length - 1});
        int open = key.length && key.at[key.length - 1] == '?';
        if (open && is_preset) key.length--;
        key = trim(key);
        const upreg_param *p = find_param(m, key);
        if (!p) return unknown_param(info, key, err);
        uint64_t bit = 1ull << (p - m->params);
        if (seen & bit) return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter '%s' is given twice", info->name, p->name);
        seen |= bit;
        if (!is_preset && slice_is(value, "?")) {
            if (*fixed & bit)
                return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter '%s' is fixed by this preset and cannot be computed", info->name, p->name);
            *computed |= bit, *given |= bit;
            continue;
        }
        char before[256], after[256];
        ug_param_text(p, params, 0, before, sizeof before);
        if (!read_value(p, value, (char *)params + p->offset)) return bad_value(info, p, value, err);
        ug_param_text(p, params, 0, after, sizeof after);
        if (!is_preset && (*fixed & bit) && strcmp(before, after) != 0)
            return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter '%s' = %s is not allowed; this preset of %s fixes it to %s", info->name, p->name,
                           after, info->base, before);
        *given |= bit;
        if (is_preset && !open) *fixed |= bit;
    }
    return UPREG_OK;
}

upreg_status ug_params_parse(const upreg_method_info *info, const char *text, void *params, uint64_t *computed, upreg_error *err) {
    const upreg_method *m = info->method;
    uint64_t given = 0, fixed = 0;
    *computed = 0;
    for (uint32_t i = 0; i < m->n_params; i++) {
        const upreg_param *p = &m->params[i];
        if (!read_default(p, (char *)params + p->offset))
            return ug_fail(err, UPREG_E_PLUGIN, "%s: the default '%s' of parameter '%s' is not a value that it allows", m->name, p->default_text,
                           p->name);
    }
    if (info->preset) UG_TRY(read_list(info, info->preset, params, &given, &fixed, NULL, err));
    UG_TRY(read_list(info, text, params, &given, &fixed, computed, err));
    if (__builtin_popcountll(*computed) > UG_MAX_COMPUTED)
        return ug_fail(err, UPREG_E_PARAMETER, "%s: at most %d parameters can be computed", info->name, UG_MAX_COMPUTED);
    for (uint32_t i = 0; i < m->n_params; i++)
        if (strcmp(m->params[i].default_text, "required") == 0 && !(given & 1ull << i)) {
            char allowed[512];
            allowed_text(&m->params[i], allowed, sizeof allowed);
            return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter '%s' must be given; allowed: %s", info->name, m->params[i].name, allowed);
        }
    return UPREG_OK;
}

/* ---- writing ---- */

/* Shortest decimal that reads back as the same double. */
static int format_float(double v, char *text, size_t size) {
    if (isinf(v)) return snprintf(text, size, v > 0 ? "inf" : "-inf");
    int n = 0;
    char buffer[40];
    for (int digits = 1; digits <= 17; digits++) {
        n = snprintf(buffer, sizeof buffer, "%.*g", digits, v);
        char *point = strpbrk(buffer, ",");
        if (point) *point = '.';
        double back;
        if (read_float((slice){buffer, (size_t)n}, &back) && back == v) break;
    }
    return snprintf(text, size, "%s", buffer);
}

typedef struct writer {
    char *text;
    size_t size, used;
} writer;

static void put(writer *w, const char *s, size_t n) {
    for (size_t i = 0; i < n; i++, w->used++)
        if (w->used + 1 < w->size) w->text[w->used] = s[i];
    if (w->size) w->text[w->used < w->size ? w->used : w->size - 1] = 0;
}

static void put_text(writer *w, const char *s) { put(w, s, strlen(s)); }

static void put_int(writer *w, int64_t v) {
    char buffer[24];
    snprintf(buffer, sizeof buffer, "%" PRId64, v);
    put_text(w, buffer);
}

static void put_float(writer *w, double v) {
    char buffer[40];
    format_float(v, buffer, sizeof buffer);
    put_text(w, buffer);
}

static void put_choice(writer *w, const char *choices, int index, int quote) {
    for (; index > 0; index--) choices = strchr(choices, '|') + 1;
    if (quote) put_text(w, "\"");
    put(w, choices, strcspn(choices, "|"));
    if (quote) put_text(w, "\"");
}

static void put_ints(writer *w, const upreg_param *p, const upreg_ints *v, int quote) {
    if (v->choice >= 0) {
        put_choice(w, p->choices, v->choice, quote);
        return;
    }
    if (v->count == 0 && !v->is_list) {
        put_text(w, "null");
        return;
    }
    if (v->is_list) put_text(w, "[");
    for (int i = 0; i < v->count; i++) {
        if (i) put_text(w, v->pairs && i % 2 == 0 ? "],[" : ",");
        if (i == 0 && v->pairs) put_text(w, "[");
        put_int(w, v->v[i]);
    }
    if (v->pairs) put_text(w, "]");
    if (v->is_list) put_text(w, "]");
}

static void put_floats(writer *w, const upreg_floats *v) {
    if (v->count == 0) {
        put_text(w, "null");
        return;
    }
    if (v->is_list) put_text(w, "[");
    for (int i = 0; i < v->count; i++) {
        if (i) put_text(w, ",");
        put_float(w, v->v[i]);
    }
    if (v->is_list) put_text(w, "]");
}

size_t ug_param_text(const upreg_param *p, const void *params, int quote, char *text, size_t size) {
    writer w = {text, size, 0};
    const void *field = (const char *)params + p->offset;
    put(&w, "", 0);
    switch (p->kind) {
    case UPREG_INT:
        if (*(const int64_t *)field == UPREG_UNSET)
            put_text(&w, "null");
        else
            put_int(&w, *(const int64_t *)field);
        break;
    case UPREG_FLOAT:
        if (isnan(*(const double *)field))
            put_text(&w, "null");
        else
            put_float(&w, *(const double *)field);
        break;
    case UPREG_BOOL: put_text(&w, *(const int32_t *)field ? "true" : "false"); break;
    case UPREG_CHOICE: put_choice(&w, p->choices, *(const int32_t *)field, quote); break;
    case UPREG_INTS:
    case UPREG_PAIRS: put_ints(&w, p, field, quote); break;
    case UPREG_FLOATS: put_floats(&w, field); break;
    }
    return w.used;
}

size_t ug_params_text(const upreg_method_info *info, const void *params, uint64_t computed, char *text, size_t size) {
    const upreg_method *m = info->method;
    writer w = {text, size, 0};
    put(&w, "", 0);
    unsigned char *defaults = calloc(1, m->params_size ? m->params_size : 1);
    if (!defaults) return SIZE_MAX;
    for (uint32_t i = 0; i < m->n_params; i++) read_default(&m->params[i], defaults + m->params[i].offset);
    uint64_t given = 0, fixed = 0;
    if (info->preset) read_list(info, info->preset, defaults, &given, &fixed, NULL, NULL);
    int first = 1;
    for (uint32_t i = 0; i < m->n_params; i++) {
        const upreg_param *p = &m->params[i];
        char value[512] = "?", normal[512] = "";
        if (!(computed & 1ull << i)) ug_param_text(p, params, 0, value, sizeof value);
        if (strcmp(p->default_text, "required") != 0 || given & 1ull << i) ug_param_text(p, defaults, 0, normal, sizeof normal);
        if (strcmp(value, normal) == 0) continue;
        put_text(&w, first ? "" : ","), first = 0;
        put_text(&w, p->name), put_text(&w, "="), put_text(&w, value);
    }
    free(defaults);
    return w.used;
}
