/* Plans: a method's tables for one geometry, and running them. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

enum { ALIGN = 64, MOST_THREADS = 1024 };
#define MOST_OUTPUT_BYTES ((int64_t)1 << 46) /* beyond any computer's memory: refused before tables are built for it */

void *upreg_reserve(upreg_prepare *p, size_t bytes) {
    size_t at = p->state_used;
    if (bytes > SIZE_MAX / 4 || at > SIZE_MAX / 4) { /* makes the allocation fail, with its size in the error */
        p->state_used = SIZE_MAX / 2;
        return NULL;
    }
    p->state_used = at + (bytes + ALIGN - 1) / ALIGN * ALIGN;
    return p->fill ? p->state + at : NULL;
}

static int is_half(upreg_type type) { return type == UPREG_F16 || type == UPREG_BF16; }

/* ---- creating ---- */

static upreg_status copy_bound(upreg_plan *plan, int i, const upreg_tensor *t, upreg_error *err) {
    size_t n = (size_t)ug_tensor_elements(t), bytes = n * upreg_type_size(plan->in[i].type), run_bytes = n * upreg_type_size(plan->in_run[i].type);
    void *dense = ug_alloc(bytes);
    if (!dense) return ug_no_memory(err, bytes);
    ug_box box;
    ug_box_dense(&box, &plan->in[i], dense);
    ug_copy_strided(&box.tensor, t);
    plan->bound_data[i] = dense;
    if (plan->in[i].type == plan->in_run[i].type) return UPREG_OK;
    void *wide = ug_alloc(run_bytes);
    if (!wide) return ug_no_memory(err, run_bytes);
    ug_convert_dense(plan->kernels, wide, plan->in_run[i].type, dense, plan->in[i].type, (int64_t)n);
    ug_free(dense);
    plan->bound_data[i] = wide;
    return UPREG_OK;
}

/* A constant as `prepare` sees it: where it lies if that will do, since many are packed and then needed no more; else a dense copy. */
static upreg_status bring_bound(upreg_plan *plan, int i, const upreg_tensor *t, ug_box *box, upreg_error *err) {
    UG_TRY(ug_check_tensor(t, &plan->in[i], ug_op_name(plan->op), ug_op_port(plan->op, i)->name, err));
    plan->bound[i] = 1;
    int usable = plan->in[i].type == plan->in_run[i].type && ug_is_dense(t) && ug_is_aligned(t);
    if (!usable) UG_TRY(copy_bound(plan, i, t, err));
    ug_box_dense(box, &plan->in_run[i], usable ? (char *)t->data + t->byte_offset : plan->bound_data[i]);
    return UPREG_OK;
}

static upreg_status prepare(upreg_plan *plan, const upreg_tensor *const *given, int n_given, upreg_error *err) {
    const upreg_method *m = plan->op->info.method;
    ug_box *boxes = calloc((size_t)plan->n_in + 1, sizeof *boxes);
    const upreg_tensor **bound = calloc((size_t)plan->n_in + 1, sizeof *bound);
    const upreg_spec *in = plan->in_run, *out = plan->out_run;
    ug_op_part part;
    if (plan->op->part) { /* of the whole call, in the types that the kernels see */
        part = *plan->op->part, in = part.in, out = part.out;
        for (int i = 0; i < plan->n_in; i++) part.in[i].type = plan->in_run[i].type;
        for (int i = 0; i < plan->n_out; i++) part.out[i].type = plan->out_run[i].type;
    }
    upreg_status status = boxes && bound ? UPREG_OK : ug_no_memory(err, sizeof *boxes * (size_t)plan->n_in);
    for (int i = 0; status == UPREG_OK && given && i < n_given; i++)
        if (given[i] && (status = bring_bound(plan, i, given[i], &boxes[i], err)) == UPREG_OK) bound[i] = &boxes[i].tensor;
    for (int fill = 0; fill < 2 && status == UPREG_OK; fill++) {
        upreg_prepare p = {.struct_size = sizeof p,
                           .rank = plan->op->info.rank,
                           .fill = fill,
                           .exact = plan->exact,
                           .method = m,
                           .params = plan->op->params,
                           .n_in = plan->n_in,
                           .n_out = plan->n_out,
                           .in = in,
                           .out = out,
                           .bound = bound,
                           .kernels = plan->kernels,
                           .state = plan->state,
                           .algorithm = "direct",
                           .err = err,
                           .tile = plan->op->part ? &part.tile : NULL};
        status = m->prepare(&p);
        if (status == UPREG_OK && fill == 0) {
            plan->state_bytes = p.state_used;
            plan->state = ug_alloc(p.state_used);
            if (!plan->state)
                status = ug_no_memory(err, p.state_used);
            else
                memset(plan->state, 0, p.state_used ? p.state_used : 1);
        } else if (status == UPREG_OK) {
            memcpy(plan->stage, p.stage, sizeof plan->stage);
            memcpy(plan->algorithm, p.algorithm, sizeof plan->algorithm);
            plan->n_stages = p.n_stages, plan->workspace = p.workspace, plan->packed_bytes = p.packed_bytes, plan->macs = p.macs;
            plan->channel_axis = p.channel_axis;
            for (int i = 0; i < p.n_stages; i++)
                if (p.stage[i].scratch > plan->scratch_bytes) plan->scratch_bytes = p.stage[i].scratch;
            for (int i = 0; i < plan->n_in && status == UPREG_OK; i++) {
                if (i < 32 && p.packed_inputs & 1u << i)
                    ug_free(plan->bound_data[i]), plan->bound_data[i] = NULL;
                else if (plan->bound[i] && !plan->bound_data[i])
                    status = copy_bound(plan, i, given[i], err);
            }
        }
    }
    free(boxes);
    free(bound);
    return status;
}

