/* Reading the input and describing the output of one unit of work: what the convolution algorithms share.
 * Included with T (element) and S (suffix) defined; the file that includes the algorithm's template next undefines the names. */

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define NAME(x) PASTE(x, S)
#define KERNEL(x) PASTE(x, S)

#ifndef UG_CONV_STAGE_SIZES
#define UG_CONV_STAGE_SIZES
enum { MOST_IN_PLACE = 24, MOST_KNOWN_PHASES = 4, STAGED_TOGETHER = 32, NARROW = 32, FEW_CHANNELS = 4 };
#endif

/* The weight of a combination of taps; `w` is the kernel of one input and output channel. */
static double NAME(weight_of)(const ug_conv_problem *b, const T *w, const ug_conv_tap *t0, const ug_conv_tap *t1, const ug_conv_tap *t2) {
    double sum = 0;
    for (int64_t i = t0->tap; i < t0->tap + t0->count; i++)
        for (int64_t j = t1->tap; j < t1->tap + t1->count; j++)
            for (int64_t k = t2->tap; k < t2->tap + t2->count; k++) sum += (double)w[(i * b->kernel[1] + j) * b->kernel[2] + k];
    return sum;
}

typedef struct NAME(unit_state) {
    const upreg_call *call;
    const ug_conv_plan *plan;
    const ug_gemm_kernels *kernels;
    ug_view x, y, residual;
    const T *weights, *bias;
    T *staged, *c, *spare;
    int64_t *index;
    const int32_t *offset;                          /* of the terms where the input is read in place, else NULL */
    int64_t n, group, out_begin, out_count;         /* output channels of this unit, within the group */
    int64_t q0, row, rows, column, columns;         /* first output per phase, and how many */
    int32_t first_phase[3], last_phase[3];          /* the phases that the input is staged for */
    int64_t x_channel, y_channel, residual_channel; /* distance of neighbouring channels in memory */
} NAME(unit_state);

/* Fills columns of one staged row for one channel: [0, low) and [high, n) lie outside the input. */
static void NAME(fill_edges)(const ug_conv_plan *plan, T *to, const T *from, int64_t from_step, int64_t first, int64_t phase, int64_t low,
                             int64_t high, int64_t n) {
    const ug_conv_axis *axis = &plan->axis[2];
    int mode = plan->problem.pad_mode;
    T fill = (T)(mode == UG_CONSTANT ? plan->problem.value : 0);
    if (!from || mode == UG_ZEROS || mode == UG_CONSTANT) {
        for (int64_t j = 0; j < low; j++) to[j] = fill;
        for (int64_t j = high; j < n; j++) to[j] = fill;
        return;
    }
    for (int64_t j = 0; j < n; j++) {
        if (j == low && low < high) j = high;
        if (j >= n) return;
        int64_t at = ug_pad_index(mode, (first + j) * axis->in_step + phase, axis->in);
        to[j] = at < 0 ? fill : from[at * from_step];
    }
}

/* Whether the phases of the outputs that the input is staged for read position `at` (relative to their first) for one of `outputs` outputs. */
static int NAME(is_read)(const NAME(unit_state) * u, int a, int64_t at, int64_t outputs) {
    const ug_conv_axis *axis = &u->plan->axis[a];
    for (int r = u->first_phase[a]; r < u->last_phase[a]; r++)
        for (int t = 0; t < axis->phases[r].n_taps; t++) {
            int64_t distance = at - axis->phases[r].taps[t].e, q = ug_floor_div(distance, axis->in_step);
            if (q * axis->in_step == distance && q >= 0 && q < outputs) return 1;
        }
    return 0;
}

/* Whether they read column phase `phase` of the input. */
static int NAME(phase_is_read)(const NAME(unit_state) * u, int64_t phase) {
    const ug_conv_axis *axis = &u->plan->axis[2];
    for (int r = u->first_phase[2]; r < u->last_phase[2]; r++)
        for (int t = 0; t < axis->phases[r].n_taps; t++)
            if ((axis->phases[r].taps[t].e - phase) % axis->in_step == 0) return 1;
    return 0;
}

/* The columns of one phase that the staged rows hold: [low, high) of them lie inside the input. */
typedef struct NAME(columns) {
    int64_t low, high;
    int read;
} NAME(columns);

