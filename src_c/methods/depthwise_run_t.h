/* The depthwise convolutions on one element type; included with T (element) and F (suffix) defined. */

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define NAME(x) PASTE(x, F)

/* One tap's weights of all channels, side by side. */
static void NAME(pack)(const depthwise_plan *plan, const T *w, T *packed, int64_t tap) {
    int64_t channels = plan->problem.groups, from = plan->problem.flip ? plan->taps - 1 - tap : tap;
    for (int64_t c = 0; c < channels; c++) packed[tap * channels + c] = w[c * plan->taps + from];
}

typedef struct NAME(job) {
    const upreg_call *call;
    const depthwise_plan *plan;
    ug_view x, y, residual;
    const T *weights, *bias;
    T *staged, *w, *c, *spare;                      /* scratch */
    int64_t x_channel, y_channel, residual_channel; /* distance of neighbouring channels in memory */
} NAME(job);

static NAME(job) NAME(open)(const upreg_call *call, const depthwise_plan *plan, unsigned char *scratch) {
    const ug_conv_problem *b = &plan->problem;
    NAME(job) j = {.call = call, .plan = plan, .weights = (const T *)ug_data(&call->in[1])};
    j.x = ug_view_of(&b->x_frame, &call->in[0]), j.y = ug_view_of(&b->y_frame, &call->out[0]);
    j.x_channel = ug_channel_step(&b->x_frame, &j.x), j.y_channel = ug_channel_step(&b->y_frame, &j.y);
    j.residual = ug_residual_of(&b->y_frame, call), j.residual_channel = ug_channel_step(&b->y_frame, &j.residual);
    if (plan->form == PIXELS) j.weights = (const T *)(plan->bound ? plan->packed : call->workspace);
    j.bias = b->has_bias ? (const T *)ug_data(&call->in[2]) : NULL;
    j.staged = (T *)scratch, j.w = (T *)(scratch + plan->staged_bytes), j.c = (T *)((char *)j.w + plan->weight_bytes);
    j.spare = (T *)((char *)j.c + plan->result_bytes);
    return j;
}

/* The weights of one output channel in the order of the taps. */
static const T *NAME(kernel_of)(NAME(job) * j, int64_t channel) {
    const T *w = j->weights + channel * j->plan->taps;
    if (!j->plan->problem.flip) return w;
    for (int64_t t = 0; t < j->plan->taps; t++) j->w[t] = w[j->plan->taps - 1 - t];
    return j->w;
}

/* Bias and epilogue of n outputs of a row of one channel; c may be where they go already. */
static void NAME(store)(NAME(job) * j, int64_t n, int64_t channel, int64_t o0, int64_t o1, int64_t column, T *c, int64_t count) {
    const upreg_epilogue *e = j->call->epilogue;
    const ug_gemm_kernels *g = j->call->kernels->gemm;
    T *y = (T *)j->y.data + ug_offset(&j->y, n, 0, o0, o1) + column * j->y.stride_x[2] + channel * j->y_channel;
    ug_post post = ug_conv_post(j->call, j->bias, channel, sizeof(T) == 8);
    const T *residual = NULL;
    if (j->residual.data) {
        residual =
            (const T *)j->residual.data + ug_offset(&j->residual, n, 0, o0, o1) + column * j->residual.stride_x[2] + channel * j->residual_channel;
        if (j->residual.stride_x[2] != 1) g->PASTE(take, F)(j->spare, residual, j->residual.stride_x[2], count), residual = j->spare;
    }
    int direct = j->y.stride_x[2] == 1;
    if (j->bias || e) g->PASTE(finish, F)(direct ? y : c, c, residual, count, &post);
    if (!direct)
        g->PASTE(spread, F)(y, j->y.stride_x[2], c, count);
    else if (!j->bias && !e && y != c)
        memcpy(y, c, (size_t)count * sizeof(T));
}

/* ---- rows ---- */

/* The staged columns of one phase: of n, those in [low, high) lie inside the input; the first is column `start` of it. */
typedef struct NAME(columns) {
    int64_t start, low, high, n;
} NAME(columns);

