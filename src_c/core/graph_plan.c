/* Making graph plans: constants folded, epilogues fused, every node that is left planned. */
#include <stdlib.h>
#include <string.h>

#include "core/graph_plan.h"

/* ---- fusing ---- */

static int uses_of(const upreg_graph_plan *p, int value, const unsigned char *needed) {
    int uses = p->storage[value].handed_out;
    for (int i = 0; i < p->graph->n_nodes; i++)
        for (int k = 0; needed[i] && k < p->graph->nodes[i].n_in; k++) uses += p->graph->nodes[i].in[k] == value;
    return uses;
}

static int only_user(const upreg_graph_plan *p, int value, const unsigned char *needed) {
    if (uses_of(p, value, needed) != 1) return -1;
    for (int i = 0; i < p->graph->n_nodes; i++)
        for (int k = 0; needed[i] && k < p->graph->nodes[i].n_in; k++)
            if (p->graph->nodes[i].in[k] == value) return p->storage[value].handed_out ? -1 : i;
    return -1;
}

enum { UPREG_FUSE_ALL = UPREG_FUSE_ACTIVATION + 1 }; /* nothing can follow */

/* Asks the node after a chain whether it can join it; 1 when it did. */
static int join(upreg_graph_plan *p, ug_step *s, int index, int value, int *stage) {
    const ug_node *node = &p->graph->nodes[index];
    const upreg_op *op = p->known->ops[index];
    const upreg_method *m = op ? op->info.method : NULL;
    if (!m || !m->fuse || node->n_in > UPREG_MAX_PORTS) return 0;
    upreg_spec specs[UPREG_MAX_PORTS] = {0};
    ug_box boxes[UPREG_MAX_PORTS];
    const upreg_tensor *bound[UPREG_MAX_PORTS] = {0};
    for (int i = 0; i < node->n_in; i++) {
        if (node->in[i] < 0) continue;
        specs[i] = p->specs[node->in[i]], bound[i] = ug_known_constant(p->known, node->in[i], &boxes[i]);
        if (bound[i] && !ug_is_dense(bound[i])) return 0;
    }
    upreg_fusion f = {.struct_size = sizeof f, .params = op->params, .n_in = node->n_in, .in = specs, .bound = bound};
    m->fuse(&f);
    int last = f.kind == UPREG_FUSE_RESIDUAL && *stage == UPREG_FUSE_ACTIVATION && s->residual < 0;
    if (f.kind == UPREG_FUSE_NO || (f.kind <= *stage && !last)) return 0; /* scale and shift, then residual and activation in any order */
    const upreg_spec *spec = &p->specs[value];
    if (f.kind == UPREG_FUSE_AFFINE) {
        if (node->in[0] != value || f.channel_axis != s->plan->channel_axis) return 0;
        size_t bytes = (size_t)spec->dim[f.channel_axis] * upreg_type_size(spec->type);
        s->affine = ug_alloc(2 * bytes);
        if (!s->affine) return 0;
        f.scale = s->affine, f.shift = (char *)s->affine + bytes;
        m->fuse(&f);
        s->epilogue.scale = f.scale, s->epilogue.shift = f.shift;
    } else if (f.kind == UPREG_FUSE_RESIDUAL) {
        int other = node->in[0] == value ? node->in[1] : node->in[0];
        int producer = p->graph->values[other].producer;
        if (other == value || producer > s->node || p->specs[other].type != spec->type) return 0;
        for (int i = 0; i < spec->ndim; i++)
            if (p->specs[other].ndim != spec->ndim || p->specs[other].dim[i] != spec->dim[i]) return 0;
        s->residual = other, s->epilogue.residual_last = last;
    } else {
        s->epilogue.activation = f.activation, s->epilogue.p[0] = f.p[0], s->epilogue.p[1] = f.p[1];
    }
    *stage = last ? UPREG_FUSE_ALL : f.kind;
    return 1;
}

static void fuse_after(upreg_graph_plan *p, ug_step *s, const unsigned char *needed) {
    const ug_node *node = &p->graph->nodes[s->node];
    upreg_type type = p->specs[node->out[0]].type;
    if (!(p->known->ops[s->node]->info.method->flags & UPREG_EPILOGUE) || (type != UPREG_F32 && type != UPREG_F64)) return;
    int stage = UPREG_FUSE_NO, value = node->out[0];
    for (;;) {
        int next = only_user(p, value, needed);
        if (next < 0 || p->known->is_folded[next] || !join(p, s, next, value, &stage)) return;
        p->fused_into[next] = s->node, s->has_epilogue = 1, s->last = next;
        value = p->graph->nodes[next].out[0];
    }
}

