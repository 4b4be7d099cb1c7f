#include "core/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t ug_spec_bytes(const upreg_spec *spec) {
    int64_t bytes = (int64_t)upreg_type_size(spec->type);
    for (int i = 0; i < spec->ndim && bytes; i++)
        if (ug_mul_overflows(bytes, spec->dim[i], &bytes)) return SIZE_MAX / 2;
    return (size_t)bytes;
}

/* ---- constants ---- */

static int followed(const ug_known *k, int value) {
    while (k->same[value] >= 0) value = k->same[value];
    return value;
}

const upreg_tensor *ug_known_constant(const ug_known *k, int value, ug_box *box) {
    value = followed(k, value);
    if (k->folded[value]) {
        ug_box_dense(box, &k->specs[value], k->folded[value]);
        return &box->tensor;
    }
    return k->graph->values[value].constant ? &k->graph->values[value].box.tensor : NULL;
}

static int has_flag(const ug_node *node, uint32_t flag) { return node->op && node->op->info.method->flags & flag; }
static int shape_only(const ug_known *k, int index) { return has_flag(&k->graph->nodes[index], UPREG_SHAPE_ONLY); }

int ug_known_is_constant(const ug_known *k, int index) {
    const ug_node *node = &k->graph->nodes[index];
    ug_box box;
    if (!k->ops[index] || k->failure[index]) return 0;
    if (shape_only(k, index)) return 1;
    for (int i = 0; i < node->n_in; i++)
        if (node->in[i] >= 0 && k->specs[node->in[i]].type != UPREG_NONE && !ug_known_constant(k, node->in[i], &box)) return 0;
    return 1;
}

upreg_status ug_known_plan(const ug_known *k, int index, upreg_plan **plan, upreg_error *err) {
    const ug_node *node = &k->graph->nodes[index];
    size_t n = (size_t)node->n_in + 1;
    upreg_spec *specs = calloc(n, sizeof *specs);
    ug_box *boxes = calloc(n, sizeof *boxes);
    const upreg_tensor **bound = calloc(n, sizeof *bound);
    upreg_status status = specs && boxes && bound ? UPREG_OK : ug_no_memory(err, n * sizeof *boxes);
    for (int i = 0; i < node->n_in && status == UPREG_OK; i++)
        if (node->in[i] >= 0) specs[i] = k->specs[node->in[i]], bound[i] = shape_only(k, index) ? NULL : ug_known_constant(k, node->in[i], &boxes[i]);
    upreg_error why = {{0}};
    if (status == UPREG_OK) {
        status = upreg_plan_create(k->ops[index], specs, node->n_in, bound, &k->how, plan, &why);
        if (status != UPREG_OK) ug_fail(err, status, "node '%.200s': %s", node->name, why.text);
    }
    free(specs), free(boxes), free(bound);
    return status;
}

static upreg_status take_memory(ug_known *k, const ug_node *node, int value, upreg_error *err) {
    size_t bytes = ug_spec_bytes(&k->specs[value]);
    if (k->max_bytes && (bytes > k->max_bytes || k->bytes > k->max_bytes - bytes))
        return ug_fail(err, UPREG_E_GRAPH, "node '%.200s': constants computed beforehand need more than max_bytes = %zu", node->name, k->max_bytes);
    k->folded[value] = ug_alloc(bytes);
    if (!k->folded[value]) return ug_no_memory(err, bytes);
    k->bytes += bytes;
    return UPREG_OK;
}

upreg_status ug_known_fold(ug_known *k, int index, upreg_error *err) {
    const ug_node *node = &k->graph->nodes[index];
    upreg_plan *plan = NULL;
    UG_TRY(ug_known_plan(k, index, &plan, err));
    size_t n = (size_t)node->n_in + 1;
    ug_box out_boxes[UPREG_MAX_PORTS], *boxes = calloc(n, sizeof *boxes);
    upreg_tensor out[UPREG_MAX_PORTS], *in = calloc(n, sizeof *in);
    upreg_status status = in && boxes ? UPREG_OK : ug_no_memory(err, n * sizeof *boxes);
    for (int i = 0; i < node->n_in && status == UPREG_OK && shape_only(k, index); i++) /* some address: nothing is read from it */
        if (node->in[i] >= 0) ug_box_dense(&boxes[i], &k->specs[node->in[i]], boxes), in[i] = boxes[i].tensor;
    for (int i = 0; i < node->n_out && status == UPREG_OK; i++) {
        status = take_memory(k, node, node->out[i], err);
        if (status == UPREG_OK) ug_box_dense(&out_boxes[i], &k->specs[node->out[i]], k->folded[node->out[i]]), out[i] = out_boxes[i].tensor;
    }
    upreg_error why = {{0}};
    if (status == UPREG_OK && (status = upreg_plan_run(plan, in, node->n_in, out, node->n_out, NULL, &why)) != UPREG_OK)
        ug_fail(err, status, "node '%.200s': %s", node->name, why.text);
    k->is_folded[index] = status == UPREG_OK;
    upreg_plan_free(plan);
    free(in), free(boxes);
    return status;
}

