#include "methods/conv_engine.h"
#include "methods/depthwise.h"
#include "methods/winograd.h"

#include <stdio.h>
#include <stdlib.h>

enum { FEW_UNITS = 8, FEW_VECTORS = 6, LEAST_UNIT_MACS = 500000, MOST_GATHERED_VECTORS = 16, MOST_UNIT_MACS = 500000000 };

int64_t ug_conv_block(const ug_conv_plan *plan, const ug_conv_part *part, int64_t k) {
    int64_t block = ug_max64(plan->block_channels * part->n_taps, 1), total = plan->problem.in_channels * part->n_taps;
    int64_t end = ug_min64((k / block + 1) * block, total);
    return ug_min64(UG_K_BLOCK, end - k);
}

static double number_at(const void *numbers, int64_t i, int is_double) {
    return is_double ? ((const double *)numbers)[i] : ((const float *)numbers)[i];
}

ug_post ug_conv_post(const upreg_call *call, const void *bias, int64_t channel, int is_double) {
    const upreg_epilogue *e = call->epilogue;
    ug_post post = {0};
    if (bias) post.has_bias = 1, post.bias = number_at(bias, channel, is_double);
    if (!e) return post;
    if (e->scale) post.has_affine = 1, post.scale = number_at(e->scale, channel, is_double), post.shift = number_at(e->shift, channel, is_double);
    post.residual_last = e->residual_last, post.activation = e->activation, post.p[0] = e->p[0], post.p[1] = e->p[1];
    return post;
}

/* ---- geometry: phases, taps, offsets ---- */

/* Output o = q * out_step + r reads, through tap t, place o * stride + t * dilation - begin of the (enlarged) input; or, transposed, it is
 * reached from input i when i * stride + t * dilation = o + begin. */
int ug_conv_phase_taps(const ug_conv_problem *b, int a, int64_t out_step, int64_t r, ug_conv_tap *taps) {
    int n = 0;
    int32_t last = 0;
    for (int64_t t = 0; t < b->kernel[a]; t++) {
        int32_t tap = (int32_t)(b->flip ? b->kernel[a] - 1 - t : t);
        int64_t e = r * b->stride[a] + t * b->dilation[a] - b->begin[a], scale = b->transposed ? out_step : b->upscale[a];
        if (b->transposed) e = r + b->begin[a] - t * b->dilation[a];
        if (b->transposed && ug_floor_div(e, scale) * scale != e) continue;
        e = ug_floor_div(e, scale);
        if (b->upscale[a] > 1 && !b->exact && n > 0 && last == e) {
            if (taps) taps[n - 1].count++, taps[n - 1].tap -= b->flip ? 1 : 0;
            continue;
        }
        if (taps) taps[n] = (ug_conv_tap){tap, 1, (int32_t)e};
        last = (int32_t)e, n++;
    }
    return n;
}

/* Distance of the outputs of one phase. */
static int64_t out_step_of(const ug_conv_problem *b, int a) {
    if (!b->transposed) return b->upscale[a] / ug_gcd(b->upscale[a], b->stride[a]);
    /* One input element: every output is a phase of its own, and reads just the tap that reaches it. */
    if (b->whole_in[a] == 1 && b->pad_mode == UG_ZEROS) return b->whole_out[a] + llabs(b->whole_begin[a]) + b->dilation[a] * b->kernel[a];
    return b->stride[a];
}

static int64_t phases_of(const ug_conv_problem *b, int a) { return ug_max64(ug_min64(out_step_of(b, a), b->out[a]), 1); }

/* The taps of phase r that any of its outputs finds inside the input: on small maps many see only zeros. */
static int seeing_taps(const ug_conv_problem *b, int a, int64_t r, ug_conv_tap *taps) {
    int64_t step = out_step_of(b, a), in_step = b->transposed ? 1 : step * b->stride[a] / b->upscale[a];
    int n = ug_conv_phase_taps(b, a, step, r, taps), kept = 0;
    int64_t reach = (ug_ceil_div(b->whole_out[a] - r, step) - 1) * in_step, shift = b->begin[a] - b->whole_begin[a];
    shift = b->transposed ? -shift / step : shift / b->upscale[a]; /* from places in a tile to those in the whole input */
    if (b->pad_mode != UG_ZEROS || b->exact) return n;
    for (int t = 0; t < n; t++)
        if (taps[t].e + shift + reach >= 0 && taps[t].e + shift < b->whole_in[a]) taps[kept++] = taps[t];
    return kept;
}

