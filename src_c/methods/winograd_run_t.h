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

/* The transformed weights of term (t0, t1, t2) of one input and output channel; t1 and t2 count where their axes are not transformed. */
static void NAME(transform_kernel)(const ug_winograd_plan *plan, const ug_winograd_part *part, const T *w, int64_t t0, int64_t t1, int64_t t2,
                                   double g[UG_WINOGRAD_MOST]) {
    int reads1 = plan->pair[1] ? part->axis[1]->n_taps : 1, reads2 = plan->pair[2] ? part->axis[2]->n_taps : 1;
    for (int i = 0; i < reads1; i++)
        for (int j = 0; j < reads2; j++)
            g[i * reads2 + j] =
                NAME(weight_of)(&plan->conv.problem, w, &part->axis[0]->taps[t0], &part->axis[1]->taps[t1 + i], &part->axis[2]->taps[t2 + j]);
    for (int j = 0; j < reads2; j++) NAME(transform_weights)(g + j, reads1 - 1, reads2);
    for (int i = 0; i < reads1; i++) NAME(transform_weights)(g + i * reads2, reads2 - 1, 1);
}

static void NAME(pack)(const ug_winograd_plan *plan, const T *w, T *packed, int64_t unit) {
    const ug_conv_problem *b = &plan->conv.problem;
    int64_t group = unit / plan->n_packed_parts, taps = b->kernel[0] * b->kernel[1] * b->kernel[2], total;
    const ug_winograd_part *part = &plan->parts[unit % plan->n_packed_parts];
    int64_t out_step = b->transposed ? taps : b->in_channels * taps, in_step = b->transposed ? b->out_channels * taps : taps;
    int terms1 = plan->pair[1] ? 1 : part->axis[1]->n_taps, terms2 = plan->pair[2] ? 1 : part->axis[2]->n_taps;
    w += group * b->in_channels * b->out_channels * taps;
    packed += group * plan->conv.group_weights + part->weights;
    total = b->in_channels * part->terms;
    for (int64_t out = 0; out < b->out_channels; out++) {
        int64_t strip = out / plan->conv.strip * plan->conv.strip, block = strip + (out - strip) / plan->block * plan->block;
        int64_t end = ug_min64(ug_min64(block + plan->block, strip + plan->conv.strip), b->out_channels), channels = end - block;
        int64_t first = out - (out - block) % plan->conv.rows_of_tile, m = ug_min64(plan->conv.rows_of_tile, end - first);
        for (int64_t k = 0; k < total; k++) {
            int64_t t = k % part->terms, t2 = t % terms2, t1 = t / terms2 % terms1, t0 = t / terms2 / terms1;
            int64_t k0 = k / UG_K_BLOCK * UG_K_BLOCK, length = ug_min64(UG_K_BLOCK, total - k0);
            T *to = packed + block * part->reads * total + k0 * channels + (first - block) * length + (k - k0) * m + (out - first);
            double g[UG_WINOGRAD_MOST];
            NAME(transform_kernel)(plan, part, w + out * out_step + k / part->terms * in_step, t0, t1, t2, g);
            for (int64_t i = 0; i < part->reads; i++) to[i * total * channels] = (T)g[i];
        }
    }
}

/* ---- one unit ---- */

/* The rows of tiles [from, to) of a unit that lie in one plane of one image. */
static int64_t NAME(segment)(NAME(unit_state) * u, const ug_winograd_plan *w, int64_t from, int64_t to) {
    const ug_conv_plan *plan = &w->conv;
    int64_t rows = plan->axis[1].most;
    if (plan->depth > 1) { /* the unit's rows are of neighbouring planes: u->row, u->q0 and u->n say which */
        u->rows = to - from;
        return u->rows;
    }
    u->row = from % rows, u->q0 = from / rows % plan->axis[0].most, u->n = from / rows / plan->axis[0].most;
    u->rows = ug_min64(to - from, rows - u->row);
    return u->rows;
}

