/* upreg from C, without Python: an op by name, a plan for one geometry, a run; then a graph file.
 *
 *     cc embed.c $(pkg-config --cflags --libs --static upreg) -o embed          # after `make -C src_c install`
 *     cc embed.c $(upreg --cflags --libs) -ldl -lpthread -lm -o embed           # with the Python package
 */
#include <stdio.h>

#include <upreg.h>

static int failed(const char *what, const upreg_error *err) {
    fprintf(stderr, "%s: %s\n", what, err->text);
    return 1;
}

int main(int argc, char **argv) {
    upreg_error err;
    upreg_op *op;
    if (upreg_op_create("conv_transpose:stride=1", &op, &err) != UPREG_OK) return failed("op", &err);

    /* A plan knows the shapes; the weight is constant, so it is packed now. Plans are immutable and serve any number of threads. */
    float x[4] = {1, 2, 3, 4}, w[9] = {1, 2, 7, -2, 1, 0, -3, 1, 2}, y[16];
    int64_t x_shape[] = {1, 1, 2, 2}, w_shape[] = {1, 1, 3, 3}, y_shape[] = {1, 1, 4, 4};
    upreg_dtype f32 = upreg_dtype_of(UPREG_F32);
    upreg_tensor in[2] = {{.data = x, .device = {1, 0}, .ndim = 4, .dtype = f32, .shape = x_shape},
                          {.data = w, .device = {1, 0}, .ndim = 4, .dtype = f32, .shape = w_shape}};
    upreg_tensor out = {.data = y, .device = {1, 0}, .ndim = 4, .dtype = f32, .shape = y_shape};
    upreg_spec specs[2] = {{.known = 1, .ndim = 4, .type = UPREG_F32, .dim = {1, 1, 2, 2}},
                           {.known = 1, .ndim = 4, .type = UPREG_F32, .dim = {1, 1, 3, 3}}};
    const upreg_tensor *bound[2] = {NULL, &in[1]};
    upreg_plan *plan;
    if (upreg_plan_create(op, specs, 2, bound, NULL, &plan, &err) != UPREG_OK) return failed("plan", &err);
    if (upreg_plan_run(plan, in, 2, &out, 1, NULL, &err) != UPREG_OK) return failed("run", &err);
    for (int i = 0; i < 16; i++) printf("%4.0f%s", y[i], i % 4 == 3 ? "\n" : "");
    upreg_plan_free(plan);
    upreg_op_free(op);

    if (argc > 1) { /* a network saved by Python: g.save("net.upg") */
        upreg_graph *graph;
        if (upreg_graph_load(argv[1], &graph, &err) != UPREG_OK) return failed("load", &err);
        printf("%s: %d nodes, %d inputs, %d outputs\n", argv[1], upreg_graph_nodes(graph), upreg_graph_inputs(graph), upreg_graph_outputs(graph));
        upreg_graph_free(graph);
    }
    return 0;
}