static void NAME(columns_of)(const ug_conv_problem *b, int64_t first, int64_t outputs, NAME(columns) * c) {
    int64_t s = b->stride[2];
    for (int64_t phase = 0; phase < s; phase++, c++) {
        c->start = first + phase, c->n = outputs + (b->kernel[2] - 1) * b->dilation[2] / s;
        c->low = ug_min64(ug_max64(ug_ceil_div(-c->start, s), 0), c->n);
        c->high = ug_max64(ug_min64(ug_ceil_div(b->in[2] - c->start, s), c->n), c->low);
    }
}

/* One row of the input, or of the padding (from is NULL), split by column phase. */
static void NAME(stage_row)(const NAME(job) * j, T *to, const T *from, const NAME(columns) * c) {
    const ug_conv_problem *b = &j->plan->problem;
    const ug_gemm_kernels *g = j->call->kernels->gemm;
    const T fill = (T)(b->pad_mode == UG_CONSTANT ? b->value : 0);
    int64_t s = b->stride[2], step = j->x.stride_x[2], pitch = j->plan->phase_pitch;
    int64_t low = s == 2 ? ug_max64(c[0].low, c[1].low) : 0, high = s == 2 ? ug_min64(c[0].high, c[1].high) : 0;
    int splits = from && s == 2 && step == 1 && high > low; /* where both phases are inside, they are split in one go */
    if (splits) g->PASTE(unweave, F)(to + low, pitch, from + c[0].start + 2 * low, 2, high - low, j->x.stride_x[1]);
    for (int64_t phase = 0; phase < s; phase++, to += pitch, c++) {
        int64_t inside = from ? c->low : c->n, outside = from ? c->high : c->n;
        if (splits)
            inside = low, outside = high;
        else if (outside > inside && s * step == 1)
            memcpy(to + inside, from + c->start + inside, (size_t)(outside - inside) * sizeof(T));
        else if (outside > inside)
            g->PASTE(take, F)(to + inside, from + (c->start + inside * s) * step, s * step, outside - inside);
        for (int64_t i = inside > 0 ? 0 : outside; i < c->n; i = i + 1 == inside ? outside : i + 1) {
            int64_t at = from ? ug_pad_index(b->pad_mode, c->start + i * s, b->in[2]) : -1;
            to[i] = at < 0 ? fill : from[at * step];
        }
    }
}

/* Rows [0, rows) of a plane of the staged input, the first of them row `first` of the input.  x is NULL for a plane that lies outside. */
static void NAME(stage_plane)(const NAME(job) * j, T *to, const T *x, int64_t first, int64_t rows, const NAME(columns) * c) {
    const ug_conv_problem *b = &j->plan->problem;
    const ug_depthwise_kernels *k = j->call->kernels->depthwise;
    const T fill = (T)(b->pad_mode == UG_CONSTANT ? b->value : 0);
    int64_t line = j->plan->line, pitch = j->plan->phase_pitch, x_row = j->x.stride_x[1], s = b->stride[2];
    if (s > 2 || j->x.stride_x[2] != 1 || (b->pad_mode != UG_ZEROS && b->pad_mode != UG_CONSTANT)) {
        for (int64_t r = 0; r < rows; r++) {
            int64_t i1 = ug_pad_index(b->pad_mode, first + r, b->in[1]);
            NAME(stage_row)(j, to + r * line, x && i1 >= 0 && b->in[2] > 0 ? x + i1 * x_row : NULL, c);
        }
        return;
    }
    int64_t low = ug_min64(ug_max64(-first, 0), rows), high = x ? ug_max64(ug_min64(b->in[1] - first, rows), low) : low; /* rows that lie inside */
    const T *from = x + (x ? (first + low) * x_row + ug_max64(c->start, 0) : 0);
    int64_t before = ug_max64(-c->start, 0), inside = c->high - c->low;
    if (s == 2) before = ug_min64(before, 2 * c->n), inside = ug_max64(ug_min64(b->in[2] - ug_max64(c->start, 0), 2 * c->n - before), 0);
    if (high > low && s == 2)
        k->PASTE(stage_halves, F)(to + low * line, pitch, line, from, x_row, high - low, before, inside, c->n, fill);
    else if (high > low)
        k->PASTE(stage, F)(to + low * line, line, from, x_row, high - low, c->low, inside, c->n - c->high, fill);
    for (int64_t r = low > 0 ? 0 : high; r < rows; r = r + 1 == low ? high : r + 1)
        k->PASTE(stage, F)(to + r * line, pitch, to, 0, s, c->n, 0, 0, fill);
}