static int64_t spec_bytes(const upreg_spec *spec) {
    int64_t bytes = spec->type == UPREG_NONE ? 0 : (int64_t)upreg_type_size(spec->type);
    for (int i = 0; i < spec->ndim; i++)
        if (ug_mul_overflows(bytes, spec->dim[i], &bytes)) return INT64_MAX / 4;
    return bytes;
}

upreg_status upreg_plan_create(const upreg_op *op, const upreg_spec *in, int n_in, const upreg_tensor *const *bound,
                               const upreg_plan_options *options, upreg_plan **result, upreg_error *err) {
    if (!op || !result || n_in < 0 || (n_in && !in)) return ug_fail(err, UPREG_E_USAGE, "upreg_plan_create: op, in and plan must not be NULL");
    *result = NULL;
    const upreg_kernels *kernels = ug_kernels_for(options ? options->cpu_tier : NULL, err);
    if (!kernels) return UPREG_E_PARAMETER;
    int places = ug_op_places(op, n_in), n_out = op->info.n_out;
    upreg_plan *plan = calloc(1, sizeof *plan);
    if (!plan) return ug_no_memory(err, sizeof *plan);
    size_t most = (size_t)(places > n_in ? places : n_in) + 1;
    plan->op = upreg_op_retain(op);
    plan->kernels = kernels, plan->n_in = places, plan->n_out = n_out, plan->exact = options ? options->exact : 0;
    plan->in = calloc(most, sizeof *plan->in), plan->in_run = calloc(most, sizeof *plan->in_run);
    plan->out = calloc((size_t)n_out, sizeof *plan->out), plan->out_run = calloc((size_t)n_out, sizeof *plan->out_run);
    plan->bound = calloc(most, 1), plan->bound_data = calloc(most, sizeof *plan->bound_data);
    upreg_status status = UPREG_OK;
    if (!plan->in || !plan->in_run || !plan->out || !plan->out_run || !plan->bound || !plan->bound_data)
        status = ug_no_memory(err, most * sizeof *plan->in);
    if (status == UPREG_OK) {
        memcpy(plan->in, in, sizeof *in * (size_t)n_in);
        status = upreg_op_infer(op, plan->in, n_in, plan->out, n_out, err);
    }
    if (status == UPREG_OK) {
        int native = op->info.method->types >> UPREG_F16 & 1u;
        for (int i = 0; i < places; i++) {
            plan->in_run[i] = plan->in[i], plan->bytes += spec_bytes(&plan->in[i]);
            if (!native && is_half(plan->in[i].type)) plan->in_run[i].type = UPREG_F32;
        }
        for (int i = 0; i < n_out; i++) {
            plan->out_run[i] = plan->out[i], plan->bytes += spec_bytes(&plan->out[i]);
            if (!native && is_half(plan->out[i].type)) plan->out_run[i].type = UPREG_F32;
        }
    }
    for (int i = 0; status == UPREG_OK && i < n_out; i++)
        if (spec_bytes(&plan->out[i]) > MOST_OUTPUT_BYTES) status = ug_no_memory(err, (size_t)spec_bytes(&plan->out[i]));
    if (status == UPREG_OK) status = prepare(plan, bound, n_in, err);
    if (status != UPREG_OK) {
        upreg_plan_free(plan);
        return status;
    }
    *result = plan;
    return UPREG_OK;
}

