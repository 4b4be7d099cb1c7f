/* Running graph plans: group after group; the steps of a group run at the same time, one per thread. */
#include <stdlib.h>

#include "core/graph_plan.h"

enum { SHARED_GROUP = 16 * UG_SERIAL_NANOSECONDS }; /* less work than this, in multiply-adds, is not worth waking a thread */

typedef struct graph_run {
    const upreg_graph_plan *plan;
    const upreg_tensor *in, *out;
    unsigned char *arena;
    const upreg_run_options *options;
    int64_t done, share; /* of the plan's work: before this step, and of it */
} graph_run;

static upreg_tensor tensor_of(const graph_run *r, int value, ug_box *box) {
    const upreg_graph_plan *p = r->plan;
    int root = ug_root_of(p, value);
    const ug_storage *s = &p->storage[root];
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
static upreg_status dense_residual(graph_run *r, const ug_step *s, upreg_epilogue *e, void **copy, size_t *actual, upreg_error *err) {
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

/* alone: NULL, or the options of a step that runs beside others, on one thread. */
static upreg_status run_step(graph_run *r, const ug_step *s, const upreg_run_options *alone, upreg_error *err) {
    const upreg_graph_plan *p = r->plan;
    const ug_node *node = &p->graph->nodes[s->node], *last = &p->graph->nodes[s->last];
    upreg_tensor *in = calloc((size_t)node->n_in + 1, sizeof *in), out[UPREG_MAX_PORTS];
    ug_box *boxes = calloc((size_t)node->n_in + 1, sizeof *boxes), out_boxes[UPREG_MAX_PORTS];
    upreg_status status = in && boxes ? UPREG_OK : ug_no_memory(err, sizeof *boxes);
    for (int i = 0; i < node->n_in && status == UPREG_OK; i++)
        if (node->in[i] >= 0) in[i] = tensor_of(r, node->in[i], &boxes[i]);
    for (int i = 0; i < last->n_out && status == UPREG_OK; i++) out[i] = tensor_of(r, last->out[i], &out_boxes[i]);
    upreg_run_options options = alone ? *alone : options_of_step(r);
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

/* Steps that run at the same time, one per thread. */
typedef struct group_run {
    graph_run *run;
    const ug_step *steps;
    upreg_run_options options;
    upreg_status *status;
    upreg_error *errors;
} group_run;

static void run_members(void *context, int64_t begin, int64_t end, int worker) {
    group_run *g = context;
    (void)worker;
    for (int64_t i = begin; i < end; i++) g->status[i] = run_step(g->run, &g->steps[i], &g->options, &g->errors[i]);
}

static upreg_status run_group(graph_run *r, int first, int count, int threads, upreg_error *err) {
    group_run g = {.run = r, .steps = &r->plan->steps[first], .options = options_of_step(r)};
    g.options.threads = 1, g.options.progress = NULL, g.options.parallel_for = NULL;
    g.status = calloc((size_t)count, sizeof *g.status), g.errors = calloc((size_t)count, sizeof *g.errors);
    upreg_status status = g.status && g.errors ? UPREG_OK : ug_no_memory(err, (size_t)count * sizeof *g.errors);
    if (status == UPREG_OK) {
        upreg_run_options quiet = {.struct_size = sizeof quiet}; /* the group's progress is told when it ends */
        if (r->options) quiet.cancel = r->options->cancel, quiet.parallel_for = r->options->parallel_for, quiet.host = r->options->host;
        ug_control control = {.options = &quiet};
        atomic_init(&control.stop, 0);
        ug_parallel(&control, threads, count, 1, run_members, &g);
        if (atomic_load(&control.stop)) status = ug_fail(err, UPREG_E_CANCELLED, "graph: cancelled");
        for (int i = 0; i < count && status == UPREG_OK; i++)
            if (g.status[i] != UPREG_OK) status = ug_fail(err, g.status[i], "%s", g.errors[i].text);
    }
    free(g.status), free(g.errors);
    return status;
}

/* Results that no step wrote: inputs, constants, and values that are handed out twice. */
static void copy_results(const graph_run *r, upreg_tensor *out) {
    const upreg_graph_plan *p = r->plan;
    for (int i = 0; i < p->n_results; i++) {
        int v = ug_root_of(p, p->results[i]);
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
    int threads = options && options->threads > 0 ? options->threads : upreg_get_threads();
    if (threads > 1) ug_expect_work(1);
    for (int g = 0; g < p->n_groups && status == UPREG_OK; g++) {
        int first = p->group[g], count = p->group[g + 1] - first;
        r.share = 0;
        for (int i = first; i < first + count; i++) r.share += ug_step_cost(&p->steps[i]);
        int own_allocator = options && options->allocate; /* a host's need not bear several threads */
        if (count > 1 && threads > 1 && !seconds && !own_allocator && r.share > SHARED_GROUP)
            status = run_group(&r, first, count, threads, err);
        else
            for (int i = first; i < first + count && status == UPREG_OK; i++) {
                int64_t before = seconds ? ug_now() : 0;
                status = run_step(&r, &p->steps[i], NULL, err);
                if (seconds) seconds[p->steps[i].node] = (double)(ug_now() - before) * 1e-9;
            }
        r.done += r.share;
        if (status == UPREG_OK && options && options->progress && options->progress(options->host, r.done, p->macs))
            status = ug_fail(err, UPREG_E_CANCELLED, "graph: cancelled");
        if (status == UPREG_OK && options && options->cancel && *options->cancel) status = ug_fail(err, UPREG_E_CANCELLED, "graph: cancelled");
    }
    if (threads > 1) ug_expect_work(0);
    if (status == UPREG_OK) copy_results(&r, out);
    ug_give(options, r.arena, actual);
    return status;
}
