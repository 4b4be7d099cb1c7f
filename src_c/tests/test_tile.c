/* Parts of calls: the bits of the whole call, from no more of the input than they read. */
#include "check.h"

enum { IN = 9, OUT = 9 };

static void a_tile_of_a_convolution(void) {
    float x[IN * IN], w[9] = {3, 2, 9, -2, 1, 3, -3, -2, 2}, whole[OUT * OUT], tile[OUT * OUT], piece[IN * IN];
    for (int i = 0; i < IN * IN; i++) x[i] = (float)(i * 37 % 23) / 7;
    upreg_error err;
    upreg_op *op, *part;
    upreg_plan *plan;
    array ax, aw, ay;
    upreg_spec specs[3] = {spec_of(UPREG_F32, 4, SHAPE(1, 1, IN, IN)), spec_of(UPREG_F32, 4, SHAPE(1, 1, 3, 3))}, out;
    upreg_tensor in[3] = {*tensor_of(&ax, UPREG_F32, 4, SHAPE(1, 1, IN, IN), x), *tensor_of(&aw, UPREG_F32, 4, SHAPE(1, 1, 3, 3), w)};
    CHECK(upreg_op_create("conv:padding=1", &op, &err) == UPREG_OK);
    CHECK(upreg_op_infer(op, specs, 3, &out, 1, &err) == UPREG_OK);
    CHECK(upreg_plan_create(op, specs, 3, NULL, NULL, &plan, &err) == UPREG_OK);
    CHECK(upreg_plan_run(plan, in, 3, tensor_of(&ay, UPREG_F32, 4, SHAPE(1, 1, OUT, OUT), whole), 1, NULL, &err) == UPREG_OK);
    upreg_plan_free(plan);
    upreg_tiling t = {.range = {{0, 0, 5, 3}, {1, 1, 7, 9}}};
    upreg_range reads[3];
    CHECK(upreg_op_tile(op, specs, 3, &out, 1, &t, reads, &part, &err) == UPREG_OK);
    CHECK(t.told && t.range.begin[2] <= 5 && t.range.end[2] >= 7 && t.range.begin[3] <= 3 && t.range.end[3] == 9);
    CHECK(reads[0].begin[2] == t.range.begin[2] - 1 && reads[0].end[3] == IN && reads[1].begin[3] == 0 && reads[1].end[3] == 3);
    int64_t rows = reads[0].end[2] - reads[0].begin[2], columns = reads[0].end[3] - reads[0].begin[3];
    int64_t high = t.range.end[2] - t.range.begin[2], wide = t.range.end[3] - t.range.begin[3];
    for (int64_t i = 0; i < rows; i++)
        memcpy(piece + i * columns, x + (reads[0].begin[2] + i) * IN + reads[0].begin[3], sizeof(float) * (size_t)columns);
    CHECK(upreg_plan_create(part, specs, 3, NULL, NULL, &plan, &err) == UPREG_E_SHAPE && strstr(err.text, "part of a call"));
    specs[0] = spec_of(UPREG_F32, 4, SHAPE(1, 1, rows, columns));
    in[0] = *tensor_of(&ax, UPREG_F32, 4, SHAPE(1, 1, rows, columns), piece);
    CHECK(upreg_plan_create(part, specs, 3, NULL, NULL, &plan, &err) == UPREG_OK);
    CHECK(upreg_plan_run(plan, in, 3, tensor_of(&ay, UPREG_F32, 4, SHAPE(1, 1, high, wide), tile), 1, NULL, &err) == UPREG_OK);
    for (int64_t i = 0; i < high; i++)
        CHECK(memcmp(tile + i * wide, whole + (t.range.begin[2] + i) * OUT + t.range.begin[3], sizeof(float) * (size_t)wide) == 0);
    upreg_plan_free(plan);
    upreg_vjp vjp;
    upreg_op *again;
    CHECK(upreg_op_vjp(part, specs, 3, &out, 1, 0, &vjp, &err) == UPREG_E_PARAMETER);
    CHECK(upreg_op_tile(part, specs, 3, &out, 1, &t, reads, &again, &err) == UPREG_E_GRAPH && !again);
    upreg_op_free(part);
    upreg_op_free(op);
}

static void what_cannot_be(void) {
    upreg_error err;
    upreg_op *op, *part;
    upreg_spec x = spec_of(UPREG_F32, 4, SHAPE(1, 2, 8, 8)), all[3] = {x};
    upreg_range reads[3];
    upreg_tiling t = {.range = {{0, 0, 0, 0}, {1, 2, 4, 8}}};
    CHECK(upreg_op_create("instance_norm", &op, &err) == UPREG_OK);
    CHECK(upreg_op_tile(op, all, 3, &x, 1, &t, reads, &part, &err) == UPREG_E_GRAPH && strstr(err.text, "instance_norm"));
    upreg_op_free(op);
    CHECK(upreg_op_create("softmax:axis=2", &op, &err) == UPREG_OK);
    CHECK(upreg_op_tile(op, &x, 1, &x, 1, &t, reads, &part, &err) == UPREG_E_GRAPH && strstr(err.text, "axis 2"));
    upreg_op_free(op);
    CHECK(upreg_op_create("relu", &op, &err) == UPREG_OK);
    CHECK(upreg_op_tile(op, &x, 1, &x, 1, &t, reads, &part, &err) == UPREG_OK && part == op && !t.told && reads[0].end[2] == 4);
    upreg_op_free(part);
    t.range.end[2] = 9;
    CHECK(upreg_op_tile(op, &x, 1, &x, 1, &t, reads, &part, &err) == UPREG_E_SHAPE && strstr(err.text, "axis 2"));
    CHECK(upreg_op_tile(op, NULL, 1, &x, 1, &t, reads, &part, &err) == UPREG_E_USAGE);
    upreg_op_free(op);
}

int main(void) {
    a_tile_of_a_convolution();
    what_cannot_be();
    return check_result();
}
