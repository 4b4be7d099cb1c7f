/* The arithmetic of gru_grad in one element type; included with T (element) and S (suffix) defined. */

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define NAME(x) PASTE(x, S)

/* r as the right side of products with states, and with what reaches the gates. */
static void NAME(pack)(const upreg_call *call, const plan *g, int64_t direction) {
    const ug_gemm_kernels *k = call->kernels->gemm;
    int64_t h = g->hidden;
    const T *r = (const T *)ug_data(&call->in[R]) + direction * 3 * h * h;
    T *to = (T *)call->workspace + direction * g->packed;
    NAME(ug_pack_matrix)(k, to, r, 1, h, h, 2 * h);
    NAME(ug_pack_matrix)(k, to + g->n_at, r + 2 * h * h, 1, h, h, h);
    NAME(ug_pack_matrix)(k, to + g->back_zr_at, r, h, 1, 2 * h, h);
    NAME(ug_pack_matrix)(k, to + g->back_n_at, r + 2 * h * h, h, 1, h, h);
}

/* Some sequences of one direction; of each: gates, what reaches their sums; u and n of the new state, what reaches them; states. */
typedef struct NAME(unit) {
    int64_t direction, first, n, length[SEQUENCES], row[SEQUENCES]; /* row: of x, or -1 where a sequence has ended */
    T *gates, *g_gates, *u, *fresh, *g_u, *g_fresh, *back, *h, *g_h;
    void *scratch;
} NAME(unit);

static NAME(unit) NAME(unit_of)(const upreg_call *call, const plan *g, int64_t unit, int worker) {
    int64_t m = g->sequences;
    T *at = (T *)call->scratch[worker];
    NAME(unit) s = {.direction = unit / g->blocks, .first = unit % g->blocks * m, .gates = at};
    s.n = ug_min64(m, g->batch - s.first), s.g_gates = at + m * g->wide, s.u = s.g_gates + m * g->wide, s.fresh = s.u + m * g->narrow;
    s.g_u = s.fresh + m * g->narrow, s.g_fresh = s.g_u + m * g->narrow, s.back = s.g_fresh + m * g->narrow, s.h = s.back + m * g->narrow;
    s.g_h = s.h + m * g->hidden;
    s.scratch = call->scratch[worker] + ug_aligned((size_t)(m * (2 * g->wide + 5 * g->narrow + 2 * g->hidden)) * sizeof(T));
    memset(s.g_h, 0, (size_t)(m * g->hidden) * sizeof(T));
    const int64_t *lengths = has(call, LENGTHS) ? ug_data(&call->in[LENGTHS]) : NULL;
    for (int64_t i = 0; i < s.n; i++) s.length[i] = lengths ? ug_min64(ug_max64(lengths[s.first + i], 0), g->steps) : g->steps;
    return s;
}

static const T *NAME(y_at)(const upreg_call *call, const plan *g, const NAME(unit) * s, int port, int64_t i, int64_t time) {
    return (const T *)ug_data(&call->in[port]) + time * g->y_step + s->direction * g->y_direction + (s->first + i) * g->y_batch;
}

/* The states before a step, and the rows of x that it reads. */
static void NAME(enter)(const upreg_call *call, const plan *g, NAME(unit) * s, int64_t step) {
    int back = g->reverse || s->direction == 1;
    for (int64_t i = 0; i < s->n; i++) {
        T *h = s->h + i * g->hidden;
        int64_t time = back ? s->length[i] - 1 - step : step, sequence = s->first + i;
        s->row[i] = step < s->length[i] ? time * g->row_step + sequence * g->row_batch : -1;
        const T *from = NULL;
        if (step > 0 && s->row[i] >= 0)
            from = NAME(y_at)(call, g, s, Y, i, back ? time + 1 : time - 1);
        else if (s->row[i] >= 0 && has(call, INITIAL))
            from = (const T *)ug_data(&call->in[INITIAL]) + s->direction * g->initial_direction + sequence * g->initial_batch;
        if (from)
            memcpy(h, from, (size_t)g->hidden * sizeof(T));
        else
            memset(h, 0, (size_t)g->hidden * sizeof(T));
    }
}

