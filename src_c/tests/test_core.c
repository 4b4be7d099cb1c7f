/* The C interface as an embedder meets it: ops, plans, errors, threads, cancelling, memory, plugins. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static void worked_examples(void) {
    float x[16], w[9] = {3, 2, 9, -2, 1, 3, -3, -2, 2}, y[4];
    for (int i = 0; i < 16; i++) x[i] = (float)(i + 1);
    upreg_error err;
    upreg_op *op;
    upreg_plan *plan;
    array ax, aw, ay;
    upreg_tensor in[2] = {*tensor_of(&ax, UPREG_F32, 4, SHAPE(1, 1, 4, 4), x), *tensor_of(&aw, UPREG_F32, 4, SHAPE(1, 1, 3, 3), w)};
    upreg_spec specs[2] = {spec_of(UPREG_F32, 4, SHAPE(1, 1, 4, 4)), spec_of(UPREG_F32, 4, SHAPE(1, 1, 3, 3))};
    CHECK(upreg_op_create("conv", &op, &err) == UPREG_OK);
    for (int bound = 0; bound < 2; bound++) {
        const upreg_tensor *constants[2] = {NULL, bound ? &in[1] : NULL};
        CHECK(upreg_plan_create(op, specs, 2, constants, NULL, &plan, &err) == UPREG_OK);
        CHECK(upreg_plan_run(plan, in, 2, tensor_of(&ay, UPREG_F32, 4, SHAPE(1, 1, 2, 2), y), 1, NULL, &err) == UPREG_OK);
        CHECK(y[0] == 26 && y[1] == 39 && y[2] == 78 && y[3] == 91);
        upreg_plan_free(plan);
    }
    upreg_op_free(op);
}

static void texts(void) {
    upreg_error err;
    upreg_op *op;
    CHECK(upreg_op_create("deconvolution:padding=[[1,2],[3,4]],stride=[2,2]", &op, &err) == UPREG_OK);
    CHECK(strcmp(upreg_op_text(op), "conv_transpose:stride=[2,2],padding=[[1,2],[3,4]]") == 0);
    upreg_op_free(op);
    static const char *const wrong[] = {"",
                                        "konv",
                                        "conv:stride=0",
                                        "conv:stride=[1,[2]]",
                                        "conv:nothing=1",
                                        "conv:stride",
                                        "conv:",
                                        "conv:stride=1,stride=2",
                                        "conv:stride=99999999999999999999",
                                        "conv:stride=[",
                                        "conv:padding=[[1]]",
                                        "pad",
                                        "conv:stride=\"2",
                                        "nearest_exact:rounding=ceil,scale=2",
                                        "conv:value=nan"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        err.text[0] = 0;
        CHECK(upreg_op_create(wrong[i], &op, &err) != UPREG_OK);
        CHECK(op == NULL && strlen(err.text) > 10);
    }
    CHECK(upreg_op_create(NULL, &op, NULL) == UPREG_E_USAGE);
}

/* Every registered name must describe itself, and an op of it must refuse a wrong number of inputs without a crash. */
static void whole_registry(void) {
    upreg_method_info info;
    upreg_error err;
    CHECK(upreg_method_count() > 50);
    for (int64_t i = 0; i < upreg_method_count(); i++) {
        CHECK(upreg_method_at(i, &info) == UPREG_OK);
        CHECK(info.n_in > 0 && info.n_out > 0 && strlen(info.summary) > 5 && info.method->doc && info.method->source);
        upreg_op *op;
        if (upreg_op_create(info.name, &op, &err) != UPREG_OK) continue; /* a parameter is required */
        upreg_spec in[UPREG_MAX_PORTS] = {{0}}, out[UPREG_MAX_PORTS];
        CHECK(upreg_op_infer(op, in, 0, out, UPREG_MAX_PORTS, &err) != UPREG_OK);
        for (int rank = 0; rank <= UPREG_MAX_DIMS; rank++) { /* any answer is right, a crash is not */
            for (int p = 0; p < UPREG_MAX_PORTS; p++) in[p] = spec_of(UPREG_F32, rank, SHAPE(0, 1, 2, 3, 4, 5, 6, 7));
            (void)upreg_op_infer(op, in, info.n_in, out, UPREG_MAX_PORTS, &err);
            for (int p = 0; p < UPREG_MAX_PORTS; p++)
                in[p] = spec_of(UPREG_F64, rank, SHAPE(INT64_MAX / 2, INT64_MAX / 2, 1 << 30, 1 << 30, INT64_MAX / 2, 3, 3, 3));
            (void)upreg_op_infer(op, in, info.n_in, out, UPREG_MAX_PORTS, &err);
        }
        upreg_op_free(op);
    }
}