/* ---- shapes ---- */

/* Which input a choice passes on, 1 or 2; 0 where that is not known: the method itself then chooses, among equal shapes. */
static int choice_of(const ug_known *k, const ug_node *node) {
    ug_box box;
    if (!has_flag(node, UPREG_CHOOSES) || node->n_in != 3 || node->in[0] < 0) return 0;
    const upreg_tensor *condition = ug_known_constant(k, node->in[0], &box);
    if (!condition || ug_tensor_elements(condition) != 1) return 0;
    const unsigned char *at = (const unsigned char *)condition->data + condition->byte_offset;
    for (int i = 0; i < condition->dtype.bits / 8; i++)
        if (at[i]) return 1;
    return 2;
}

/* The op of a node, with its computed parameters filled in. */
static upreg_status resolve(ug_known *k, int index, upreg_error *err) {
    const ug_node *node = &k->graph->nodes[index];
    if (!node->op || !node->n_computed) {
        k->ops[index] = node->op ? upreg_op_retain(node->op) : NULL;
        return UPREG_OK;
    }
    ug_box boxes[UG_MAX_COMPUTED];
    const upreg_tensor *values[UG_MAX_COMPUTED];
    for (int i = 0; i < node->n_computed; i++) {
        values[i] = ug_known_constant(k, node->computed[i], &boxes[i]);
        if (!values[i])
            return ug_fail(err, UPREG_E_GRAPH,
                           "a parameter of %s is computed from '%.200s', which depends on the numbers of an input; allowed: what follows from shapes "
                           "and constants",
                           ug_op_name(node->op), k->graph->values[node->computed[i]].name);
    }
    return ug_op_with(node->op, values, &k->ops[index], err);
}

static upreg_status infer_node(ug_known *k, int index, upreg_error *err) {
    const ug_node *node = &k->graph->nodes[index];
    UG_TRY(resolve(k, index, err));
    if (!node->op) {
        k->specs[node->out[0]] = k->specs[node->in[0]];
        return UPREG_OK;
    }
    int choice = choice_of(k, node);
    if (choice && node->in[choice] >= 0) {
        k->same[node->out[0]] = followed(k, node->in[choice]), k->specs[node->out[0]] = k->specs[node->in[choice]];
        return UPREG_OK;
    }
    int places = ug_op_places(node->op, node->n_in);
    upreg_spec *in = calloc((size_t)(places > node->n_in ? places : node->n_in) + 1, sizeof *in), out[UPREG_MAX_PORTS] = {0};
    if (!in) return ug_no_memory(err, sizeof *in);
    for (int i = 0; i < node->n_in; i++)
        if (node->in[i] >= 0) in[i] = k->specs[node->in[i]];
    upreg_status status = upreg_op_infer(k->ops[index], in, node->n_in, out, UPREG_MAX_PORTS, err);
    for (int i = 0; i < node->n_out && status == UPREG_OK; i++) k->specs[node->out[i]] = out[i];
    free(in);
    return status;
}

/* The node whose failure left this one without a shape, or -1; a choice reads only what it chooses. */
static int failed_before(const ug_known *k, const ug_node *node, const unsigned char *lost) {
    int choice = choice_of(k, node), begin = choice ? choice : 0, end = choice ? choice + 1 : node->n_in;
    for (int i = begin; i < end; i++)
        if (node->in[i] >= 0 && lost[node->in[i]]) return k->graph->values[node->in[i]].producer;
    for (int i = 0; i < node->n_computed; i++)
        if (lost[node->computed[i]]) return k->graph->values[node->computed[i]].producer;
    return -1;
}

/* Nodes whose numbers decide shapes: all that computed parameters and conditions are made of. */
static void mark_early(const upreg_graph *g, unsigned char *early) {
    for (int i = g->n_nodes - 1; i >= 0; i--) {
        const ug_node *node = &g->nodes[i];
        for (int c = 0; c < node->n_computed; c++)
            if (g->values[node->computed[c]].producer >= 0) early[g->values[node->computed[c]].producer] = 1;
        int inputs = has_flag(node, UPREG_SHAPE_ONLY) ? 0 : early[i] ? node->n_in : has_flag(node, UPREG_CHOOSES) ? 1 : 0;
        for (int c = 0; c < inputs && c < node->n_in; c++)
            if (node->in[c] >= 0 && g->values[node->in[c]].producer >= 0) early[g->values[node->in[c]].producer] = 1;
    }
}

