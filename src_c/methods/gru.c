/* gru: the gated recurrent unit over sequences. */
#include "methods/gru.h"

enum { ROWS = 64, SEQUENCES = 8, FORWARD = 0, REVERSE, BIDIRECTIONAL };

typedef struct gru_params {
    int64_t hidden;
    int32_t direction, linear_before_reset, batch_first;
} gru_params;

static const upreg_param params[] = {
    UG_INT_PARAM(gru_params, hidden, "null", 1, UG_MAX_SIZE, "numbers of the state; needed only when the weights are to be made"),
    UG_CHOICE_PARAM(gru_params, direction, "forward", "forward|reverse|bidirectional", "in which direction time runs"),
    UG_BOOL_PARAM(gru_params, linear_before_reset, "false", "the reset gate is applied after the product with r, as torch and cuDNN do"),
    UG_BOOL_PARAM(gru_params, batch_first, "false", "the first axis of x, y and the states is the batch (ONNX layout 1)"),
};

/* An input's shape must be this one, or becomes it. */
static upreg_status want(upreg_infer *ctx, int port, const char *name, int ndim, const int64_t *dim, double fan_in, double fan_out) {
    char a[256], b[256];
    if (port >= ctx->n_in || ctx->in[port].type == UPREG_NONE) return UPREG_OK;
    upreg_spec *v = &ctx->in[port], wanted = ug_spec(v->type, ndim, dim);
    if (!v->known) *v = wanted;
    v->fan_in = fan_in, v->fan_out = fan_out;
    if (ug_same_shape(v, &wanted)) return UPREG_OK;
    return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input '%s' has shape %s; allowed: %s", ctx->method->name, name,
                   ug_shape_text(a, sizeof a, v->ndim, v->dim), ug_shape_text(b, sizeof b, ndim, dim));
}

static upreg_status infer(upreg_infer *ctx) {
    const gru_params *q = ctx->params;
    const upreg_spec *x = &ctx->in[UG_GRU_X], *r = &ctx->in[UG_GRU_R];
    char shape[256];
    if (x->ndim != 3)
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input 'x' has shape %s; allowed: (%s, in)", ctx->method->name,
                       ug_shape_text(shape, sizeof shape, x->ndim, x->dim), q->batch_first ? "batch, steps" : "steps, batch");
    int64_t d = q->direction == BIDIRECTIONAL ? 2 : 1, steps = x->dim[q->batch_first], batch = x->dim[!q->batch_first], in = x->dim[2];
    int64_t h = r->known && r->ndim == 3 ? r->dim[2] : q->hidden;
    if (h == UPREG_UNSET)
        return ug_fail(ctx->err, UPREG_E_PARAMETER, "%s: parameter 'hidden' must be given when there are no weights; allowed: 1 or more",
                       ctx->method->name);
    if (q->hidden != UPREG_UNSET && q->hidden != h)
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: parameter 'hidden' = %" PRId64 ", but 'r' has %" PRId64, ctx->method->name, q->hidden, h);
    UG_TRY(want(ctx, UG_GRU_W, "w", 3, (int64_t[]){d, 3 * h, in}, (double)in, (double)h));
    UG_TRY(want(ctx, UG_GRU_R, "r", 3, (int64_t[]){d, 3 * h, h}, (double)h, (double)h));
    UG_TRY(want(ctx, UG_GRU_BIAS, "bias", 2, (int64_t[]){d, 6 * h}, 1, 1));
    int64_t state[] = {d, batch, h}, first[] = {batch, d, h}, lengths[] = {batch};
    UG_TRY(want(ctx, UG_GRU_INITIAL, "initial", 3, q->batch_first ? first : state, 1, 1));
    UG_TRY(want(ctx, UG_GRU_LENGTHS, "lengths", 1, lengths, 1, 1));
    int64_t y[] = {steps, d, batch, h}, y_first[] = {batch, steps, d, h};
    ctx->out[0] = ug_spec(x->type, 4, q->batch_first ? y_first : y);
    ctx->out[1] = ug_spec(x->type, 3, q->batch_first ? first : state);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static void geometry(const upreg_prepare *p, ug_gru *g) {
    const gru_params *q = p->params;
    const upreg_spec *x = &p->in[UG_GRU_X];
    int single = x->type == UPREG_F32;
    int64_t width = single ? ug_panel_width_f32(p->kernels->gemm) : ug_panel_width_f64(p->kernels->gemm);
    int64_t d = q->direction == BIDIRECTIONAL ? 2 : 1, h = p->in[UG_GRU_R].dim[2], first = q->batch_first;
    *g = (ug_gru){.steps = x->dim[first], .batch = x->dim[!first], .in = x->dim[2], .hidden = h, .directions = d};
    g->reverse = q->direction == REVERSE, g->after = q->linear_before_reset, g->batch_first = first;
    g->x_step = first ? 1 : g->batch, g->x_batch = first ? g->steps : 1; /* in rows */
    g->y_step = first ? d * h : d * g->batch * h, g->y_batch = first ? g->steps * d * h : h, g->y_direction = first ? h : g->batch * h;
    g->last_batch = first ? d * h : h, g->last_direction = first ? h : g->batch * h;
    g->pitch = ug_round_up(3 * h, width), g->gates_pitch = ug_round_up(2 * h, width);
    g->sequences = ug_max64(ug_min64(g->batch, SEQUENCES), 1), g->blocks = ug_ceil_div(g->batch, g->sequences);
    g->rows = ROWS, g->row_blocks = ug_ceil_div(g->steps * g->batch, ROWS);
    g->w_size = g->in * g->pitch, g->gates_size = h * g->gates_pitch, g->new_size = h * ug_round_up(h, width);
    g->products_at = (size_t)(d * (g->w_size + g->gates_size + g->new_size));
    g->bias_at = g->products_at + (size_t)(d * g->steps * g->batch * g->pitch);
}