typedef struct work {
    upreg_plan *plan;
    float *x, *y;
    int64_t n;
    int same;
} work;

static upreg_plan *big_plan(void) {
    upreg_error err;
    upreg_op *op;
    upreg_plan *plan = NULL;
    upreg_spec specs[2] = {spec_of(UPREG_F32, 4, SHAPE(1, 32, 96, 96)), spec_of(UPREG_F32, 4, SHAPE(32, 32, 3, 3))};
    CHECK(upreg_op_create("conv:padding=1", &op, &err) == UPREG_OK);
    CHECK(upreg_plan_create(op, specs, 2, NULL, NULL, &plan, &err) == UPREG_OK);
    upreg_op_free(op);
    return plan;
}

enum { BIG = 32 * 96 * 96, WEIGHTS = 32 * 32 * 9 };
static float big_x[BIG], big_w[WEIGHTS], big_y[BIG], other_y[BIG];

static upreg_status run_big(upreg_plan *plan, float *y, const upreg_run_options *options) {
    array ax, aw, ay;
    upreg_error err;
    upreg_tensor in[2] = {*tensor_of(&ax, UPREG_F32, 4, SHAPE(1, 32, 96, 96), big_x), *tensor_of(&aw, UPREG_F32, 4, SHAPE(32, 32, 3, 3), big_w)};
    return upreg_plan_run(plan, in, 2, tensor_of(&ay, UPREG_F32, 4, SHAPE(1, 32, 96, 96), y), 1, options, &err);
}

static void *run_again(void *arg) {
    work *w = arg;
    for (int i = 0; i < 4; i++) {
        if (run_big(w->plan, w->y, NULL) != UPREG_OK) w->same = 0;
        w->same = w->same && memcmp(w->y, big_y, sizeof big_y) == 0;
    }
    return NULL;
}

static void host_loop(void *host, int64_t count, int workers, upreg_task task, void *arg) {
    (void)workers;
    ++*(int *)host;
    for (int64_t i = count - 1; i >= 0; i--) task(arg, i, 0);
}

static int stop_now(void *host, int64_t done, int64_t total) {
    (void)done, (void)total;
    ++*(int *)host;
    return 1;
}

