/* Winograd convolution on one element type; included after conv_stage_t.h. */

/* ---- packing weights: [group][part][tile of rows][product][term][row of the tile] ---- */

/* G g along one axis: n weights, `step` apart, become n + 1. */
static void NAME(transform_weights)(double *g, int n, int step) {
    if (n == 1) g[step] = g[0];
    if (n == 2) g[2 * step] = g[step], g[step] += g[0];
    if (n == 3) {
        double g0 = g[0], g1 = g[step], g2 = g[2 * step];
        g[step] = (g0 + g1 + g2) / 2, g[2 * step] = (g0 - g1 + g2) / 2, g[3 * step] = g2;
    }
}

/* The transformed weights of one term of one output channel; `w` is at its first tap of the axes that are not transformed. */
static void NAME(transform_kernel)(const ug_winograd_plan *plan, const ug_winograd_part *part, const T *w, double g[UG_WINOGRAD_MOST]) {
    int reads1 = plan->pair[1] ? part->axis[1]->n_taps : 1, reads2 = plan->pair[2] ? part->axis[2]->n_taps : 1;
    int64_t row = plan->conv.problem.kernel[2];
    for (int i = 0; i < reads1; i++)
        for (int j = 0; j < reads2; j++) {
            int t1 = plan->pair[1] ? part->axis[1]->taps[i].tap : 0, t2 = plan->pair[2] ? part->axis[2]->taps[j].tap : 0;
            g[i * reads2 + j] = t1 < 0 || t2 < 0 ? 0 : (double)w[t1 * row + t2];
        }
    for (int j = 0; j < reads2; j++) NAME(transform_weights)(g + j, reads1 - 1, reads2);
    for (int i = 0; i < reads1; i++) NAME(transform_weights)(g + i * reads2, reads2 - 1, 1);
}

static void NAME(pack)(const ug_winograd_plan *plan, const T *w, T *packed, int64_t unit) {
    const ug_conv_problem *b = &plan->conv.problem;
    int64_t group = unit / plan->conv.n_parts, taps = b->kernel[0] * b->kernel[1] * b->kernel[2], total;
    const ug_winograd_part *part = &plan->parts[unit % plan->conv.n_parts];
    int64_t out_step = b->transposed ? taps : b->in_channels * taps, in_step = b->transposed ? b->out_channels * taps : taps;
    int terms1 = plan->pair[1] ? 1 : part->axis[1]->n_taps, terms2 = plan->pair[2] ? 1 : part->axis[2]->n_taps;
    w += group * b->in_channels * b->out_channels * taps;
    packed += group * plan->conv.group_weights + part->weights;
    total = b->in_channels * part->terms;
    for (int64_t out = 0; out < b->out_channels; out++) {
        int64_t first = out / plan->conv.rows_of_tile * plan->conv.rows_of_tile, m = ug_min64(plan->conv.rows_of_tile, b->out_channels - first);
        T *to = packed + first * part->reads * total + (out - first);
        for (int64_t k = 0; k < total; k++) {
            int64_t t = k % part->terms, t2 = t % terms2, t1 = t / terms2 % terms1, t0 = t / terms2 / terms1;
            int64_t at = part->axis[0]->taps[t0].tap * b->kernel[1];
            at += plan->pair[1] ? 0 : part->axis[1]->taps[t1].tap;
            at = at * b->kernel[2] + (plan->pair[2] ? 0 : part->axis[2]->taps[t2].tap);
            double g[UG_WINOGRAD_MOST];
            NAME(transform_kernel)(plan, part, w + out * out_step + k / part->terms * in_step + at, g);
            for (int64_t i = 0; i < part->reads; i++) to[(i * total + k) * m] = (T)g[i];
        }
    }
}

/* ---- one unit ---- */

/* The rows of tiles [from, to) of a unit that lie in one plane of one image. */
static int64_t NAME(segment)(NAME(unit_state) * u, const ug_winograd_plan *w, int64_t from, int64_t to) {
    int64_t rows = w->conv.axis[1].most;
    u->row = from % rows, u->q0 = from / rows % w->conv.axis[0].most, u->n = from / rows / w->conv.axis[0].most;
    u->rows = ug_min64(to - from, rows - u->row);
    return u->rows;
}

