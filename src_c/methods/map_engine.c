#include "methods/map_engine.h"

/* How a row is made. */
enum { RUNS, REPEAT, SPREAD, TAKE };
/* What a run of output pixels is made from. */
enum { COPY, FILL, GATHER };
enum { SHORTEST_COPY = 8 }; /* shorter stretches are gathered: a memcpy each would cost more */
enum { MOST_RUNS = 64 };    /* with more of them the table is followed pixel by pixel */

typedef struct run {
    int64_t begin, end, source;
    int32_t kind;
} run;

typedef struct map_plan {
    ug_frame in, out;
    ug_rows rows;
    size_t element;
    int32_t *table[UPREG_MAX_SPATIAL];
    int32_t row_kind, stream; /* stream: the output is too large to be found in a cache later */
    int64_t step, corner;     /* of REPEAT, SPREAD, TAKE */
    run *runs;
    int64_t n_runs;
    unsigned char value[8];
} map_plan;

/* ---- preparing ---- */

static int is_repeat(const int32_t *table, int64_t n, int64_t step) {
    for (int64_t i = 0; i < n; i++)
        if (table[i] != i / step) return 0;
    return 1;
}

static int is_spread(const int32_t *table, int64_t n, int64_t step, int64_t corner) {
    for (int64_t i = 0; i < n; i++)
        if (table[i] != (i % step == corner ? i / step : -1)) return 0;
    return 1;
}

static int is_take(const int32_t *table, int64_t n, int64_t step, int64_t corner) {
    for (int64_t i = 0; i < n; i++)
        if (table[i] != i * step + corner) return 0;
    return 1;
}

/* Recognises the rows that have a kernel of their own. */
static void choose_row(map_plan *plan, int64_t m, int zero_value) {
    const int32_t *table = plan->table[2];
    int64_t n = plan->out.x[2];
    plan->row_kind = RUNS, plan->step = 1;
    if (n < 2 || m < 1 || n == m) return;
    if (n % m == 0) {
        int64_t step = n / m, corner = 0;
        if (is_repeat(table, n, step)) plan->row_kind = REPEAT, plan->step = step;
        while (corner < step && table[corner] < 0) corner++;
        if (zero_value && corner < step && is_spread(table, n, step, corner)) plan->row_kind = SPREAD, plan->step = step, plan->corner = corner;
    } else if (m % n == 0 && table[0] >= 0 && is_take(table, n, m / n, table[0])) {
        plan->row_kind = TAKE, plan->step = m / n, plan->corner = table[0];
    }
}

/* The run that begins at `i`: copies of at least SHORTEST_COPY pixels, fills, and what lies between. */
static run next_run(const int32_t *table, int64_t i, int64_t n) {
    int64_t end = i;
    if (table[i] < 0) {
        while (end < n && table[end] < 0) end++;
        return (run){i, end, 0, FILL};
    }
    while (end < n && table[end] >= 0 && table[end] == table[i] + (end - i)) end++;
    return (run){i, end, table[i], end - i >= SHORTEST_COPY || end == n ? COPY : GATHER};
}

/* Writes the runs (where runs is not NULL) and returns their number. */
static int64_t find_runs(const int32_t *table, int64_t n, run *runs) {
    int64_t count = 0;
    run open = {0, 0, 0, GATHER};
    for (int64_t i = 0; i < n;) {
        run next = next_run(table, i, n);
        i = next.end;
        if (next.kind == GATHER && open.end == next.begin && open.begin < open.end) {
            open.end = next.end;
            continue;
        }
        if (open.begin < open.end) {
            if (runs) runs[count] = open;
            count++;
        }
        if (next.kind == GATHER) {
            open = next;
            continue;
        }
        open.begin = open.end = next.end;
        if (runs) runs[count] = next;
        count++;
    }
    if (open.begin < open.end) {
        if (runs) runs[count] = open;
        count++;
    }
    return count;
}

