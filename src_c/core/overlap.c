/* The counting graph: the same nodes in float64 with weights 1 / (input channels per group), no bias, and norms and activations passed over.
 * Run on ones, every value counts the paths from the input that end in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/known.h"

/* A constant of one repeated number, held by zero strides. */
static upreg_status uniform(upreg_graph *g, const char *name, const upreg_spec *like, double number, int *value, upreg_error *err) {
    double *memory = ug_alloc(sizeof *memory);
    if (!memory) return ug_no_memory(err, sizeof *memory);
    *memory = number;
    upreg_status status = ug_graph_value(g, name, value, err);
    if (status != UPREG_OK) {
        ug_free(memory);
        return status;
    }
    ug_value *v = &g->values[*value];
    v->constant = 1, v->owned = memory, v->spec = *like, v->spec.type = UPREG_F64;
    ug_box_dense(&v->box, &v->spec, memory);
    memset(v->box.strides, 0, sizeof v->box.strides);
    return UPREG_OK;
}

static upreg_status copy_values(const ug_known *known, upreg_graph *to, upreg_error *err) {
    for (int i = 0; i < known->graph->n_values; i++) {
        const ug_value *v = &known->graph->values[i];
        const upreg_spec *spec = &known->specs[i];
        ug_box box;
        int value;
        const upreg_tensor *constant = v->constant || known->folded[i] ? ug_known_constant(known, i, &box) : NULL;
        if (v->input >= 0) {
            UG_TRY(upreg_graph_input(to, v->name, &value, err));
        } else if (constant && spec->type >= UPREG_F32 && spec->type <= UPREG_BF16) {
            UG_TRY(uniform(to, v->name, spec, 0, &value, err)); /* an added constant starts no path */
        } else if (constant) {
            UG_TRY(upreg_graph_constant(to, v->name, constant, 1, &value, err));
        } else {
            UG_TRY(ug_graph_value(to, v->name, &value, err));
        }
    }
    return UPREG_OK;
}

/* in: the node's inputs in the counting graph, changed in place. */
static upreg_status count_weights(upreg_graph *to, const ug_node *node, const upreg_op *op, const upreg_spec *values, int *in, upreg_error *err) {
    upreg_spec specs[UPREG_MAX_PORTS] = {0}, out[UPREG_MAX_PORTS];
    const upreg_method_info *info = upreg_op_info(op);
    if (info->in[0].variadic) return UPREG_OK;
    for (int i = 0; i < node->n_in; i++)
        if (node->in[i] >= 0) specs[i] = values[node->in[i]];
    UG_TRY(upreg_op_infer(op, specs, node->n_in, out, UPREG_MAX_PORTS, err));
    for (int i = 1; i < node->n_in; i++) {
        if (node->in[i] < 0 || strcmp(info->in[i].role, "param") != 0) continue;
        if (info->in[i].optional) { /* a bias */
            in[i] = -1;
            continue;
        }
        double taps = 1;
        for (int d = 2; d < specs[i].ndim; d++) taps *= (double)specs[i].dim[d];
        char name[512];
        snprintf(name, sizeof name, "%.400s.%s (counting)", node->name, info->in[i].name);
        UG_TRY(uniform(to, name, &specs[i], taps / specs[i].fan_in, &in[i], err));
    }
    return UPREG_OK;
}

/* The first input that is no constant: a product with a constant passes on the other factor, whichever stands first. */
static int first_path(const ug_known *known, const ug_node *node) {
    ug_box box;
    for (int i = 0; i < node->n_in; i++)
        if (node->in[i] >= 0 && !ug_known_constant(known, node->in[i], &box)) return node->in[i];
    return node->in[0];
}

static upreg_status copy_node(const ug_known *known, upreg_graph *to, int index, upreg_error *err) {
    const upreg_graph *g = known->graph;
    const ug_node *node = &g->nodes[index];
    const upreg_op *op = known->ops[index];
    int chosen = node->n_out ? known->same[node->out[0]] : -1;
    if (known->is_folded[index] || known->failure[index]) return UPREG_OK; /* a constant, or in a branch that is not taken */
    uint32_t flags = op && chosen < 0 ? op->info.method->flags : UPREG_OVERLAP_IDENTITY;
    if (flags & UPREG_OVERLAP_REFUSE)
        return ug_fail(err, UPREG_E_GRAPH, "node '%.200s': paths through %s cannot be counted", node->name, ug_op_name(node->op));
    ug_node copy = {
        .name = malloc(strlen(node->name) + 1), .in = malloc(sizeof(int) * (size_t)(node->n_in + 1)), .n_in = node->n_in, .n_out = node->n_out};
    if (!copy.name || !copy.in) {
        free(copy.name), free(copy.in);
        return ug_no_memory(err, sizeof(int) * (size_t)node->n_in);
    }
    strcpy(copy.name, node->name);
    memcpy(copy.in, node->in, sizeof(int) * (size_t)node->n_in);
    memcpy(copy.out, node->out, sizeof copy.out);
    upreg_status status = UPREG_OK;
    if (chosen >= 0)
        copy.in[0] = chosen;
    else if (flags & UPREG_OVERLAP_IDENTITY)
        copy.in[0] = first_path(known, node);
    if (flags & UPREG_OVERLAP_IDENTITY)
        copy.n_in = 1;
    else
        status = count_weights(to, node, op, known->specs, copy.in, err);
    if (!(flags & UPREG_OVERLAP_IDENTITY)) copy.op = upreg_op_retain(op);
    for (int i = 0; i < node->n_out; i++) to->values[node->out[i]].producer = to->n_nodes, to->values[node->out[i]].output = i;
    to->nodes[to->n_nodes++] = copy;
    return status;
}

upreg_status upreg_graph_overlap(const upreg_graph *g, const upreg_spec *in, int n_in, upreg_graph **result, upreg_error *err) {
    if (!g || !in || !result) return ug_fail(err, UPREG_E_USAGE, "upreg_graph_overlap: graph, in and counting must not be NULL");
    *result = NULL;
    upreg_graph *to;
    UG_TRY(upreg_graph_create(&to, err));
    ug_known *known = NULL;
    to->nodes = calloc((size_t)g->n_nodes + 1, sizeof *to->nodes), to->room_nodes = g->n_nodes + 1;
    upreg_status status = to->nodes ? ug_known_create(g, in, n_in, NULL, 0, &known, err) : ug_no_memory(err, sizeof *to->nodes);
    unsigned char *needed = calloc((size_t)g->n_nodes + 1, 1);
    if (status == UPREG_OK && !needed) status = ug_no_memory(err, (size_t)g->n_nodes + 1);
    if (status == UPREG_OK) ug_known_need(known, g->outputs, g->n_outputs, needed);
    if (status == UPREG_OK) status = ug_known_check(known, needed, err);
    free(needed);
    if (status == UPREG_OK) status = copy_values(known, to, err);
    for (int i = 0; i < g->n_nodes && status == UPREG_OK; i++) status = copy_node(known, to, i, err);
    for (int i = 0; i < g->n_outputs && status == UPREG_OK; i++) status = upreg_graph_output(to, g->outputs[i], g->output_names[i], err);
    ug_known_free(known);
    if (status != UPREG_OK) {
        upreg_graph_free(to);
        return status;
    }
    *result = to;
    return UPREG_OK;
}