/* The gates z and r, u, and the new state, as gru makes them. */
static void NAME(forward)(const upreg_call *call, const plan *g, NAME(unit) * s) {
    const ug_gemm_kernels *k = call->kernels->gemm;
    const ug_elementwise_kernels *e = call->kernels->elementwise;
    int64_t h = g->hidden;
    const T *matrix = (const T *)call->workspace + s->direction * g->packed, *products = (const T *)ug_data(&call->in[PRODUCTS]);
    const T *bias = has(call, BIAS) ? (const T *)ug_data(&call->in[BIAS]) + s->direction * 6 * h : NULL;
    NAME(ug_multiply)(k, s->gates, g->wide, s->h, h, matrix, s->n, h, 2 * h, s->scratch);
    for (int64_t i = 0; i < s->n; i++) {
        T *gates = s->gates + i * g->wide, *reset = s->back + i * g->narrow;
        const T *of_x = products + (s->direction * g->rows + ug_max64(s->row[i], 0)) * 3 * h;
        for (int64_t j = 0; j < 2 * h; j++) gates[j] = s->row[i] < 0 ? 0 : gates[j] + of_x[j] + (bias ? bias[j] + bias[3 * h + j] : 0);
        e->NAME(sigmoid)(gates, gates, 2 * h);
        for (int64_t j = 0; j < h; j++) reset[j] = g->after ? s->h[i * h + j] : gates[h + j] * s->h[i * h + j];
    }
    NAME(ug_multiply)(k, s->u, g->narrow, s->back, g->narrow, matrix + g->n_at, s->n, h, h, s->scratch);
    for (int64_t i = 0; i < s->n; i++) {
        T *u = s->u + i * g->narrow, *fresh = s->fresh + i * g->narrow;
        const T *gates = s->gates + i * g->wide, *of_x = products + (s->direction * g->rows + ug_max64(s->row[i], 0)) * 3 * h + 2 * h;
        for (int64_t j = 0; j < h; j++) {
            u[j] += bias ? bias[5 * h + j] : 0;
            fresh[j] = s->row[i] < 0 ? 0 : of_x[j] + (bias ? bias[2 * h + j] : 0) + (g->after ? gates[h + j] * u[j] : u[j]);
        }
        e->NAME(tanh)(fresh, fresh, h);
    }
}

/* What reaches the sums of a step, and in g_h the states before it. */
static void NAME(backward)(const upreg_call *call, const plan *g, NAME(unit) * s, int64_t step) {
    const ug_gemm_kernels *k = call->kernels->gemm;
    int64_t h = g->hidden;
    int back = g->reverse || s->direction == 1;
    const T *matrix = (const T *)call->workspace + s->direction * g->packed;
    for (int64_t i = 0; i < s->n; i++) {
        T *g_gates = s->g_gates + i * g->wide, *g_u = s->g_u + i * g->narrow, *g_fresh = s->g_fresh + i * g->narrow, *g_h = s->g_h + i * h;
        const T *gates = s->gates + i * g->wide, *fresh = s->fresh + i * g->narrow, *u = s->u + i * g->narrow, *state = s->h + i * h;
        const T *gy = s->row[i] < 0 ? NULL : NAME(y_at)(call, g, s, GY, i, back ? s->length[i] - 1 - step : step);
        for (int64_t j = 0; j < h; j++) {
            T z = gates[j], r = gates[h + j], n = fresh[j], all = g_h[j] + (gy ? gy[j] : 0), to_n = gy ? all * (1 - z) * (1 - n * n) : 0;
            g_gates[j] = gy ? all * (state[j] - n) * z * (1 - z) : 0;
            g_gates[h + j] = g->after ? to_n * u[j] * r * (1 - r) : 0;
            g_fresh[j] = to_n, g_u[j] = g->after ? to_n * r : to_n;
            g_h[j] = gy ? all * z : all;
        }
    }
    NAME(ug_multiply)(k, s->back, g->narrow, s->g_u, g->narrow, matrix + g->back_n_at, s->n, h, h, s->scratch);
    for (int64_t i = 0; i < s->n; i++) {
        T *g_gates = s->g_gates + i * g->wide, *g_h = s->g_h + i * h;
        const T *gates = s->gates + i * g->wide, *to = s->back + i * g->narrow, *state = s->h + i * h;
        for (int64_t j = 0; j < h; j++) {
            T r = gates[h + j];
            if (!g->after) g_gates[h + j] = to[j] * state[j] * r * (1 - r);
            g_h[j] += g->after ? to[j] : to[j] * r;
        }
    }
    NAME(ug_multiply)(k, s->back, g->narrow, s->g_gates, g->wide, matrix + g->back_zr_at, s->n, 2 * h, h, s->scratch);
    for (int64_t i = 0; i < s->n; i++)
        for (int64_t j = 0; j < h; j++) s->g_h[i * h + j] += s->back[i * g->narrow + j];
}