void upreg_plan_free(upreg_plan *plan) {
    if (!plan) return;
    for (int i = 0; plan->bound_data && i < plan->n_in; i++) ug_free(plan->bound_data[i]);
    ug_free(plan->state);
    free(plan->in), free(plan->in_run), free(plan->out), free(plan->out_run), free(plan->bound), free(plan->bound_data);
    upreg_op_free(plan->op);
    free(plan);
}

int upreg_plan_outputs(const upreg_plan *plan) {
    int n = plan->n_out;
    while (n > 1 && plan->out[n - 1].type == UPREG_NONE) n--;
    return n;
}

const upreg_spec *upreg_plan_output(const upreg_plan *plan, int index) { return index >= 0 && index < plan->n_out ? &plan->out[index] : NULL; }

void upreg_plan_get_info(const upreg_plan *plan, upreg_plan_info *info) {
    upreg_plan_info full = {.struct_size = sizeof full,
                            .algorithm = plan->algorithm,
                            .cpu_tier = plan->kernels->tier,
                            .macs = plan->macs,
                            .packed_bytes = plan->packed_bytes,
                            .state_bytes = plan->state_bytes,
                            .scratch_bytes = plan->scratch_bytes,
                            .workspace_bytes = plan->workspace,
                            .n_stages = plan->n_stages};
    memcpy(full.stage, plan->stage, sizeof full.stage);
    size_t size = info->struct_size < sizeof full ? info->struct_size : sizeof full;
    full.struct_size = info->struct_size;
    memcpy(info, &full, size);
}

/* ---- running ---- */

typedef struct failure {
    pthread_mutex_t lock;
    int set, port;
    int64_t index;
    double value;
    atomic_int *stop;
} failure;

void upreg_call_fail(const upreg_call *call, int port, int64_t flat_index, double value) {
    failure *f = call->reserved;
    pthread_mutex_lock(&f->lock);
    if (!f->set || flat_index < f->index) f->set = 1, f->port = port, f->index = flat_index, f->value = value;
    pthread_mutex_unlock(&f->lock);
}

/* One run's tensors as the kernels see them, and the copies made for it. */
typedef struct run_state {
    const upreg_plan *plan;
    const upreg_run_options *options;
    ug_box *in, *out; /* what the kernels get */
    upreg_tensor *in_t, *out_t;
    void **copies; /* per input, then per output */
    size_t *copy_bytes;
    upreg_call call;
    unsigned char *scratch[MOST_THREADS];
    int stage;
} run_state;

static void *take_copy(run_state *r, int slot, const upreg_spec *spec, upreg_error *err) {
    size_t bytes = (size_t)spec_bytes(spec);
    r->copies[slot] = ug_take(r->options, bytes, &r->copy_bytes[slot]);
    if (!r->copies[slot]) ug_no_memory(err, bytes);
    return r->copies[slot];
}

static upreg_status bring_input(run_state *r, int i, const upreg_tensor *t, upreg_error *err) {
    const upreg_plan *plan = r->plan;
    const upreg_spec *spec = &plan->in[i], *run = &plan->in_run[i];
    int strided = plan->op->info.method->flags & UPREG_STRIDED;
    if (spec->type == UPREG_NONE) return UPREG_OK;
    if (plan->bound[i]) {
        ug_box_dense(&r->in[i], run, plan->bound_data[i]);
        return UPREG_OK;
    }
    UG_TRY(ug_check_tensor(t, spec, ug_op_name(plan->op), ug_op_port(plan->op, i)->name, err));
    ug_box_copy(&r->in[i], t);
    if (strcmp(ug_op_port(plan->op, i)->role, "data") != 0) strided = 0; /* weights are read as dense arrays */
    int usable = ug_is_aligned(t) && (strided ? ug_inner_contiguous(t) : ug_is_dense(t));
    if (usable && spec->type == run->type) return UPREG_OK;
    void *copy = take_copy(r, i, run, err);
    if (!copy) return UPREG_E_MEMORY;
    ug_box_dense(&r->in[i], run, copy);
    if (spec->type == run->type) {
        ug_copy_strided(&r->in[i].tensor, t);
        return UPREG_OK;
    }
    if (ug_is_dense(t) && ug_is_aligned(t)) {
        ug_convert_dense(plan->kernels, copy, run->type, (char *)t->data + t->byte_offset, spec->type, ug_tensor_elements(t));
        return UPREG_OK;
    }
    size_t narrow_bytes, bytes = (size_t)spec_bytes(spec);
    void *narrow = ug_take(r->options, bytes, &narrow_bytes);
    if (!narrow) return ug_no_memory(err, bytes);
    ug_box box;
    ug_box_dense(&box, spec, narrow);
    ug_copy_strided(&box.tensor, t);
    ug_convert_dense(plan->kernels, copy, run->type, narrow, spec->type, ug_tensor_elements(t));
    ug_give(r->options, narrow, narrow_bytes);
    return UPREG_OK;
}

