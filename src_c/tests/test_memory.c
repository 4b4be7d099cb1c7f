/* Every allocation fails once: each call must answer UPREG_E_MEMORY or succeed, crash never, and leak nothing (the sanitizers look).
 * The Makefile links this test with malloc, calloc, realloc and aligned_alloc wrapped. */
#include "check.h"

static int countdown = -1; /* allocations until the one that fails; negative: none fails */

static int fails_now(void) { return countdown >= 0 && countdown-- == 0; }

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_aligned_alloc(size_t alignment, size_t n);
void *__wrap_malloc(size_t n) { return fails_now() ? NULL : __real_malloc(n); }
void *__wrap_calloc(size_t n, size_t size) { return fails_now() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *p, size_t n) { return fails_now() ? NULL : __real_realloc(p, n); }
void *__wrap_aligned_alloc(size_t alignment, size_t n) { return fails_now() ? NULL : __real_aligned_alloc(alignment, n); }

#define STEP(call)                                                                                                                                   \
    do {                                                                                                                                             \
        if (status == UPREG_OK) status = (call);                                                                                                     \
    } while (0)

static float x[2 * 3 * 9 * 9], w[4 * 3 * 9], y[2 * 4 * 18 * 18];

static upreg_status one_method(void) {
    upreg_error err;
    upreg_op *op = NULL;
    upreg_plan *plan = NULL;
    upreg_status status = UPREG_OK;
    array ax, aw, ay;
    upreg_tensor in[2] = {*tensor_of(&ax, UPREG_F32, 4, SHAPE(2, 3, 9, 9), x), *tensor_of(&aw, UPREG_F32, 4, SHAPE(3, 4, 3, 3), w)};
    upreg_spec specs[2] = {spec_of(UPREG_F32, 4, SHAPE(2, 3, 9, 9)), spec_of(UPREG_F32, 4, SHAPE(3, 4, 3, 3))};
    const upreg_tensor *bound[2] = {NULL, &in[1]};
    STEP(upreg_op_create("conv_transpose:stride=2,padding=1,output_padding=1", &op, &err));
    STEP(upreg_plan_create(op, specs, 2, bound, NULL, &plan, &err));
    int64_t strides[4] = {4 * 18 * 18, 1, 18 * 4, 4}; /* not dense: the result goes through a copy */
    upreg_tensor *out = tensor_of(&ay, UPREG_F32, 4, SHAPE(2, 4, 18, 18), y);
    out->strides = strides;
    STEP(upreg_plan_run(plan, in, 2, out, 1, NULL, &err));
    upreg_plan_free(plan);
    upreg_op_free(op);
    return status;
}

static upreg_status add(upreg_graph *g, const char *text, const char *name, const int *in, int n, int *value) {
    upreg_error err;
    upreg_op *op = NULL;
    int values[UPREG_MAX_PORTS];
    upreg_status status = upreg_op_create(text, &op, &err);
    STEP(upreg_graph_add(g, op, name, in, n, values, &err));
    *value = values[0];
    upreg_op_free(op);
    return status;
}