static upreg_status find_shapes(ug_known *k, unsigned char *early, unsigned char *lost, upreg_error *err) {
    const upreg_graph *g = k->graph;
    mark_early(g, early);
    for (int i = 0; i < g->n_nodes; i++) {
        const ug_node *node = &g->nodes[i];
        upreg_error why = {{0}};
        int from = failed_before(k, node, lost);
        upreg_status status = UPREG_OK;
        if (from >= 0)
            status = k->status[from], snprintf(why.text, sizeof why.text, "%s", k->failure[from]);
        else if ((status = infer_node(k, i, &why)) == UPREG_OK && early[i] && ug_known_is_constant(k, i))
            status = ug_known_fold(k, i, &why);
        if (status == UPREG_E_MEMORY) return ug_fail(err, status, "%s", why.text);
        if (status == UPREG_OK) continue;
        int named = from >= 0 || strncmp(why.text, "node '", 6) == 0;
        size_t room = strlen(why.text) + strlen(node->name) + 16;
        k->status[i] = status, k->failure[i] = malloc(room);
        if (!k->failure[i]) return ug_no_memory(err, room);
        if (named)
            snprintf(k->failure[i], room, "%s", why.text);
        else
            snprintf(k->failure[i], room, "node '%s': %s", node->name, why.text);
        for (int o = 0; o < node->n_out; o++) lost[node->out[o]] = 1;
    }
    return UPREG_OK;
}

upreg_status ug_known_create(const upreg_graph *g, const upreg_spec *in, int n_in, const upreg_plan_options *how, size_t max_bytes, ug_known **result,
                             upreg_error *err) {
    *result = NULL;
    if (n_in != g->n_inputs) return ug_fail(err, UPREG_E_GRAPH, "graph: got %d inputs; this graph has %d", n_in, g->n_inputs);
    ug_known *k = calloc(1, sizeof *k);
    if (!k) return ug_no_memory(err, sizeof *k);
    size_t values = (size_t)g->n_values + 1, nodes = (size_t)g->n_nodes + 1;
    k->graph = g, k->max_bytes = max_bytes, k->how = how ? *how : (upreg_plan_options){.struct_size = sizeof k->how};
    k->specs = calloc(values, sizeof *k->specs), k->same = malloc(values * sizeof *k->same), k->folded = calloc(values, sizeof *k->folded);
    k->ops = calloc(nodes, sizeof *k->ops), k->is_folded = calloc(nodes, 1), k->failure = calloc(nodes, sizeof *k->failure);
    k->status = calloc(nodes, sizeof *k->status);
    unsigned char *early = calloc(nodes, 1), *lost = calloc(values, 1);
    upreg_status status = UPREG_OK;
    if (!k->specs || !k->same || !k->folded || !k->ops || !k->is_folded || !k->failure || !k->status || !early || !lost)
        status = ug_no_memory(err, values * sizeof *k->specs);
    for (int i = 0; status == UPREG_OK && i < g->n_values; i++) {
        const ug_value *v = &g->values[i];
        k->same[i] = -1;
        if (v->input >= 0) k->specs[i] = in[v->input];
        if (v->constant) k->specs[i] = v->spec;
    }
    if (status == UPREG_OK) status = find_shapes(k, early, lost, err);
    free(early), free(lost);
    if (status != UPREG_OK) {
        ug_known_free(k);
        return status;
    }
    *result = k;
    return UPREG_OK;
}

void ug_known_free(ug_known *k) {
    if (!k) return;
    for (int i = 0; k->folded && i < k->graph->n_values; i++) ug_free(k->folded[i]);
    for (int i = 0; k->ops && i < k->graph->n_nodes; i++) upreg_op_free(k->ops[i]);
    for (int i = 0; k->failure && i < k->graph->n_nodes; i++) free(k->failure[i]);
    free(k->specs), free(k->same), free(k->folded), free(k->ops), free(k->is_folded), free(k->failure), free(k->status);
    free(k);
}

/* ---- what is needed ---- */

void ug_known_need(const ug_known *k, const int *values, int n, unsigned char *needed) {
    const upreg_graph *g = k->graph;
    for (int i = 0; i < n; i++) {
        int producer = g->values[followed(k, values[i])].producer;
        if (producer >= 0) needed[producer] = 1;
    }
    for (int i = g->n_nodes - 1; i >= 0; i--) { /* a node reads only what nodes before it make */
        const ug_node *node = &g->nodes[i];
        for (int c = 0; needed[i] && !k->is_folded[i] && c < node->n_in; c++)
            if (node->in[c] >= 0) {
                int producer = g->values[followed(k, node->in[c])].producer;
                if (producer >= 0) needed[producer] = 1;
            }
    }
}

upreg_status ug_known_check(const ug_known *k, const unsigned char *needed, upreg_error *err) {
    for (int i = 0; i < k->graph->n_nodes; i++)
        if (k->failure[i] && (!needed || needed[i])) return ug_fail(err, k->status[i], "%s", k->failure[i]);
    return UPREG_OK;
}