static int overlaps_input(const run_state *r, const upreg_tensor *in, int n_in, const upreg_tensor *t) {
    const upreg_method *m = r->plan->op->info.method;
    for (int i = 0; i < r->plan->n_in && i < n_in; i++) {
        if (r->plan->in[i].type == UPREG_NONE || r->plan->bound[i] || r->copies[i]) continue;
        int in_place = i == 0 && m->flags & UPREG_IN_PLACE && (char *)in[i].data + in[i].byte_offset == (char *)t->data + t->byte_offset &&
                       ug_is_dense(t) && ug_is_dense(&in[i]) && ug_tensor_elements(t) == ug_tensor_elements(&in[i]);
        if (!in_place && ug_may_overlap(&in[i], t)) return 1;
    }
    return 0;
}

static upreg_status bring_output(run_state *r, const upreg_tensor *in, int n_in, upreg_tensor *out, int i, upreg_error *err) {
    const upreg_plan *plan = r->plan;
    const upreg_spec *spec = &plan->out[i], *run = &plan->out_run[i];
    int strided = plan->op->info.method->flags & UPREG_STRIDED;
    if (spec->type == UPREG_NONE) return UPREG_OK;
    const upreg_tensor *t = &out[i];
    UG_TRY(ug_check_tensor(t, spec, ug_op_name(plan->op), plan->op->info.out[i].name, err));
    ug_box_copy(&r->out[i], t);
    int usable =
        spec->type == run->type && ug_is_aligned(t) && (strided ? ug_inner_contiguous(t) : ug_is_dense(t)) && !overlaps_input(r, in, n_in, t);
    for (int k = 0; k < i && usable; k++)
        if (plan->out[k].type != UPREG_NONE && ug_may_overlap(t, &out[k])) usable = 0;
    if (usable) return UPREG_OK;
    void *copy = take_copy(r, plan->n_in + i, run, err);
    if (!copy) return UPREG_E_MEMORY;
    ug_box_dense(&r->out[i], run, copy);
    return UPREG_OK;
}

static upreg_status return_output(run_state *r, const upreg_tensor *t, int i, upreg_error *err) {
    const upreg_plan *plan = r->plan;
    void *copy = r->copies[plan->n_in + i];
    if (!copy) return UPREG_OK;
    if (plan->out[i].type == plan->out_run[i].type) {
        ug_copy_strided(t, &r->out[i].tensor);
        return UPREG_OK;
    }
    size_t narrow_bytes, bytes = (size_t)spec_bytes(&plan->out[i]);
    void *narrow = ug_take(r->options, bytes, &narrow_bytes);
    if (!narrow) return ug_no_memory(err, bytes);
    ug_convert_dense(plan->kernels, narrow, plan->out[i].type, copy, plan->out_run[i].type, ug_tensor_elements(t));
    ug_box box;
    ug_box_dense(&box, &plan->out[i], narrow);
    ug_copy_strided(t, &box.tensor);
    ug_give(r->options, narrow, narrow_bytes);
    return UPREG_OK;
}

static void run_units(void *context, int64_t begin, int64_t end, int worker) {
    run_state *r = context;
    r->plan->op->info.method->run(&r->call, r->stage, begin, end, worker);
}

/* Threads cost about as much as 20 us of work: less than that stays here. */
static int choose_threads(const upreg_plan *plan, const upreg_run_options *options) {
    double nanoseconds = (double)plan->macs / 16 + (double)plan->bytes / 8;
    if (nanoseconds < UG_SERIAL_NANOSECONDS) return 1;
    int threads = options && options->threads > 0 ? options->threads : upreg_get_threads();
    return threads < MOST_THREADS ? threads : MOST_THREADS;
}

static upreg_status run_stages(run_state *r, int threads, upreg_error *err) {
    const upreg_plan *plan = r->plan;
    failure fail = {.lock = PTHREAD_MUTEX_INITIALIZER};
    ug_control control = {.options = r->options, .last_progress = r->options && r->options->progress ? ug_now() : 0};
    atomic_init(&control.stop, 0);
    r->call.reserved = &fail;
    for (int i = 0; i < plan->n_stages; i++) control.total += plan->stage[i].units;
    for (r->stage = 0; r->stage < plan->n_stages; r->stage++) {
        if (plan->stage[r->stage].units > 0) ug_parallel(&control, threads, plan->stage[r->stage].units, plan->stage[r->stage].grain, run_units, r);
        if (atomic_load(&control.stop)) return ug_fail(err, UPREG_E_CANCELLED, "%s: cancelled", ug_op_name(plan->op));
        if (fail.set)
            return ug_fail(err, UPREG_E_DATA, "%s: input '%s' holds %.*f at flat index %" PRId64 ", which is out of range", ug_op_name(plan->op),
                           ug_op_port(plan->op, fail.port)->name, fail.value == floor(fail.value) ? 0 : 17, fail.value, fail.index);
    }
    return UPREG_OK;
}

