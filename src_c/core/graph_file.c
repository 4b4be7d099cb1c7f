/* Reading a `.upg` file: safetensors (length, JSON header, numbers) whose metadata holds the graph. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/graph.h"
#include "core/json.h"

enum { FORMAT = 1, MOST_HEADER = 100 << 20 };

typedef struct file {
    const char *path;
    unsigned char *data; /* whole file */
    size_t size;
    char *header, *text; /* copies that the JSON trees point into */
    ug_json *tensors, *graph;
    upreg_error *err;
} file;

static upreg_status bad(const file *f, const char *what, const char *name) {
    return ug_fail(f->err, UPREG_E_GRAPH, "%s: %s%s%s%s", f->path, what, name ? " '" : "", name ? name : "", name ? "'" : "");
}

static upreg_status read_whole(file *f) {
    int handle = open(f->path, O_RDONLY);
    struct stat info;
    if (handle < 0 || fstat(handle, &info) != 0 || !S_ISREG(info.st_mode)) {
        if (handle >= 0) close(handle);
        return bad(f, "the file cannot be read", NULL);
    }
    f->size = (size_t)info.st_size;
    f->data = ug_alloc(f->size + 1);
    size_t have = 0;
    while (f->data && have < f->size) {
        ssize_t n = read(handle, f->data + have, f->size - have);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        have += (size_t)n;
    }
    close(handle);
    if (!f->data) return ug_no_memory(f->err, f->size);
    return have == f->size ? UPREG_OK : bad(f, "the file cannot be read to its end", NULL);
}

static char *copy_bytes(const void *from, size_t n) {
    char *copy = malloc(n + 1);
    if (copy) memcpy(copy, from, n), copy[n] = 0;
    return copy;
}

static upreg_status parse(file *f) {
    if (f->size < 8) return bad(f, "the file is too short", NULL);
    uint64_t length = 0;
    for (int i = 7; i >= 0; i--) length = length << 8 | f->data[i];
    if (length > MOST_HEADER || length > f->size - 8) return bad(f, "the header is longer than the file", NULL);
    f->header = copy_bytes(f->data + 8, (size_t)length);
    if (!f->header) return ug_no_memory(f->err, (size_t)length);
    f->tensors = ug_json_parse(f->header, (size_t)length);
    const char *graph = ug_json_string(ug_json_get(f->tensors, "__metadata__"), "upreg");
    if (!graph) return bad(f, "not a graph file of upreg: its metadata holds no graph", NULL);
    f->text = copy_bytes(graph, strlen(graph));
    if (!f->text) return ug_no_memory(f->err, strlen(graph));
    f->graph = ug_json_parse(f->text, strlen(f->text));
    int64_t format;
    if (!f->graph || !ug_json_size(ug_json_get(f->graph, "upreg"), &format)) return bad(f, "the graph cannot be read", NULL);
    if (format != FORMAT)
        return ug_fail(f->err, UPREG_E_GRAPH, "%s: format %lld cannot be read; this upreg reads format %d", f->path, (long long)format, FORMAT);
    return UPREG_OK;
}

static upreg_type type_of_name(const char *name) {
    static const char *const names[] = {"", "F32", "F64", "F16", "BF16", "U8", "I8", "U16", "I16", "I32", "I64"};
    for (int i = 1; name && i <= UPREG_I64; i++)
        if (strcmp(names[i], name) == 0) return (upreg_type)i;
    return UPREG_NONE;
}

/* The numbers of one weight, bounds-checked, as a borrowed dense tensor. */
static upreg_status find_numbers(const file *f, const char *name, ug_box *box) {
    const ug_json *info = ug_json_get(f->tensors, name), *shape = ug_json_get(info, "shape"), *offsets = ug_json_get(info, "data_offsets");
    upreg_spec spec = {.known = 1, .type = type_of_name(ug_json_string(info, "dtype"))};
    if (!shape || shape->type != UG_JSON_ARRAY || shape->count > UPREG_MAX_DIMS || spec.type == UPREG_NONE)
        return bad(f, "no numbers for the weight", name);
    int64_t bytes = (int64_t)upreg_type_size(spec.type), begin, end;
    for (const ug_json *n = shape->child; n; n = n->next) {
        if (!ug_json_size(n, &spec.dim[spec.ndim])) return bad(f, "a wrong shape of the weight", name);
        if (ug_mul_overflows(bytes, spec.dim[spec.ndim], &bytes)) return bad(f, "a wrong shape of the weight", name);
        spec.ndim++;
    }
    uint64_t length = 0;
    for (int i = 7; i >= 0; i--) length = length << 8 | f->data[i];
    int64_t room = (int64_t)(f->size - 8 - (size_t)length);
    if (!offsets || offsets->count != 2 || !ug_json_size(offsets->child, &begin) || !ug_json_size(offsets->child->next, &end) || begin > end ||
        end > room || end - begin != bytes)
        return bad(f, "wrong offsets of the weight", name);
    ug_box_dense(box, &spec, f->data + 8 + length + begin);
    return UPREG_OK;
}