/* Plans hold copies of the constants that they read, so only those that are handed out or added as residuals need their memory. */
static void release_constants(upreg_graph_plan *p) {
    for (int v = 0; v < p->graph->n_values; v++) {
        int used = p->known->folded[v] == NULL;
        for (int i = 0; i < p->n_results && !used; i++) used = ug_root_of(p, p->results[i]) == v;
        for (int i = 0; i < p->n_steps && !used; i++) used = p->steps[i].residual >= 0 && ug_root_of(p, p->steps[i].residual) == v;
        if (used) continue;
        p->known->bytes -= ug_spec_bytes(&p->specs[v]);
        ug_free(p->known->folded[v]), p->known->folded[v] = NULL;
    }
}

/* ---- creating ---- */

static upreg_status choose_results(upreg_graph_plan *p, const upreg_graph_options *options, upreg_error *err) {
    const upreg_graph *g = p->graph;
    p->n_results = g->n_outputs + (options ? options->n_keep : 0);
    p->results = malloc(sizeof *p->results * (size_t)(p->n_results + 1));
    if (!p->results) return ug_no_memory(err, sizeof *p->results);
    for (int i = 0; i < p->n_results; i++) {
        int v = i < g->n_outputs ? g->outputs[i] : options->keep[i - g->n_outputs];
        if (v < 0 || v >= g->n_values) return ug_fail(err, UPREG_E_GRAPH, "graph: keep names value %d, which there is not", v);
        p->results[i] = v, p->storage[v].handed_out = 1;
    }
    return UPREG_OK;
}

/* A node that only names its input's numbers anew shares their memory, unless the caller owns it and may have any strides. */
static int shares_memory(const upreg_graph_plan *p, int index) {
    const ug_node *node = &p->graph->nodes[index];
    if (!(p->known->ops[index]->info.method->flags & UPREG_VIEW) || p->storage[node->out[0]].handed_out) return 0;
    const ug_storage *from = &p->storage[ug_root_of(p, node->in[0])];
    return from->place == NOWHERE && !from->handed_out;
}

static void find_places(upreg_graph_plan *p) {
    const upreg_graph *g = p->graph;
    for (int v = 0; v < g->n_values; v++) {
        ug_storage *s = &p->storage[v];
        s->last_use = -1;
        if (g->values[v].input >= 0) s->place = GRAPH_INPUT, s->index = g->values[v].input;
        if (g->values[v].constant || p->known->folded[v]) s->place = CONSTANT;
        if (p->known->same[v] >= 0) s->place = SAME, s->index = p->known->same[v];
    }
}

/* Computes what is constant, and lets values that are equal share their place.  What is then needed has to run. */
static upreg_status fold_constants(upreg_graph_plan *p, unsigned char *needed, upreg_error *err) {
    const upreg_graph *g = p->graph;
    for (int i = 0; i < g->n_nodes; i++) {
        const ug_node *node = &g->nodes[i];
        if (!needed[i] || p->known->is_folded[i] || p->known->same[node->out[0]] >= 0) continue;
        if (!node->op) {
            p->storage[node->out[0]].place = SAME, p->storage[node->out[0]].index = node->in[0];
        } else if (ug_known_is_constant(p->known, i)) {
            UG_TRY(ug_known_fold(p->known, i, err));
            for (int k = 0; k < node->n_out; k++) p->storage[node->out[k]].place = CONSTANT;
        } else if (shares_memory(p, i)) {
            p->storage[node->out[0]].place = SAME, p->storage[node->out[0]].index = node->in[0];
        }
    }
    memset(needed, 0, (size_t)g->n_nodes);
    ug_known_need(p->known, p->results, p->n_results, needed);
    return UPREG_OK;
}

static upreg_status build_steps(upreg_graph_plan *p, const upreg_graph_options *options, const unsigned char *needed, upreg_error *err) {
    const upreg_graph *g = p->graph;
    for (int i = 0; i < g->n_nodes; i++) {
        if (!needed[i] || p->known->is_folded[i] || p->fused_into[i] >= 0 || p->storage[g->nodes[i].out[0]].place == SAME) continue;
        ug_step *s = &p->steps[p->n_steps++];
        s->node = s->last = i, s->residual = -1;
        UG_TRY(ug_known_plan(p->known, i, &s->plan, err));
        if (!options || (!options->no_fusion && !options->exact)) fuse_after(p, s, needed);
        p->macs += ug_step_cost(s);
    }
    /* A result is written where the caller wants it, unless something else holds it or another result has the same numbers. */
    for (int i = 0; i < p->n_results; i++)
        if (p->storage[p->results[i]].place == NOWHERE) p->storage[p->results[i]].place = OUTPUT, p->storage[p->results[i]].index = i;
    UG_TRY(ug_graph_lay_out(p, err));
    release_constants(p);
    return UPREG_OK;
}

