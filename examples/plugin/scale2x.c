/* A plugin with one method, "example.scale2x": the pixel-art scaler that doubles a picture without blur (EPX).
 *
 * With the neighbours B above, D left, F right and H below of a pixel E, its four successors are
 *   E0 = D if D == B and the opposite neighbours differ, else E   (and the other corners alike).
 * It links to nothing: what it needs of upreg arrives through the structs that its functions are given. */
#include <stddef.h>
#include <stdio.h>

#include <upreg.h>

typedef struct {
    int32_t edges;
} scale2x_params;

static const upreg_param params[] = {
    {.name = "edges",
     .kind = UPREG_CHOICE,
     .offset = offsetof(scale2x_params, edges),
     .default_text = "replicate",
     .choices = "replicate|wrap",
     .help = "what lies beyond the border"},
};

/* Shapes: (N, C, H, W) -> (N, C, 2H, 2W). Everything that shapes and parameters can show to be wrong is refused here. */
static upreg_status infer(upreg_infer *ctx) {
    const upreg_spec *x = &ctx->in[0];
    if (x->ndim != 4) {
        if (ctx->err)
            snprintf(ctx->err->text, sizeof ctx->err->text, "%s: x has %d dimensions; allowed: 4, (N, C, H, W)", ctx->method->name, x->ndim);
        return UPREG_E_SHAPE;
    }
    upreg_spec *y = &ctx->out[0];
    *y = *x;
    for (int i = 2; i < 4; i++) {
        if (x->dim[i] > INT64_MAX / 32) {
            if (ctx->err) snprintf(ctx->err->text, sizeof ctx->err->text, "%s: the output would be too large", ctx->method->name);
            return UPREG_E_SHAPE;
        }
        y->dim[i] = 2 * x->dim[i];
    }
    return UPREG_OK;
}

/* How the work is cut: one unit per input row, as many at once as make the hand-over cheap. */
static upreg_status prepare(upreg_prepare *p) {
    const int64_t *n = p->in[0].dim;
    int64_t grain = 1 + 16384 / (n[3] + 1);
    p->stage[p->n_stages++] = (upreg_stage){.units = n[3] ? n[0] * n[1] * n[2] : 0, .grain = grain};
    snprintf(p->algorithm, sizeof p->algorithm, "rows");
    return UPREG_OK;
}

#define ROW(type)                                                                                                                                    \
    static void row_##type(const type *b, const type *e, const type *h, type *top, type *bottom, int64_t n, int wrap) {                              \
        for (int64_t i = 0; i < n; i++) {                                                                                                            \
            type d = e[i ? i - 1 : wrap ? n - 1 : 0], f = e[i + 1 < n ? i + 1 : wrap ? 0 : i];                                                       \
            int corner = b[i] != h[i] && d != f;                                                                                                     \
            top[2 * i] = corner && d == b[i] ? d : e[i];                                                                                             \
            top[2 * i + 1] = corner && b[i] == f ? f : e[i];                                                                                         \
            bottom[2 * i] = corner && d == h[i] ? d : e[i];                                                                                          \
            bottom[2 * i + 1] = corner && h[i] == f ? f : e[i];                                                                                      \
        }                                                                                                                                            \
    }
ROW(float)
ROW(double)
ROW(uint8_t)

/* Units [begin, end): rows of the input. Tensors are dense, since the method does not ask for strides; never allocates. */
static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const upreg_tensor *x = &call->in[0], *y = &call->out[0];
    const char *from = (const char *)x->data + x->byte_offset;
    char *to = (char *)y->data + y->byte_offset;
    int64_t height = x->shape[2], n = x->shape[3];
    int wrap = ((const scale2x_params *)call->params)->edges == 1;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t i = unit % height, plane = unit - i;
        int64_t above = plane + (i ? i - 1 : wrap ? height - 1 : 0), below = plane + (i + 1 < height ? i + 1 : wrap ? 0 : i);
#define RUN(type)                                                                                                                                    \
    row_##type((const type *)from + above * n, (const type *)from + unit * n, (const type *)from + below * n, (type *)to + 4 * unit * n,             \
               (type *)to + 4 * unit * n + 2 * n, n, wrap)
        if (x->dtype.bits == 8)
            RUN(uint8_t);
        else if (x->dtype.bits == 32)
            RUN(float);
        else
            RUN(double);
    }
}

static const upreg_method scale2x = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "example.scale2x",
    .family = "pixel_art",
    .aliases = "example.epx",
    .summary = "pixel-art scaling by 2 without blur (EPX)",
    .doc = "x (N, C, H, W) -> y (N, C, 2H, 2W). Every pixel becomes four; a corner takes the colour of its two neighbours where they agree "
           "and the opposite ones differ.",
    .source = "Eric Johnston, EPX, 1992; Andrea Mazzoleni, Scale2x, 2001",
    .params = params,
    .n_params = 1,
    .params_size = sizeof(scale2x_params),
    .flags = UPREG_UPSAMPLES,
    .types = 1u << UPREG_F32 | 1u << UPREG_F64 | 1u << UPREG_U8,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};

static const upreg_method *const methods[] = {&scale2x};

/* The one symbol that upreg looks for. Magic and ABI are checked before any code of this file runs. */
__attribute__((visibility("default"))) const upreg_plugin upreg_plugin_v1 = {
    .magic = UPREG_MAGIC,
    .abi = UPREG_ABI,
    .struct_size = sizeof(upreg_plugin),
    .n_methods = 1,
    .vendor = "example",
    .version = "1.0",
    .methods = methods,
};