static void threads(void) {
    for (int i = 0; i < BIG; i++) big_x[i] = (float)(i % 1009 * 7 % 1000) / 1000 - 0.5f;
    for (int i = 0; i < WEIGHTS; i++) big_w[i] = (float)(i % 997 * 13 % 1000) / 1000 - 0.5f;
    upreg_plan *plan = big_plan();
    upreg_run_options options = {.struct_size = sizeof options, .threads = 1};
    CHECK(run_big(plan, big_y, &options) == UPREG_OK);
    for (options.threads = 2; options.threads < 6; options.threads++) {
        memset(other_y, 0, sizeof other_y);
        CHECK(run_big(plan, other_y, &options) == UPREG_OK);
        CHECK(memcmp(other_y, big_y, sizeof big_y) == 0);
    }
    int calls = 0;
    options = (upreg_run_options){.struct_size = sizeof options, .threads = 3, .parallel_for = host_loop, .host = &calls};
    memset(other_y, 0, sizeof other_y);
    CHECK(run_big(plan, other_y, &options) == UPREG_OK && calls > 0 && memcmp(other_y, big_y, sizeof big_y) == 0);

    static float rows[3][BIG];
    pthread_t thread[3];
    work jobs[3];
    for (int i = 0; i < 3; i++) {
        jobs[i] = (work){.plan = plan, .y = rows[i], .same = 1};
        CHECK(pthread_create(&thread[i], NULL, run_again, &jobs[i]) == 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(thread[i], NULL);
        CHECK(jobs[i].same);
    }

    const int32_t cancel = 1;
    options = (upreg_run_options){.struct_size = sizeof options, .cancel = &cancel};
    CHECK(run_big(plan, other_y, &options) == UPREG_E_CANCELLED);

    /* A child of fork has no workers; it must start its own. */
    options = (upreg_run_options){.struct_size = sizeof options, .threads = 4};
    CHECK(run_big(plan, other_y, &options) == UPREG_OK);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) _exit(run_big(plan, other_y, &options) == UPREG_OK && memcmp(other_y, big_y, sizeof big_y) == 0 ? 0 : 1);
    int status = 1;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    calls = 0;
    options = (upreg_run_options){.struct_size = sizeof options, .threads = 1, .progress = stop_now, .host = &calls};
    for (int i = 0; i < 200 && calls == 0; i++) run_big(plan, other_y, &options); /* called at most every 10 ms */
    upreg_plan_free(plan);
}

static void *no_memory(void *host, size_t bytes) {
    (void)host, (void)bytes;
    return NULL;
}

static void memory(void) {
    upreg_plan *plan = big_plan();
    upreg_run_options options = {.struct_size = sizeof options, .allocate = no_memory};
    CHECK(run_big(plan, other_y, &options) == UPREG_E_MEMORY);
    upreg_plan_free(plan);
    size_t actual, again;
    void *block = upreg_pool_take(3 << 20, &actual);
    CHECK(block && actual >= 3 << 20 && (uintptr_t)block % 64 == 0);
    upreg_pool_give(block, actual);
    CHECK(upreg_pool_idle() >= actual);
    void *same = upreg_pool_take(3 << 20, &again);
    CHECK(same == block);
    upreg_pool_give(same, again);
    upreg_pool_empty();
    CHECK(upreg_pool_idle() == 0);
}

static void bad_tensors(void) {
    upreg_plan *plan = big_plan();
    array ax, aw, ay;
    upreg_error err;
    upreg_tensor in[2] = {*tensor_of(&ax, UPREG_F32, 4, SHAPE(1, 32, 96, 95), big_x), *tensor_of(&aw, UPREG_F32, 4, SHAPE(32, 32, 3, 3), big_w)};
    upreg_tensor *out = tensor_of(&ay, UPREG_F32, 4, SHAPE(1, 32, 96, 96), other_y);
    CHECK(upreg_plan_run(plan, in, 2, out, 1, NULL, &err) == UPREG_E_SHAPE);
    CHECK(upreg_plan_run(plan, in, 1, out, 1, NULL, &err) != UPREG_OK);
    CHECK(upreg_plan_run(plan, in, 2, out, 0, NULL, &err) == UPREG_E_USAGE);
    in[0] = *tensor_of(&ax, UPREG_F64, 4, SHAPE(1, 32, 96, 96), big_x);
    CHECK(upreg_plan_run(plan, in, 2, out, 1, NULL, &err) == UPREG_E_DTYPE);
    in[0] = *tensor_of(&ax, UPREG_F32, 4, SHAPE(1, 32, 96, 96), NULL);
    CHECK(upreg_plan_run(plan, in, 2, out, 1, NULL, &err) == UPREG_E_USAGE);
    in[0].device.type = 2;
    CHECK(upreg_plan_run(plan, in, 2, out, 1, NULL, &err) == UPREG_E_DTYPE);
    CHECK(upreg_plan_run(NULL, in, 2, out, 1, NULL, &err) == UPREG_E_USAGE);
    upreg_plan_free(plan);
    upreg_plan_free(NULL);
    upreg_op_free(NULL);
}

