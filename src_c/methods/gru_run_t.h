/* The arithmetic of gru in one element type; included with T (element), S (suffix) and TYPE (its number) defined. */

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define NAME(x) PASTE(x, S)

/* What stands in the workspace for one direction: packed w, the gates of r, the rest of r. */
static T *NAME(packed)(const upreg_call *call, const ug_gru *g, int64_t direction) {
    return (T *)call->workspace + direction * (g->w_size + g->gates_size + g->new_size);
}

/* The biases of the gates (w's and r's are added), of the new state from w (with r's if it is not reset), and from r. */
static void NAME(add_biases)(const upreg_call *call, const ug_gru *g, int64_t direction) {
    int64_t h = g->hidden;
    T *to = (T *)call->workspace + g->bias_at + direction * 4 * h;
    memset(to, 0, (size_t)(4 * h) * sizeof(T));
    if (!ug_gru_given(call, UG_GRU_BIAS)) return;
    const T *of_w = (const T *)ug_data(&call->in[UG_GRU_BIAS]) + direction * 6 * h, *of_r = of_w + 3 * h;
    for (int64_t i = 0; i < 3 * h; i++) to[i] = of_w[i] + (i < 2 * h || !g->after ? of_r[i] : 0);
    for (int64_t i = 0; g->after && i < h; i++) to[3 * h + i] = of_r[2 * h + i];
}

static void NAME(pack)(const upreg_call *call, const ug_gru *g, int64_t unit) {
    const ug_gemm_kernels *k = call->kernels->gemm;
    int64_t direction = unit / 3, h = g->hidden;
    const T *w = (const T *)ug_data(&call->in[UG_GRU_W]) + direction * 3 * h * g->in;
    const T *r = (const T *)ug_data(&call->in[UG_GRU_R]) + direction * 3 * h * h;
    T *to = NAME(packed)(call, g, direction);
    if (unit % 3 == 0) NAME(ug_pack_matrix)(k, to, w, 1, g->in, g->in, 3 * h), NAME(add_biases)(call, g, direction);
    if (unit % 3 == 1) NAME(ug_pack_matrix)(k, to + g->w_size, r, 1, h, h, 2 * h);
    if (unit % 3 == 2) NAME(ug_pack_matrix)(k, to + g->w_size + g->gates_size, r + 2 * h * h, 1, h, h, h);
}

/* Products of rows of x with w: (direction, row of x, three times hidden). */
static void NAME(project)(const upreg_call *call, const ug_gru *g, int64_t unit, int worker) {
    int64_t direction = unit / g->row_blocks, first = unit % g->row_blocks * g->rows, all = g->steps * g->batch;
    T *to = (T *)call->workspace + g->products_at + (direction * all + first) * g->pitch;
    NAME(ug_multiply)(call->kernels->gemm, to, g->pitch, (const T *)ug_data(&call->in[UG_GRU_X]) + first * g->in, g->in,
                      NAME(packed)(call, g, direction), ug_min64(g->rows, all - first), g->in, 3 * g->hidden, call->scratch[worker]);
}

/* Some sequences of one direction, which go through time together. */
typedef struct NAME(sequences) {
    int64_t direction, first, n, length[SEQUENCES];
    T *h, *reset, *gates, *product; /* rows of a sequence each: hidden, hidden, gates_pitch, gates_pitch */
    void *scratch;
} NAME(sequences);

static void NAME(binary)(const upreg_call *call, int of, T *y, const T *a, const T *b, int64_t n) {
    call->kernels->arithmetic->binary[of][TYPE](y, a, b, n, 1, 1);
}

/* The gates z and r, and r h. */
static void NAME(gates)(const upreg_call *call, const ug_gru *g, const NAME(sequences) * s, int64_t i, const T *of_x, const T *bias) {
    int64_t h = g->hidden;
    T *gates = s->gates + i * g->gates_pitch;
    NAME(binary)(call, UG_BINARY_add, gates, gates, of_x, 2 * h);
    NAME(binary)(call, UG_BINARY_add, gates, gates, bias, 2 * h);
    call->kernels->elementwise->NAME(sigmoid)(gates, gates, 2 * h);
    if (!g->after) NAME(binary)(call, UG_BINARY_mul, s->reset + i * h, gates + h, s->h + i * h, h);
}