static NAME(columns) NAME(columns_of)(const NAME(unit_state) * u, int64_t phase) {
    const ug_conv_axis *axis = &u->plan->axis[2];
    int64_t first = u->column + axis->f_min, n = u->columns + axis->f_span;
    NAME(columns) c = {.read = NAME(phase_is_read)(u, phase)};
    c.low = ug_min64(ug_max64(ug_ceil_div(-phase, axis->in_step) - first, 0), n);
    c.high = ug_max64(ug_min64(ug_ceil_div(axis->in - phase, axis->in_step) - first, n), c.low);
    return c;
}

/* Copies one input row of one channel, split by column phase, into the staged input.  from: column 0, or NULL for a row that lies outside. */
static void NAME(stage_row)(NAME(unit_state) * u, T *to, const T *from, const NAME(columns) * known) {
    const ug_conv_plan *plan = u->plan;
    const ug_conv_axis *axis = &plan->axis[2];
    int64_t s = axis->in_step, n = u->columns + axis->f_span, first = u->column + axis->f_min, step = u->x.stride_x[2];
    int64_t phase_pitch = plan->row_count * plan->row_pitch;
    int64_t low = s == 2 ? ug_max64(known[0].low, known[1].low) : 0, high = s == 2 ? ug_min64(known[0].high, known[1].high) : 0;
    int splits = from && s == 2 && step == 1 && high > low; /* where both phases are inside, they are split in one go */
    if (splits) u->kernels->KERNEL(unweave)(to + low, phase_pitch, from + (first + low) * s, s, high - low, 2 * u->x_channel);
    for (int64_t phase = 0; phase < s; phase++, to += phase_pitch) {
        NAME(columns) c = phase < MOST_KNOWN_PHASES ? known[phase] : NAME(columns_of)(u, phase);
        if (!c.read && !splits) continue;
        if (!from) c.low = c.high = n;
        const T *source = from + (from ? (first * s + phase) * step : 0);
        if (splits) {
            for (int64_t j = c.low; j < low; j++) to[j] = source[j * s];
            for (int64_t j = high; j < c.high; j++) to[j] = source[j * s];
        } else if (c.high > c.low && s * step == 1) {
            u->kernels->KERNEL(unweave)(to + c.low, 0, source + c.low, 1, c.high - c.low, 2 * u->x_channel);
        } else if (c.high > c.low) {
            u->kernels->KERNEL(take)(to + c.low, source + c.low * s * step, s * step, c.high - c.low);
        }
        if (c.low > 0 || c.high < n) NAME(fill_edges)(plan, to, from, step, first, phase, c.low, c.high, n);
    }
}

/* The same for channels that lie side by side. */
static void NAME(stage_pixels)(NAME(unit_state) * u, T *to, const T *from, int64_t channels, const NAME(columns) * known) {
    const ug_conv_plan *plan = u->plan;
    const ug_conv_axis *axis = &plan->axis[2];
    int64_t s = axis->in_step, n = u->columns + axis->f_span, first = u->column + axis->f_min, step = u->x.stride_x[2];
    for (int64_t phase = 0; phase < s; phase++, to += plan->row_count * plan->row_pitch) {
        NAME(columns) c = phase < MOST_KNOWN_PHASES ? known[phase] : NAME(columns_of)(u, phase);
        if (!c.read) continue;
        if (!from) c.low = c.high = n;
        if (c.high > c.low)
            u->kernels->KERNEL(transpose)(to + c.low, plan->channel_pitch, from + ((first + c.low) * s + phase) * step, s * step, c.high - c.low,
                                          channels);
        for (int64_t i = 0; i < channels && (c.low > 0 || c.high < n); i++)
            NAME(fill_edges)(plan, to + i * plan->channel_pitch, from ? from + i : NULL, step, first, phase, c.low, c.high, n);
    }
}