static upreg_status check_bytes(const upreg_graph_plan *p, size_t max_bytes, upreg_error *err) {
    size_t bytes = p->arena + p->known->bytes;
    for (int i = 0; i < p->n_results; i++) bytes += ug_spec_bytes(&p->specs[p->results[i]]);
    if (max_bytes && bytes > max_bytes)
        return ug_fail(err, UPREG_E_GRAPH, "graph: intermediate values and results take %zu bytes; max_bytes allows %zu", bytes, max_bytes);
    return UPREG_OK;
}

upreg_status upreg_graph_plan_create(const upreg_graph *g, const upreg_spec *in, int n_in, const upreg_graph_options *options,
                                     upreg_graph_plan **result, upreg_error *err) {
    if (!g || !result || (n_in && !in)) return ug_fail(err, UPREG_E_USAGE, "upreg_graph_plan_create: graph, in and plan must not be NULL");
    *result = NULL;
    if (g->n_outputs == 0) return ug_fail(err, UPREG_E_GRAPH, "graph: it has no output");
    upreg_graph_plan *p = calloc(1, sizeof *p);
    if (!p) return ug_no_memory(err, sizeof *p);
    size_t values = (size_t)g->n_values + 1, nodes = (size_t)g->n_nodes + 1, max_bytes = options ? options->max_bytes : 0;
    unsigned char *needed = calloc(nodes, 1);
    upreg_plan_options how = {.struct_size = sizeof how, .exact = options ? options->exact : 0, .cpu_tier = options ? options->cpu_tier : NULL};
    p->graph = g;
    p->storage = calloc(values, sizeof *p->storage), p->steps = calloc(nodes, sizeof *p->steps),
    p->fused_into = malloc(nodes * sizeof *p->fused_into);
    upreg_status status = UPREG_OK;
    if (!needed || !p->storage || !p->steps || !p->fused_into) status = ug_no_memory(err, values * sizeof *p->storage);
    for (size_t i = 0; i < nodes && status == UPREG_OK; i++) p->fused_into[i] = -1;
    if (status == UPREG_OK) status = ug_known_create(g, in, n_in, &how, max_bytes, &p->known, err);
    if (status == UPREG_OK) {
        p->specs = p->known->specs;
        find_places(p);
        status = choose_results(p, options, err);
    }
    if (status == UPREG_OK) {
        ug_known_need(p->known, p->results, p->n_results, needed);
        status = ug_known_check(p->known, needed, err);
    }
    if (status == UPREG_OK) status = fold_constants(p, needed, err);
    if (status == UPREG_OK) status = build_steps(p, options, needed, err);
    if (status == UPREG_OK) status = check_bytes(p, max_bytes, err);
    free(needed);
    if (status != UPREG_OK) {
        upreg_graph_plan_free(p);
        return status;
    }
    *result = p;
    return UPREG_OK;
}

void upreg_graph_plan_free(upreg_graph_plan *p) {
    if (!p) return;
    for (int i = 0; i < p->n_steps; i++) upreg_plan_free(p->steps[i].plan), ug_free(p->steps[i].affine);
    ug_known_free(p->known);
    free(p->storage), free(p->steps), free(p->group), free(p->fused_into), free(p->results);
    free(p);
}

const upreg_spec *upreg_graph_plan_value(const upreg_graph_plan *p, int value) {
    return value >= 0 && value < p->graph->n_values ? &p->specs[value] : NULL;
}
size_t upreg_graph_plan_arena(const upreg_graph_plan *p) { return p->arena; }

void upreg_graph_plan_node(const upreg_graph_plan *p, int node, upreg_node_info *info) {
    const ug_node *n = &p->graph->nodes[node];
    upreg_node_info full = {.struct_size = sizeof full,
                            .name = n->name,
                            .text = p->known->ops[node] ? upreg_op_text(p->known->ops[node]) : "(passes its input on)",
                            .fused_into = p->fused_into[node],
                            .folded = p->known->is_folded[node]};
    for (int i = 0; i < p->n_steps; i++) {
        const upreg_plan *plan = p->steps[i].plan;
        if (p->steps[i].node != node) continue;
        full.algorithm = plan->algorithm, full.macs = plan->macs, full.bytes = plan->bytes;
        full.packed_bytes = plan->packed_bytes, full.scratch_bytes = plan->scratch_bytes;
    }
    size_t size = info->struct_size < sizeof full ? info->struct_size : sizeof full;
    full.struct_size = info->struct_size;
    memcpy(info, &full, size);
}
