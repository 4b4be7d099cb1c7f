/* Graph plans: constants folded, epilogues fused, one arena with reuse, then the nodes one after the other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/known.h"

typedef enum place { NOWHERE, GRAPH_INPUT, CONSTANT, ARENA, OUTPUT, SAME } place;

/* Where a value's numbers are during a run. */
typedef struct storage {
    place place;
    int index;      /* GRAPH_INPUT: which; OUTPUT: which result; SAME: the value whose storage it shares */
    size_t offset;  /* ARENA */
    int last_use;   /* the last step that reads it */
    int handed_out; /* an output or kept */
} storage;

typedef struct step {
    int node, last; /* the node that computes, and the last node of its fused chain */
    upreg_plan *plan;
    upreg_epilogue epilogue;
    int has_epilogue, residual; /* value, or -1 */
    void *affine;               /* scale, then shift */
} step;

struct upreg_graph_plan {
    const upreg_graph *graph;
    ug_known *known;
    const upreg_spec *specs; /* known's */
    storage *storage;
    step *steps;
    int n_steps;
    int *fused_into; /* per node: node, or -1 */
    int *results, n_results; /* outputs, then kept values */
    size_t arena;
    int64_t macs;
};

static int root_of(const upreg_graph_plan *p, int value) {
    while (p->storage[value].place == SAME) value = p->storage[value].index;
    return value;
}

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

/* Asks the node after a chain whether it can join it; 1 when it did. */
static int join(upreg_graph_plan *p, step *s, int index, int value, int *stage) {
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
    if (f.kind == UPREG_FUSE_NO || f.kind <= *stage) return 0; /* scale and shift, then residual, then activation */
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
        s->residual = other;
    } else {
        s->epilogue.activation = f.activation, s->epilogue.slope = f.slope;
    }
    *stage = f.kind;
    return 1;
}

