/* gru_grad: back through the steps of gru, to the sums that enter its gates. */
#include "methods/gru.h"

enum { SEQUENCES = 8, FORWARD = 0, REVERSE, BIDIRECTIONAL };
enum { OF_IN, OF_R, OF_BIAS, OF_INITIAL };
enum { PRODUCTS, R, BIAS, INITIAL, LENGTHS, Y, GY };

typedef struct grad_params {
    int32_t of, direction, linear_before_reset, batch_first;
} grad_params;

static const upreg_param params[] = {
    UG_CHOICE_PARAM(grad_params, of, "in", "in|r|bias|initial", "what the outputs are for: x and w, r, bias, or the initial states"),
    UG_CHOICE_PARAM(grad_params, direction, "forward", "forward|reverse|bidirectional", "as of gru"),
    UG_BOOL_PARAM(grad_params, linear_before_reset, "false", "as of gru"),
    UG_BOOL_PARAM(grad_params, batch_first, "false", "as of gru"),
};

/* A unit is some sequences of one direction.  Numbers of theirs lie in rows of `wide` (gates) or `narrow` (states), whole panels. */
typedef struct plan {
    int64_t steps, batch, hidden, directions, rows; /* rows: of x, one for each step of each sequence */
    int64_t row_step, row_batch, y_step, y_batch, y_direction, initial_batch, initial_direction;
    int64_t wide, narrow, sequences, blocks;
    int32_t reverse, after, of;
    int64_t zr_at, n_at, back_zr_at, back_n_at, packed; /* of a direction, in the workspace: r for the steps, and for the way back */
} plan;

static upreg_status want(upreg_infer *ctx, int port, const char *name, int ndim, const int64_t *dim) {
    char a[256], b[256];
    if (port >= ctx->n_in || ctx->in[port].type == UPREG_NONE) return UPREG_OK;
    upreg_spec wanted = ug_spec(ctx->in[port].type, ndim, dim);
    if (ug_same_shape(&ctx->in[port], &wanted)) return UPREG_OK;
    return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input '%s' has shape %s; allowed: %s", ctx->method->name, name,
                   ug_shape_text(a, sizeof a, ctx->in[port].ndim, ctx->in[port].dim), ug_shape_text(b, sizeof b, ndim, dim));
}

static void geometry(const grad_params *q, const upreg_spec *y, plan *g) {
    int64_t first = q->batch_first, d = y->dim[first ? 2 : 1], h = y->dim[3];
    *g = (plan){.steps = y->dim[first], .batch = y->dim[first ? 0 : 2], .hidden = h, .directions = d, .of = q->of};
    g->rows = g->steps * g->batch, g->after = q->linear_before_reset, g->reverse = q->direction == REVERSE;
    g->row_step = first ? 1 : g->batch, g->row_batch = first ? g->steps : 1;
    g->y_step = first ? d * h : d * g->batch * h, g->y_batch = first ? g->steps * d * h : h, g->y_direction = first ? h : g->batch * h;
    g->initial_batch = first ? d * h : h, g->initial_direction = first ? h : g->batch * h;
}