/* Scratch of the last stage: states, gates, products with r, and what they are packed into. */
static size_t step_scratch(const ug_gru *g, size_t element) {
    size_t numbers = (size_t)(g->sequences * (2 * g->hidden + 2 * g->gates_pitch));
    return ug_aligned(numbers * element) + ug_multiply_scratch(g->sequences, element);
}

static upreg_status prepare(upreg_prepare *p) {
    ug_gru *g = upreg_reserve(p, sizeof *g), local;
    if (!g) g = &local;
    geometry(p, g);
    size_t element = upreg_type_size(p->in[0].type);
    double h = (double)g->hidden, rows = (double)(g->steps * g->batch), in = (double)g->in;
    p->workspace = (g->bias_at + (size_t)(g->directions * 4 * g->hidden)) * element;
    p->macs = (int64_t)(rows * (double)g->directions * 3 * h * (in + h));
    ug_add_stage(p, 3 * g->directions, h * (in + h) * 2 * (double)element, 0);
    ug_add_compute_stage(p, g->directions * g->row_blocks, (double)g->rows * 3 * h * in, ug_multiply_scratch(g->rows, element));
    ug_add_compute_stage(p, g->directions * g->blocks, (double)(g->sequences * g->steps) * 3 * h * h, step_scratch(g, element));
    return UPREG_OK;
}

#define T float
#define S f32
#define TYPE UG_TYPE_F32
#include "methods/gru_run_t.h"
#define T double
#define S f64
#define TYPE UG_TYPE_F64
#include "methods/gru_run_t.h"

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const ug_gru *g = (const ug_gru *)call->state;
    int single = ug_is_f32(&call->out[0]);
    for (int64_t unit = begin; unit < end; unit++) {
        if (stage == 0) (single ? pack_f32 : pack_f64)(call, g, unit);
        if (stage == 1) (single ? project_f32 : project_f64)(call, g, unit, worker);
        if (stage == 2) (single ? walk_f32 : walk_f64)(call, g, unit, worker);
    }
}

