/* One element type of the weight gradient; included with T (element) and S (suffix) defined.
 *
 * Columns of a tile are channels of x, rows are channels of grad_y, and the terms are pixels.  A block of pixels of grad_y is packed once;
 * the rows of x that a row of taps sees are staged with channels innermost, and a tap is no more than a place to begin in them. */

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define NAME(x) PASTE(x, S)
#define KERNEL(x) PASTE(x, S)

typedef struct NAME(grad_state) {
    const ug_grad_weight_plan *plan;
    const ug_gemm_kernels *kernels;
    ug_view x, gy;
    int64_t x_channel, gy_channel;      /* distance of neighbouring channels */
    const T *from_x, *from_gy;          /* at the unit's first channels */
    int64_t ins, outs, column, columns; /* channels; pixels of a row of the block */
    T *packed, *panel, *c;
    int32_t *offset;
} NAME(grad_state);

/* Row `row` of the whole batch: its image and place. */
static void NAME(row_at)(const ug_conv_problem *b, int64_t row, int64_t *n, int64_t *q0, int64_t *q1) {
    *q1 = row % b->out[1], *q0 = row / b->out[1] % b->out[0], *n = row / b->out[1] / b->out[0];
}

/* count pixels of `channels` channels, `step` numbers apart, to channels innermost. */
static void NAME(turn)(const NAME(grad_state) * s, T *to, int64_t pitch, const T *from, int64_t channel_step, int64_t step, int64_t channels,
                       int64_t count) {
    if (channel_step == 1)
        for (int64_t i = 0; i < count; i++) memcpy(to + i * pitch, from + i * step, (size_t)channels * sizeof(T));
    else if (step == 1)
        s->kernels->KERNEL(transpose)(to, pitch, from, channel_step, channels, count);
    else
        for (int64_t c = 0; c < channels; c++)
            for (int64_t i = 0; i < count; i++) to[i * pitch + c] = from[c * channel_step + i * step];
}

/* The block's pixels of grad_y: [tile of channels][pixel][channel of the tile]. */
static void NAME(pack_gy)(const NAME(grad_state) * s, int64_t first, int64_t rows) {
    int64_t tile = s->kernels->KERNEL(rows), pixels = rows * s->columns, n, q0, q1;
    for (int64_t out = 0; out < s->outs; out += tile) {
        int64_t m = ug_min64(tile, s->outs - out);
        for (int64_t row = 0; row < rows; row++) {
            NAME(row_at)(&s->plan->problem, first + row, &n, &q0, &q1);
            const T *from = s->from_gy + ug_offset(&s->gy, n, 0, q0, q1) + s->column * s->gy.stride_x[2] + out * s->gy_channel;
            NAME(turn)(s, s->packed + out * pixels + row * s->columns * m, m, from, s->gy_channel, s->gy.stride_x[2], m, s->columns);
        }
    }
}

/* The rows of x that taps (t0, t1, all) of the block see. */
static void NAME(stage_x)(const NAME(grad_state) * s, int64_t first, int64_t rows, int64_t t0, int64_t t1) {
    const ug_conv_problem *b = &s->plan->problem;
    int64_t pitch = s->plan->panel_pitch, begin = s->column * b->stride[2] - b->begin[2], n, q0, q1;
    int64_t width = (s->columns - 1) * b->stride[2] + b->dilation[2] * (b->kernel[2] - 1) + 1;
    int64_t low = ug_min64(ug_max64(-begin, 0), width), high = ug_max64(ug_min64(b->in[2] - begin, width), low);
    T fill = (T)(b->pad_mode == UG_CONSTANT ? b->value : 0);
    for (int64_t row = 0; row < rows; row++) {
        NAME(row_at)(b, first + row, &n, &q0, &q1);
        int64_t i0 = ug_pad_index(b->pad_mode, q0 * b->stride[0] + t0 * b->dilation[0] - b->begin[0], b->in[0]);
        int64_t i1 = ug_pad_index(b->pad_mode, q1 * b->stride[1] + t1 * b->dilation[1] - b->begin[1], b->in[1]);
        const T *from = i0 < 0 || i1 < 0 ? NULL : s->from_x + ug_offset(&s->x, n, 0, i0, i1);
        T *to = s->panel + row * s->plan->panel_columns * pitch;
        if (from && high > low)
            NAME(turn)(s, to + low * pitch, pitch, from + (begin + low) * s->x.stride_x[2], s->x_channel, s->x.stride_x[2], s->ins, high - low);
        for (int64_t j = 0; j < width; j++) { /* what lies outside */
            if (from && j >= low && j < high) continue;
            int64_t i2 = from ? ug_pad_index(b->pad_mode, begin + j, b->in[2]) : -1;
            for (int64_t c = 0; c < s->ins; c++) to[j * pitch + c] = i2 < 0 ? fill : from[i2 * s->x.stride_x[2] + c * s->x_channel];
        }
    }
}

