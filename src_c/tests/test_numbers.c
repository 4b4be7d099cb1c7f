/* Every method of arithmetic and every activation, on every type and CPU tier, with numbers that overflow, underflow, divide by zero and are none:
 * under the sanitizers nothing may trap, and no step may lead outside an array. */
#include "check.h"

enum { LENGTH = 37, MOST_INPUTS = 3 };

static const double special[] = {0, -0.0, 1, -1, 2, -2.5, 1e300, -1e300, 1e-310, 0.3, 7, 1e17, 88, -104, 710, -745, 3e9};

static void fill(void *data, upreg_type type, int salt) {
    size_t width = upreg_type_size(type), count = sizeof special / sizeof *special;
    for (int i = 0; i < LENGTH; i++) {
        double x = i == 5 + salt ? HUGE_VAL : i == 9 ? NAN : special[(size_t)(i * (salt + 3) + salt) % count];
        if (type == UPREG_F64)
            ((double *)data)[i] = x;
        else if (type == UPREG_F32)
            ((float *)data)[i] = x > 1e38 ? HUGE_VALF : x < -1e38 ? -HUGE_VALF : (float)x;
        else /* all ones, the smallest number, 0, something */
            for (size_t b = 0; b < width; b++)
                ((unsigned char *)data)[(size_t)i * width + b] = (unsigned char)(i % 4 == 0   ? 255
                                                                                 : i % 4 == 1 ? (b + 1 == width ? 128 : 0)
                                                                                              : i % 4 * (i - 2));
    }
}

/* Input `single` has one element, the others LENGTH. */
static int run(const upreg_op *op, const upreg_method_info *m, const char *tier, upreg_type type, int single) {
    int n = m->in[0].variadic ? MOST_INPUTS : m->n_in, done = 0;
    double memory[MOST_INPUTS][LENGTH], result[LENGTH];
    array arrays[MOST_INPUTS], y;
    upreg_spec in[MOST_INPUTS];
    upreg_tensor tensors[MOST_INPUTS];
    for (int i = 0; i < n; i++) {
        const upreg_port *port = &m->in[m->in[0].variadic ? 0 : i];
        upreg_type own = strcmp(port->dtype, "u8") == 0 ? UPREG_U8 : type;
        in[i] = spec_of(own, 1, SHAPE(i == single ? 1 : LENGTH));
        tensors[i] = *tensor_of(&arrays[i], own, 1, in[i].dim, memory[i]);
        fill(memory[i], own, i);
    }
    upreg_plan_options options = {.struct_size = sizeof options, .cpu_tier = tier};
    upreg_plan *plan;
    if (upreg_plan_create(op, in, n, NULL, &options, &plan, NULL) != UPREG_OK) return 0;
    const upreg_spec *out = upreg_plan_output(plan, 0);
    if (out->ndim == 1 && out->dim[0] <= LENGTH)
        done = upreg_plan_run(plan, tensors, n, tensor_of(&y, out->type, out->ndim, out->dim, result), 1, NULL, NULL) == UPREG_OK;
    upreg_plan_free(plan);
    return done;
}

/* The number of runs of a method in text form. */
static int runs(const char *text) {
    static const char *const tiers[] = {"base", "avx2", "avx512"};
    upreg_op *op;
    int done = 0;
    if (upreg_op_create(text, &op, NULL) != UPREG_OK) return 0;
    const upreg_method_info *m = upreg_op_info(op);
    for (int t = 0; m->n_in <= MOST_INPUTS && t < 3; t++)
        for (int type = UPREG_F32; type <= UPREG_I64; type++)
            for (int single = -1; single < MOST_INPUTS; single++) done += run(op, m, tiers[t], (upreg_type)type, single);
    upreg_op_free(op);
    return done;
}

int main(void) {
    static const char *const more[] = {"bit_shift:direction=left", "bit_shift:direction=right", "mod:fmod=true",
                                       "gelu:approximate=tanh",    "pow_grad:of=base",          "pow_grad:of=exponent"};
    for (int64_t i = 0; i < upreg_method_count(); i++) {
        upreg_method_info m;
        upreg_method_at(i, &m);
        int arithmetic = strcmp(m.method->family, "arithmetic") == 0;
        if (!arithmetic && strcmp(m.method->family, "activation") != 0) continue;
        int done = runs(m.name);
        CHECK(done > 0 || m.method->n_params > 0);
    }
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) CHECK(runs(more[i]) > 0);
    upreg_op *op;
    CHECK(upreg_op_create("elementwise_grad:of=abs", &op, NULL) == UPREG_OK);
    for (const char *of = upreg_op_method(op)->params[0].choices; *of; of += strcspn(of, "|"), of += *of == '|') {
        char text[64];
        snprintf(text, sizeof text, "elementwise_grad:of=%.*s,a=0.5,b=0.25", (int)strcspn(of, "|"), of);
        CHECK(runs(text) > 0);
    }
    upreg_op_free(op);
    return check_result();
}