/* x as rows, their products with w, and from what reaches the sums of the gates a product with the other side of each. */
static upreg_status vjp(upreg_vjp *ctx) {
    static const char *const directions[] = {"forward", "reverse", "bidirectional"}, *const of[] = {"in", "in", "r", "bias", "initial"};
    const gru_params *q = ctx->params;
    const upreg_spec *x = &ctx->in[UG_GRU_X];
    char shape[200] = "";
    ug_text_ints(shape, sizeof shape, "shape", 3, x->dim);
    upreg_ref ports[7], rows = ug_step(ctx, 1, UG_REFS(UG_INPUT(UG_GRU_X)), "reshape:shape=[%lld,%lld],zero_copies=false",
                                       (long long)(x->dim[0] * x->dim[1]), (long long)x->dim[2]);
    ports[0] = ug_step(ctx, 2, UG_REFS(rows, UG_INPUT(UG_GRU_W)), "matmul:transpose_b=true");
    for (int i = 1; i < 5; i++) ports[i] = i + 1 < ctx->n_in && ctx->in[i + 1].type != UPREG_NONE ? UG_INPUT(i + 1) : UG_NO_REF;
    ports[5] = UG_OUTPUT(0), ports[6] = UG_GRAD;
    upreg_ref g = ug_step(ctx, 7, ports, "gru_grad:of=%s,direction=%s,linear_before_reset=%s,batch_first=%s", of[ctx->wrt], directions[q->direction],
                          q->linear_before_reset ? "true" : "false", q->batch_first ? "true" : "false");
    upreg_ref g_new = g, state = g, reset = g;
    g_new.output = 1, state.output = 2, reset.output = 3;
    switch (ctx->wrt) {
    case UG_GRU_X:
        g = ug_step(ctx, 2, UG_REFS(g, UG_INPUT(UG_GRU_W)), "matmul");
        g = ug_step(ctx, 1, UG_REFS(g), "reduce_sum:axis=0,keepdims=false");
        ctx->result = ug_step(ctx, 1, UG_REFS(g), "reshape:%s,zero_copies=false", shape + 1);
        return UPREG_OK;
    case UG_GRU_W: ctx->result = ug_step(ctx, 2, UG_REFS(g, rows), "matmul:transpose_a=true"); return UPREG_OK;
    case UG_GRU_R:
        g = ug_step(ctx, 2, UG_REFS(g, state), "matmul:transpose_a=true");
        g_new = ug_step(ctx, 2, UG_REFS(g_new, reset), "matmul:transpose_a=true");
        ctx->result = ug_step(ctx, 2, UG_REFS(g, g_new), "concat:axis=1");
        return UPREG_OK;
    case UG_GRU_BIAS: ctx->result = ug_step(ctx, 1, UG_REFS(g), "reduce_sum:axis=1,keepdims=false"); return UPREG_OK;
    default: ctx->result = g; return UPREG_OK;
    }
}

const upreg_method ug_method_gru = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "gru",
    .family = "recurrent",
    .aliases = "gated_recurrent_unit",
    .summary = "the gated recurrent unit over sequences, in one direction of time or both",
    .doc = "For every step t, with gates z and r and new state n in this order in w, r and bias (first those of w, then those of r):\n"
           "z = sigmoid(x w_z^T + h r_z^T + b), r = sigmoid(x w_r^T + h r_r^T + b), n = tanh(x w_n^T + b + (r h) r_n^T + b), or with "
           "linear_before_reset n = tanh(x w_n^T + b + r (h r_n^T + b)); h = (1 - z) n + z h.\n"
           "x (steps, batch, in), w (directions, 3 hidden, in), r (directions, 3 hidden, hidden), bias (directions, 6 hidden), initial (directions, "
           "batch, hidden), lengths (batch) -> y (steps, directions, batch, hidden), y_last (directions, batch, hidden). Beyond a sequence's length "
           "y is 0; reversed sequences begin at their last step. The gradient is that of y.",
    .source = "Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, 2014; ONNX GRU",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(gru_params),
    .flags = UPREG_OVERLAP_REFUSE,
    .types = UG_FLOATING,
    .ports = "x:T w:T=param r:T=param bias?:T=param initial?:T lengths?:i64=index -> y:T y_last:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .vjp = vjp,
};