static void build_axis(upreg_prepare *p, const ug_conv_problem *b, int a, ug_conv_axis *axis) {
    int64_t s = out_step_of(b, a), n = phases_of(b, a), used = 0;
    ug_conv_phase *phases = upreg_reserve(p, sizeof *phases * (size_t)n);
    ug_conv_tap *taps = upreg_reserve(p, sizeof *taps * (size_t)((b->transposed ? b->kernel[a] : b->kernel[a] * n) + b->kernel[a]));
    axis->in_step = b->transposed ? 1 : s * b->stride[a] / b->upscale[a];
    axis->out_step = s, axis->n_phases = (int32_t)n, axis->phases = phases, axis->in = b->in[a], axis->out = b->out[a];
    if (!p->fill) return;
    for (int64_t r = 0; r < ug_min64(s, b->whole_out[a]); r++) {
        int seeing = seeing_taps(b, a, r, taps + used);
        if (seeing > axis->block_taps) axis->block_taps = seeing;
        if (r >= n) continue;
        phases[r] = (ug_conv_phase){.count = ug_ceil_div(b->out[a] - r, s), .taps = taps + used, .n_taps = seeing, .r = (int32_t)r};
        used += seeing;
    }
}

int64_t ug_conv_alignment(const ug_conv_problem *whole, int a) { return ug_max64(out_step_of(whole, a), ug_winograd_alignment(whole, a)); }

/* Taps of all phases of an axis together, at most: what its packed weights hold. */
static int64_t all_taps(const ug_conv_problem *b, int a) {
    int64_t n = 0;
    if (b->transposed || phases_of(b, a) == 1) return b->kernel[a];
    for (int64_t r = 0; r < phases_of(b, a); r++) n += ug_conv_phase_taps(b, a, out_step_of(b, a), r, NULL);
    return n;
}

void ug_conv_measure_axis(ug_conv_axis *axis) {
    axis->e_min = INT32_MAX, axis->e_max = INT32_MIN;
    for (int r = 0; r < axis->n_phases; r++) {
        const ug_conv_phase *phase = &axis->phases[r];
        axis->most = ug_max64(axis->most, phase->count);
        if (phase->n_taps > axis->most_taps) axis->most_taps = phase->n_taps;
        for (int t = 0; t < phase->n_taps; t++) {
            axis->e_min = ug_min64(axis->e_min, phase->taps[t].e);
            axis->e_max = ug_max64(axis->e_max, phase->taps[t].e);
        }
    }
    if (axis->e_min > axis->e_max) axis->e_min = axis->e_max = 0; /* no tap at all */
    axis->f_min = ug_floor_div(axis->e_min, axis->in_step);
    axis->f_span = ug_floor_div(axis->e_max, axis->in_step) - axis->f_min;
}

int64_t ug_conv_tap_offset(const ug_conv_plan *plan, const ug_conv_tap *t0, const ug_conv_tap *t1, const ug_conv_tap *t2) {
    const ug_conv_axis *a = plan->axis;
    int64_t f1 = ug_floor_div(t1->e, a[1].in_step), f2 = ug_floor_div(t2->e, a[2].in_step);
    int64_t plane = t0->e - a[0].e_min;
    int64_t row_phase = t1->e - f1 * a[1].in_step, column_phase = t2->e - f2 * a[2].in_step;
    int64_t line = ((plane * a[1].in_step + row_phase) * a[2].in_step + column_phase) * plan->row_count + f1 - a[1].f_min;
    return line * plan->row_pitch + f2 - a[2].f_min;
}