static void NAME(rows_unit)(NAME(job) * j, int64_t unit) {
    const depthwise_plan *plan = j->plan;
    const ug_conv_problem *b = &plan->problem;
    const ug_depthwise_kernels *k = j->call->kernels->depthwise;
    int64_t column = unit % plan->n_column_blocks * plan->columns, row = unit / plan->n_column_blocks % plan->n_row_blocks * plan->rows;
    unit /= plan->n_column_blocks * plan->n_row_blocks;
    int64_t o0 = unit % b->out[0], group = unit / b->out[0] % b->groups, n = unit / b->out[0] / b->groups;
    int64_t rows = ug_min64(plan->rows, b->out[1] - row), columns = ug_min64(plan->columns, b->out[2] - column);
    int64_t staged = (rows - 1) * b->stride[1] + (b->kernel[1] - 1) * b->dilation[1] + 1;
    const T *x = (const T *)j->x.data + n * j->x.stride_n + group * j->x_channel;
    NAME(columns) c[MOST_STRIDE];
    NAME(columns_of)(b, column * b->stride[2] - b->begin[2], columns, c);
    for (int64_t t0 = 0; t0 < b->kernel[0]; t0++) {
        int64_t i0 = ug_pad_index(b->pad_mode, o0 * b->stride[0] + t0 * b->dilation[0] - b->begin[0], b->in[0]);
        NAME(stage_plane)(j, j->staged + t0 * plan->staged_rows * plan->line, i0 < 0 ? NULL : x + i0 * j->x.stride_x[0],
                          row * b->stride[1] - b->begin[1], staged, c);
    }
    int direct = j->y.stride_x[2] == 1;
    for (int64_t i = 0; i < b->out_channels; i++) {
        int64_t channel = group * b->out_channels + i, c_row = direct ? j->y.stride_x[1] : columns, x_row = b->stride[1] * plan->line;
        T *sums = direct ? (T *)j->y.data + ug_offset(&j->y, n, 0, o0, row) + column + channel * j->y_channel : j->c;
        const T *w = NAME(kernel_of)(j, channel);
        if (plan->is_3x3)
            k->PASTE(rows_3x3, F)(sums, c_row, j->staged, x_row, w, rows, columns);
        else
            k->PASTE(rows, F)(sums, c_row, j->staged, x_row, w, plan->offset, plan->taps, rows, columns);
        int64_t joined = direct && c_row == columns && j->residual.stride_x[1] == columns * j->residual.stride_x[2] ? rows : 1; /* rows are one run */
        for (int64_t r = 0; r < rows && (!direct || j->bias || j->call->epilogue); r += joined)
            NAME(store)(j, n, channel, o0, row + r, column, sums + r * c_row, joined * columns);
    }
}

/* ---- pixels ---- */