static upreg_status add_node(file *f, upreg_graph *g, const ug_json *node) {
    const char *name = ug_json_string(node, "name"), *method = ug_json_string(node, "method");
    const ug_json *inputs = ug_json_get(node, "inputs");
    if (!name || !method || !inputs || inputs->type != UG_JSON_ARRAY) return bad(f, "a node is not complete", name);
    int *in = malloc(sizeof *in * (size_t)(inputs->count + 1)), n = 0, values[UPREG_MAX_PORTS];
    if (!in) return ug_no_memory(f->err, sizeof *in);
    upreg_op *op = NULL;
    upreg_status status = UPREG_OK;
    for (const ug_json *i = inputs->child; i && status == UPREG_OK; i = i->next) {
        in[n] = i->type == UG_JSON_STRING ? upreg_graph_find(g, i->text) : -1;
        if (i->type == UG_JSON_STRING && in[n] < 0) status = bad(f, "a node reads a value that nothing before it makes:", i->text);
        if (i->type != UG_JSON_STRING && i->type != UG_JSON_NULL) status = bad(f, "wrong inputs of the node", name);
        n++;
    }
    upreg_error why = {{0}};
    if (status == UPREG_OK && (status = upreg_op_create(method, &op, &why)) != UPREG_OK)
        ug_fail(f->err, status, "%s: node '%.200s': %.600s", f->path, name, why.text);
    if (status == UPREG_OK) status = upreg_graph_add(g, op, name, in, n, values, f->err);
    upreg_op_free(op);
    free(in);
    return status;
}

static upreg_status build(file *f, upreg_graph *g) {
    const ug_json *inputs = ug_json_get(f->graph, "inputs"), *weights = ug_json_get(f->graph, "weights"), *nodes = ug_json_get(f->graph, "nodes");
    const ug_json *outputs = ug_json_get(f->graph, "outputs");
    if (!inputs || !weights || !nodes || !outputs) return bad(f, "the graph is not complete", NULL);
    int value;
    for (const ug_json *i = inputs->child; i; i = i->next) {
        const char *name = ug_json_string(i, "name");
        if (!name) return bad(f, "an input has no name", NULL);
        UG_TRY(upreg_graph_input(g, name, &value, f->err));
    }
    for (const ug_json *w = weights->child; w; w = w->next) {
        const char *name = ug_json_string(w, "name");
        ug_box box;
        if (!name) return bad(f, "a weight has no name", NULL);
        UG_TRY(find_numbers(f, name, &box));
        UG_TRY(upreg_graph_constant(g, name, &box.tensor, 1, &value, f->err));
    }
    for (const ug_json *n = nodes->child; n; n = n->next) UG_TRY(add_node(f, g, n));
    for (const ug_json *o = outputs->child; o; o = o->next) {
        const char *name = ug_json_string(o, "name"), *from = ug_json_string(o, "value");
        value = from ? upreg_graph_find(g, from) : -1;
        if (!name || value < 0) return bad(f, "an output names no value", name);
        UG_TRY(upreg_graph_output(g, value, name, f->err));
    }
    return UPREG_OK;
}

upreg_status upreg_graph_load(const char *path, upreg_graph **graph, upreg_error *err) {
    if (!path || !graph) return ug_fail(err, UPREG_E_USAGE, "upreg_graph_load: path and graph must not be NULL");
    file f = {.path = path, .err = err};
    upreg_graph *g = NULL;
    upreg_status status = read_whole(&f);
    if (status == UPREG_OK) status = parse(&f);
    if (status == UPREG_OK) status = upreg_graph_create(&g, err);
    if (status == UPREG_OK) status = build(&f, g);
    ug_json_free(f.tensors), ug_json_free(f.graph);
    free(f.header), free(f.text);
    ug_free(f.data);
    if (status != UPREG_OK) upreg_graph_free(g), g = NULL;
    *graph = g;
    return status;
}