static void fill_offsets(const ug_conv_plan *plan, const ug_conv_part *part, int32_t *offset) {
    int64_t at = 0;
    for (int64_t c = 0; c < plan->chunk; c++) {
        if (plan->im2col) {
            for (int64_t t = 0; t < part->n_taps; t++, at++) offset[at] = (int32_t)(at * plan->row_pitch);
            continue;
        }
        for (int t0 = 0; t0 < part->axis[0]->n_taps; t0++)
            for (int t1 = 0; t1 < part->axis[1]->n_taps; t1++)
                for (int t2 = 0; t2 < part->axis[2]->n_taps; t2++)
                    offset[at++] = (int32_t)(c * plan->channel_pitch +
                                             ug_conv_tap_offset(plan, &part->axis[0]->taps[t0], &part->axis[1]->taps[t1], &part->axis[2]->taps[t2]));
    }
}

/* Output channels as the packed weights hold them: where they are columns, whole vectors. */
static int64_t packed_channels(const ug_conv_plan *plan, int64_t lanes) {
    return plan->swapped ? ug_ceil_div(plan->problem.out_channels, lanes) * lanes : plan->problem.out_channels;
}

static void build_parts(upreg_prepare *p, ug_conv_plan *plan, int64_t lanes) {
    ug_conv_axis *a = plan->axis;
    plan->n_parts = (int64_t)a[0].n_phases * a[1].n_phases * a[2].n_phases;
    ug_conv_part *parts = upreg_reserve(p, sizeof *parts * (size_t)plan->n_parts);
    int64_t taps = all_taps(&plan->problem, 0) * all_taps(&plan->problem, 1) * all_taps(&plan->problem, 2); /* of all parts */
    int32_t *offsets = upreg_reserve(p, sizeof *offsets * (size_t)(plan->chunk * taps));
    if (!p->fill) return;
    int64_t weights = 0, at = 0;
    for (int64_t i = 0; i < plan->n_parts; i++) {
        ug_conv_part *part = &parts[i];
        part->axis[0] = &a[0].phases[i / a[2].n_phases / a[1].n_phases];
        part->axis[1] = &a[1].phases[i / a[2].n_phases % a[1].n_phases];
        part->axis[2] = &a[2].phases[i % a[2].n_phases];
        part->n_taps = (int64_t)part->axis[0]->n_taps * part->axis[1]->n_taps * part->axis[2]->n_taps;
        part->weights = weights, part->offset = offsets + at;
        fill_offsets(plan, part, offsets + at);
        weights += packed_channels(plan, lanes) * plan->problem.in_channels * part->n_taps;
        at += plan->chunk * part->n_taps;
    }
    plan->parts = parts, plan->group_weights = weights;
}

/* ---- choices: depend on shapes, parameters and tier only, never on threads ---- */

/* Outputs of one channel and combination of phases. */
static int64_t pixels_of(const ug_conv_problem *b) {
    int64_t n = b->n;
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) n *= ug_ceil_div(b->out[a], out_step_of(b, a));
    return n;
}

/* With few pixels the output channels are the columns of the tiles, and the pixels their rows. */
static int choose_swap(const ug_conv_problem *b, int64_t lanes, int64_t tile_rows) {
    int64_t pixels = ug_max64(pixels_of(b), 1), out = ug_max64(b->out_channels, 1);
    if (b->algorithm == UG_CONV_DIRECT || pixels > 2 * tile_rows) return 0;
    return (double)out / (double)ug_round_up(out, lanes) >= (double)pixels / (double)ug_round_up(pixels, lanes);
}

/* Share of the computed columns that are outputs, with one run per row and with one run for all rows. */
static void choose_form(ug_conv_plan *plan, int64_t lanes) {
    const ug_conv_axis *rows = &plan->axis[1], *columns = &plan->axis[2];
    double useful = (double)rows->most * (double)columns->most;
    double by_row = useful / (double)(rows->most * ug_round_up(columns->most, lanes));
    double by_run = useful / (double)ug_round_up((rows->most - 1) * (columns->most + columns->f_span) + columns->most, lanes);
    plan->flat = by_run > by_row && columns->most <= UG_UNIT_COLUMNS / 4;
    /* What a useful vector of products costs: staged, its share of the lanes; gathered, also a few instructions per number, which all output
     * channels share. */
    double pixels = (double)ug_max64(pixels_of(&plan->problem), 1), out = (double)ug_max64(plan->problem.out_channels, 1);
    double staged = 1 / (plan->flat ? by_run : by_row), gathered = (double)ug_round_up((int64_t)pixels, lanes) / pixels + 1.5 * (double)lanes / out;
    plan->im2col = plan->swapped || plan->problem.algorithm == UG_CONV_GEMM || (plan->problem.algorithm == UG_CONV_AUTO && gathered < staged);
}