/* Transforms `channels` staged channels of the current segment for the parts [part, part + n_parts); `tile`: where the segment begins. */
static void NAME(transform)(NAME(unit_state) * u, const ug_winograd_plan *w, const ug_winograd_part *parts, int64_t n_parts, int64_t first_channel,
                            int64_t channels, int64_t tile) {
    const ug_winograd_kernels *k = u->call->kernels->winograd;
    int64_t part_pitch = w->most_reads * w->most_terms * w->u_pitch;
    for (int64_t p = 0; p < n_parts; p++) {
        const ug_winograd_part *part = &parts[p];
        int a = w->pair[1] ? part->axis[1]->n_taps - 1 : 0, b = w->pair[2] ? part->axis[2]->n_taps - 1 : 0;
        int64_t step = part->terms * w->conv.problem.in_channels * w->u_pitch;
        for (int64_t c = 0; c < channels; c++)
            for (int64_t t = 0; t < part->terms; t++) {
                T *to = u->c + p * part_pitch + ((first_channel + c) * part->terms + t) * w->u_pitch + tile;
                for (int64_t row = 0; row < u->rows; row++)
                    k->KERNEL(input)[a][b](u->staged + c * w->conv.channel_pitch + row * w->conv.row_pitch, part->offset + t * part->reads,
                                           to + row * u->columns, step, u->columns);
            }
    }
}

static void NAME(stage_and_transform)(NAME(unit_state) * u, const ug_winograd_plan *w, const ug_winograd_part *parts, int64_t n_parts, int64_t from,
                                      int64_t to, int restage) {
    int64_t channels = w->conv.problem.in_channels;
    for (int64_t c0 = 0; c0 < channels; c0 += w->conv.chunk)
        for (int64_t at = from; at < to; at += u->rows) {
            NAME(segment)(u, w, at, to);
            int64_t count = ug_min64(w->conv.chunk, channels - c0);
            if (restage) NAME(stage)(u, c0, count);
            NAME(transform)(u, w, parts, n_parts, c0, count, (at - from) * u->columns);
        }
}

/* All products of m output channels over the unit's tiles. */
static void NAME(multiply)(NAME(unit_state) * u, const ug_winograd_plan *w, const ug_winograd_part *part, const T *x, int64_t out, int64_t m, T *to,
                           int64_t tiles) {
    const ug_gemm_kernels *g = u->kernels;
    int64_t total = part->terms * w->conv.problem.in_channels, lanes = g->KERNEL(lanes), most = g->KERNEL(vectors);
    const T *weights = u->weights + u->group * w->conv.group_weights + part->weights + out * part->reads * total;
    for (int64_t i = 0; i < part->reads; i++, weights += total * m, x += total * w->u_pitch, to += w->conv.rows_of_tile * w->u_pitch)
        for (int64_t at = 0, left = (tiles + lanes - 1) / lanes, v; left > 0; left -= v, at += v * lanes) {
            v = left == most + 1 && most > 2 ? 2 : ug_min64(left, most);
            for (int64_t k = 0; k < total; k += UG_K_BLOCK)
                g->KERNEL(tile)[m - 1][v - 1](weights + k * m, x + at, w->line + k, ug_min64(UG_K_BLOCK, total - k), to + at, w->u_pitch, k > 0);
        }
}

/* Finishes one row of outputs of one channel, whose column phases lie `pitch` apart, and writes it. */
static void NAME(store_row)(NAME(unit_state) * u, const ug_winograd_part *parts, int64_t n_parts, int64_t column, int64_t limit, int64_t channel,
                            T *c, int64_t pitch, int64_t o0, int64_t o1) {
    const ug_conv_axis *axis = &u->plan->axis[2];
    ug_post post = NAME(post_of)(u, channel, 1, 1);
    int64_t step = axis->out_step, y_step = u->y.stride_x[2], shortest = limit;
    T *y = (T *)u->y.data + ug_offset(&u->y, u->n, 0, o0, o1) + column * step * y_step + channel * u->y_channel;
    for (int64_t p = 0; p < n_parts; p++) {
        int64_t n = ug_min64(limit, parts[p].axis[2]->count - column);
        shortest = ug_max64(ug_min64(shortest, n), 0);
        if (n <= 0) continue;
        T *line = c + p * pitch;
        const T *residual = NULL;
        if (u->residual.data) {
            const T *from = (const T *)u->residual.data + ug_offset(&u->residual, u->n, 0, o0, o1) +
                            (column * step + p) * u->residual.stride_x[2] + channel * u->residual_channel;
            u->kernels->KERNEL(take)(u->spare, from, step * u->residual.stride_x[2], n);
            residual = u->spare;
        }
        u->kernels->KERNEL(finish)(step == 1 && y_step == 1 ? y : line, line, residual, n, &post);
    }
    if (step == 1 && y_step == 1) return;
    u->kernels->KERNEL(weave)(y, y_step, c, pitch, n_parts, shortest);
    for (int64_t p = 0; p < n_parts; p++) /* the first phases may have one output more */
        for (int64_t i = shortest; i < ug_min64(limit, parts[p].axis[2]->count - column); i++) y[(i * step + p) * y_step] = c[p * pitch + i];
}