upreg_status ug_map_infer(upreg_infer *ctx, ug_map_of of) {
    ug_map map = {0};
    UG_TRY(of(UG_ASK(ctx), &map));
    ctx->out[0] = ug_frame_spec(&map.out, ctx->in[0].type, map.out.n, map.out.c, map.out.x);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

upreg_status ug_map_prepare(upreg_prepare *p, ug_map_of of) {
    static const unsigned char zero[8];
    ug_map map = {0};
    UG_TRY(of(UG_ASK(p), &map));
    const ug_frame *out = &map.out;
    ug_origin o = ug_origin_of(p->tile, &map.in, out);
    memcpy(map.in.x, o.in, sizeof o.in), memcpy(map.out.x, o.out, sizeof o.out);
    map_plan *plan = upreg_reserve(p, sizeof *plan), local = {0};
    if (!plan) plan = &local;
    *plan = (map_plan){.in = map.in, .out = map.out, .element = upreg_type_size(p->out[0].type)};
    memcpy(plan->value, map.value, sizeof plan->value);
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        plan->table[axis] = upreg_reserve(p, sizeof(int32_t) * (size_t)out->x[axis]);
        for (int64_t i = 0; p->fill && i < out->x[axis]; i++) {
            int64_t at = map.at(map.context, axis, o.out_begin[axis] + i);
            plan->table[axis][i] = (int32_t)(at < 0 ? at : at - o.in_begin[axis]);
        }
    }
    int64_t most = ug_min64(out->x[2], MOST_RUNS); /* how many there are is known only once the table is filled */
    plan->runs = upreg_reserve(p, sizeof(run) * (size_t)ug_max64(most, 1));
    if (p->fill) {
        choose_row(plan, map.in.x[2], memcmp(plan->value, zero, sizeof zero) == 0);
        plan->n_runs = find_runs(plan->table[2], out->x[2], NULL);
        if (plan->n_runs <= most)
            find_runs(plan->table[2], out->x[2], plan->runs);
        else
            plan->n_runs = -1;
    }
    plan->stream = (double)ug_elements(&p->out[0]) * (double)plan->element >= UG_STREAM_BYTES;
    plan->rows = ug_rows_of(out, ug_pixels_within(out, plan->element, UG_MOVE_STRIP), ug_max64(plan->step, 1));
    ug_add_stage(p, ug_rows_units(&plan->rows), (double)(plan->rows.length * plan->rows.inner) * (double)plan->element, 0);
    return UPREG_OK;
}

/* ---- running ---- */

/* Pixels [begin, end) of a row with gaps between pixels, or with more runs than were worth listing. */
static void row_by_pixel(const map_plan *plan, const upreg_kernels *k, const ug_view *x, const ug_view *y, const char *from, char *to, int64_t begin,
                         int64_t end) {
    const int32_t *table = plan->table[2];
    size_t element = plan->element, width = element * (size_t)y->inner;
    for (int64_t i = begin; i < end; i++) {
        char *pixel = to + (i - begin) * y->stride_x[2] * (int64_t)element;
        if (table[i] < 0)
            k->move->fill(pixel, plan->value, y->inner, (int64_t)element);
        else
            memcpy(pixel, from + table[i] * x->stride_x[2] * (int64_t)element, width);
    }
}

static void row_by_runs(const map_plan *plan, const upreg_kernels *k, const char *from, char *to, int64_t begin, int64_t end) {
    int64_t width = (int64_t)plan->element * plan->rows.inner;
    for (int64_t r = 0; r < plan->n_runs; r++) {
        const run *piece = &plan->runs[r];
        int64_t a = ug_max64(begin, piece->begin), b = ug_min64(end, piece->end);
        if (a >= b) continue;
        char *at = to + (a - begin) * width;
        if (piece->kind == COPY)
            memcpy(at, from + (piece->source + a - piece->begin) * width, (size_t)((b - a) * width));
        else if (piece->kind == FILL)
            k->move->fill(at, plan->value, (b - a) * plan->rows.inner, (int64_t)plan->element);
        else
            k->move->gather(at, from, plan->table[2] + a, b - a, width);
    }
}

static void make_row(const map_plan *plan, const upreg_kernels *k, const ug_view *x, const ug_view *y, const char *from, char *to,
                     const ug_row *row) {
    int64_t width = (int64_t)plan->element * plan->rows.inner, n = row->end - row->begin, step = plan->step;
    if (!ug_pixels_dense(x) || !ug_pixels_dense(y) || (plan->row_kind == RUNS && plan->n_runs < 0)) {
        row_by_pixel(plan, k, x, y, from, to, row->begin, row->end);
        return;
    }
    switch (plan->row_kind) {
    case SPREAD: k->move->spread(to, from + row->begin / step * width, n / step, step, plan->corner, width); break;
    case TAKE: k->move->take(to, from + (row->begin * step + plan->corner) * width, n, step, width); break;
    default: row_by_runs(plan, k, from, to, row->begin, row->end); break;
    }
}

static void fill_row(const map_plan *plan, const upreg_kernels *k, const ug_view *y, char *to, int64_t n) {
    if (ug_pixels_dense(y)) {
        k->move->fill(to, plan->value, n * y->inner, (int64_t)plan->element);
        return;
    }
    for (int64_t i = 0; i < n; i++) k->move->fill(to + i * y->stride_x[2] * (int64_t)plan->element, plan->value, y->inner, (int64_t)plan->element);
}

/* How many of the next rows are made from the same row of the input as row x1. */
static int64_t equal_rows(const map_plan *plan, int64_t x1, int64_t most) {
    int64_t n = 1;
    while (n < most && x1 + n < plan->rows.x[1] && plan->table[1][x1 + n] == plan->table[1][x1]) n++;
    return n;
}