/* Adds the block's products of one row of taps to c: [tap][channel of grad_y][channel of x]. */
static void NAME(multiply)(const NAME(grad_state) * s, int64_t line, int64_t pixels, int add) {
    const ug_conv_problem *b = &s->plan->problem;
    const ug_gemm_kernels *g = s->kernels;
    int64_t tile = g->KERNEL(rows), lanes = g->KERNEL(lanes), most = g->KERNEL(vectors), pitch = s->plan->panel_pitch;
    for (int64_t t2 = 0; t2 < b->kernel[2]; t2++) {
        const T *x = s->panel + t2 * b->dilation[2] * pitch;
        T *to = s->c + (line * b->kernel[2] + t2) * s->outs * pitch;
        for (int64_t at = 0, left = (s->ins + lanes - 1) / lanes, v; left > 0; left -= v, at += v * lanes) {
            v = ug_conv_tile_vectors(left, most);
            for (int64_t out = 0; out < s->outs; out += tile) {
                int64_t m = ug_min64(tile, s->outs - out);
                g->KERNEL(tile)[m - 1][v - 1](s->packed + out * pixels, x + at, s->offset, pixels, to + out * pitch + at, pitch, add);
            }
        }
    }
}

static void NAME(grad_unit)(const upreg_call *call, const ug_grad_weight_plan *plan, int64_t unit, int worker) {
    const ug_conv_problem *b = &plan->problem;
    unsigned char *scratch = call->scratch[worker];
    NAME(grad_state) s = {.plan = plan, .kernels = call->kernels->gemm, .packed = (T *)scratch, .panel = (T *)(scratch + plan->panel_at)};
    s.c = (T *)(scratch + plan->c_at), s.offset = (int32_t *)(scratch + plan->offset_at);
    int64_t chunk = unit % plan->n_chunks, lines_of_all = b->kernel[0] * b->kernel[1], taps = lines_of_all * b->kernel[2];
    unit /= plan->n_chunks;
    int64_t line0 = unit % plan->n_line_blocks * plan->lines, lines = ug_min64(plan->lines, lines_of_all - line0);
    unit /= plan->n_line_blocks;
    int64_t in0 = unit % plan->n_in_strips * plan->in_strip;
    unit /= plan->n_in_strips;
    int64_t out0 = unit % plan->n_out_strips * plan->out_strip, group = unit / plan->n_out_strips;
    s.ins = ug_min64(plan->in_strip, b->in_channels - in0), s.outs = ug_min64(plan->out_strip, b->out_channels - out0);
    s.x = ug_view_of(&b->x_frame, &call->in[0]), s.gy = ug_view_of(&b->y_frame, &call->in[1]);
    s.x_channel = ug_channel_step(&b->x_frame, &s.x), s.gy_channel = ug_channel_step(&b->y_frame, &s.gy);
    s.from_x = (const T *)s.x.data + (group * b->in_channels + in0) * s.x_channel;
    s.from_gy = (const T *)s.gy.data + (group * b->out_channels + out0) * s.gy_channel;

    int64_t end = ug_min64((chunk + 1) * plan->chunk, plan->rows);
    int add = 0;
    for (int64_t row = chunk * plan->chunk; row < end; row += plan->block)
        for (int64_t block = 0; block < plan->n_column_blocks; block++, add = 1) {
            int64_t rows = ug_min64(plan->block, end - row);
            s.column = block * plan->columns, s.columns = ug_min64(plan->columns, b->out[2] - s.column);
            for (int64_t i = 0; i < rows * s.columns; i++)
                s.offset[i] = (int32_t)((i / s.columns * plan->panel_columns + i % s.columns * b->stride[2]) * plan->panel_pitch);
            NAME(pack_gy)(&s, row, rows);
            for (int64_t line = 0; line < lines; line++) {
                NAME(stage_x)(&s, row, rows, (line0 + line) / b->kernel[1], (line0 + line) % b->kernel[1]);
                NAME(multiply)(&s, line, rows * s.columns, add);
            }
        }
    if (!add) memset(s.c, 0, (size_t)(lines * b->kernel[2] * s.outs * plan->panel_pitch) * sizeof(T)); /* no pixel at all */
    T *gw = plan->n_chunks > 1 ? (T *)call->workspace + chunk * plan->weights : (T *)ug_data(&call->out[0]);
    gw += ((group * b->out_channels + out0) * b->in_channels + in0) * taps;
    for (int64_t t = 0; t < lines * b->kernel[2]; t++) {
        int64_t tap = line0 * b->kernel[2] + t;
        for (int64_t out = 0; out < s.outs; out++)
            s.kernels->KERNEL(spread)(gw + out * b->in_channels * taps + (b->flip ? taps - 1 - tap : tap), taps,
                                      s.c + (t * s.outs + out) * plan->panel_pitch, s.ins);
    }
}

static void NAME(combine)(const upreg_call *call, const ug_grad_weight_plan *plan, int64_t unit) {
    int64_t begin = unit * COMBINE_BLOCK, n = ug_min64(COMBINE_BLOCK, plan->weights - begin);
    T *gw = (T *)ug_data(&call->out[0]) + begin;
    memcpy(gw, (const T *)call->workspace + begin, (size_t)n * sizeof(T));
    for (int64_t chunk = 1; chunk < plan->n_chunks; chunk++)
        call->kernels->gemm->KERNEL(accumulate)(gw, (const T *)call->workspace + chunk * plan->weights + begin, n);
}

#undef PASTE_
#undef PASTE
#undef NAME
#undef KERNEL