static upreg_status infer(upreg_infer *ctx) {
    const grad_params *q = ctx->params;
    const upreg_spec *y = &ctx->in[Y];
    char shape[256];
    plan g;
    int64_t wanted = q->direction == BIDIRECTIONAL ? 2 : 1;
    if (y->ndim != 4 || y->dim[q->batch_first ? 2 : 1] != wanted)
        return ug_fail(ctx->err, UPREG_E_SHAPE, "%s: input 'y' has shape %s; allowed: four axes, of which that of directions has length %" PRId64,
                       ctx->method->name, ug_shape_text(shape, sizeof shape, y->ndim, y->dim), wanted);
    geometry(q, y, &g);
    int64_t d = g.directions, h = g.hidden, state[] = {d, g.batch, h}, first[] = {g.batch, d, h};
    UG_TRY(want(ctx, PRODUCTS, "products", 3, (int64_t[]){d, g.rows, 3 * h}));
    UG_TRY(want(ctx, R, "r", 3, (int64_t[]){d, 3 * h, h}));
    UG_TRY(want(ctx, BIAS, "bias", 2, (int64_t[]){d, 6 * h}));
    UG_TRY(want(ctx, INITIAL, "initial", 3, q->batch_first ? first : state));
    UG_TRY(want(ctx, LENGTHS, "lengths", 1, &g.batch));
    UG_TRY(want(ctx, GY, "gy", 4, y->dim));
    int64_t width[] = {3 * h, 2 * h, 6 * h};
    ctx->out[0] = ug_spec(y->type, 3, q->of == OF_INITIAL ? (q->batch_first ? first : state) : (int64_t[]){d, g.rows, width[q->of]});
    for (int i = 1; i < 4; i++) {
        ctx->out[i] = ug_spec(y->type, 3, (int64_t[]){d, g.rows, h});
        if (q->of != OF_R) ctx->out[i].type = UPREG_NONE;
    }
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

static size_t unit_scratch(const plan *g, size_t element) {
    size_t numbers = (size_t)(g->sequences * (2 * g->wide + 5 * g->narrow + 2 * g->hidden));
    return ug_aligned(numbers * element) + ug_multiply_scratch(g->sequences, element);
}

static upreg_status prepare(upreg_prepare *p) {
    plan *g = upreg_reserve(p, sizeof *g), local;
    if (!g) g = &local;
    geometry(p->params, &p->in[Y], g);
    int single = p->in[Y].type == UPREG_F32;
    int64_t width = single ? ug_panel_width_f32(p->kernels->gemm) : ug_panel_width_f64(p->kernels->gemm), h = g->hidden;
    size_t element = upreg_type_size(p->in[Y].type);
    g->wide = ug_round_up(2 * h, width), g->narrow = ug_round_up(h, width);
    g->sequences = ug_max64(ug_min64(g->batch, SEQUENCES), 1), g->blocks = ug_ceil_div(g->batch, g->sequences);
    g->n_at = h * g->wide, g->back_zr_at = g->n_at + h * g->narrow, g->back_n_at = g->back_zr_at + 2 * h * g->narrow;
    g->packed = g->back_n_at + h * g->narrow;
    p->workspace = (size_t)(g->directions * g->packed) * element;
    p->macs = g->rows * g->directions * 6 * h * h;
    ug_add_stage(p, g->directions, (double)(3 * h * h) * 2 * (double)element, 0);
    ug_add_compute_stage(p, g->directions * g->blocks, (double)(g->sequences * g->steps) * 6 * (double)(h * h), unit_scratch(g, element));
    return UPREG_OK;
}

static int has(const upreg_call *call, int port) { return port < call->n_in && upreg_type_of(call->in[port].dtype) != UPREG_NONE; }

#define T float
#define S f32
#include "methods/gru_grad_t.h"
#define T double
#define S f64
#include "methods/gru_grad_t.h"

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const plan *g = (const plan *)call->state;
    int single = call->out[0].dtype.bits == 32;
    for (int64_t unit = begin; unit < end; unit++) {
        if (stage == 0) (single ? pack_f32 : pack_f64)(call, g, unit);
        if (stage == 1) (single ? walk_back_f32 : walk_back_f64)(call, g, unit, worker);
    }
}

const upreg_method ug_method_gru_grad = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "gru_grad",
    .family = "gradient",
    .summary = "what reaches the sums that enter the gates of gru, back through its steps",
    .doc = "products (directions, rows, 3 hidden) are those of all rows of x with w, y is gru's. With a_z, a_r and a_n the sums inside the gates "
           "and the new state, and u what r adds to a_n (with linear_before_reset: before the reset gate), g holds for every row of x, of=in: what "
           "reaches a_z, a_r, a_n; of=bias: that, and then a_z, a_r, u; of=r: a_z, a_r, in g_new u, and what r is multiplied with there, in state "
           "and reset; of=initial: what reaches the initial states. Rows beyond a sequence's length are 0.",
    .source = "the derivative of gru",
    .params = params,
    .n_params = UG_COUNT(params),
    .params_size = sizeof(grad_params),
    .flags = UPREG_GRADIENT,
    .types = UG_FLOATING,
    .ports = "products:T r:T bias?:T initial?:T lengths?:i64=index y:T gy:T -> g:T g_new?:T state?:T reset?:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};