/* h = n + z (h - n) */
static void NAME(renew)(const upreg_call *call, const ug_gru *g, const NAME(sequences) * s, int64_t i, const T *of_x, const T *bias) {
    int64_t h = g->hidden;
    T *gates = s->gates + i * g->gates_pitch, *n = s->product + i * g->gates_pitch, *state = s->h + i * h;
    if (g->after) NAME(binary)(call, UG_BINARY_add, n, n, bias + 3 * h, h), NAME(binary)(call, UG_BINARY_mul, n, n, gates + h, h);
    NAME(binary)(call, UG_BINARY_add, n, n, of_x + 2 * h, h);
    NAME(binary)(call, UG_BINARY_add, n, n, bias + 2 * h, h);
    call->kernels->elementwise->NAME(tanh)(n, n, h);
    NAME(binary)(call, UG_BINARY_sub, state, state, n, h);
    NAME(binary)(call, UG_BINARY_mul, state, state, gates, h);
    NAME(binary)(call, UG_BINARY_add, state, state, n, h);
}

static void NAME(start)(const upreg_call *call, const ug_gru *g, NAME(sequences) * s) {
    memset(s->reset, 0, (size_t)(s->n * g->hidden) * sizeof(T)); /* read also where a sequence has ended */
    for (int64_t i = 0; i < s->n; i++) {
        int64_t sequence = s->first + i, last = s->direction * g->last_direction + sequence * g->last_batch;
        s->length[i] = g->steps;
        if (ug_gru_given(call, UG_GRU_LENGTHS)) {
            int64_t length = ((const int64_t *)ug_data(&call->in[UG_GRU_LENGTHS]))[sequence];
            if (length < 0 || length > g->steps) upreg_call_fail(call, UG_GRU_LENGTHS, sequence, (double)length);
            s->length[i] = ug_min64(ug_max64(length, 0), g->steps);
        }
        if (ug_gru_given(call, UG_GRU_INITIAL))
            memcpy(s->h + i * g->hidden, (const T *)ug_data(&call->in[UG_GRU_INITIAL]) + last, (size_t)g->hidden * sizeof(T));
        else
            memset(s->h + i * g->hidden, 0, (size_t)g->hidden * sizeof(T));
    }
}

static void NAME(walk)(const upreg_call *call, const ug_gru *g, int64_t unit, int worker) {
    const ug_gemm_kernels *k = call->kernels->gemm;
    int64_t h = g->hidden, m = g->sequences;
    NAME(sequences) s = {.direction = unit / g->blocks, .first = unit % g->blocks * m, .h = (T *)call->scratch[worker]};
    s.n = ug_min64(m, g->batch - s.first), s.reset = s.h + m * h, s.gates = s.reset + m * h, s.product = s.gates + m * g->gates_pitch;
    s.scratch = call->scratch[worker] + ug_aligned((size_t)(m * (2 * h + 2 * g->gates_pitch)) * sizeof(T));
    const T *matrix = NAME(packed)(call, g, s.direction) + g->w_size, *bias = (const T *)call->workspace + g->bias_at + s.direction * 4 * h;
    const T *products = (const T *)call->workspace + g->products_at + s.direction * g->steps * g->batch * g->pitch;
    T *y = ug_data(&call->out[0]), *last = ug_data(&call->out[1]);
    int back = g->reverse || s.direction == 1;
    NAME(start)(call, g, &s);
    for (int64_t step = 0; step < g->steps; step++) {
        NAME(ug_multiply)(k, s.gates, g->gates_pitch, s.h, h, matrix, s.n, h, 2 * h, s.scratch);
        for (int pass = 0; pass < 2; pass++) {
            for (int64_t i = 0; i < s.n; i++) {
                if (step >= s.length[i]) continue;
                int64_t at = back ? s.length[i] - 1 - step : step;
                const T *of_x = products + (at * g->x_step + (s.first + i) * g->x_batch) * g->pitch;
                (pass ? NAME(renew) : NAME(gates))(call, g, &s, i, of_x, bias);
            }
            if (pass == 0) NAME(ug_multiply)(k, s.product, g->gates_pitch, g->after ? s.h : s.reset, h, matrix + g->gates_size, s.n, h, h, s.scratch);
        }
        for (int64_t i = 0; i < s.n; i++) {
            int64_t at = back && step < s.length[i] ? s.length[i] - 1 - step : step;
            T *to = y + at * g->y_step + s.direction * g->y_direction + (s.first + i) * g->y_batch;
            if (step < s.length[i])
                memcpy(to, s.h + i * h, (size_t)h * sizeof(T));
            else
                memset(to, 0, (size_t)h * sizeof(T));
        }
    }
    for (int64_t i = 0; i < s.n; i++)
        memcpy(last + s.direction * g->last_direction + (s.first + i) * g->last_batch, s.h + i * h, (size_t)h * sizeof(T));
}

#undef PASTE_
#undef PASTE
#undef NAME
#undef T
#undef S
#undef TYPE
