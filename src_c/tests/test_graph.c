/* Graphs in C: building, fusing, counting paths, and reading files, good and broken. */
#include <unistd.h>

#include "check.h"

static int add(upreg_graph *g, const char *text, const char *name, const int *in, int n) {
    upreg_error err;
    upreg_op *op;
    int values[UPREG_MAX_PORTS] = {-1};
    CHECK(upreg_op_create(text, &op, &err) == UPREG_OK);
    CHECK(upreg_graph_add(g, op, name, in, n, values, &err) == UPREG_OK);
    upreg_op_free(op);
    return values[0];
}

/* conv -> add(conv, x) -> relu: fused into one step, with the same bits as unfused. */
static void fused_is_unfused(void) {
    enum { N = 4 * 9 * 9 };
    static float x[N], w[4 * 4 * 9], y[N], plain[N], kept[N];
    for (int i = 0; i < N; i++) x[i] = (float)(i % 13) - 6;
    for (int i = 0; i < 4 * 4 * 9; i++) w[i] = (float)(i % 7) / 7 - 0.4f;
    upreg_error err;
    upreg_graph *g;
    array aw, ax, ay, ak;
    int in, weight;
    CHECK(upreg_graph_create(&g, &err) == UPREG_OK);
    CHECK(upreg_graph_input(g, "x", &in, &err) == UPREG_OK);
    CHECK(upreg_graph_input(g, "x", &weight, &err) == UPREG_E_GRAPH);
    CHECK(upreg_graph_constant(g, "w", tensor_of(&aw, UPREG_F32, 4, SHAPE(4, 4, 3, 3), w), 1, &weight, &err) == UPREG_OK);
    int conv = add(g, "conv:padding=1", "conv", (int[]){in, weight}, 2);
    int sum = add(g, "add", "sum", (int[]){conv, in}, 2);
    int relu = add(g, "relu", "relu", &sum, 1);
    CHECK(upreg_graph_output(g, relu, "y", &err) == UPREG_OK);
    upreg_spec spec = spec_of(UPREG_F32, 4, SHAPE(1, 4, 9, 9));
    upreg_graph_options options = {.struct_size = sizeof options};
    for (int mode = 0; mode < 3; mode++) {
        upreg_graph_plan *plan;
        options.no_fusion = mode == 1, options.keep = &conv, options.n_keep = mode == 2;
        CHECK(upreg_graph_plan_create(g, &spec, 1, &options, &plan, &err) == UPREG_OK);
        upreg_node_info info = {.struct_size = sizeof info};
        upreg_graph_plan_node(plan, 2, &info);
        CHECK((info.fused_into == 0) == (mode == 0));
        float *to = mode == 1 ? plain : y;
        upreg_tensor out[2] = {*tensor_of(&ay, UPREG_F32, 4, SHAPE(1, 4, 9, 9), to), *tensor_of(&ak, UPREG_F32, 4, SHAPE(1, 4, 9, 9), kept)};
        CHECK(upreg_graph_plan_run(plan, tensor_of(&ax, UPREG_F32, 4, SHAPE(1, 4, 9, 9), x), 1, out, mode == 2 ? 2 : 1, NULL, NULL, &err) ==
              UPREG_OK);
        if (mode == 2) CHECK(memcmp(y, plain, sizeof y) == 0);
        if (mode == 1) CHECK(memcmp(y, plain, sizeof y) == 0);
        upreg_graph_plan_free(plan);
    }
    CHECK(upreg_graph_plan_create(g, &spec, 0, NULL, &(upreg_graph_plan *){NULL}, &err) == UPREG_E_GRAPH);
    upreg_graph_free(g);
}

static void counts_paths(void) {
    static const double truth[] = {1, 1, 2, 1, 3, 2, 3, 1, 3, 2, 3, 1, 3, 2, 3, 1, 3, 2, 3, 1, 2, 1, 1};
    float w[3] = {5, -1, 2};
    upreg_error err;
    upreg_graph *g, *counting;
    array aw, ax, ay;
    int in, weight;
    CHECK(upreg_graph_create(&g, &err) == UPREG_OK);
    CHECK(upreg_graph_input(g, "x", &in, &err) == UPREG_OK);
    CHECK(upreg_graph_constant(g, "w", tensor_of(&aw, UPREG_F32, 3, SHAPE(1, 1, 3), w), 0, &weight, &err) == UPREG_OK);
    int up = add(g, "conv_transpose:stride=2", "up1", (int[]){in, weight}, 2);
    up = add(g, "relu", "act", &up, 1);
    up = add(g, "conv_transpose:stride=2", "up2", (int[]){up, weight}, 2);
    CHECK(upreg_graph_output(g, up, "y", &err) == UPREG_OK);
    upreg_spec spec = spec_of(UPREG_F32, 3, SHAPE(1, 1, 5)), wide = spec_of(UPREG_F64, 3, SHAPE(1, 1, 5));
    CHECK(upreg_graph_overlap(g, &spec, 1, &counting, &err) == UPREG_OK);
    upreg_graph_plan *plan;
    CHECK(upreg_graph_plan_create(counting, &wide, 1, NULL, &plan, &err) == UPREG_OK);
    double x[5] = {1, 1, 1, 1, 1}, y[23];
    upreg_tensor *to = tensor_of(&ay, UPREG_F64, 3, SHAPE(1, 1, 23), y);
    CHECK(upreg_graph_plan_run(plan, tensor_of(&ax, UPREG_F64, 3, SHAPE(1, 1, 5), x), 1, to, 1, NULL, NULL, &err) == UPREG_OK);
    CHECK(memcmp(y, truth, sizeof truth) == 0);
    upreg_graph_plan_free(plan);
    upreg_graph_free(counting);
    upreg_graph_free(g);
}