/* An odd number of vectors, where it is a whole one: else the lines that a tile reads fall into few sets of the first cache. */
static int64_t spread_pitch(int64_t pitch, int64_t lanes) { return pitch % (2 * lanes) == 0 ? pitch + lanes : pitch; }

static void size_staged(ug_conv_plan *plan, int64_t lanes) {
    const ug_conv_axis *a = plan->axis;
    plan->planes = a[0].e_max - a[0].e_min + 1;
    plan->row_count = plan->rows + a[1].f_span;
    plan->row_pitch = plan->columns + a[2].f_span;
    plan->channel_pitch = spread_pitch(plan->planes * a[1].in_step * a[2].in_step * plan->row_count * plan->row_pitch, lanes);
}

/* Of a group. */
static int64_t weights_of(const ug_conv_plan *plan) {
    const ug_conv_problem *b = &plan->problem;
    return b->in_channels * b->out_channels * b->kernel[0] * b->kernel[1] * b->kernel[2];
}

/* As many as threads may like, but none too small to be worth it. */
static int64_t wanted_units(const ug_conv_plan *plan) {
    const ug_conv_problem *b = &plan->problem;
    double macs = (double)pixels_of(b) * (double)plan->n_parts * (double)b->groups * (double)b->in_channels * (double)b->out_channels;
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) macs *= (double)plan->axis[a].most_taps;
    return macs > (double)FEW_UNITS * LEAST_UNIT_MACS ? FEW_UNITS : ug_max64((int64_t)(macs / LEAST_UNIT_MACS), 1);
}

/* Outputs per unit: as many as keep the staged input and the results in the cache, at least one row of one vector. */
static void choose_block(ug_conv_plan *plan, int64_t lanes, int64_t width) {
    const ug_conv_problem *b = &plan->problem;
    const ug_conv_axis *a = plan->axis;
    int64_t channels = ug_max64(b->in_channels, 1);
    int large = weights_of(plan) * width > UG_SMALL_WEIGHTS; /* to be read by few units: rather fewer channels at once than fewer pixels */
    plan->columns = ug_max64(ug_min64(a[2].most, UG_UNIT_COLUMNS), 1);
    plan->n_column_blocks = ug_max64(ug_ceil_div(a[2].most, plan->columns), 1);
    plan->columns = plan->n_column_blocks == 1 ? plan->columns : ug_round_up(ug_ceil_div(a[2].most, plan->n_column_blocks), lanes);
    plan->rows = ug_max64(ug_min64(a[1].most, UG_UNIT_PIXELS / plan->columns), 1);
    for (;;) {
        size_staged(plan, lanes);
        if (plan->channel_pitch * channels * width <= UG_STAGED_BYTES) break;
        if (large && plan->rows * plan->columns <= FEW_VECTORS * lanes) break;
        if (plan->rows > 1)
            plan->rows = (plan->rows + 1) / 2;
        else if (plan->columns > 4 * lanes)
            plan->columns = ug_round_up(plan->columns / 2, lanes);
        else
            break;
    }
    int64_t images = b->n * b->groups * a[0].most, wanted = wanted_units(plan); /* several units, so that threads have something to share */
    while (plan->rows > 1 && images * ug_ceil_div(a[1].most, plan->rows) * ug_ceil_div(a[2].most, plan->columns) < wanted &&
           plan->rows * plan->columns > 8 * lanes)
        plan->rows = (plan->rows + 1) / 2;
    size_staged(plan, lanes);
    plan->n_row_blocks = ug_max64(ug_ceil_div(a[1].most, plan->rows), 1);
    plan->n_column_blocks = ug_max64(ug_ceil_div(a[2].most, plan->columns), 1);
    plan->chunk = channels;
    if (plan->channel_pitch * channels * width > 2 * UG_STAGED_BYTES) {
        int64_t whole = plan->block_channels;
        plan->chunk = ug_max64(UG_STAGED_BYTES / (plan->channel_pitch * width) / whole * whole, whole);
        plan->chunk = ug_min64(plan->chunk, channels);
    }
    plan->c_row = plan->flat ? plan->row_pitch : ug_round_up(plan->columns, lanes);
    plan->c_pitch = plan->flat ? ug_round_up((plan->rows - 1) * plan->row_pitch + plan->columns, lanes) : plan->rows * plan->c_row;
    /* Column phases are interleaved on store, so their results are kept side by side; with several chunks they are separate units. */
    plan->n_column_phases = plan->chunk == channels ? a[2].n_phases : 1;
}