static T *NAME(out_at)(const upreg_call *call, const plan *g, const NAME(unit) * s, int port, int64_t row, int64_t width) {
    return (T *)ug_data(&call->out[port]) + (s->direction * g->rows + row) * width;
}

static void NAME(put)(const upreg_call *call, const plan *g, const NAME(unit) * s) {
    int64_t h = g->hidden;
    size_t size = (size_t)h * sizeof(T);
    for (int64_t i = 0; i < s->n; i++) {
        if (s->row[i] < 0 || g->of == OF_INITIAL) continue;
        T *to = NAME(out_at)(call, g, s, 0, s->row[i], g->of == OF_IN ? 3 * h : g->of == OF_R ? 2 * h : 6 * h);
        const T *g_gates = s->g_gates + i * g->wide, *gates = s->gates + i * g->wide, *state = s->h + i * h;
        memcpy(to, g_gates, 2 * size);
        if (g->of != OF_R) memcpy(to + 2 * h, s->g_fresh + i * g->narrow, size);
        if (g->of == OF_BIAS) memcpy(to + 3 * h, g_gates, 2 * size), memcpy(to + 5 * h, s->g_u + i * g->narrow, size);
        if (g->of != OF_R) continue;
        memcpy(NAME(out_at)(call, g, s, 1, s->row[i], h), s->g_u + i * g->narrow, size);
        memcpy(NAME(out_at)(call, g, s, 2, s->row[i], h), state, size);
        T *reset = NAME(out_at)(call, g, s, 3, s->row[i], h);
        for (int64_t j = 0; j < h; j++) reset[j] = g->after ? state[j] : gates[h + j] * state[j];
    }
}

/* Rows that no step writes are 0. */
static void NAME(clear)(const upreg_call *call, const plan *g, const NAME(unit) * s) {
    int64_t h = g->hidden, width = g->of == OF_IN ? 3 * h : g->of == OF_R ? 2 * h : 6 * h;
    for (int64_t i = 0; i < s->n && g->of != OF_INITIAL; i++)
        for (int64_t time = s->length[i]; time < g->steps; time++) {
            int64_t row = time * g->row_step + (s->first + i) * g->row_batch;
            for (int port = 0; port < (g->of == OF_R ? 4 : 1); port++)
                memset(NAME(out_at)(call, g, s, port, row, port ? h : width), 0, (size_t)(port ? h : width) * sizeof(T));
        }
}

static void NAME(walk_back)(const upreg_call *call, const plan *g, int64_t unit, int worker) {
    NAME(unit) s = NAME(unit_of)(call, g, unit, worker);
    int64_t h = g->hidden;
    NAME(clear)(call, g, &s);
    for (int64_t step = g->steps - 1; step >= 0; step--) {
        NAME(enter)(call, g, &s, step);
        NAME(forward)(call, g, &s);
        NAME(backward)(call, g, &s, step);
        NAME(put)(call, g, &s);
    }
    for (int64_t i = 0; i < s.n && g->of == OF_INITIAL; i++)
        memcpy((T *)ug_data(&call->out[0]) + s.direction * g->initial_direction + (s.first + i) * g->initial_batch, s.g_h + i * h,
               (size_t)h * sizeof(T));
}

#undef PASTE_
#undef PASTE
#undef NAME
#undef T
#undef S