static void write_file(const char *path, const char *header, const void *data, size_t bytes, int64_t length) {
    FILE *file = fopen(path, "wb");
    unsigned char size[8];
    uint64_t n = length >= 0 ? (uint64_t)length : strlen(header);
    for (int i = 0; i < 8; i++) size[i] = (unsigned char)(n >> 8 * i);
    fwrite(size, 1, 8, file), fwrite(header, 1, strlen(header), file), fwrite(data, 1, bytes, file);
    fclose(file);
}

#define GRAPH(inputs, nodes)                                                                                                                         \
    "{\"__metadata__\":{\"upreg\":\"{\\\"upreg\\\":1,\\\"inputs\\\":[" inputs "],\\\"weights\\\":[{\\\"name\\\":\\\"w\\\"}],\\\"nodes\\\":[" nodes   \
    "],\\\"outputs\\\":[{\\\"name\\\":\\\"y\\\",\\\"value\\\":\\\"c\\\"}]}\"},\"w\":{\"dtype\":\"F32\",\"shape\":[1,1,3],\"data_offsets\":[0,12]}}"
#define X "{\\\"name\\\":\\\"x\\\"}"
#define C(in) "{\\\"name\\\":\\\"c\\\",\\\"method\\\":\\\"conv\\\",\\\"inputs\\\":[\\\"x\\\",\\\"" in "\\\"]}"

static void files(void) {
    char path[] = "/tmp/upreg_test_XXXXXX";
    int handle = mkstemp(path);
    CHECK(handle >= 0);
    close(handle);
    float w[3] = {1, 2, 3}, x[4] = {1, 10, 100, 1000}, y[2];
    upreg_error err;
    upreg_graph *g;
    write_file(path, GRAPH(X, C("w")), w, sizeof w, -1);
    CHECK(upreg_graph_load(path, &g, &err) == UPREG_OK);
    upreg_spec spec = spec_of(UPREG_F32, 3, SHAPE(1, 1, 4));
    upreg_graph_plan *plan;
    array ax, ay;
    CHECK(upreg_graph_plan_create(g, &spec, 1, NULL, &plan, &err) == UPREG_OK);
    upreg_tensor *to = tensor_of(&ay, UPREG_F32, 3, SHAPE(1, 1, 2), y);
    CHECK(upreg_graph_plan_run(plan, tensor_of(&ax, UPREG_F32, 3, SHAPE(1, 1, 4), x), 1, to, 1, NULL, NULL, &err) == UPREG_OK);
    CHECK(y[0] == 321 && y[1] == 3210);
    upreg_graph_plan_free(plan);
    upreg_graph_free(g);

    static const char *const broken[] = {"",
                                         "{}",
                                         "[",
                                         "{\"__metadata__\":{\"upreg\":\"[\"}}",
                                         GRAPH(X, C("v")),
                                         GRAPH("", C("w")),
                                         GRAPH(X, ""),
                                         GRAPH(X, "7"),
                                         "{\"__metadata__\":{\"upreg\":7}}",
                                         "{\"a\":\"\\ud800\"}"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        write_file(path, broken[i], w, sizeof w, -1);
        CHECK(upreg_graph_load(path, &g, &err) == UPREG_E_GRAPH && g == NULL);
    }
    write_file(path, GRAPH(X, C("w")), w, 11, -1); /* numbers cut short */
    CHECK(upreg_graph_load(path, &g, &err) == UPREG_E_GRAPH);
    write_file(path, GRAPH(X, C("w")), w, sizeof w, INT64_MAX); /* a header longer than the file */
    CHECK(upreg_graph_load(path, &g, &err) == UPREG_E_GRAPH);
    char deep[5000];
    memset(deep, '[', sizeof deep - 1), deep[sizeof deep - 1] = 0;
    write_file(path, deep, w, sizeof w, -1);
    CHECK(upreg_graph_load(path, &g, &err) == UPREG_E_GRAPH);
    /* every single byte of the header changed: no crash, no leak */
    const char *good = GRAPH(X, C("w"));
    for (size_t i = 0; i < strlen(good); i++) {
        char *changed = strdup(good);
        changed[i] ^= (char)(1 << i % 7);
        write_file(path, changed, w, sizeof w, -1);
        if (upreg_graph_load(path, &g, &err) == UPREG_OK) upreg_graph_free(g);
        free(changed);
    }
    unlink(path);
    CHECK(upreg_graph_load(path, &g, &err) == UPREG_E_GRAPH);
    CHECK(upreg_graph_load("/tmp", &g, &err) == UPREG_E_GRAPH);
}

