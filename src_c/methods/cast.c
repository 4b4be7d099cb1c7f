/* cast: the numbers in another element type. */
#include "methods/blocks.h"
#include "methods/method.h"

enum { CHUNK = 256 }; /* numbers that wait in a wide type between reading and writing */

typedef struct cast_params {
    int32_t to;
} cast_params;

/* In the order of upreg_type; "bool" is uint8 with 0 and 1. */
#define TYPES "float32|float64|float16|bfloat16|uint8|int8|uint16|int16|int32|int64|bool"
enum { TO_BOOL = UPREG_I64 };

static const upreg_param table[] = {
    UG_CHOICE_PARAM(cast_params, to, "float32", TYPES, "the output's element type; bool: uint8, 1 where x is not 0"),
};

typedef struct plan {
    upreg_type from, to;
    int32_t to_bool;
} plan;

static upreg_status infer(upreg_infer *ctx) {
    int to = ((const cast_params *)ctx->params)->to;
    ctx->out[0] = ctx->in[0];
    ctx->out[0].type = to == TO_BOOL ? UPREG_U8 : (upreg_type)(to + 1);
    return UPREG_OK;
}

static upreg_status prepare(upreg_prepare *p) {
    plan *q = upreg_reserve(p, sizeof *q);
    if (q) *q = (plan){p->in[0].type, p->out[0].type, ((const cast_params *)p->params)->to == TO_BOOL};
    ug_add_stage(p, ug_elements(&p->in[0]), (double)upreg_type_size(p->in[0].type) + (double)upreg_type_size(p->out[0].type), 0);
    return UPREG_OK;
}

static int is_float(upreg_type type) { return type <= UPREG_BF16; }

#define READ(S)                                                                                                                                      \
    for (int64_t i = 0; i < n; i++) to[i] = ((const S *)x)[i]

static void read_floats(const upreg_kernels *k, double *to, upreg_type type, const char *x, int64_t n) {
    float half[CHUNK];
    switch (type) {
    case UPREG_F32: READ(float); return;
    case UPREG_F64: READ(double); return;
    case UPREG_F16: k->convert->f16_to_f32(half, (const uint16_t *)x, n); break;
    default: k->convert->bf16_to_f32(half, (const uint16_t *)x, n);
    }
    for (int64_t i = 0; i < n; i++) to[i] = half[i];
}

static void read_integers(int64_t *to, upreg_type type, const char *x, int64_t n) {
    switch (type) {
    case UPREG_U8: READ(uint8_t); return;
    case UPREG_I8: READ(int8_t); return;
    case UPREG_U16: READ(uint16_t); return;
    case UPREG_I16: READ(int16_t); return;
    case UPREG_I32: READ(int32_t); return;
    default: READ(int64_t);
    }
}

#define WRITE(S)                                                                                                                                     \
    for (int64_t i = 0; i < n; i++) ((S *)y)[i] = (S)from[i]

/* Whole numbers wrap around, as in C. */
static void write_integers(char *y, upreg_type type, const int64_t *from, int64_t n) {
    switch (type) {
    case UPREG_U8:
    case UPREG_I8: WRITE(uint8_t); return;
    case UPREG_U16:
    case UPREG_I16: WRITE(uint16_t); return;
    case UPREG_I32: WRITE(uint32_t); return;
    default: WRITE(int64_t);
    }
}

/* The float next to x that is odd where x lies between two: rounding it again to fewer bits is as rounding x itself. */
static float round_to_odd(double x) {
    float f = (float)x;
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    if ((double)f == x || f != f || bits & 1 || isinf(f)) return f;
    bits = (x > f) == (f > 0 || (f == 0 && x > 0)) ? bits + 1 : bits - 1;
    memcpy(&f, &bits, sizeof bits);
    return f;
}

static void write_floats(const upreg_kernels *k, char *y, upreg_type type, const double *from, int64_t n) {
    float single[CHUNK];
    switch (type) {
    case UPREG_F32: WRITE(float); return;
    case UPREG_F64: WRITE(double); return;
    default:
        for (int64_t i = 0; i < n; i++) single[i] = round_to_odd(from[i]);
        if (type == UPREG_F16)
            k->convert->f32_to_f16((uint16_t *)y, single, n);
        else
            k->convert->f32_to_bf16((uint16_t *)y, single, n);
    }
}

static void integers_to_floats(const upreg_kernels *k, char *y, upreg_type type, const int64_t *from, int64_t n) {
    double wide[CHUNK];
    if (type == UPREG_F32) {
        WRITE(float);
        return;
    }
    for (int64_t i = 0; i < n; i++) wide[i] = (double)from[i];
    write_floats(k, y, type, wide, n);
}

/* Towards zero; what is too large becomes the nearest number that there is, NaN becomes 0. */
static void whole_part(int64_t *to, upreg_type type, const double *from, int64_t n) {
    int bits = upreg_dtype_of(type).bits, is_unsigned = upreg_dtype_of(type).code == 1;
    double high = ldexp(1, bits - !is_unsigned), low = is_unsigned ? 0 : -high;
    int64_t most = bits == 64 ? INT64_MAX : (int64_t)high - 1;
    for (int64_t i = 0; i < n; i++) to[i] = from[i] >= high ? most : from[i] >= low ? (int64_t)from[i] : from[i] < low ? (int64_t)low : 0;
}

static void cast_chunk(const plan *q, const upreg_kernels *k, char *y, const char *x, int64_t n) {
    double floats[CHUNK];
    int64_t integers[CHUNK];
    if (is_float(q->from))
        read_floats(k, floats, q->from, x, n);
    else
        read_integers(integers, q->from, x, n);
    if (q->to_bool) {
        for (int64_t i = 0; i < n; i++) y[i] = is_float(q->from) ? floats[i] != 0 : integers[i] != 0;
    } else if (is_float(q->to)) {
        if (is_float(q->from))
            write_floats(k, y, q->to, floats, n);
        else
            integers_to_floats(k, y, q->to, integers, n);
    } else {
        if (is_float(q->from)) whole_part(integers, q->to, floats, n);
        write_integers(y, q->to, integers, n);
    }
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const plan *q = (const plan *)call->state;
    int64_t in = (int64_t)upreg_type_size(q->from), out = (int64_t)upreg_type_size(q->to);
    for (int64_t i = begin; i < end; i += CHUNK)
        cast_chunk(q, call->kernels, (char *)ug_data(&call->out[0]) + i * out, (const char *)ug_data(&call->in[0]) + i * in,
                   ug_min64(CHUNK, end - i));
}

static upreg_status vjp(upreg_vjp *ctx) {
    if (!is_float(ctx->in[0].type) || !is_float(ctx->out[0].type))
        ctx->result = UG_NO_REF;
    else
        ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "cast:to=%s", upreg_type_name(ctx->in[0].type));
    return UPREG_OK;
}

const upreg_method ug_method_cast = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "cast",
    .family = "arithmetic",
    .aliases = "astype",
    .summary = "the numbers in another element type",
    .doc =
        "Floating to floating: rounded once, to nearest, ties to even. Whole to whole: modulo 2^bits. Floating to whole: towards zero; beyond the type's "
        "range the nearest number that it has, NaN becomes 0. bool: uint8, 1 where x is not 0.",
    .source = "ONNX Cast, with its undefined cases defined",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(cast_params),
    .flags = UPREG_ELEMENTWISE | UPREG_OVERLAP_IDENTITY,
    .types = UG_ANY_TYPE,
    .ports = "x:T -> y:any",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
    .reach = ug_reach_same,
    .tile = ug_tile_same,
};