static void choose_columns(ug_conv_plan *plan, int64_t lanes, int64_t tile_rows, int64_t width) {
    const ug_conv_problem *b = &plan->problem;
    const ug_conv_axis *a = plan->axis;
    int64_t pixels = b->n * a[0].most * a[1].most * a[2].most;
    int64_t most_taps = ug_max64((int64_t)a[0].most_taps * a[1].most_taps * a[2].most_taps, 1);
    int64_t most = MOST_GATHERED_VECTORS * lanes; /* weights are read once per unit */
    if (pixels <= most && plan->n_parts * b->groups < wanted_units(plan) && pixels >= 8 * lanes) most = ug_round_up(ug_ceil_div(pixels, 2), lanes);
    plan->pixels = ug_round_up(ug_max64(ug_min64(pixels, most), 1), lanes);
    if (plan->swapped) plan->pixels = ug_max64(ug_min64(pixels, tile_rows), 1);
    plan->n_pixel_blocks = ug_max64(ug_ceil_div(pixels, plan->pixels), 1);
    plan->row_pitch = plan->swapped ? plan->pixels : spread_pitch(plan->pixels, lanes);
    int64_t whole = plan->block_channels;
    plan->chunk = ug_max64(UG_STAGED_BYTES / (plan->row_pitch * most_taps * width) / whole * whole, whole);
    plan->chunk = ug_max64(ug_min64(plan->chunk, b->in_channels), 1);
    plan->c_pitch = plan->pixels, plan->n_column_phases = 1, plan->rows = plan->columns = 1; /* swapped: c is [pixel][channel] */
}

static void choose_strip(ug_conv_plan *plan, int64_t tile_rows, int64_t width) {
    const ug_conv_problem *b = &plan->problem;
    int64_t per_channel = plan->c_pitch * plan->n_column_phases * width;
    plan->strip = ug_max64(UG_RESULT_BYTES / per_channel / tile_rows, 1) * tile_rows;
    int64_t units = plan->im2col ? b->groups * plan->n_pixel_blocks * plan->n_parts
                                 : b->n * b->groups * plan->axis[0].most * plan->n_row_blocks * plan->n_column_blocks;
    /* every strip stages or gathers the input again: not more of them than a few threads need */
    int64_t wanted = ug_max64(ug_ceil_div(ug_min64(wanted_units(plan), FEW_UNITS / (plan->im2col ? 4 : 2)), ug_max64(units, 1)), 1);
    plan->strip = ug_min64(plan->strip, ug_max64(ug_round_up(ug_ceil_div(b->out_channels, wanted), tile_rows), (plan->im2col ? 8 : 4) * tile_rows));
    /* A unit ends within a few milliseconds: a run asks whether it was cancelled between units only. */
    double macs = (double)plan->c_pitch * (double)(plan->im2col ? 1 : plan->n_parts) * (double)b->in_channels;
    for (int i = 0; i < UPREG_MAX_SPATIAL; i++) macs *= (double)plan->axis[i].most_taps;
    while (macs * (double)plan->strip > MOST_UNIT_MACS && plan->strip > 8 * tile_rows) plan->strip = ug_round_up(plan->strip / 2, tile_rows);
    plan->strip = ug_max64(ug_min64(plan->strip, b->out_channels), 1);
    plan->n_strips = ug_ceil_div(b->out_channels, plan->strip);
}

