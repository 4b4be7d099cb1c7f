/* The direct and the gathered convolution on one element type; included after conv_stage_t.h. */

/* ---- packing weights: [group][part][block of terms][tile of rows][term][row of the tile] ---- */

static void NAME(pack)(const ug_conv_plan *plan, const T *w, T *packed, int64_t unit, int64_t lanes) {
    const ug_conv_problem *b = &plan->problem;
    int64_t group = unit / plan->n_parts, taps = b->kernel[0] * b->kernel[1] * b->kernel[2];
    const ug_conv_part *part = &plan->parts[unit % plan->n_parts];
    /* torch's layouts: convolution (out, in / groups, taps), transposed (in, out / groups, taps) */
    int64_t out_step = b->transposed ? taps : b->in_channels * taps, in_step = b->transposed ? b->out_channels * taps : taps;
    w += group * b->in_channels * b->out_channels * taps;
    packed += group * plan->group_weights + part->weights;
    int64_t total = b->in_channels * part->n_taps;
    for (int64_t k0 = 0, length; k0 < total; k0 += length) {
        length = ug_conv_block(plan, part, k0);
        for (int64_t out = 0; out < b->out_channels; out += plan->rows_of_tile) {
            int64_t m = ug_min64(plan->rows_of_tile, b->out_channels - out);
            for (int64_t k = k0; k < k0 + length; k++) {
                int64_t c = k / part->n_taps, t = k % part->n_taps;
                const ug_conv_phase *const *axis = part->axis;
                const ug_conv_tap *t2 = &axis[2]->taps[t % axis[2]->n_taps], *t1 = &axis[1]->taps[t / axis[2]->n_taps % axis[1]->n_taps];
                const ug_conv_tap *t0 = &axis[0]->taps[t / axis[2]->n_taps / axis[1]->n_taps];
                for (int64_t i = 0; i < m; i++) *packed++ = (T)NAME(weight_of)(b, w + c * in_step + (out + i) * out_step, t0, t1, t2);
                for (int64_t i = m; plan->swapped && i % lanes; i++) *packed++ = 0; /* columns are whole vectors */
            }
        }
    }
}

/* All tiles of one block of terms over one run of columns. */
static void NAME(multiply)(NAME(unit_state) * u, const T *w, const int32_t *offset, int64_t k, const T *x, T *c, int64_t count, int add) {
    const ug_conv_plan *plan = u->plan;
    const ug_gemm_kernels *g = u->kernels;
    int64_t lanes = g->KERNEL(lanes), most = g->KERNEL(vectors), left = (count + lanes - 1) / lanes;
    while (left > 0) {
        int64_t v = ug_conv_tile_vectors(left, most);
        for (int64_t out = 0; out < u->out_count; out += plan->rows_of_tile) {
            int64_t m = ug_min64(plan->rows_of_tile, u->out_count - out);
            g->KERNEL(tile)[m - 1][v - 1](w + out * k, x, offset, k, c + out * plan->c_pitch, plan->c_pitch, add);
        }
        x += v * lanes, c += v * lanes, left -= v;
    }
}

/* The same with output channels for columns: x holds `pixels` numbers of each term, w rows of channels. */
static void NAME(multiply_swapped)(NAME(unit_state) * u, const T *w, int64_t k, const T *x, T *c, int add) {
    const ug_conv_plan *plan = u->plan;
    const ug_gemm_kernels *g = u->kernels;
    int64_t lanes = g->KERNEL(lanes), pitch = ug_round_up(u->out_count, lanes);
    int32_t offset[UG_K_BLOCK];
    for (int64_t out = 0, width; out < pitch; out += width, w += width * k) {
        width = ug_min64(plan->rows_of_tile, pitch - out);
        for (int64_t i = 0; i < k; i++) offset[i] = (int32_t)(i * width);
        g->KERNEL(tile)[plan->pixels - 1][width / lanes - 1](x, w, offset, k, c + out, pitch, add);
    }
}

