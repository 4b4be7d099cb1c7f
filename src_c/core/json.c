#include "core/json.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_DEPTH = 64 };

typedef struct reader {
    char *at, *end;
    int depth;
} reader;

static void skip_space(reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')) r->at++;
}

static int take(reader *r, char c) {
    skip_space(r);
    if (r->at >= r->end || *r->at != c) return 0;
    r->at++;
    return 1;
}

static int hex4(const char *s, unsigned *out) {
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        char c = s[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                : 16;
        if (digit > 15) return 0;
        value = value * 16 + digit;
    }
    *out = value;
    return 1;
}

static char *put_utf8(char *to, unsigned code) {
    if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6), *to++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *to++ = (char)(0xe0 | code >> 12), *to++ = (char)(0x80 | (code >> 6 & 0x3f)), *to++ = (char)(0x80 | (code & 0x3f));
    } else {
        *to++ = (char)(0xf0 | code >> 18), *to++ = (char)(0x80 | (code >> 12 & 0x3f));
        *to++ = (char)(0x80 | (code >> 6 & 0x3f)), *to++ = (char)(0x80 | (code & 0x3f));
    }
    return to;
}

/* \uXXXX, with the second half of a surrogate pair. */
static int read_unicode(reader *r, char **to) {
    unsigned code, low;
    if (r->end - r->at < 4 || !hex4(r->at, &code)) return 0;
    r->at += 4;
    if (code >= 0xd800 && code < 0xdc00) {
        if (r->end - r->at < 6 || r->at[0] != '\\' || r->at[1] != 'u' || !hex4(r->at + 2, &low) || low < 0xdc00 || low > 0xdfff) return 0;
        r->at += 6;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if (code == 0) return 0; /* a text with a 0 inside would end early */
    *to = put_utf8(*to, code);
    return 1;
}

/* Unescaped text is never longer than its escaped form, so it is written over it. */
static char *read_string(reader *r) {
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    if (!take(r, '"')) return NULL;
    char *start = r->at, *to = start;
    while (r->at < r->end && *r->at != '"') {
        unsigned char c = (unsigned char)*r->at++;
        if (c < 0x20) return NULL;
        if (c != '\\') {
            *to++ = (char)c;
            continue;
        }
        if (r->at >= r->end) return NULL;
        c = (unsigned char)*r->at++;
        const char *found = c ? strchr(from, c) : NULL;
        if (found)
            *to++ = into[found - from];
        else if (c != 'u' || !read_unicode(r, &to))
            return NULL;
    }
    if (r->at >= r->end) return NULL;
    r->at++;
    *to = 0;
    return start;
}

static int read_number(reader *r, double *out) {
    char *end;
    if (r->at >= r->end || !strchr("-0123456789", *r->at)) return 0;
    *out = strtod(r->at, &end);
    if (end == r->at || end > r->end) return 0;
    r->at = end;
    return 1;
}

static int take_word(reader *r, const char *word) {
    size_t n = strlen(word);
    if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0) return 0;
    r->at += n;
    return 1;
}

static ug_json *read_value(reader *r);

static int read_members(reader *r, ug_json *parent, char close) {
    ug_json **last = &parent->child;
    if (take(r, close)) return 1;
    do {
        char *key = NULL;
        if (parent->type == UG_JSON_OBJECT && (!(key = read_string(r)) || !take(r, ':'))) return 0;
        ug_json *value = read_value(r);
        if (!value) return 0;
        value->key = key;
        *last = value, last = &value->next;
        parent->count++;
    } while (take(r, ','));
    return take(r, close);
}

static ug_json *read_value(reader *r) {
    ug_json *v = calloc(1, sizeof *v);
    if (!v) return NULL;
    int good = 0;
    skip_space(r);
    char c = r->at < r->end ? *r->at : 0;
    if (++r->depth <= MOST_DEPTH) {
        if (c == '{' || c == '[') {
            r->at++;
            v->type = c == '{' ? UG_JSON_OBJECT : UG_JSON_ARRAY;
            good = read_members(r, v, c == '{' ? '}' : ']');
        } else if (c == '"') {
            v->type = UG_JSON_STRING;
            good = (v->text = read_string(r)) != NULL;
        } else if (take_word(r, "null")) {
            good = 1;
        } else if (take_word(r, "true")) {
            v->type = UG_JSON_BOOL, v->number = 1, good = 1;
        } else if (take_word(r, "false")) {
            v->type = UG_JSON_BOOL, good = 1;
        } else {
            v->type = UG_JSON_NUMBER, good = read_number(r, &v->number);
        }
    }
    r->depth--;
    if (good) return v;
    ug_json_free(v);
    return NULL;
}

ug_json *ug_json_parse(char *text, size_t length) {
    reader r = {text, text + length, 0};
    ug_json *tree = read_value(&r);
    if (!tree) return NULL;
    skip_space(&r);
    if (r.at == r.end) return tree;
    ug_json_free(tree);
    return NULL;
}

void ug_json_free(ug_json *tree) {
    while (tree) { /* siblings in a loop, children by recursion of bounded depth */
        ug_json *next = tree->next;
        ug_json_free(tree->child);
        free(tree);
        tree = next;
    }
}

const ug_json *ug_json_get(const ug_json *object, const char *key) {
    if (!object || object->type != UG_JSON_OBJECT) return NULL;
    for (const ug_json *v = object->child; v; v = v->next)
        if (strcmp(v->key, key) == 0) return v;
    return NULL;
}

const char *ug_json_string(const ug_json *object, const char *key) {
    const ug_json *v = ug_json_get(object, key);
    return v && v->type == UG_JSON_STRING ? v->text : NULL;
}

int ug_json_size(const ug_json *v, int64_t *out) {
    if (!v || v->type != UG_JSON_NUMBER || !(v->number >= 0 && v->number < 9007199254740992.0)) return 0;
    *out = (int64_t)v->number;
    return (double)*out == v->number;
}
