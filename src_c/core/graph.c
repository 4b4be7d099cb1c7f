/* Building graphs and finding the shapes of their values. */
#include "core/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *copy_text(const char *text) {
    size_t n = strlen(text) + 1;
    char *copy = malloc(n);
    if (copy) memcpy(copy, text, n);
    return copy;
}

/* Makes room for one more element. */
static int grow(void **array, int count, int *room, size_t size) {
    if (count < *room) return 1;
    int wanted = *room ? *room * 2 : 16;
    void *larger = realloc(*array, (size_t)wanted * size);
    if (!larger) return 0;
    *array = larger, *room = wanted;
    return 1;
}

upreg_status upreg_graph_create(upreg_graph **graph, upreg_error *err) {
    if (!graph) return ug_fail(err, UPREG_E_USAGE, "upreg_graph_create: graph must not be NULL");
    *graph = calloc(1, sizeof **graph);
    return *graph ? UPREG_OK : ug_no_memory(err, sizeof **graph);
}

void upreg_graph_free(upreg_graph *g) {
    if (!g) return;
    for (int i = 0; i < g->n_values; i++) free(g->values[i].name), ug_free(g->values[i].owned);
    for (int i = 0; i < g->n_nodes; i++) upreg_op_free(g->nodes[i].op), free(g->nodes[i].name), free(g->nodes[i].in);
    for (int i = 0; i < g->n_outputs; i++) free(g->output_names[i]);
    free(g->values), free(g->nodes), free(g->inputs), free(g->outputs), free(g->output_names);
    free(g);
}

int upreg_graph_inputs(const upreg_graph *g) { return g->n_inputs; }
int upreg_graph_outputs(const upreg_graph *g) { return g->n_outputs; }
int upreg_graph_values(const upreg_graph *g) { return g->n_values; }
int upreg_graph_nodes(const upreg_graph *g) { return g->n_nodes; }
const char *upreg_graph_value_name(const upreg_graph *g, int value) { return value >= 0 && value < g->n_values ? g->values[value].name : NULL; }

int upreg_graph_find(const upreg_graph *g, const char *name) {
    for (int i = 0; i < g->n_values; i++)
        if (strcmp(g->values[i].name, name) == 0) return i;
    return -1;
}

upreg_status ug_graph_value(upreg_graph *g, const char *name, int *value, upreg_error *err) {
    if (upreg_graph_find(g, name) >= 0) return ug_fail(err, UPREG_E_GRAPH, "graph: the name '%.200s' is taken", name);
    char *copy = copy_text(name);
    if (!copy || !grow((void **)&g->values, g->n_values, &g->room_values, sizeof *g->values)) {
        free(copy);
        return ug_no_memory(err, sizeof *g->values);
    }
    for (int i = 0; i < g->n_values; i++) /* growing may have moved them, and their tensors point into themselves */
        g->values[i].box.tensor.shape = g->values[i].box.shape, g->values[i].box.tensor.strides = g->values[i].box.strides;
    *value = g->n_values++;
    g->values[*value] = (ug_value){.name = copy, .producer = -1, .input = -1};
    return UPREG_OK;
}

upreg_status upreg_graph_input(upreg_graph *g, const char *name, int *value, upreg_error *err) {
    if (!g || !name || !value) return ug_fail(err, UPREG_E_USAGE, "upreg_graph_input: graph, name and value must not be NULL");
    int *inputs = realloc(g->inputs, sizeof *inputs * (size_t)(g->n_inputs + 1));
    if (!inputs) return ug_no_memory(err, sizeof *inputs);
    g->inputs = inputs;
    UG_TRY(ug_graph_value(g, name, value, err));
    g->values[*value].input = g->n_inputs;
    g->inputs[g->n_inputs++] = *value;
    return UPREG_OK;
}

upreg_status upreg_graph_constant(upreg_graph *g, const char *name, const upreg_tensor *data, int copy, int *value, upreg_error *err) {
    if (!g || !name || !data || !value) return ug_fail(err, UPREG_E_USAGE, "upreg_graph_constant: graph, name, data and value must not be NULL");
    upreg_spec spec = {.known = 1, .ndim = data->ndim, .type = upreg_type_of(data->dtype)};
    if (spec.type == UPREG_NONE) return ug_fail(err, UPREG_E_DTYPE, "graph: constant '%.200s' has an element type that upreg does not know", name);
    if (data->ndim < 0 || data->ndim > UPREG_MAX_DIMS)
        return ug_fail(err, UPREG_E_SHAPE, "graph: constant '%.200s' has %d dimensions", name, data->ndim);
    for (int i = 0; i < data->ndim; i++) spec.dim[i] = data->shape[i];
    void *owned = NULL;
    if (copy) {
        size_t bytes = (size_t)ug_tensor_elements(data) * upreg_type_size(spec.type);
        owned = ug_alloc(bytes);
        if (!owned) return ug_no_memory(err, bytes);
        ug_box box;
        ug_box_dense(&box, &spec, owned);
        ug_copy_strided(&box.tensor, data);
    }
    upreg_status status = ug_graph_value(g, name, value, err);
    if (status != UPREG_OK) {
        ug_free(owned);
        return status;
    }
    ug_value *v = &g->values[*value];
    v->constant = 1, v->spec = spec, v->owned = owned;
    if (owned)
        ug_box_dense(&v->box, &spec, owned);
    else
        ug_box_copy(&v->box, data);
    return UPREG_OK;
}