/* Where each staged number of a channel comes from, relative to the channel. */
static int64_t NAME(locate)(const NAME(unit_state) * u, int64_t *index) {
    const ug_conv_plan *plan = u->plan;
    const ug_conv_axis *a = plan->axis;
    int mode = plan->problem.pad_mode;
    int64_t lines = plan->planes * a[1].in_step * a[2].in_step * plan->row_count;
    for (int64_t line = 0; line < lines; line++) {
        int64_t row = line % plan->row_count, p2 = line / plan->row_count % a[2].in_step, p1 = line / plan->row_count / a[2].in_step % a[1].in_step;
        int64_t plane = line / plan->row_count / a[2].in_step / a[1].in_step;
        int64_t i0 = ug_pad_index(mode, u->q0 * a[0].in_step + plane + a[0].e_min, a[0].in);
        int64_t i1 = row < u->rows + a[1].f_span ? ug_pad_index(mode, (u->row + row + a[1].f_min) * a[1].in_step + p1, a[1].in) : -1;
        for (int64_t j = 0; j < plan->row_pitch; j++) {
            int64_t i2 = j < u->columns + a[2].f_span ? ug_pad_index(mode, (u->column + j + a[2].f_min) * a[2].in_step + p2, a[2].in) : -1;
            *index++ = ug_conv_place(&u->x, u->n, i0, i1, i2);
        }
    }
    return lines * plan->row_pitch;
}

/* Stages `channels` channels of the rows that the unit reads: channel by channel, so that neighbouring rows are read one after the other. */
static void NAME(stage)(NAME(unit_state) * u, int64_t first_channel, int64_t channels) {
    const ug_conv_plan *plan = u->plan;
    const ug_conv_problem *b = &plan->problem;
    const ug_conv_axis *a = plan->axis;
    const T *x = (const T *)u->x.data + (u->group * b->in_channels + first_channel) * u->x_channel;
    NAME(columns) known[MOST_KNOWN_PHASES];
    int64_t n = u->columns + a[2].f_span;
    for (int64_t phase = 0; phase < ug_min64(a[2].in_step, MOST_KNOWN_PHASES); phase++) known[phase] = NAME(columns_of)(u, phase);
    int whole = a[2].in_step == 1 && u->x.stride_x[2] == 1 && known[0].low == 0 && known[0].high == n && plan->row_pitch == n; /* rows join */
    if (!whole && a[2].in_step * plan->row_pitch < NARROW && plan->channel_pitch <= UG_CONV_INDEXED && channels >= FEW_CHANNELS) {
        int64_t numbers = NAME(locate)(u, u->index); /* calls for each short row would cost more than the rows */
        for (int64_t c = 0; c < channels; c++)
            u->kernels->KERNEL(gather)(u->staged + c * plan->channel_pitch, x + c * u->x_channel, u->index, numbers,
                                       (T)(b->pad_mode == UG_CONSTANT ? b->value : 0));
        return;
    }
    const T *from[STAGED_TOGETHER];
    T *to[STAGED_TOGETHER];
    int64_t length[STAGED_TOGETHER];
    int turns = u->x_channel == 1 && u->x.stride_x[2] != 1, rows = 0;
    int64_t lines = u->rows + a[1].f_span, total = plan->planes * a[1].in_step * lines;
    x += u->n * u->x.stride_n;
    for (int64_t at = 0; at < total; at++) {
        int64_t row = at % lines, phase = at / lines % a[1].in_step, plane = at / lines / a[1].in_step;
        if (NAME(is_read)(u, 0, plane + a[0].e_min, plan->depth) && NAME(is_read)(u, 1, (row + a[1].f_min) * a[1].in_step + phase, u->rows)) {
            int64_t i0 = ug_pad_index(b->pad_mode, u->q0 * a[0].in_step + plane + a[0].e_min, a[0].in);
            int64_t i1 = ug_pad_index(b->pad_mode, (u->row + row + a[1].f_min) * a[1].in_step + phase, a[1].in);
            int64_t line = (plane * a[1].in_step + phase) * a[2].in_step * plan->row_count + row;
            T *place = u->staged + line * plan->row_pitch;
            const T *source = i0 < 0 || i1 < 0 || a[2].in == 0 ? NULL : x + i0 * u->x.stride_x[0] + i1 * u->x.stride_x[1];
            int last = rows - 1;
            if (whole && rows && source && from[last] && source == from[last] + length[last] && place == to[last] + length[last])
                length[last] += n;
            else
                to[rows] = place, from[rows] = source, length[rows++] = n;
        }
        if (rows < STAGED_TOGETHER && at < total - 1) continue;
        if (turns)
            for (int r = 0; r < rows; r++) NAME(stage_pixels)(u, to[r], from[r], channels, known);
        for (int64_t c = 0; c < channels && !turns; c++)
            for (int r = 0; r < rows; r++) {
                const T *source = from[r] ? from[r] + c * u->x_channel : NULL;
                T *place = to[r] + c * plan->channel_pitch;
                if (length[r] > n)
                    u->kernels->KERNEL(unweave)(place, 0, source + u->column + a[2].f_min, 1, length[r], 2 * u->x_channel);
                else
                    NAME(stage_row)(u, place, source, known);
            }
        rows = 0;
    }
}