static upreg_status run_with_memory(run_state *r, upreg_error *err) {
    const upreg_plan *plan = r->plan;
    int threads = choose_threads(plan, r->options);
    size_t scratch = (plan->scratch_bytes + ALIGN - 1) / ALIGN * ALIGN, workspace = (plan->workspace + ALIGN - 1) / ALIGN * ALIGN;
    size_t bytes = workspace + scratch * (size_t)threads, actual;
    unsigned char *memory = NULL;
    if (bytes) {
        memory = ug_take(r->options, bytes, &actual);
        if (!memory) return ug_no_memory(err, bytes);
    }
    for (int i = 0; i < threads; i++) r->scratch[i] = memory + workspace + scratch * (size_t)i;
    r->call.workspace = memory, r->call.scratch = r->scratch;
    upreg_status status = run_stages(r, threads, err);
    if (bytes) ug_give(r->options, memory, actual);
    return status;
}

upreg_status upreg_plan_run(const upreg_plan *plan, const upreg_tensor *in, int n_in, upreg_tensor *out, int n_out, const upreg_run_options *options,
                            upreg_error *err) {
    if (!plan || !out || (n_in && !in)) return ug_fail(err, UPREG_E_USAGE, "upreg_plan_run: plan, in and out must not be NULL");
    if (n_out < upreg_plan_outputs(plan))
        return ug_fail(err, UPREG_E_USAGE, "%s: %d output tensors given, %d needed", ug_op_name(plan->op), n_out, upreg_plan_outputs(plan));
    int total = plan->n_in + plan->n_out;
    size_t each = 2 * sizeof(ug_box) + 2 * sizeof(upreg_tensor) + 2 * sizeof(void *) + 2 * sizeof(size_t);
    run_state r = {.plan = plan, .options = options};
    unsigned char *memory = calloc((size_t)total, each);
    if (!memory) return ug_no_memory(err, each * (size_t)total);
    r.in = (ug_box *)memory, r.out = r.in + plan->n_in;
    r.in_t = (upreg_tensor *)(r.out + plan->n_out), r.out_t = r.in_t + plan->n_in;
    r.copies = (void **)(r.out_t + plan->n_out);
    r.copy_bytes = (size_t *)(r.copies + total);
    upreg_status status = UPREG_OK;
    for (int i = 0; i < plan->n_in && status == UPREG_OK; i++) {
        if (i >= n_in && plan->in[i].type != UPREG_NONE && !plan->bound[i])
            status = ug_fail(err, UPREG_E_USAGE, "%s: input '%s' is missing", ug_op_name(plan->op), ug_op_port(plan->op, i)->name);
        else
            status = bring_input(&r, i, &in[i], err);
    }
    int empty = 1;
    for (int i = 0; i < plan->n_out && status == UPREG_OK; i++) {
        status = i < n_out || plan->out[i].type != UPREG_NONE ? bring_output(&r, in, n_in, out, i, err) : UPREG_OK;
        if (plan->out[i].type != UPREG_NONE && spec_bytes(&plan->out[i]) > 0) empty = 0;
    }
    if (status == UPREG_OK && !empty) {
        for (int i = 0; i < plan->n_in; i++) r.in_t[i] = r.in[i].tensor;
        for (int i = 0; i < plan->n_out; i++) r.out_t[i] = r.out[i].tensor;
        r.call = (upreg_call){.plan = plan,
                              .params = plan->op->params,
                              .state = plan->state,
                              .kernels = plan->kernels,
                              .n_in = plan->n_in,
                              .n_out = plan->n_out,
                              .in = r.in_t,
                              .out = r.out_t,
                              .epilogue = options ? options->epilogue : NULL};
        status = run_with_memory(&r, err);
        for (int i = 0; i < plan->n_out && i < n_out && status == UPREG_OK; i++) status = return_output(&r, &out[i], i, err);
    }
    for (int i = 0; i < total; i++) ug_give(options, r.copies[i], r.copy_bytes[i]);
    free(memory);
    return status;
}