upreg_status ug_graph_node(upreg_graph *g, const upreg_op *op, const char *name, const int *in, int n_in, int n_out, const char *const *out_names,
                           int *values, upreg_error *err) {
    if (!grow((void **)&g->nodes, g->n_nodes, &g->room_nodes, sizeof *g->nodes)) return ug_no_memory(err, sizeof *g->nodes);
    ug_node node = {.name = copy_text(name), .in = malloc(sizeof *in * (size_t)(n_in + 1)), .n_in = n_in, .n_out = n_out};
    if (!node.name || !node.in) {
        free(node.name), free(node.in);
        return ug_no_memory(err, sizeof *in * (size_t)n_in);
    }
    memcpy(node.in, in, sizeof *in * (size_t)n_in);
    node.op = op ? upreg_op_retain(op) : NULL;
    g->nodes[g->n_nodes++] = node;
    for (int i = 0; i < n_out; i++) {
        UG_TRY(ug_graph_value(g, out_names[i], &values[i], err));
        g->values[values[i]].producer = g->n_nodes - 1, g->values[values[i]].output = i;
        g->nodes[g->n_nodes - 1].out[i] = values[i];
    }
    return UPREG_OK;
}

upreg_status upreg_graph_add(upreg_graph *g, const upreg_op *op, const char *name, const int *in, int n_in, int *values, upreg_error *err) {
    if (!g || !op || !name || (n_in && !in) || !values)
        return ug_fail(err, UPREG_E_USAGE, "upreg_graph_add: graph, op, name, in and values must not be NULL");
    for (int i = 0; i < n_in; i++)
        if (in[i] >= g->n_values) return ug_fail(err, UPREG_E_GRAPH, "graph: node '%.200s' reads value %d, which there is not", name, in[i]);
    const upreg_method_info *info = upreg_op_info(op);
    int n_computed = ug_op_computed(op);
    if (n_in < n_computed)
        return ug_fail(err, UPREG_E_GRAPH, "graph: node '%.200s' gives %d values, its parameters alone compute from %d", name, n_in, n_computed);
    n_in -= n_computed;
    for (int i = n_in; i < n_in + n_computed; i++)
        if (in[i] < 0) return ug_fail(err, UPREG_E_GRAPH, "graph: node '%.200s': a computed parameter must name a value", name);
    if (!info->in[0].variadic && n_in > info->n_in)
        return ug_fail(err, UPREG_E_GRAPH, "graph: node '%.200s' gives %d inputs to %s, which takes %d", name, n_in, info->name, info->n_in);
    char *names[UPREG_MAX_PORTS] = {0};
    upreg_status status = UPREG_OK;
    for (int i = 0; i < info->n_out && status == UPREG_OK; i++) {
        size_t size = strlen(name) + 32;
        names[i] = malloc(size);
        if (!names[i])
            status = ug_no_memory(err, size);
        else if (i == 0)
            snprintf(names[i], size, "%s", name);
        else
            snprintf(names[i], size, "%s.%s", name, info->out[i].name);
    }
    if (status == UPREG_OK) status = ug_graph_node(g, op, name, in, n_in, info->n_out, (const char *const *)names, values, err);
    if (status == UPREG_OK) {
        ug_node *node = &g->nodes[g->n_nodes - 1];
        node->n_computed = n_computed;
        for (int i = 0; i < n_computed; i++) node->computed[i] = in[n_in + i];
    }
    for (int i = 0; i < info->n_out; i++) free(names[i]);
    return status;
}

upreg_status upreg_graph_output(upreg_graph *g, int value, const char *name, upreg_error *err) {
    if (!g || !name) return ug_fail(err, UPREG_E_USAGE, "upreg_graph_output: graph and name must not be NULL");
    if (value < 0 || value >= g->n_values)
        return ug_fail(err, UPREG_E_GRAPH, "graph: output '%.200s' names value %d, which there is not", name, value);
    int *outputs = realloc(g->outputs, sizeof *outputs * (size_t)(g->n_outputs + 1));
    if (outputs) g->outputs = outputs;
    char **names = realloc(g->output_names, sizeof *names * (size_t)(g->n_outputs + 1));
    if (names) g->output_names = names;
    char *copy = copy_text(name);
    if (!outputs || !names || !copy) {
        free(copy);
        return ug_no_memory(err, sizeof *outputs);
    }
    g->outputs[g->n_outputs] = value, g->output_names[g->n_outputs++] = copy;
    return UPREG_OK;
}

/* ---- shapes ---- */

upreg_status upreg_graph_infer(const upreg_graph *g, const upreg_spec *in, int n_in, upreg_spec *values, upreg_error *err) {
    if (!g || (n_in && !in) || !values) return ug_fail(err, UPREG_E_USAGE, "upreg_graph_infer: graph, in and values must not be NULL");
    ug_known *known;
    UG_TRY(ug_known_create(g, in, n_in, NULL, 0, &known, err));
    unsigned char *needed = calloc((size_t)g->n_nodes + 1, 1);
    upreg_status status = needed ? UPREG_OK : ug_no_memory(err, (size_t)g->n_nodes + 1);
    if (status == UPREG_OK) ug_known_need(known, g->outputs, g->n_outputs, needed);
    if (status == UPREG_OK) status = ug_known_check(known, g->n_outputs ? needed : NULL, err);
    if (status == UPREG_OK) memcpy(values, known->specs, sizeof *values * (size_t)g->n_values);
    ug_known_free(known);
    free(needed);
    return status;
}