/* Adds a chunk's terms of one part to its results. */
static void NAME(compute)(NAME(unit_state) * u, const ug_conv_part *part, T *c, int64_t first_channel, int64_t channels) {
    const ug_conv_plan *plan = u->plan;
    const ug_conv_problem *b = &plan->problem;
    int64_t begin = first_channel * part->n_taps, end = (first_channel + channels) * part->n_taps;
    const T *w = u->weights + u->group * plan->group_weights + part->weights;
    int64_t lanes = u->kernels->KERNEL(lanes), channels_held = plan->swapped ? ug_round_up(u->out_count, lanes) : u->out_count;
    if (b->in_channels * part->n_taps == 0) memset(c, 0, (size_t)(plan->c_pitch * channels_held) * sizeof(T));
    for (int64_t k = begin, length; k < end; k += length) {
        length = ug_conv_block(plan, part, k);
        int64_t channels_packed = plan->swapped ? ug_round_up(b->out_channels, lanes) : b->out_channels;
        const T *block = w + k * channels_packed + u->out_begin * length;
        const int32_t *offset = (u->offset ? u->offset : part->offset) + (k - begin);
        if (plan->swapped) {
            NAME(multiply_swapped)(u, block, length, u->staged + (k - begin) * plan->pixels, c, k > 0);
        } else if (plan->im2col) {
            NAME(multiply)(u, block, offset, length, u->staged, c, u->columns, k > 0);
        } else if (plan->flat) {
            NAME(multiply)(u, block, offset, length, u->staged, c, (u->rows - 1) * plan->row_pitch + u->columns, k > 0);
        } else {
            for (int64_t row = 0; row < u->rows; row++)
                NAME(multiply)(u, block, offset, length, u->staged + row * plan->row_pitch, c + row * plan->c_row, u->columns, k > 0);
        }
    }
}

/* ---- storing ---- */

/* All column phases of one row phase; c holds their results side by side. */
static void NAME(store)(NAME(unit_state) * u, const ug_conv_part *parts, int64_t n_parts) {
    const ug_conv_plan *plan = u->plan;
    const ug_conv_phase *const *phase = parts->axis;
    if (u->q0 >= phase[0]->count) return;
    NAME(results) r = {.c = u->c, .channel_pitch = plan->c_pitch, .phase_pitch = plan->c_pitch * plan->strip, .row_pitch = plan->c_row};
    r.first_channel = u->group * plan->problem.out_channels + u->out_begin, r.channels = u->out_count;
    r.phases = phase[2], r.n_phases = n_parts, r.column = u->column, r.columns = u->columns;
    r.rows = ug_min64(u->rows, phase[1]->count - u->row), r.o1_step = plan->axis[1].out_step;
    r.o0 = u->q0 * plan->axis[0].out_step + phase[0]->r, r.o1 = u->row * r.o1_step + phase[1]->r;
    NAME(store_rows)(u, &r);
}

/* ---- small maps: gathered columns ---- */

/* Finishes and stores swapped results: one pixel's channels after the other. */
static void NAME(store_pixels)(NAME(unit_state) * u, const int64_t *to, const int64_t *residual_to) {
    const upreg_epilogue *e = u->call->epilogue;
    int64_t lanes = u->kernels->KERNEL(lanes), pitch = ug_round_up(u->out_count, lanes);
    int64_t first = u->group * u->plan->problem.out_channels + u->out_begin;
    ug_across across = {.bias = u->bias ? u->bias + first : NULL};
    if (e && e->scale) across.scale = (const T *)e->scale + first, across.shift = (const T *)e->shift + first;
    if (e) across.residual_last = e->residual_last, across.activation = e->activation, across.p[0] = e->p[0], across.p[1] = e->p[1];
    for (int64_t i = 0; i < u->columns; i++) {
        T *row = u->c + i * pitch;
        if (u->residual.data) {
            const T *from = (const T *)u->residual.data + residual_to[i] + first * u->residual_channel;
            u->kernels->KERNEL(take)(u->spare, from, u->residual_channel, u->out_count);
            across.residual = u->spare;
        }
        u->kernels->KERNEL(finish_across)(row, u->out_count, &across);
        u->kernels->KERNEL(spread)((T *)u->y.data + to[i] + first * u->y_channel, u->y_channel, row, u->out_count);
    }
}