/* Transforms `channels` staged channels of the current segment, which begins at tile `tile`. */
static void NAME(transform)(NAME(unit_state) * u, const ug_winograd_plan *w, const ug_winograd_part *part, T *to, int64_t first_channel,
                            int64_t channels, int64_t tile) {
    const ug_conv_plan *plan = &w->conv;
    int a = w->pair[1] ? part->axis[1]->n_taps - 1 : 0, b = w->pair[2] ? part->axis[2]->n_taps - 1 : 0;
    int64_t plane_pitch = plan->channel_pitch / plan->planes;
    for (int64_t plane = 0; plane < plan->planes; plane++) {
        if (!NAME(is_read)(u, 0, plane + plan->axis[0].e_min, plan->depth)) continue;
        for (int64_t c = 0; c < channels; c++)
            for (int64_t i = 0; i < part->lines; i++)
                u->call->kernels->winograd->KERNEL(input)[a][b](
                    u->staged + c * plan->channel_pitch + plane * plane_pitch, plan->row_pitch, part->offset + i * part->reads,
                    to + (((first_channel + c) * plan->planes + plane) * part->lines + i) * w->u_pitch + tile, w->product_pitch, u->columns, u->rows);
    }
}

/* Where read `read` of each tile of the unit lies, for one term, relative to a channel. */
static void NAME(locate_read)(const NAME(unit_state) * u, const ug_winograd_plan *w, const ug_winograd_part *part, int t0, int64_t line, int64_t read,
                              int64_t from, int64_t to, int64_t *index) {
    const ug_conv_axis *a = w->conv.axis;
    int mode = w->conv.problem.pad_mode;
    int lines2 = w->pair[2] ? 1 : part->axis[2]->n_taps, reads2 = w->pair[2] ? part->axis[2]->n_taps : 1;
    int64_t e0 = part->axis[0]->taps[t0].e, e1 = part->axis[1]->taps[line / lines2 + read / reads2].e;
    int64_t e2 = part->axis[2]->taps[line % lines2 + read % reads2].e;
    for (int64_t at = from; at < to; at++) {
        int64_t row = at % a[1].most, q0 = at / a[1].most % a[0].most, n = at / a[1].most / a[0].most;
        int64_t i0 = ug_pad_index(mode, q0 * a[0].in_step + e0, a[0].in), i1 = ug_pad_index(mode, row * a[1].in_step + e1, a[1].in);
        for (int64_t j = 0; j < u->columns; j++) {
            int64_t i2 = ug_pad_index(mode, (u->column + j) * a[2].in_step + e2, a[2].in);
            *index++ = ug_conv_place(&u->x, n, i0, i1, i2);
        }
    }
}

/* Narrow maps: the reads of all tiles are gathered, so that whole vectors of tiles are transformed. */
static void NAME(gather_and_transform)(NAME(unit_state) * u, const ug_winograd_plan *w, const ug_winograd_part *part, T *to, int64_t from,
                                       int64_t end) {
    const ug_conv_problem *b = &w->conv.problem;
    int a = w->pair[1] ? part->axis[1]->n_taps - 1 : 0, c = w->pair[2] ? part->axis[2]->n_taps - 1 : 0;
    int64_t tiles = (end - from) * u->columns;
    const T *x = (const T *)u->x.data + u->group * b->in_channels * u->x_channel;
    T fill = (T)(b->pad_mode == UG_CONSTANT ? b->value : 0);
    int32_t offset[UG_WINOGRAD_MOST];
    for (int64_t i = 0; i < part->reads; i++) offset[i] = (int32_t)(i * tiles);
    for (int t0 = 0; t0 < part->axis[0]->n_taps; t0++)
        for (int64_t line = 0; line < part->lines; line++) {
            int64_t plane = part->axis[0]->taps[t0].e - w->conv.axis[0].e_min;
            for (int64_t i = 0; i < part->reads; i++) NAME(locate_read)(u, w, part, t0, line, i, from, end, u->index + i * tiles);
            for (int64_t k = 0; k < b->in_channels; k++) {
                u->kernels->KERNEL(gather)(u->staged, x + k * u->x_channel, u->index, part->reads * tiles, fill);
                u->call->kernels->winograd->KERNEL(input)[a][c](
                    u->staged, 0, offset, to + ((k * w->conv.planes + plane) * part->lines + line) * w->u_pitch, w->product_pitch, tiles, 1);
            }
        }
}