/* Transforms the products of m channels back, for all column phases, and stores them. */
static void NAME(untransform)(NAME(unit_state) * u, const ug_winograd_plan *w, const ug_winograd_part *part, const T *m, T *y, int64_t channels,
                              int64_t rows) {
    const ug_winograd_kernels *k = u->call->kernels->winograd;
    int a = w->pair[1] ? part->axis[1]->n_taps - 1 : 0, b = w->pair[2] ? part->axis[2]->n_taps - 1 : 0, made = w->pair[1] ? 2 : 1;
    for (int64_t i = 0; i < channels; i++)
        for (int64_t row = 0; row < rows; row++)
            k->KERNEL(output)[a][b](m + i * w->u_pitch + row * u->columns, w->conv.rows_of_tile * w->u_pitch,
                                    y + (i * w->conv.rows + row) * made * w->y_pitch, w->y_pitch, u->columns);
}

static void NAME(store)(NAME(unit_state) * u, const ug_winograd_plan *w, const ug_winograd_part *parts, int64_t n_parts, T *y, int64_t out,
                        int64_t channels, int64_t from, int64_t to) {
    const ug_conv_axis *a = w->conv.axis;
    int64_t made = w->pair[1] ? 2 : 1, wide = w->pair[2] ? 2 : 1, part_pitch = w->conv.rows_of_tile * w->conv.rows * made * w->y_pitch;
    for (int64_t at = from; at < to; at += u->rows) {
        NAME(segment)(u, w, at, to);
        if (u->q0 >= parts->axis[0]->count) continue;
        int64_t o0 = u->q0 * a[0].out_step + parts->axis[0]->r;
        int64_t lines = ug_min64(u->rows * made, parts->axis[1]->count - u->row * made);
        for (int64_t i = 0; i < channels; i++)
            for (int64_t line = 0; line < lines; line++) {
                int64_t o1 = (u->row * made + line) * a[1].out_step + parts->axis[1]->r;
                T *c = y + (i * w->conv.rows + (at - from)) * made * w->y_pitch + line * w->y_pitch;
                NAME(store_row)(u, parts, n_parts, u->column * wide, u->columns * wide, u->group * w->conv.problem.out_channels + out + i, c,
                                part_pitch, o0, o1);
            }
    }
}

static void NAME(unit)(const upreg_call *call, const ug_winograd_plan *w, int64_t unit, int worker) {
    const ug_conv_plan *plan = &w->conv;
    unsigned char *scratch = call->scratch[worker];
    NAME(unit_state) u = NAME(open_unit)(call, plan);
    u.staged = (T *)scratch, u.c = (T *)(scratch + w->u_at), u.spare = (T *)(scratch + w->spare_at);
    T *m = (T *)(scratch + w->m_at), *y = (T *)(scratch + w->y_at);
    u.out_begin = unit % plan->n_strips * plan->strip, unit /= plan->n_strips;
    u.column = unit % plan->n_column_blocks * plan->columns, unit /= plan->n_column_blocks;
    int64_t from = unit % plan->n_row_blocks * plan->rows, to = ug_min64(from + plan->rows, w->tile_rows_all);
    u.group = unit / plan->n_row_blocks;
    u.out_count = ug_min64(plan->strip, plan->problem.out_channels - u.out_begin);
    u.columns = ug_min64(plan->columns, plan->axis[2].most - u.column);
    int64_t side_by_side = plan->axis[2].n_phases, rows = to - from, made = w->pair[1] ? 2 : 1;
    int64_t x_pitch = w->most_reads * w->most_terms * w->u_pitch, y_pitch = plan->rows_of_tile * plan->rows * made * w->y_pitch;
    int once = plan->chunk >= plan->problem.in_channels && NAME(segment)(&u, w, from, to) == rows; /* one staging serves all parts */
    for (int64_t part = 0; part < plan->n_parts; part += side_by_side) {
        const ug_winograd_part *parts = &w->parts[part];
        NAME(stage_and_transform)(&u, w, parts, side_by_side, from, to, !once || part == 0);
        for (int64_t out = u.out_begin; out < u.out_begin + u.out_count; out += plan->rows_of_tile) {
            int64_t channels = ug_min64(plan->rows_of_tile, u.out_begin + u.out_count - out);
            for (int64_t p = 0; p < side_by_side; p++) {
                NAME(multiply)(&u, w, &parts[p], u.c + p * x_pitch, out, channels, m, rows * u.columns);
                NAME(untransform)(&u, w, &parts[p], m, y + p * y_pitch, channels, rows);
            }
            NAME(store)(&u, w, parts, side_by_side, y, out, channels, from, to);
        }
    }
}

#undef PASTE_
#undef PASTE
#undef NAME
#undef KERNEL
