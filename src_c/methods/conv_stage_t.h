/* Reading the input and describing the output of one unit of work: what the convolution algorithms share.
 * Included with T (element) and S (suffix) defined; the file that includes the algorithm's template next undefines the names. */

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define NAME(x) PASTE(x, S)
#define KERNEL(x) PASTE(x, S)

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
    int64_t n, group, strip, out_begin, out_count;  /* output channels of this unit, within the group */
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

/* Where the columns of one phase lie inside the input: [low, high) of n. */
static void NAME(inside)(const ug_conv_axis *axis, int64_t first, int64_t phase, int64_t n, int64_t *low, int64_t *high) {
    *low = ug_min64(ug_max64(ug_ceil_div(-phase, axis->in_step) - first, 0), n);
    *high = ug_max64(ug_min64(ug_ceil_div(axis->in - phase, axis->in_step) - first, n), *low);
}

/* Copies one input row of `channels` channels, split by column phase, into the staged input. */
static void NAME(stage_row)(NAME(unit_state) * u, T *to, const T *from, int64_t channels) {
    const ug_conv_plan *plan = u->plan;
    const ug_conv_axis *axis = &plan->axis[2];
    int64_t s = axis->in_step, n = u->columns + axis->f_span, first = u->column + axis->f_min, step = u->x.stride_x[2];
    int64_t phase_pitch = plan->row_count * plan->row_pitch, low, high, split_low = 0, split_high = n;
    int turns = u->x_channel == 1 && step != 1; /* channels innermost */
    int splits = from && s == 2 && step == 1;   /* where both phases are inside, they are split in one go */
    for (int64_t phase = 0; splits && phase < s; phase++) {
        NAME(inside)(axis, first, phase, n, &low, &high);
        split_low = ug_max64(split_low, low), split_high = ug_min64(split_high, high);
    }
    splits = splits && split_high > split_low;
    if (splits)
        u->kernels->KERNEL(unweave)(to + split_low, plan->channel_pitch, phase_pitch, from + (first + split_low) * s, u->x_channel, s,
                                    split_high - split_low, channels);
    for (int64_t phase = 0; phase < s; phase++, to += phase_pitch) {
        if (!splits && !NAME(phase_is_read)(u, phase)) continue;
        NAME(inside)(axis, first, phase, n, &low, &high);
        if (!from) low = high = n;
        const T *source = from ? from + (first * s + phase) * step : NULL;
        if (from && turns && high > low)
            u->kernels->KERNEL(transpose)(to + low, plan->channel_pitch, source + low * s * step, s * step, high - low, channels);
        for (int64_t c = 0; c < channels; c++) {
            T *row = to + c * plan->channel_pitch;
            if (splits) {
                for (int64_t j = low; j < split_low; j++) row[j] = source[j * s];
                for (int64_t j = split_high; j < high; j++) row[j] = source[j * s];
            } else if (high > low && !turns && s * step == 1) {
                memcpy(row + low, source + low, (size_t)(high - low) * sizeof(T));
            } else if (high > low && !turns) {
                u->kernels->KERNEL(take)(row + low, source + low * s * step, s * step, high - low);
            }
            if (low > 0 || high < n) NAME(fill_edges)(plan, row, from ? from + c * u->x_channel : NULL, step, first, phase, low, high, n);
            if (source) source += u->x_channel;
        }
    }
}

static void NAME(stage)(NAME(unit_state) * u, int64_t first_channel, int64_t channels) {
    const ug_conv_plan *plan = u->plan;
    const ug_conv_problem *b = &plan->problem;
    const ug_conv_axis *a = plan->axis;
    for (int64_t plane = 0; plane < plan->planes; plane++) {
        if (!NAME(is_read)(u, 0, plane + a[0].e_min, plan->depth)) continue;
        int64_t i0 = ug_pad_index(b->pad_mode, u->q0 * a[0].in_step + plane + a[0].e_min, a[0].in);
        for (int64_t phase = 0; phase < a[1].in_step; phase++)
            for (int64_t row = 0; row < u->rows + a[1].f_span; row++) {
                if (!NAME(is_read)(u, 1, (row + a[1].f_min) * a[1].in_step + phase, u->rows)) continue;
                int64_t i1 = ug_pad_index(b->pad_mode, (u->row + row + a[1].f_min) * a[1].in_step + phase, a[1].in);
                int64_t line = (plane * a[1].in_step + phase) * a[2].in_step * plan->row_count + row;
                const T *from = i0 < 0 || i1 < 0 || a[2].in == 0
                                    ? NULL
                                    : (const T *)u->x.data + u->n * u->x.stride_n + i0 * u->x.stride_x[0] + i1 * u->x.stride_x[1] +
                                          (u->group * b->in_channels + first_channel) * u->x_channel;
                NAME(stage_row)(u, u->staged + line * plan->row_pitch, from, channels);
            }
    }
}

static ug_post NAME(post_of)(const NAME(unit_state) * u, int64_t channel, int with_bias, int with_epilogue) {
    const upreg_epilogue *e = with_epilogue ? u->call->epilogue : NULL;
    ug_post post = {0};
    if (with_bias && u->bias) post.has_bias = 1, post.bias = (double)u->bias[channel];
    if (!e) return post;
    if (e->scale) post.has_affine = 1, post.scale = (double)((const T *)e->scale)[channel], post.shift = (double)((const T *)e->shift)[channel];
    post.activation = e->activation, post.slope = e->slope;
    return post;
}

/* The call as a unit sees it; the caller fills in where the unit lies. */
static NAME(unit_state) NAME(open_unit)(const upreg_call *call, const ug_conv_plan *plan) {
    const ug_conv_problem *b = &plan->problem;
    NAME(unit_state) u = {.call = call, .plan = plan, .kernels = call->kernels->gemm};
    u.x = ug_view_of(&b->x_frame, &call->in[0]), u.y = ug_view_of(&b->y_frame, &call->out[0]);
    u.x_channel = ug_channel_step(&b->x_frame, &u.x), u.y_channel = ug_channel_step(&b->y_frame, &u.y);
    int64_t strides[UPREG_MAX_DIMS];
    if (call->epilogue && call->epilogue->residual) {
        upreg_tensor dense = call->out[0];
        dense.data = (void *)call->epilogue->residual, dense.byte_offset = 0, dense.strides = strides;
        for (int64_t i = dense.ndim - 1, stride = 1; i >= 0; i--) strides[i] = stride, stride *= dense.shape[i];
        u.residual = ug_view_of(&b->y_frame, &dense);
        u.residual_channel = ug_channel_step(&b->y_frame, &u.residual);
    }
    u.weights = (const T *)(plan->bound ? plan->packed : call->workspace);
    u.bias = b->has_bias ? (const T *)ug_data(&call->in[2]) : NULL;
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) u.last_phase[a] = plan->axis[a].n_phases;
    return u;
}