static void NAME(stage_and_transform)(NAME(unit_state) * u, const ug_winograd_plan *w, const ug_winograd_part *parts, int64_t from, int64_t to,
                                      int restage) {
    int64_t channels = w->conv.problem.in_channels;
    if (w->gathers) {
        for (int64_t p = 0; p < w->side_by_side; p++) NAME(gather_and_transform)(u, w, &parts[p], u->c + p * w->part_pitch, from, to);
        return;
    }
    for (int64_t c0 = 0; c0 < channels; c0 += w->conv.chunk)
        for (int64_t at = from; at < to; at += u->rows) {
            NAME(segment)(u, w, at, to);
            int64_t count = ug_min64(w->conv.chunk, channels - c0);
            if (restage) NAME(stage)(u, c0, count);
            for (int64_t p = 0; p < w->side_by_side; p++)
                NAME(transform)(u, w, &parts[p], u->c + p * w->part_pitch, c0, count, (at - from) * u->columns);
        }
}

/* All products of a block of output channels over the unit's tiles of one plane. Weights are met in the order in which they lie; a run of
 * transformed inputs serves the whole block from the first cache. */
static void NAME(multiply)(NAME(unit_state) * u, const ug_winograd_plan *w, const ug_winograd_part *part, const T *x, int64_t out, int64_t channels,
                           T *to, int64_t tiles) {
    const ug_gemm_kernels *g = u->kernels;
    int64_t total = part->terms * w->conv.problem.in_channels, lanes = g->KERNEL(lanes), most = g->KERNEL(vectors), rows = w->conv.rows_of_tile;
    const T *weights = u->weights + u->group * w->conv.group_weights + part->weights + out * part->reads * total;
    if (total == 0) memset(to, 0, (size_t)(part->reads * w->block * w->u_pitch) * sizeof(T)); /* a phase that no tap reaches */
    for (int64_t i = 0; i < part->reads; i++, x += w->product_pitch, to += w->block * w->u_pitch)
        for (int64_t k = 0, length; k < total; k += length, weights += length * channels) {
            length = ug_min64(UG_K_BLOCK, total - k);
            for (int64_t at = 0, left = (tiles + lanes - 1) / lanes, v; left > 0; left -= v, at += v * lanes) {
                v = ug_conv_tile_vectors(left, most);
                for (int64_t first = 0; first < channels; first += rows) {
                    int64_t m = ug_min64(rows, channels - first);
                    g->KERNEL(tile)[m - 1][v - 1](weights + first * length, x + at, part->line + k, length, to + first * w->u_pitch + at, w->u_pitch,
                                                  k > 0);
                }
            }
        }
}

/* Transforms the products of m channels back; every row of outputs within the tiles is one line. */
static void NAME(untransform)(NAME(unit_state) * u, const ug_winograd_plan *w, const ug_winograd_part *part, const T *m, T *y, int64_t channels,
                              int64_t tiles) {
    int a = w->pair[1] ? part->axis[1]->n_taps - 1 : 0, b = w->pair[2] ? part->axis[2]->n_taps - 1 : 0;
    for (int64_t i = 0; i < channels; i++)
        u->call->kernels->winograd->KERNEL(output)[a][b](m + i * w->u_pitch, w->block * w->u_pitch, y + i * w->y_channel, w->y_pitch, tiles);
}

/* Stores `channels` channels of the plane `plane` of the unit. */
static void NAME(store)(NAME(unit_state) * u, const ug_winograd_plan *w, const ug_winograd_part *parts, T *y, int64_t out, int64_t channels,
                        int64_t from, int64_t to, int64_t plane) {
    const ug_conv_axis *a = w->conv.axis;
    int64_t made = w->pair[1] ? 2 : 1, wide = w->pair[2] ? 2 : 1;
    for (int64_t at = from; at < to; at += u->rows) {
        NAME(segment)(u, w, at, to);
        if (u->q0 + plane >= parts->axis[0]->count) continue;
        NAME(results) r = {.channel_pitch = w->y_channel, .phase_pitch = w->y_part, .row_pitch = u->columns * wide};
        r.first_channel = u->group * w->conv.problem.out_channels + out, r.channels = channels;
        r.phases = parts->axis[2], r.n_phases = a[2].n_phases, r.column = u->column * wide, r.columns = u->columns * wide;
        r.o0 = (u->q0 + plane) * a[0].out_step + parts->axis[0]->r, r.o1_step = made * a[1].out_step;
        for (int64_t line = 0; line < made; line++) { /* every tile's first row of outputs, then every tile's second */
            int64_t q1 = u->row * made + line;
            r.c = y + line * w->y_pitch + (at - from) * u->columns * wide;
            r.rows = ug_min64(u->rows, ug_ceil_div(parts->axis[1]->count - q1, made)), r.o1 = q1 * a[1].out_step + parts->axis[1]->r;
            NAME(store_rows)(u, &r);
        }
    }
}