static upreg_status twice_infer(upreg_infer *ctx) {
    ctx->out[0] = ctx->in[0];
    return UPREG_OK;
}
static upreg_status twice_prepare(upreg_prepare *p) {
    p->stage[p->n_stages++] = (upreg_stage){p->in[0].dim[0], 1, 0};
    return UPREG_OK;
}
static void twice_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    for (int64_t i = begin; i < end; i++) {
        if (((float *)call->in[0].data)[i] < 0) upreg_call_fail(call, 0, i, ((float *)call->in[0].data)[i]);
        ((float *)call->out[0].data)[i] = 2 * ((float *)call->in[0].data)[i];
    }
}

static void plugins(void) {
    upreg_method twice = {.struct_size = sizeof twice,
                          .version = 1,
                          .name = "acme.twice",
                          .family = "acme",
                          .summary = "two times x",
                          .ports = "x:T -> y:T",
                          .types = 1u << UPREG_F32,
                          .infer = twice_infer,
                          .prepare = twice_prepare,
                          .run = twice_run};
    static upreg_method kept;
    kept = twice;
    const upreg_method *list[] = {&kept};
    upreg_plugin plugin = {
        .magic = UPREG_MAGIC, .abi = UPREG_ABI, .struct_size = sizeof plugin, .n_methods = 1, .vendor = "acme", .version = "1", .methods = list};
    upreg_error err;
    upreg_plugin wrong = plugin;
    wrong.magic = 7;
    CHECK(upreg_plugin_register(&wrong, "wrong.so", &err) == UPREG_E_PLUGIN && strstr(err.text, "wrong.so"));
    wrong = plugin, wrong.abi = 99;
    CHECK(upreg_plugin_register(&wrong, "wrong.so", &err) == UPREG_E_PLUGIN && strstr(err.text, "99"));
    wrong = plugin, wrong.vendor = "other";
    CHECK(upreg_plugin_register(&wrong, "wrong.so", &err) == UPREG_E_PLUGIN);
    upreg_method bare = twice;
    bare.name = "twice";
    CHECK(upreg_register(&bare, &err) == UPREG_E_PLUGIN);
    bare.name = "torch.twice";
    CHECK(upreg_register(&bare, &err) == UPREG_E_PLUGIN);
    upreg_op *op;
    CHECK(upreg_op_create("acme.twice", &op, &err) == UPREG_E_METHOD);
    CHECK(upreg_plugin_register(&plugin, "good.so", &err) == UPREG_OK);
    CHECK(upreg_plugin_register(&plugin, "good.so", &err) == UPREG_OK); /* the same again is no error */
    CHECK(upreg_op_create("acme.twice", &op, &err) == UPREG_OK);
    upreg_plan *plan;
    upreg_spec spec = spec_of(UPREG_F32, 1, SHAPE(5));
    float x[5] = {1, 2, -3, 4, -5}, y[5];
    array ax, ay;
    CHECK(upreg_plan_create(op, &spec, 1, NULL, NULL, &plan, &err) == UPREG_OK);
    CHECK(upreg_plan_run(plan, tensor_of(&ax, UPREG_F32, 1, SHAPE(5), x), 1, tensor_of(&ay, UPREG_F32, 1, SHAPE(5), y), 1, NULL, &err) ==
          UPREG_E_DATA);
    CHECK(strstr(err.text, "-3") && strstr(err.text, "index 2"));
    x[2] = 3, x[4] = 5;
    CHECK(upreg_plan_run(plan, &ax.tensor, 1, &ay.tensor, 1, NULL, &err) == UPREG_OK && y[4] == 10);
    CHECK(upreg_get_api()->abi == UPREG_ABI && upreg_get_api()->method_find != NULL);
    CHECK(upreg_plugin_load("/nowhere/plugin.so", &err) == UPREG_E_PLUGIN);
    upreg_plan_free(plan);
    upreg_op_free(op);
}

int main(void) {
    worked_examples();
    texts();
    whole_registry();
    threads();
    memory();
    bad_tensors();
    plugins();
    upreg_pool_empty();
    return check_result();
}