static void NAME(gather_unit)(NAME(unit_state) * u, const ug_conv_part *part, int64_t first) {
    const ug_conv_plan *plan = u->plan;
    const ug_conv_problem *b = &plan->problem;
    const ug_conv_axis *a = plan->axis;
    const ug_conv_phase *const *phase = part->axis;
    int64_t pixels = plan->pixels, *to = u->index + pixels * part->n_taps, *residual_to = to + pixels;
    int64_t counts = phase[0]->count * phase[1]->count * phase[2]->count, total = b->n * counts;
    u->columns = ug_min64(pixels, total - first);
    if (u->columns <= 0) return;
    for (int64_t i = 0; i < pixels; i++) {
        int64_t at = ug_min64(first + i, total - 1), n = at / counts, q2 = at % phase[2]->count;
        int64_t q1 = at / phase[2]->count % phase[1]->count, q0 = at / phase[2]->count / phase[1]->count % phase[0]->count;
        int64_t o0 = q0 * a[0].out_step + phase[0]->r, o1 = q1 * a[1].out_step + phase[1]->r, o2 = q2 * a[2].out_step + phase[2]->r;
        to[i] = ug_offset(&u->y, n, 0, o0, o1) + o2 * u->y.stride_x[2];
        residual_to[i] = ug_offset(&u->residual, n, 0, o0, o1) + o2 * u->residual.stride_x[2];
        int64_t t = 0;
        for (int t0 = 0; t0 < phase[0]->n_taps; t0++)
            for (int t1 = 0; t1 < phase[1]->n_taps; t1++)
                for (int t2 = 0; t2 < phase[2]->n_taps; t2++, t++) {
                    int64_t i0 = ug_pad_index(b->pad_mode, q0 * a[0].in_step + phase[0]->taps[t0].e, a[0].in);
                    int64_t i1 = ug_pad_index(b->pad_mode, q1 * a[1].in_step + phase[1]->taps[t1].e, a[1].in);
                    int64_t i2 = ug_pad_index(b->pad_mode, q2 * a[2].in_step + phase[2]->taps[t2].e, a[2].in);
                    u->index[t * pixels + i] = ug_conv_place(&u->x, n, i0, i1, i2);
                }
    }
    T fill = (T)(b->pad_mode == UG_CONSTANT ? b->value : 0);
    for (int64_t c0 = 0; c0 < ug_max64(b->in_channels, 1); c0 += plan->chunk) {
        int64_t channels = ug_min64(plan->chunk, b->in_channels - c0);
        for (int64_t c = 0; c < channels; c++) {
            const T *from = (const T *)u->x.data + (u->group * b->in_channels + c0 + c) * u->x_channel;
            for (int64_t t = 0; t < part->n_taps; t++)
                u->kernels->KERNEL(gather)(u->staged + (c * part->n_taps + t) * plan->row_pitch, from, u->index + t * pixels, pixels, fill);
        }
        NAME(compute)(u, part, u->c, c0, channels);
    }
    if (plan->swapped) {
        NAME(store_pixels)(u, to, residual_to);
        return;
    }
    for (int64_t out = 0; out < u->out_count; out++) {
        int64_t channel = u->group * b->out_channels + u->out_begin + out;
        T *line = u->c + out * plan->c_pitch, *residual = NULL;
        if (u->residual.data) {
            residual = u->spare;
            u->kernels->KERNEL(gather)(residual, (const T *)u->residual.data + channel * u->residual_channel, residual_to, u->columns, 0);
        }
        ug_post post = ug_conv_post(u->call, u->bias, channel, sizeof(T) == 8);
        u->kernels->KERNEL(finish)(line, line, residual, u->columns, &post);
        u->kernels->KERNEL(scatter)((T *)u->y.data + channel * u->y_channel, to, line, u->columns);
    }
}

/* A kernel of one element from few channels to few, whose rows join into whole vectors: the tiles read the input where it lies.  More channels, often
 * a power of two apart, would fall into few sets of the first cache. */