/* All phases share what a unit stages; where that leaves few units, threads share the phases. */
static void choose_parts(ug_conv_plan *plan) {
    const ug_conv_problem *b = &plan->problem;
    plan->units_per_image = b->groups * plan->n_strips * (plan->im2col ? plan->n_pixel_blocks * plan->n_parts : 1);
    if (plan->im2col) return;
    plan->units_per_image *= plan->axis[0].most * plan->n_row_blocks * plan->n_column_blocks;
    int64_t rows = plan->n_parts / plan->n_column_phases, wanted = ug_ceil_div(wanted_units(plan), ug_max64(b->n * plan->units_per_image, 1));
    plan->parts_of_unit = (plan->chunk < b->in_channels ? 1 : ug_ceil_div(rows, ug_max64(ug_min64(rows, wanted), 1))) * plan->n_column_phases;
    plan->n_part_blocks = ug_ceil_div(plan->n_parts, ug_max64(plan->parts_of_unit, 1));
    plan->units_per_image *= plan->n_part_blocks;
}

static upreg_status check_reach(upreg_prepare *p, const ug_conv_plan *plan, int64_t width) {
    int64_t staged = plan->im2col ? plan->row_pitch * plan->parts[0].n_taps : plan->channel_pitch * plan->chunk;
    if (staged * width > (int64_t)1 << 30)
        return ug_fail(p->err, UPREG_E_SHAPE, "%s: kernel and dilation are too large: one output row reads %" PRId64 " numbers per block",
                       p->method->name, staged);
    return UPREG_OK;
}

upreg_status ug_conv_prepare(upreg_prepare *p, const ug_conv_problem *asked) {
    ug_conv_problem own = *asked, *problem = &own;
    if (!own.is_tile) ug_conv_set_whole(&own);
    if (ug_depthwise_fits(p, problem)) return ug_depthwise_prepare(p, problem);
    if (ug_winograd_fits(p, problem)) return ug_winograd_prepare(p, problem);
    ug_conv_plan *state = upreg_reserve(p, sizeof *state), local = {.problem = *problem}, *plan = &local;
    const ug_gemm_kernels *k = p->kernels->gemm;
    int is_double = p->in[0].type == UPREG_F64;
    int64_t width = is_double ? 8 : 4, lanes = is_double ? k->lanes_f64 : k->lanes_f32;
    int64_t tile_rows = is_double ? k->rows_f64 : k->rows_f32, vectors = is_double ? k->vectors_f64 : k->vectors_f32;
    int64_t taps = 1, weights = problem->groups * problem->in_channels * problem->out_channels;
    double macs = (double)problem->n * (double)weights;
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {
        build_axis(p, problem, a, &plan->axis[a]);
        if (p->fill) ug_conv_measure_axis(&plan->axis[a]);
        taps *= all_taps(problem, a);
        macs *= problem->transposed ? (double)problem->in[a] * (double)problem->kernel[a]
                                    : (double)problem->out[a] * (double)all_taps(problem, a) / (double)phases_of(problem, a);
    }
    plan->swapped = choose_swap(problem, lanes, tile_rows);
    weights = weights / ug_max64(problem->out_channels, 1) * packed_channels(plan, lanes) * taps;
    plan->rows_of_tile = (int32_t)(plan->swapped ? vectors * lanes : ug_conv_tile_rows(problem->out_channels, tile_rows)), plan->depth = 1;
    if (p->fill) {
        plan->n_parts = (int64_t)plan->axis[0].n_phases * plan->axis[1].n_phases * plan->axis[2].n_phases;
        int64_t block_taps = (int64_t)plan->axis[0].block_taps * plan->axis[1].block_taps * plan->axis[2].block_taps;
        plan->block_channels = ug_max64(UG_K_BLOCK / ug_max64(block_taps, 1), 1);
        choose_form(plan, lanes);
        if (plan->im2col)
            choose_columns(plan, lanes, tile_rows, width);
        else
            choose_block(plan, lanes, width);
        choose_strip(plan, plan->rows_of_tile, width);
    } else {
        plan->chunk = ug_max64(problem->in_channels, 1); /* no more than this: a bound for the reservation */
    }
    build_parts(p, plan, lanes);
    plan->bound = p->bound[1] != NULL;
    unsigned char *packed = plan->bound ? upreg_reserve(p, (size_t)(weights * width)) : NULL;
    if (!plan->bound) p->workspace = (size_t)(weights * width);
    if (!p->fill) return UPREG_OK;
    UG_TRY(check_reach(p, plan, width));
    int64_t pad = vectors * lanes; /* tiles read whole vectors past the last column */
    plan->staged_bytes = (size_t)(((plan->im2col ? 0 : plan->channel_pitch * plan->chunk) + pad) * width);
    int64_t most_taps = 0;
    for (int64_t i = 0; i < plan->n_parts; i++) most_taps = ug_max64(most_taps, plan->parts[i].n_taps);
    if (plan->im2col) plan->staged_bytes = (size_t)((plan->row_pitch * most_taps * plan->chunk + pad) * width);
    plan->staged_bytes = (plan->staged_bytes + 63) / 64 * 64;
    plan->c_bytes =
        (size_t)ug_round_up((plan->c_pitch * ug_round_up(plan->strip, plan->swapped ? lanes : 1) * plan->n_column_phases + pad) * width, 64);
    plan->indexed = ug_min64(ug_max64(plan->channel_pitch, plan->c_pitch), UG_CONV_INDEXED);
    plan->index_bytes = (plan->im2col ? (size_t)(plan->pixels * (most_taps + 2)) : 2 * (size_t)plan->indexed) * sizeof(int64_t);
    int64_t row = ug_max64(plan->columns * plan->axis[2].out_step, plan->pixels); /* of residuals, whatever their strides */
    row = ug_max64(ug_max64(ug_min64(row, ug_max64(problem->out[2], plan->pixels)), plan->indexed), plan->swapped ? plan->strip : 0);
    size_t spare = (size_t)ug_round_up((row + lanes) * width, 64);
    size_t scratch = plan->staged_bytes + plan->c_bytes + plan->index_bytes + spare;
    choose_parts(plan);
    int64_t units = plan->im2col ? plan->units_per_image : problem->n * plan->units_per_image;
    *state = *plan;
    state->packed = packed;
    if (plan->bound) {
        upreg_call call = {.kernels = p->kernels, .state = p->state, .in = (upreg_tensor[]){{0}, *p->bound[1]}};
        ug_conv_run(&call, -1, 0, problem->groups * plan->n_parts, 0);
        p->packed_inputs |= 1u << 1, p->packed_bytes = (size_t)(weights * width);
    } else {
        ug_add_compute_stage(p, problem->groups * plan->n_parts, (double)weights / (double)(problem->groups * plan->n_parts), 0);
    }
    p->stage[p->n_stages++] = (upreg_stage){units, 1, scratch};
    p->channel_axis = problem->y_frame.axis_c;
    p->macs = macs < 9e18 ? (int64_t)macs : INT64_MAX / 2;
    const char *form = plan->swapped         ? "gathered rows"
                       : plan->im2col        ? "gathered columns"
                       : problem->transposed ? "staged rows by phase"
                                             : "staged rows";
    snprintf(p->algorithm, sizeof p->algorithm, "gemm: %s, tile %dx%d", form, (int)tile_rows, (int)(vectors * lanes));
    return UPREG_OK;
}