/* The same as `store`, for pixels that have all their channels side by side. */
static void NAME(finish_pixels)(const NAME(job) * j, T *y, const T *residual, int64_t n) {
    const upreg_epilogue *e = j->call->epilogue;
    const ug_elementwise_kernels *k = j->call->kernels->elementwise;
    const ug_function(*f)[UG_TYPES] = j->call->kernels->math->function;
    int64_t channels = j->plan->problem.groups, type = sizeof(T) == 8 ? UPREG_F64 : UPREG_F32;
    if (!j->bias && !e) return;
    for (int64_t i = 0; i < n; i++, y += j->y.stride_x[2], residual += residual ? j->residual.stride_x[2] : 0) {
        if (j->bias) k->PASTE(add, F)(y, y, j->bias, channels);
        if (e && e->scale) k->PASTE(scale_shift_each, F)(y, y, e->scale, e->shift, channels);
        if (residual && !e->residual_last) k->PASTE(add, F)(y, y, residual, channels);
        switch (e ? e->activation : UPREG_ACT_NONE) {
        case UPREG_ACT_RELU: k->PASTE(relu, F)(y, y, channels); break;
        case UPREG_ACT_LEAKY_RELU: k->PASTE(leaky_relu, F)(y, y, channels, (T)e->p[0]); break;
        case UPREG_ACT_SIGMOID: k->PASTE(sigmoid, F)(y, y, channels); break;
        case UPREG_ACT_TANH: k->PASTE(tanh, F)(y, y, channels); break;
        case UPREG_ACT_SWISH: f[UG_FUNCTION_swish][type](y, y, channels, e->p); break;
        case UPREG_ACT_CLIP: f[UG_FUNCTION_clip][type](y, y, channels, e->p); break;
        case UPREG_ACT_HARD_SIGMOID: f[UG_FUNCTION_hard_sigmoid][type](y, y, channels, e->p); break;
        case UPREG_ACT_HARD_SWISH: f[UG_FUNCTION_hard_swish][type](y, y, channels, e->p); break;
        default: break;
        }
        if (residual && e->residual_last) k->PASTE(add, F)(y, y, residual, channels);
    }
}

/* Outputs [begin, end) of a row; `inside`: all their columns lie in the input, else there is one output.  row[]: of the input, NULL outside. */
static void NAME(some_pixels)(const NAME(job) * j, T *y, const T *const *row, const T *fill, int64_t begin, int64_t end) {
    const ug_conv_problem *b = &j->plan->problem;
    const T **tap = (const T **)j->staged;
    int64_t step = j->x.stride_x[2];
    for (int64_t r = 0; r < b->kernel[0] * b->kernel[1]; r++)
        for (int64_t t2 = 0; t2 < b->kernel[2]; t2++) {
            int64_t at = ug_pad_index(b->pad_mode, begin * b->stride[2] + t2 * b->dilation[2] - b->begin[2], b->in[2]);
            *tap++ = row[r] && at >= 0 ? row[r] + at * step : fill;
        }
    j->call->kernels->depthwise->PASTE(pixels, F)(y, j->y.stride_x[2], (const T *const *)j->staged, b->stride[2] * step, j->weights, j->plan->taps,
                                                  end - begin, b->groups);
}

static void NAME(pixels_unit)(NAME(job) * j, int64_t unit) {
    const depthwise_plan *plan = j->plan;
    const ug_conv_problem *b = &plan->problem;
    int64_t o1 = unit % b->out[1], o0 = unit / b->out[1] % b->out[0], n = unit / b->out[1] / b->out[0];
    const T *x = (const T *)j->x.data + n * j->x.stride_n, **row = (const T **)((char *)j->staged + plan->rows_at);
    T *fill = j->w, *y = (T *)j->y.data + ug_offset(&j->y, n, 0, o0, o1);
    int whole = b->in[2] > 0;
    for (int64_t c = 0; c < b->groups; c++) fill[c] = (T)(b->pad_mode == UG_CONSTANT ? b->value : 0);
    for (int64_t t = 0; t < b->kernel[0] * b->kernel[1]; t++) {
        int64_t t0 = t / b->kernel[1], t1 = t % b->kernel[1];
        int64_t i0 = ug_pad_index(b->pad_mode, o0 * b->stride[0] + t0 * b->dilation[0] - b->begin[0], b->in[0]);
        int64_t i1 = ug_pad_index(b->pad_mode, o1 * b->stride[1] + t1 * b->dilation[1] - b->begin[1], b->in[1]);
        row[t] = i0 < 0 || i1 < 0 || b->in[2] == 0 ? NULL : x + i0 * j->x.stride_x[0] + i1 * j->x.stride_x[1];
        whole &= row[t] != NULL;
    }
    int64_t room = b->in[2] - 1 - (b->kernel[2] - 1) * b->dilation[2] + b->begin[2];
    int64_t low = ug_min64(ug_ceil_div(b->begin[2], b->stride[2]), b->out[2]), high = room < 0 ? 0 : room / b->stride[2] + 1;
    high = whole ? ug_max64(ug_min64(high, b->out[2]), low) : low; /* outputs [low, high) read nothing outside */
    for (int64_t o = 0; o < b->out[2];) {
        int64_t end = o == low && low < high ? high : o + 1;
        NAME(some_pixels)(j, y + o * j->y.stride_x[2], row, fill, o, end);
        o = end;
    }
    const T *residual = j->residual.data ? (const T *)j->residual.data + ug_offset(&j->residual, n, 0, o0, o1) : NULL;
    NAME(finish_pixels)(j, y, residual, b->out[2]);
}