static int NAME(reads_in_place)(NAME(unit_state) * u) {
    const ug_conv_plan *plan = u->plan;
    const ug_conv_problem *b = &plan->problem;
    int64_t lanes = u->kernels->KERNEL(lanes), run = plan->flat ? u->rows * u->columns : u->columns;
    if (b->in_channels > MOST_IN_PLACE || u->out_count > MOST_IN_PLACE || plan->n_parts > 1 || plan->parts->n_taps != 1 || run % lanes ||
        u->x.stride_x[2] != 1)
        return 0;
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++)
        if (plan->axis[a].in_step != 1 || plan->axis[a].e_min != 0 || plan->axis[a].in < plan->axis[a].most) return 0;
    if (u->rows > 1 && u->x.stride_x[1] != plan->row_pitch) return 0;
    return llabs(u->x_channel) <= INT32_MAX / MOST_IN_PLACE && plan->index_bytes >= (size_t)b->in_channels * sizeof(int32_t);
}

static void NAME(read_in_place)(NAME(unit_state) * u) {
    int32_t *offset = (int32_t *)u->index;
    int64_t first = u->group * u->plan->problem.in_channels * u->x_channel;
    for (int64_t c = 0; c < u->plan->problem.in_channels; c++) offset[c] = (int32_t)(c * u->x_channel);
    u->offset = offset;
    u->staged = (T *)u->x.data + ug_offset(&u->x, u->n, 0, u->q0, u->row) + u->column + first; /* only read */
}

static void NAME(staged_unit)(NAME(unit_state) * u, int64_t first_part, int64_t n_parts) {
    const ug_conv_plan *plan = u->plan;
    int64_t channels = plan->problem.in_channels, side_by_side = plan->n_column_phases;
    /* runs of columns cover rows that this unit has not: they must hold numbers, whatever they are */
    if (NAME(reads_in_place)(u)) {
        NAME(read_in_place)(u);
    } else {
        if (u->rows < plan->rows || u->columns < plan->columns) memset(u->staged, 0, plan->staged_bytes);
        if (plan->chunk >= channels) NAME(stage)(u, 0, channels);
    }
    for (int64_t part = first_part; part < first_part + n_parts; part += side_by_side) {
        for (int64_t p = 0; p < side_by_side; p++) {
            T *c = u->c + p * plan->c_pitch * plan->strip;
            for (int64_t c0 = 0; c0 < ug_max64(channels, 1); c0 += plan->chunk) {
                int64_t count = ug_min64(plan->chunk, channels - c0);
                if (plan->chunk < channels) NAME(stage)(u, c0, count);
                NAME(compute)(u, &plan->parts[part + p], c, c0, count);
            }
        }
        NAME(store)(u, &plan->parts[part], side_by_side);
    }
}

static void NAME(unit)(const upreg_call *call, const ug_conv_plan *plan, int64_t unit, int worker) {
    const ug_conv_problem *b = &plan->problem;
    unsigned char *scratch = call->scratch[worker];
    NAME(unit_state) u = NAME(open_unit)(call, plan);
    u.staged = (T *)scratch, u.c = (T *)(scratch + plan->staged_bytes);
    u.index = (int64_t *)(scratch + plan->staged_bytes + plan->c_bytes);
    u.spare = (T *)(scratch + plan->staged_bytes + plan->c_bytes + plan->index_bytes);
    int64_t strip = unit % plan->n_strips;
    unit /= plan->n_strips;
    u.out_begin = strip * plan->strip, u.out_count = ug_min64(plan->strip, b->out_channels - u.out_begin);
    if (plan->im2col) {
        int64_t block = unit % plan->n_pixel_blocks;
        unit /= plan->n_pixel_blocks;
        u.group = unit % b->groups;
        NAME(gather_unit)(&u, &plan->parts[unit / b->groups], block * plan->pixels);
        return;
    }
    int64_t part = unit % plan->n_part_blocks * plan->parts_of_unit, parts = ug_min64(plan->parts_of_unit, plan->n_parts - part);
    unit /= plan->n_part_blocks;
    u.column = unit % plan->n_column_blocks * plan->columns, unit /= plan->n_column_blocks;
    u.row = unit % plan->n_row_blocks * plan->rows, unit /= plan->n_row_blocks;
    u.q0 = unit % plan->axis[0].most, unit /= plan->axis[0].most;
    u.group = unit % b->groups, u.n = unit / b->groups;
    u.rows = ug_min64(plan->rows, plan->axis[1].most - u.row), u.columns = ug_min64(plan->columns, plan->axis[2].most - u.column);
    NAME(staged_unit)(&u, part, parts);
}

#undef PASTE_
#undef PASTE
#undef NAME
#undef KERNEL