/* y = nearest(x) to the size of `like`, or x itself where like has one channel. */
static upreg_graph *computed_graph(void) {
    upreg_error err;
    upreg_graph *g;
    array a;
    int x, like, one;
    int64_t minus = -1;
    CHECK(upreg_graph_create(&g, &err) == UPREG_OK);
    CHECK(upreg_graph_input(g, "x", &x, &err) == UPREG_OK && upreg_graph_input(g, "like", &like, &err) == UPREG_OK);
    CHECK(upreg_graph_constant(g, "one", tensor_of(&a, UPREG_I64, 1, SHAPE(1), &minus), 1, &one, &err) == UPREG_OK);
    int size = add(g, "shape:start=2", "size", &like, 1);
    int channels = add(g, "shape:start=1,stop=2", "channels", &like, 1);
    int several = add(g, "add", "several", (int[]){channels, one}, 2);
    int large = add(g, "nearest:size=?", "large", (int[]){x, size}, 2);
    int flat = add(g, "reshape:shape=[0,0,0,0]", "flat", &large, 1);
    int y = add(g, "if_else", "y", (int[]){several, flat, x}, 3);
    CHECK(upreg_graph_output(g, y, "y", &err) == UPREG_OK);
    return g;
}

static void computed_parameters(void) {
    float x[4] = {1, 2, 3, 4}, y[24];
    upreg_error err;
    upreg_graph *g = computed_graph();
    upreg_graph_plan *plan;
    array ax, al, ay;
    for (int channels = 1; channels <= 2; channels++) {
        int64_t h = channels == 1 ? 2 : 4, w = channels == 1 ? 2 : 6;
        upreg_spec in[2] = {spec_of(UPREG_F32, 4, SHAPE(1, 1, 2, 2)), spec_of(UPREG_F32, 4, SHAPE(1, channels, 4, 6))}, values[16];
        CHECK(upreg_graph_infer(g, in, 2, values, &err) == UPREG_OK);
        CHECK(upreg_graph_plan_create(g, in, 2, NULL, &plan, &err) == UPREG_OK);
        const upreg_spec *out = upreg_graph_plan_value(plan, upreg_graph_find(g, "y"));
        CHECK(out->ndim == 4 && out->dim[2] == h && out->dim[3] == w);
        upreg_tensor tensors[2] = {*tensor_of(&ax, UPREG_F32, 4, SHAPE(1, 1, 2, 2), x), *tensor_of(&al, UPREG_F32, 4, in[1].dim, y)};
        CHECK(upreg_graph_plan_run(plan, tensors, 2, tensor_of(&ay, UPREG_F32, 4, out->dim, y), 1, NULL, NULL, &err) == UPREG_OK);
        CHECK(y[0] == 1 && y[h * w - 1] == 4 && y[w - 1] == 2);
        upreg_graph_plan_free(plan);
    }
    upreg_spec small[2] = {spec_of(UPREG_F32, 4, SHAPE(1, 1, 2, 2)), spec_of(UPREG_F32, 4, SHAPE(1, 2, 400, 600))};
    upreg_graph_options options = {.struct_size = sizeof options, .max_bytes = 1000};
    CHECK(upreg_graph_plan_create(g, small, 2, &options, &plan, &err) == UPREG_E_GRAPH && strstr(err.text, "max_bytes"));
    upreg_graph_free(g);

    upreg_op *op;
    int in, data, values[1];
    CHECK(upreg_graph_create(&g, &err) == UPREG_OK);
    CHECK(upreg_graph_input(g, "x", &in, &err) == UPREG_OK && upreg_graph_input(g, "size", &data, &err) == UPREG_OK);
    int up = add(g, "nearest:size=?", "up", (int[]){in, data}, 2);
    CHECK(upreg_graph_output(g, up, "y", &err) == UPREG_OK);
    upreg_spec specs[2] = {spec_of(UPREG_F32, 4, SHAPE(1, 1, 2, 2)), spec_of(UPREG_I64, 1, SHAPE(2))}, all[4];
    CHECK(upreg_graph_infer(g, specs, 2, all, &err) == UPREG_E_GRAPH && strstr(err.text, "'size'") && strstr(err.text, "node 'up'"));
    CHECK(upreg_op_create("nearest:size=?", &op, &err) == UPREG_OK && strcmp(upreg_op_text(op), "nearest:size=?") == 0);
    CHECK(upreg_graph_add(g, op, "none", NULL, 0, values, &err) != UPREG_OK);
    CHECK(upreg_graph_add(g, op, "absent", (int[]){in, -1}, 2, values, &err) == UPREG_E_GRAPH);
    upreg_spec out[1];
    CHECK(upreg_op_infer(op, specs, 1, out, 1, &err) == UPREG_E_PARAMETER);
    upreg_op_free(op);
    upreg_graph_free(g);
}

int main(void) {
    fused_is_unfused();
    computed_parameters();
    counts_paths();
    files();
    upreg_pool_empty();
    return check_result();
}
