/* One element type of the weight gradient; included with T (element) and S (suffix) defined.
 *
 * Columns of a tile are channels of grad_y, rows are channels of x seen through one tap, and the terms are pixels. */

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define NAME(x) PASTE(x, S)

/* Where the pixels [first, first + n) lie in grad_y, and where one tap finds them in x (tap -1: in grad_y itself). */
static void NAME(locate)(const ug_grad_weight_plan *plan, const ug_view *v, int64_t first, int64_t n, int64_t tap, int64_t *index) {
    const ug_conv_problem *b = &plan->problem;
    int64_t t2 = tap % b->kernel[2], t1 = tap / b->kernel[2] % b->kernel[1], t0 = tap / b->kernel[2] / b->kernel[1];
    for (int64_t i = 0; i < n; i++) {
        int64_t at = first + i, q2 = at % b->out[2], q1 = at / b->out[2] % b->out[1], q0 = at / b->out[2] / b->out[1] % b->out[0];
        int64_t image = at / b->out[2] / b->out[1] / b->out[0];
        if (tap < 0) {
            index[i] = ug_offset(v, image, 0, q0, q1) + q2 * v->stride_x[2];
            continue;
        }
        int64_t i0 = ug_pad_index(b->pad_mode, q0 * b->stride[0] + t0 * b->dilation[0] - b->begin[0], b->in[0]);
        int64_t i1 = ug_pad_index(b->pad_mode, q1 * b->stride[1] + t1 * b->dilation[1] - b->begin[1], b->in[1]);
        int64_t i2 = ug_pad_index(b->pad_mode, q2 * b->stride[2] + t2 * b->dilation[2] - b->begin[2], b->in[2]);
        index[i] = i0 < 0 || i1 < 0 || i2 < 0 ? UG_OUTSIDE : ug_offset(v, image, 0, i0, i1) + i2 * v->stride_x[2];
    }
}

static void NAME(grad_unit)(const upreg_call *call, const ug_grad_weight_plan *plan, int64_t unit, int worker) {
    const ug_conv_problem *b = &plan->problem;
    const ug_gemm_kernels *g = call->kernels->gemm;
    unsigned char *scratch = call->scratch[worker];
    T *panel = (T *)scratch, *c = (T *)(scratch + plan->panel_bytes), *line = (T *)(scratch + plan->panel_bytes + plan->c_bytes);
    T *rows = line + UG_K_BLOCK;
    int64_t *index = (int64_t *)(scratch + plan->panel_bytes + plan->c_bytes + plan->line_bytes);
    int32_t *offset = (int32_t *)(index + UG_K_BLOCK);
    int64_t chunk = unit % plan->n_chunks;
    unit /= plan->n_chunks;
    int64_t tap0 = unit % plan->n_tap_strips * plan->tap_strip, taps = ug_min64(plan->tap_strip, plan->taps - tap0);
    unit /= plan->n_tap_strips;
    int64_t in0 = unit % plan->n_in_strips * plan->in_strip, ins = ug_min64(plan->in_strip, b->in_channels - in0);
    unit /= plan->n_in_strips;
    int64_t out0 = unit % plan->n_out_strips * plan->out_strip, outs = ug_min64(plan->out_strip, b->out_channels - out0);
    int64_t group = unit / plan->n_out_strips;

    ug_view x = ug_view_of(&b->x_frame, &call->in[0]), gy = ug_view_of(&b->y_frame, &call->in[1]);
    int64_t x_channel = ug_channel_step(&b->x_frame, &x), gy_channel = ug_channel_step(&b->y_frame, &gy);
    const T *from_x = (const T *)x.data + (group * b->in_channels + in0) * x_channel;
    const T *from_gy = (const T *)gy.data + (group * b->out_channels + out0) * gy_channel;
    T fill = (T)(b->pad_mode == UG_CONSTANT ? b->value : 0);
    int64_t lanes = g->PASTE(lanes, S), most = g->PASTE(vectors, S), tile = g->PASTE(rows, S), vectors = (outs + lanes - 1) / lanes;
    for (int i = 0; i < UG_K_BLOCK; i++) offset[i] = (int32_t)(i * plan->panel_pitch);
    if (plan->pixels == 0) memset(c, 0, plan->c_bytes);
    int64_t last = ug_min64((chunk + 1) * plan->chunk, plan->pixels);
    for (int64_t p = chunk * plan->chunk; p < last; p += UG_K_BLOCK) {
        int64_t k = ug_min64(UG_K_BLOCK, last - p), add = p > chunk * plan->chunk;
        NAME(locate)(plan, &gy, p, k, -1, index);
        for (int64_t out = 0; out < outs; out++) {
            g->PASTE(gather, S)(line, from_gy + out * gy_channel, index, k, 0);
            g->PASTE(spread, S)(panel + out, plan->panel_pitch, line, k);
        }
        for (int64_t t = 0; t < taps; t++) {
            NAME(locate)(plan, &x, p, k, tap0 + t, index);
            for (int64_t in = 0; in < ins; in += tile) {
                int64_t m = ug_min64(tile, ins - in);
                for (int64_t i = 0; i < m; i++) {
                    g->PASTE(gather, S)(line, from_x + (in + i) * x_channel, index, k, fill);
                    g->PASTE(spread, S)(rows + i, m, line, k);
                }
                T *to = c + (t * ins + in) * plan->panel_pitch;
                for (int64_t v = 0; v < vectors; v += most)
                    g->PASTE(tile, S)[m - 1][ug_min64(most, vectors - v) - 1](rows, panel + v * lanes, offset, k, to + v * lanes, plan->panel_pitch,
                                                                              (int)add);
            }
        }
    }
    T *gw = plan->n_chunks > 1 ? (T *)call->workspace + chunk * plan->weights : (T *)ug_data(&call->out[0]);
    for (int64_t t = 0; t < taps; t++) {
        int64_t tap = b->flip ? plan->taps - 1 - (tap0 + t) : tap0 + t;
        for (int64_t in = 0; in < ins; in++)
            g->PASTE(spread, S)(gw + ((group * b->out_channels + out0) * b->in_channels + in0 + in) * plan->taps + tap, b->in_channels * plan->taps,
                                c + (t * ins + in) * plan->panel_pitch, outs);
    }
}

static void NAME(combine)(const upreg_call *call, const ug_grad_weight_plan *plan, int64_t unit) {
    enum { BLOCK = 4096 };
    int64_t begin = unit * BLOCK, n = ug_min64(BLOCK, plan->weights - begin);
    T *gw = (T *)ug_data(&call->out[0]) + begin;
    memcpy(gw, (const T *)call->workspace + begin, (size_t)n * sizeof(T));
    for (int64_t chunk = 1; chunk < plan->n_chunks; chunk++)
        call->kernels->gemm->PASTE(accumulate, S)(gw, (const T *)call->workspace + chunk * plan->weights + begin, n);
}

#undef PASTE_
#undef PASTE
#undef NAME