/* The call as a unit sees it; the caller fills in where the unit lies. */
static NAME(unit_state) NAME(open_unit)(const upreg_call *call, const ug_conv_plan *plan) {
    const ug_conv_problem *b = &plan->problem;
    NAME(unit_state) u = {.call = call, .plan = plan, .kernels = call->kernels->gemm};
    u.x = ug_view_of(&b->x_frame, &call->in[0]), u.y = ug_view_of(&b->y_frame, &call->out[0]);
    u.x_channel = ug_channel_step(&b->x_frame, &u.x), u.y_channel = ug_channel_step(&b->y_frame, &u.y);
    u.residual = ug_residual_of(&b->y_frame, call), u.residual_channel = ug_channel_step(&b->y_frame, &u.residual);
    u.weights = (const T *)(plan->bound ? plan->packed : call->workspace);
    u.bias = b->has_bias ? (const T *)ug_data(&call->in[2]) : NULL;
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) u.last_phase[a] = plan->axis[a].n_phases;
    return u;
}

/* ---- storing ---- */

/* Sums of some rows of outputs: some channels, some or all column phases. */
typedef struct NAME(results) {
    T *c;
    int64_t channel_pitch, phase_pitch, row_pitch; /* in c */
    int64_t first_channel, channels;               /* of the whole output */
    const ug_conv_phase *phases;                   /* the first of n_phases neighbouring ones */
    int64_t n_phases, column, columns;             /* outputs of each phase from `column` on */
    int64_t rows, o0, o1, o1_step;                 /* the rows' places */
    int64_t shortest, total;                       /* outputs of the shortest phase, of all phases */
} NAME(results);

static int64_t NAME(outputs)(const NAME(results) * r, int64_t phase) { return ug_max64(ug_min64(r->columns, r->phases[phase].count - r->column), 0); }

/* Applies bias and epilogue to n sums of one row; the first is output `column`, the next ones `step` further. */
static void NAME(finish_row)(NAME(unit_state) * u, const ug_post *post, T *y, const T *sums, int64_t n, int64_t residual_at, int64_t step) {
    const T *residual = NULL;
    if (u->residual.data) {
        residual = (const T *)u->residual.data + residual_at;
        step *= u->residual.stride_x[2];
        if (step != 1) u->kernels->KERNEL(take)(u->spare, residual, step, n), residual = u->spare;
    }
    if (y == sums && !residual && !post->has_bias && !post->has_affine && !post->activation) return;
    u->kernels->KERNEL(finish)(y, sums, residual, n, post);
}

/* All column phases of one row, brought into order and finished where they lie: y's columns are neighbours. */
static void NAME(store_woven)(NAME(unit_state) * u, const NAME(results) * r, const ug_post *post, T *y, const T *c, int64_t residual_at) {
    u->kernels->KERNEL(weave)(y, 1, c, r->phase_pitch, r->n_phases, r->shortest);
    for (int64_t p = 0; p < r->n_phases && r->total > r->shortest * r->n_phases; p++) /* the first phases may have one output more */
        if (NAME(outputs)(r, p) > r->shortest) y[r->shortest * r->n_phases + p] = c[p * r->phase_pitch + r->shortest];
    NAME(finish_row)(u, post, y, y, r->total, residual_at, 1);
}