#define T float
#define S f32
#include "methods/conv_stage_t.h"
#include "methods/conv_run_t.h"
#undef T
#undef S
#define T double
#define S f64
#include "methods/conv_stage_t.h"
#include "methods/conv_run_t.h"
#undef T
#undef S

/* Stage -1 packs bound weights at plan time; a plan without them packs in its first stage. */
void ug_conv_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const ug_conv_plan *plan = (const ug_conv_plan *)call->state;
    if (plan->kind == UG_CONV_DEPTHWISE) {
        ug_depthwise_run(call, stage, begin, end, worker);
        return;
    }
    if (plan->kind == UG_CONV_WINOGRAD) {
        ug_winograd_run(call, stage, begin, end, worker);
        return;
    }
    int is_double = call->in[1].dtype.bits == 64, packs = stage < 0 || (!plan->bound && stage == 0);
    if (packs) {
        void *packed = stage < 0 ? (void *)plan->packed : call->workspace;
        for (int64_t unit = begin; unit < end; unit++)
            is_double ? pack_f64(plan, ug_data(&call->in[1]), packed, unit, call->kernels->gemm->lanes_f64)
                      : pack_f32(plan, ug_data(&call->in[1]), packed, unit, call->kernels->gemm->lanes_f32);
        return;
    }
    for (int64_t unit = begin; unit < end; unit++) is_double ? unit_f64(call, plan, unit, worker) : unit_f32(call, plan, unit, worker);
}