static upreg_status one_graph(void) {
    upreg_error err;
    upreg_graph *g = NULL, *counting = NULL;
    upreg_graph_plan *plan = NULL;
    upreg_status status = UPREG_OK;
    array ax, aw, ay;
    int in = 0, weight = 0, value = 0, other = 0, scale[5] = {-1, -1, -1, -1, -1};
    float var[4] = {1, 2, 3, 4};
    upreg_spec spec = spec_of(UPREG_F32, 4, SHAPE(2, 3, 9, 9));
    STEP(upreg_graph_create(&g, &err));
    STEP(upreg_graph_input(g, "x", &in, &err));
    STEP(upreg_graph_constant(g, "w", tensor_of(&aw, UPREG_F32, 4, SHAPE(4, 3, 3, 3), w), 1, &weight, &err));
    STEP(upreg_graph_constant(g, "v", tensor_of(&ay, UPREG_F32, 1, SHAPE(4), var), 1, &scale[4], &err));
    STEP(add(g, "conv:padding=1", "conv", (int[]){in, weight}, 2, &scale[0]));
    STEP(add(g, "batch_norm", "bn", scale, 5, &value));
    STEP(add(g, "max_pool:kernel=3,padding=1,stride=1,return_indices=true", "pool", &value, 1, &other));
    STEP(add(g, "add", "sum", (int[]){value, other}, 2, &value));
    for (int i = 0; i < 20; i++) { /* more values than the graph first has room for */
        char name[16];
        snprintf(name, sizeof name, "relu%d", i);
        STEP(add(g, "relu", name, &value, 1, &value));
    }
    STEP(upreg_graph_output(g, value, "y", &err));
    STEP(upreg_graph_plan_create(g, &spec, 1, NULL, &plan, &err));
    STEP(upreg_graph_plan_run(plan, tensor_of(&ax, UPREG_F32, 4, SHAPE(2, 3, 9, 9), x), 1, tensor_of(&ay, UPREG_F32, 4, SHAPE(2, 4, 9, 9), y), 1,
                              NULL, NULL, &err));
    STEP(upreg_graph_overlap(g, &spec, 1, &counting, &err));
    upreg_graph_plan_free(plan);
    upreg_graph_free(counting);
    upreg_graph_free(g);
    return status;
}

/* Parameters computed from shapes, a constant that is folded, a branch that is chosen, a view. */
static upreg_status computed_graph(void) {
    upreg_error err;
    upreg_graph *g = NULL, *counting = NULL;
    upreg_graph_plan *plan = NULL;
    upreg_status status = UPREG_OK;
    array ax, ay, ac;
    int64_t two = 2;
    int in = 0, constant = 0, size = 0, sum = 0, up = 0, view = 0, chosen = 0;
    upreg_spec spec = spec_of(UPREG_F32, 4, SHAPE(1, 1, 3, 3)), values[16];
    STEP(upreg_graph_create(&g, &err));
    STEP(upreg_graph_input(g, "x", &in, &err));
    STEP(upreg_graph_constant(g, "two", tensor_of(&ac, UPREG_I64, 1, SHAPE(1), &two), 1, &constant, &err));
    STEP(add(g, "shape:start=2", "size", &in, 1, &size));
    STEP(add(g, "add", "sum", (int[]){size, constant}, 2, &sum));
    STEP(add(g, "nearest:size=?", "up", (int[]){in, sum}, 2, &up));
    STEP(add(g, "reshape:shape=[1,1,-1,5]", "view", &up, 1, &view));
    STEP(add(g, "if_else", "chosen", (int[]){constant, view, up}, 3, &chosen));
    STEP(add(g, "relu", "y", &chosen, 1, &chosen));
    STEP(upreg_graph_output(g, chosen, "y", &err));
    STEP(upreg_graph_infer(g, &spec, 1, values, &err));
    STEP(upreg_graph_plan_create(g, &spec, 1, NULL, &plan, &err));
    STEP(upreg_graph_plan_run(plan, tensor_of(&ax, UPREG_F32, 4, SHAPE(1, 1, 3, 3), x), 1, tensor_of(&ay, UPREG_F32, 4, SHAPE(1, 1, 5, 5), y), 1,
                              NULL, NULL, &err));
    STEP(upreg_graph_overlap(g, &spec, 1, &counting, &err));
    upreg_graph_plan_free(plan);
    upreg_graph_free(counting);
    upreg_graph_free(g);
    return status;
}

static void each_allocation_fails(upreg_status (*scenario)(void)) {
    CHECK(scenario() == UPREG_OK);
    int failed = 0;
    for (int i = 0; i < 2000; i++) {
        upreg_pool_empty(); /* the pool's blocks are allocated anew each time */
        countdown = i;
        upreg_status status = scenario();
        int reached = countdown < 0;
        countdown = -1;
        if (!reached) break;
        CHECK(status == UPREG_E_MEMORY || status == UPREG_OK);
        failed += status == UPREG_E_MEMORY;
    }
    CHECK(failed > 10);
    CHECK(scenario() == UPREG_OK);
}

int main(void) {
    upreg_set_threads(1, NULL);
    each_allocation_fails(one_method);
    each_allocation_fails(one_graph);
    each_allocation_fails(computed_graph);
    upreg_pool_empty();
    return check_result();
}