/* Short rows: all of a channel's sums are finished where they lie, and each goes to its place. */
static void NAME(store_narrow)(NAME(unit_state) * u, const NAME(results) * r, T *y, int64_t residual_at) {
    int64_t step = u->plan->axis[2].out_step, n = (r->rows - 1) * r->row_pitch + r->columns;
    int64_t *place = u->index, *residual_place = place + u->plan->indexed;
    for (int64_t p = 0; p < r->n_phases; p++) {
        int64_t outputs = NAME(outputs)(r, p);
        for (int64_t i = 0; i < n; i++) {
            int64_t row = i / r->row_pitch, column = i % r->row_pitch;
            place[i] = residual_place[i] = UG_OUTSIDE;
            if (column >= outputs || row >= r->rows) continue;
            place[i] = row * r->o1_step * u->y.stride_x[1] + (column * step + p) * u->y.stride_x[2];
            residual_place[i] = row * r->o1_step * u->residual.stride_x[1] + (column * step + p) * u->residual.stride_x[2];
        }
        for (int64_t i = 0; i < r->channels; i++) {
            ug_post post = ug_conv_post(u->call, u->bias, r->first_channel + i, sizeof(T) == 8);
            T *sums = r->c + i * r->channel_pitch + p * r->phase_pitch, *residual = NULL;
            if (u->residual.data) {
                residual = u->spare;
                u->kernels->KERNEL(gather)(residual, (const T *)u->residual.data + residual_at + i * u->residual_channel, residual_place, n, 0);
            }
            u->kernels->KERNEL(finish)(sums, sums, residual, n, &post);
            u->kernels->KERNEL(scatter)(y + i * u->y_channel, place, sums, n);
        }
    }
}

/* Stores the rows channel by channel, so that neighbouring rows are written one after the other; pixel by pixel where channels are innermost. */
static void NAME(store_rows)(NAME(unit_state) * u, NAME(results) * r) {
    int64_t step = u->plan->axis[2].out_step, y_step = u->y.stride_x[2], first = r->column * step + r->phases->r;
    T *y = (T *)u->y.data + ug_offset(&u->y, u->n, 0, r->o0, r->o1) + first * y_step + r->first_channel * u->y_channel;
    int64_t residual_at = ug_offset(&u->residual, u->n, 0, r->o0, r->o1) + first * u->residual.stride_x[2] + r->first_channel * u->residual_channel;
    r->shortest = r->columns, r->total = 0;
    for (int64_t p = 0; p < r->n_phases; p++) r->shortest = ug_min64(r->shortest, NAME(outputs)(r, p)), r->total += NAME(outputs)(r, p);
    int direct = step * y_step == 1, turns = u->y_channel == 1 && !direct; /* turned after they are finished in place */
    int weaves = y_step == 1 && step > 1 && !turns && r->n_phases == step && r->shortest > 0;
    int joined = direct && r->total == r->row_pitch && r->o1_step * u->y.stride_x[1] == r->total &&
                 (!u->residual.data || r->o1_step * u->residual.stride_x[1] == r->total); /* all rows are one */
    if (joined) r->total *= r->rows, r->rows = 1;
    if (!turns && !joined && r->rows > 1 && r->total < (direct ? NARROW / 2 : NARROW) && r->channels >= FEW_CHANNELS &&
        r->rows * r->row_pitch <= UG_CONV_INDEXED) {
        NAME(store_narrow)(u, r, y, residual_at);
        return;
    }
    for (int64_t i = 0; i < r->channels; i++) {
        ug_post post = ug_conv_post(u->call, u->bias, r->first_channel + i, sizeof(T) == 8);
        for (int64_t row = 0; row < r->rows; row++) {
            T *line = r->c + i * r->channel_pitch + row * r->row_pitch, *to = y + i * u->y_channel + row * r->o1_step * u->y.stride_x[1];
            int64_t at = residual_at + i * u->residual_channel + row * r->o1_step * u->residual.stride_x[1];
            if (weaves) NAME(store_woven)(u, r, &post, to, line, at);
            for (int64_t p = 0; p < r->n_phases && !weaves; p++, line += r->phase_pitch) {
                int64_t n = direct ? r->total : NAME(outputs)(r, p);
                if (n == 0) continue;
                NAME(finish_row)(u, &post, direct ? to : line, line, n, at + p * u->residual.stride_x[2], step);
                if (!direct && !turns) u->kernels->KERNEL(spread)(to + p * y_step, step * y_step, line, n);
            }
        }
    }
    for (int64_t row = 0; row < r->rows && turns; row++)
        for (int64_t p = 0; p < r->n_phases; p++)
            u->kernels->KERNEL(transpose)(y + row * r->o1_step * u->y.stride_x[1] + p * y_step, step * y_step,
                                          r->c + row * r->row_pitch + p * r->phase_pitch, r->channel_pitch, r->channels, NAME(outputs)(r, p));
}