static void fuse_after(upreg_graph_plan *p, step *s, const unsigned char *needed) {
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

/* ---- the arena ---- */

static void note_use(upreg_graph_plan *p, int value, int at) {
    if (value < 0) return;
    value = root_of(p, value);
    if (p->storage[value].last_use < at) p->storage[value].last_use = at;
}

static void note_uses(upreg_graph_plan *p) {
    for (int i = 0; i < p->n_steps; i++) {
        const step *s = &p->steps[i];
        for (int k = 0; k < p->graph->nodes[s->node].n_in; k++) note_use(p, p->graph->nodes[s->node].in[k], i);
        note_use(p, s->residual, i);
    }
}

/* The lowest offset at which `bytes` fit beside everything that is alive while steps [first, last] run. */
static size_t find_offset(const upreg_graph_plan *p, const int *made, size_t bytes, int first) {
    size_t offset = 0;
    for (int again = 1; again;) {
        again = 0;
        for (int v = 0; v < p->graph->n_values; v++) {
            const storage *other = &p->storage[v];
            if (other->place != ARENA || made[v] < 0 || other->last_use < first) continue;
            size_t size = (ug_spec_bytes(&p->specs[v]) + 63) / 64 * 64;
            if (offset < other->offset + size && other->offset < offset + bytes) offset = other->offset + size, again = 1;
        }
    }
    return offset;
}

/* An elementwise node may write over its input when nobody reads that again. */
static int takes_over(const upreg_graph_plan *p, const step *s, int at, int value) {
    const ug_node *node = &p->graph->nodes[s->node];
    if (!(p->known->ops[s->node]->info.method->flags & UPREG_IN_PLACE) || s->last != s->node || node->in[0] < 0) return -1;
    int from = root_of(p, node->in[0]);
    if (p->storage[from].place != ARENA || p->storage[from].last_use != at || ug_spec_bytes(&p->specs[from]) != ug_spec_bytes(&p->specs[value])) return -1;
    for (int i = 1; i < node->n_in; i++)
        if (node->in[i] >= 0 && root_of(p, node->in[i]) == from) return -1;
    return from;
}

static upreg_status lay_out(upreg_graph_plan *p, upreg_error *err) {
    int *made = malloc(sizeof *made * (size_t)(p->graph->n_values + 1));
    if (!made) return ug_no_memory(err, sizeof *made);
    for (int v = 0; v < p->graph->n_values; v++) made[v] = -1;
    note_uses(p);
    for (int i = 0; i < p->n_steps; i++) {
        const ug_node *last = &p->graph->nodes[p->steps[i].last];
        for (int k = 0; k < last->n_out; k++) {
            int v = last->out[k];
            storage *s = &p->storage[v];
            size_t bytes = (ug_spec_bytes(&p->specs[v]) + 63) / 64 * 64;
            if (s->place != NOWHERE || bytes == 0) continue;
            int from = takes_over(p, &p->steps[i], i, v);
            if (s->last_use < i) s->last_use = i;
            s->place = ARENA, s->offset = from >= 0 ? p->storage[from].offset : find_offset(p, made, bytes, i);
            if (from >= 0) p->storage[from].last_use = i - 1;
            made[v] = i;
            if (s->offset + bytes > p->arena) p->arena = s->offset + bytes;
        }
    }
    free(made);
    return UPREG_OK;
}

/* Plans hold copies of the constants that they read, so only those that are handed out or added as residuals need their memory. */
static void release_constants(upreg_graph_plan *p) {
    for (int v = 0; v < p->graph->n_values; v++) {
        int used = p->known->folded[v] == NULL;
        for (int i = 0; i < p->n_results && !used; i++) used = root_of(p, p->results[i]) == v;
        for (int i = 0; i < p->n_steps && !used; i++) used = p->steps[i].residual >= 0 && root_of(p, p->steps[i].residual) == v;
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
    const storage *from = &p->storage[root_of(p, node->in[0])];
    return from->place == NOWHERE && !from->handed_out;
}

static void find_places(upreg_graph_plan *p) {
    const upreg_graph *g = p->graph;
    for (int v = 0; v < g->n_values; v++) {
        storage *s = &p->storage[v];
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
        step *s = &p->steps[p->n_steps++];
        s->node = s->last = i, s->residual = -1;
        UG_TRY(ug_known_plan(p->known, i, &s->plan, err));
        if (!options || (!options->no_fusion && !options->exact)) fuse_after(p, s, needed);
        p->macs += s->plan->macs + s->plan->bytes / 16 + 1;
    }
    /* A result is written where the caller wants it, unless something else holds it or another result has the same numbers. */
    for (int i = 0; i < p->n_results; i++)
        if (p->storage[p->results[i]].place == NOWHERE) p->storage[p->results[i]].place = OUTPUT, p->storage[p->results[i]].index = i;
    UG_TRY(lay_out(p, err));
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
    p->storage = calloc(values, sizeof *p->storage), p->steps = calloc(nodes, sizeof *p->steps), p->fused_into = malloc(nodes * sizeof *p->fused_into);
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
    free(p->storage), free(p->steps), free(p->fused_into), free(p->results);
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

/* ---- running ---- */

typedef struct graph_run {
    const upreg_graph_plan *plan;
    const upreg_tensor *in, *out;
    unsigned char *arena;
    const upreg_run_options *options;
    int64_t done, share; /* of the plan's work: before this step, and of it */
} graph_run;

static upreg_tensor tensor_of(const graph_run *r, int value, ug_box *box) {
    const upreg_graph_plan *p = r->plan;
    int root = root_of(p, value);
    const storage *s = &p->storage[root];
    if (s->place == GRAPH_INPUT) return r->in[s->index];
    if (s->place == OUTPUT) return r->out[s->index];
    if (s->place == CONSTANT) {
        const upreg_tensor *known = ug_known_constant(p->known, root, box);
        if (known) return *known;
    }
    ug_box_dense(box, &p->specs[value], s->place == ARENA ? r->arena + s->offset : NULL);
    return box->tensor;
}

/* The host's callbacks get the host's pointer; a step's progress is told as the graph's. */
static int step_progress(void *host, int64_t done, int64_t total) {
    graph_run *r = host;
    double part = total > 0 ? (double)done / (double)total : 1;
    return r->options->progress(r->options->host, r->done + (int64_t)(part * (double)r->share), r->plan->macs);
}
static void *step_allocate(void *host, size_t bytes) { return ((graph_run *)host)->options->allocate(((graph_run *)host)->options->host, bytes); }
static void step_release(void *host, void *memory, size_t bytes) {
    ((graph_run *)host)->options->release(((graph_run *)host)->options->host, memory, bytes);
}
static void step_parallel_for(void *host, int64_t count, int workers, upreg_task task, void *arg) {
    ((graph_run *)host)->options->parallel_for(((graph_run *)host)->options->host, count, workers, task, arg);
}

static upreg_run_options options_of_step(graph_run *r) {
    upreg_run_options o = {.struct_size = sizeof o, .host = r};
    if (!r->options) return o;
    o.threads = r->options->threads, o.cancel = r->options->cancel;
    if (r->options->progress) o.progress = step_progress;
    if (r->options->allocate) o.allocate = step_allocate;
    if (r->options->release) o.release = step_release;
    if (r->options->parallel_for) o.parallel_for = step_parallel_for;
    return o;
}

/* The residual of an epilogue is read as a dense array. */
static upreg_status dense_residual(graph_run *r, const step *s, upreg_epilogue *e, void **copy, size_t *actual, upreg_error *err) {
    ug_box box, dense;
    upreg_tensor t = tensor_of(r, s->residual, &box);
    e->residual = (char *)t.data + t.byte_offset;
    if (ug_is_dense(&t)) return UPREG_OK;
    const upreg_spec *spec = &r->plan->specs[s->residual];
    *copy = ug_take(r->options, ug_spec_bytes(spec), actual);
    if (!*copy) return ug_no_memory(err, ug_spec_bytes(spec));
    ug_box_dense(&dense, spec, *copy);
    ug_copy_strided(&dense.tensor, &t);
    e->residual = *copy;
    return UPREG_OK;
}

static upreg_status run_step(graph_run *r, const step *s, upreg_error *err) {
    const upreg_graph_plan *p = r->plan;
    const ug_node *node = &p->graph->nodes[s->node], *last = &p->graph->nodes[s->last];
    upreg_tensor *in = calloc((size_t)node->n_in + 1, sizeof *in), out[UPREG_MAX_PORTS];
    ug_box *boxes = calloc((size_t)node->n_in + 1, sizeof *boxes), out_boxes[UPREG_MAX_PORTS];
    upreg_status status = in && boxes ? UPREG_OK : ug_no_memory(err, sizeof *boxes);
    for (int i = 0; i < node->n_in && status == UPREG_OK; i++)
        if (node->in[i] >= 0) in[i] = tensor_of(r, node->in[i], &boxes[i]);
    for (int i = 0; i < last->n_out && status == UPREG_OK; i++) out[i] = tensor_of(r, last->out[i], &out_boxes[i]);
    upreg_run_options options = options_of_step(r);
    upreg_epilogue epilogue = s->epilogue;
    void *copy = NULL;
    size_t actual = 0;
    if (status == UPREG_OK && s->residual >= 0) status = dense_residual(r, s, &epilogue, &copy, &actual, err);
    if (s->has_epilogue) options.epilogue = &epilogue;
    upreg_error why = {{0}};
    if (status == UPREG_OK) {
        status = upreg_plan_run(s->plan, in, node->n_in, out, last->n_out, &options, &why);
        if (status != UPREG_OK) ug_fail(err, status, "node '%.200s': %s", node->name, why.text);
    }
    ug_give(r->options, copy, actual);
    free(in), free(boxes);
    return status;
}

/* Results that no step wrote: inputs, constants, and values that are handed out twice. */
static void copy_results(const graph_run *r, upreg_tensor *out) {
    const upreg_graph_plan *p = r->plan;
    for (int i = 0; i < p->n_results; i++) {
        int v = root_of(p, p->results[i]);
        if (p->storage[v].place == OUTPUT && p->storage[v].index == i) continue;
        ug_box box;
        upreg_tensor from = tensor_of(r, v, &box);
        ug_copy_strided(&out[i], &from);
    }
}

upreg_status upreg_graph_plan_run(const upreg_graph_plan *p, const upreg_tensor *in, int n_in, upreg_tensor *out, int n_out,
                                  const upreg_run_options *options, double *seconds, upreg_error *err) {
    if (!p || !out || (n_in && !in)) return ug_fail(err, UPREG_E_USAGE, "upreg_graph_plan_run: plan, in and out must not be NULL");
    if (n_in != p->graph->n_inputs || n_out != p->n_results)
        return ug_fail(err, UPREG_E_GRAPH, "graph: got %d inputs and %d results; this plan has %d and %d", n_in, n_out, p->graph->n_inputs,
                       p->n_results);
    for (int i = 0; i < n_in; i++)
        UG_TRY(ug_check_tensor(&in[i], &p->specs[p->graph->inputs[i]], "graph", p->graph->values[p->graph->inputs[i]].name, err));
    for (int i = 0; i < n_out; i++) UG_TRY(ug_check_tensor(&out[i], &p->specs[p->results[i]], "graph", "result", err));
    graph_run r = {.plan = p, .in = in, .out = out, .options = options};
    size_t actual = 0;
    if (p->arena) {
        r.arena = ug_take(options, p->arena, &actual);
        if (!r.arena) return ug_no_memory(err, p->arena);
    }
    upreg_status status = UPREG_OK;
    for (int i = 0; i < p->n_steps && status == UPREG_OK; i++) {
        const step *s = &p->steps[i];
        int64_t before = seconds ? ug_now() : 0;
        r.share = s->plan->macs + s->plan->bytes / 16 + 1;
        status = run_step(&r, s, err);
        r.done += r.share;
        if (seconds) seconds[s->node] = (double)(ug_now() - before) * 1e-9;
        if (status == UPREG_OK && options && options->progress && options->progress(options->host, r.done, p->macs))
            status = ug_fail(err, UPREG_E_CANCELLED, "graph: cancelled");
        if (status == UPREG_OK && options && options->cancel && *options->cancel) status = ug_fail(err, UPREG_E_CANCELLED, "graph: cancelled");
    }
    if (status == UPREG_OK) copy_results(&r, out);
    ug_give(options, r.arena, actual);
    return status;
}