/* ---- spread ---- */

/* Inputs and taps of one axis that reach output o, taps in order; returns how many. */
static int64_t NAME(reaching)(const ug_conv_problem *b, int a, int64_t o, int64_t *in, int64_t *tap) {
    int64_t at = o + b->begin[a], n = 0;
    for (int64_t t = at < 0 ? 0 : at % b->stride[a]; at >= 0 && t < b->kernel[a] && t <= at; t += b->stride[a])
        if ((at - t) / b->stride[a] < b->in[a]) in[n] = (at - t) / b->stride[a], tap[n++] = t;
    return n;
}

static void NAME(spread_unit)(NAME(job) * j, int64_t unit) {
    const depthwise_plan *plan = j->plan;
    const ug_conv_problem *b = &plan->problem;
    int64_t row = unit % plan->n_row_blocks * plan->rows, in0[MOST_REACHING], tap0[MOST_REACHING], in1[MOST_REACHING], tap1[MOST_REACHING];
    unit /= plan->n_row_blocks;
    int64_t o0 = unit % b->out[0], channel = unit / b->out[0] % b->groups, n = unit / b->out[0] / b->groups;
    const T *source[MOST_REACHING], *weight[MOST_REACHING], *w = NAME(kernel_of)(j, channel);
    const T *x = (const T *)j->x.data + n * j->x.stride_n + channel * j->x_channel;
    int64_t n0 = NAME(reaching)(b, 0, o0, in0, tap0);
    for (int64_t o1 = row; o1 < ug_min64(row + plan->rows, b->out[1]); o1++) {
        int64_t n1 = NAME(reaching)(b, 1, o1, in1, tap1), rows = 0;
        for (int64_t i = 0; i < n0; i++)
            for (int64_t k = 0; k < n1; k++, rows++) {
                source[rows] = x + in0[i] * j->x.stride_x[0] + in1[k] * j->x.stride_x[1];
                if (j->x.stride_x[2] != 1) {
                    j->call->kernels->gemm->PASTE(take, F)(j->staged + rows * b->in[2], source[rows], j->x.stride_x[2], b->in[2]);
                    source[rows] = j->staged + rows * b->in[2];
                }
                weight[rows] = w + (tap0[i] * b->kernel[1] + tap1[k]) * b->kernel[2];
            }
        T *c = j->y.stride_x[2] == 1 ? (T *)j->y.data + ug_offset(&j->y, n, 0, o0, o1) + channel * j->y_channel : j->c;
        j->call->kernels->depthwise->PASTE(spread, F)(c, b->begin[2], b->out[2], source, weight, rows, b->in[2], b->kernel[2], b->stride[2]);
        NAME(store)(j, n, channel, o0, o1, 0, c, b->out[2]);
    }
}

static void NAME(units)(const upreg_call *call, const depthwise_plan *plan, int64_t begin, int64_t end, int worker) {
    NAME(job) j = NAME(open)(call, plan, call->scratch[worker]);
    for (int64_t unit = begin; unit < end; unit++)
        if (plan->form == ROWS)
            NAME(rows_unit)(&j, unit);
        else if (plan->form == PIXELS)
            NAME(pixels_unit)(&j, unit);
        else
            NAME(spread_unit)(&j, unit);
}

#undef PASTE_
#undef PASTE
#undef NAME
#undef T
#undef F