void ug_map_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const map_plan *plan = (const map_plan *)call->state;
    const ug_move_kernels *move = call->kernels->move;
    ug_view x = ug_view_of(&plan->in, &call->in[0]), y = ug_view_of(&plan->out, &call->out[0]);
    int64_t element = (int64_t)plan->element, pixel = plan->rows.inner * element;
    int repeats = plan->row_kind == REPEAT && ug_pixels_dense(&x) && ug_pixels_dense(&y);
    for (int64_t unit = begin, rows; unit < end; unit += rows) {
        ug_row row = ug_rows_find(&plan->rows, unit);
        char *to = ug_pixel(&y, row.n, row.c, row.x0, row.x1, row.begin, plan->element);
        int64_t x0 = plan->table[0][row.x0], x1 = plan->table[1][row.x1], n = row.end - row.begin, step = y.stride_x[1] * element;
        rows = equal_rows(plan, row.x1, end - unit);
        if (x0 < 0 || x1 < 0) {
            for (int64_t r = 0; r < rows; r++) fill_row(plan, call->kernels, &y, to + r * step, n);
            continue;
        }
        const char *from = ug_pixel(&x, row.n, row.c, x0, x1, 0, plan->element);
        if (repeats) {
            move->repeat_rows(to, step, rows, from + row.begin / plan->step * pixel, n / plan->step, plan->step, pixel, plan->stream);
            continue;
        }
        make_row(plan, call->kernels, &x, &y, from, to, &row);
        for (int64_t r = 1; r < rows; r++) {
            if (ug_pixels_dense(&y))
                memcpy(to + r * step, to, (size_t)(n * pixel));
            else
                make_row(plan, call->kernels, &x, &y, from, to + r * step, &row);
        }
    }
    if (plan->stream) move->streamed();
}

/* ---- reach, constants ---- */

upreg_status ug_map_reach(upreg_reach *ctx, ug_map_of of) {
    ug_map map = {0};
    UG_TRY(of(UG_ASK(ctx), &map));
    ug_reach_same(ctx);
    for (int k = 0; k < map.in.rank; k++) {
        int axis = map.in.axis_x + k;
        int64_t low = INT64_MAX, high = -1;
        for (int64_t i = ctx->out_begin[axis]; i < ctx->out_end[axis]; i++) {
            int64_t position = map.at(map.context, UPREG_MAX_SPATIAL - map.in.rank + k, i);
            if (position < 0) continue;
            low = ug_min64(low, position), high = ug_max64(high, position);
        }
        ctx->in_begin[axis] = high < 0 ? 0 : low, ctx->in_end[axis] = high + 1;
    }
    return UPREG_OK;
}

upreg_status ug_map_tile(upreg_tiling *ctx, ug_map_of of) {
    ug_map map = {0};
    UG_TRY(of(UG_ASK(ctx), &map));
    ug_tile_spatial(ctx, &map.in, map.period, map.shift);
    return UPREG_OK;
}

/* The 16-bit float with these fields nearest to `value` (ties to even); 0 when it is out of range. */
static int narrow_float(double value, int exponent_bits, int fraction_bits, uint16_t *out) {
    int bias = (1 << (exponent_bits - 1)) - 1, exponent;
    uint16_t sign = (uint16_t)(signbit(value) ? 0x8000 : 0), infinity = (uint16_t)(((1 << exponent_bits) - 1) << fraction_bits);
    double magnitude = fabs(value);
    if (isnan(value)) return *out = (uint16_t)(infinity | 1 << (fraction_bits - 1)), 1;
    if (isinf(value)) return *out = (uint16_t)(sign | infinity), 1;
    frexp(magnitude, &exponent);
    int lowest = 1 - bias, power = magnitude == 0 || exponent - 1 < lowest ? lowest : exponent - 1;
    double units = nearbyint(ldexp(magnitude, fraction_bits - power)); /* the significand, as an integer */
    double bits = units + ldexp(power - lowest, fraction_bits);        /* a carry runs into the exponent, as it should */
    if (bits >= infinity) return 0;
    return *out = (uint16_t)(sign | (uint16_t)bits), 1;
}

#define INTEGER(type, low, high)                                                                                                                     \
    {                                                                                                                                                \
        if (!(value >= (low) && value <= (high)) || value != floor(value)) return 0;                                                                 \
        type v = (type)value;                                                                                                                        \
        memcpy(element, &v, sizeof v);                                                                                                               \
        return 1;                                                                                                                                    \
    }

int ug_element_of(upreg_type type, double value, unsigned char element[8]) {
    float single = (float)value;
    uint16_t half;
    switch (type) {
    case UPREG_F32: memcpy(element, &single, sizeof single); return isfinite(single) || !isfinite(value);
    case UPREG_F64: memcpy(element, &value, sizeof value); return 1;
    case UPREG_F16:
    case UPREG_BF16:
        if (!narrow_float(value, type == UPREG_F16 ? 5 : 8, type == UPREG_F16 ? 10 : 7, &half)) return 0;
        memcpy(element, &half, sizeof half);
        return 1;
    case UPREG_U8: INTEGER(uint8_t, 0, UINT8_MAX)
    case UPREG_I8: INTEGER(int8_t, INT8_MIN, INT8_MAX)
    case UPREG_U16: INTEGER(uint16_t, 0, UINT16_MAX)
    case UPREG_I16: INTEGER(int16_t, INT16_MIN, INT16_MAX)
    case UPREG_I32: INTEGER(int32_t, INT32_MIN, INT32_MAX)
    case UPREG_I64: INTEGER(int64_t, -9007199254740992.0, 9007199254740992.0)
    default: return 0;
    }
}