/* What is staged for each turn again is only what the turn reads. */
static void NAME(stage_for)(NAME(unit_state) * u, const ug_winograd_plan *w, const ug_winograd_part *part) {
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {
        u->first_phase[a] = (int32_t)(part->axis[a] - w->conv.axis[a].phases);
        u->last_phase[a] = u->first_phase[a] + (a == 2 ? (int32_t)w->side_by_side : 1);
    }
}

/* One combination of phases of the outer axes, all phases of the columns. */
static void NAME(run_parts)(NAME(unit_state) * u, const ug_winograd_plan *w, const ug_winograd_part *parts, int64_t from, int64_t to, int restage,
                            T *m, T *y) {
    const ug_conv_plan *plan = &w->conv;
    int64_t n_parts = plan->axis[2].n_phases, tiles = (to - from) * u->columns, end = u->out_begin + u->out_count;
    int64_t planes = ug_min64(plan->depth, plan->axis[0].most - u->q0), at_once = w->side_by_side == n_parts;
    for (int64_t first = 0; first < n_parts; first += w->side_by_side) {
        if (restage) NAME(stage_for)(u, w, parts + first);
        NAME(stage_and_transform)(u, w, parts + first, from, to, restage);
        for (int64_t plane = 0; plane < planes; plane++)
            for (int64_t out = u->out_begin; out < end; out += w->block) {
                int64_t channels = ug_min64(w->block, end - out);
                T *c = at_once ? y : y + (plane * u->out_count + out - u->out_begin) * w->y_channel;
                for (int64_t p = 0; p < w->side_by_side; p++) {
                    const ug_winograd_part *part = &parts[first + p];
                    const T *x = u->c + p * w->part_pitch + plane * plan->axis[0].in_step * part->lines * w->u_pitch;
                    NAME(multiply)(u, w, part, x, out, channels, m, tiles);
                    NAME(untransform)(u, w, part, m, c + (first + p) * w->y_part, channels, tiles);
                }
                if (at_once) NAME(store)(u, w, parts, c, out, channels, from, to, plane);
            }
    }
    for (int64_t plane = 0; plane < planes && !at_once; plane++)
        NAME(store)(u, w, parts, y + plane * u->out_count * w->y_channel, u->out_begin, u->out_count, from, to, plane);
}

static void NAME(unit)(const upreg_call *call, const ug_winograd_plan *w, int64_t unit, int worker) {
    const ug_conv_plan *plan = &w->conv;
    unsigned char *scratch = call->scratch[worker];
    NAME(unit_state) u = NAME(open_unit)(call, plan);
    u.staged = (T *)scratch, u.c = (T *)(scratch + w->u_at), u.spare = (T *)(scratch + w->spare_at), u.index = (int64_t *)(scratch + w->index_at);
    u.out_begin = unit % plan->n_strips * plan->strip, unit /= plan->n_strips;
    u.out_count = ug_min64(plan->strip, plan->problem.out_channels - u.out_begin);
    u.column = unit % plan->n_column_blocks * plan->columns, unit /= plan->n_column_blocks;
    u.columns = ug_min64(plan->columns, plan->axis[2].most - u.column);
    u.group = unit / plan->n_row_blocks, unit %= plan->n_row_blocks;
    int64_t from = unit * plan->rows, to = ug_min64(from + plan->rows, w->tile_rows_all);
    if (plan->depth > 1) {
        int64_t blocks = ug_ceil_div(plan->axis[1].most, plan->rows), depths = ug_ceil_div(plan->axis[0].most, plan->depth);
        u.row = unit % blocks * plan->rows, u.q0 = unit / blocks % depths * plan->depth, u.n = unit / blocks / depths;
        from = 0, to = ug_min64(plan->rows, plan->axis[1].most - u.row);
    }
    int once =
        !w->gathers && plan->chunk >= plan->problem.in_channels && NAME(segment)(&u, w, from, to) == to - from; /* one staging serves all parts */
    if (once) NAME(stage)(&u, 0, plan->problem.in_channels);
    for (int64_t part = 0; part < plan->n_parts; part += plan->axis[2].n_phases)
        NAME(run_parts)(&u, w, &w->parts[part], from, to, !once, (T *)(scratch + w->m_at), (T *)(scratch + w->y_at));
}

#undef PASTE_
#undef PASTE
#undef NAME
#undef KERNEL
