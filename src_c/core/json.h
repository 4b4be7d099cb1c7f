/* A small JSON reader for graph files: bounded depth, no recursion on untrusted length, strings unescaped in place. */
#ifndef UG_JSON_H
#define UG_JSON_H

#include <stddef.h>
#include <stdint.h>

typedef enum ug_json_type { UG_JSON_NULL, UG_JSON_BOOL, UG_JSON_NUMBER, UG_JSON_STRING, UG_JSON_ARRAY, UG_JSON_OBJECT } ug_json_type;

typedef struct ug_json {
    ug_json_type type;
    const char *key;  /* of a member of an object, else NULL */
    const char *text; /* of a string */
    double number;    /* of a number; a boolean's 0 or 1 */
    struct ug_json *child, *next;
    int count; /* of children */
} ug_json;

/* `text` (length bytes and a 0 behind them) is changed and must live as long as the tree. NULL: not JSON, or no memory. */
ug_json *ug_json_parse(char *text, size_t length);
void ug_json_free(ug_json *tree);

const ug_json *ug_json_get(const ug_json *object, const char *key); /* NULL when it is not there */
const char *ug_json_string(const ug_json *object, const char *key); /* NULL when it is not a string */
/* Reads a whole number of at least 0; returns 0 when it is none. */
int ug_json_size(const ug_json *value, int64_t *out);

#endif
