#include "methods/winograd.h"

#include <stdio.h>
#include <stdlib.h>

enum { FEW_UNITS = 4, MOST_DEPTH = 4, MOST_UNIT_MACS = 250000000, MOST_SCRATCH = 1 << 20 };

/* ---- is it worth it ---- */

typedef struct vector_shape {
    int64_t width, lanes, tile_rows, vectors;
} vector_shape;

static vector_shape shape_of(const upreg_prepare *p) {
    const ug_gemm_kernels *k = p->kernels->gemm;
    if (p->in[0].type == UPREG_F64) return (vector_shape){8, k->lanes_f64, k->rows_f64, k->vectors_f64};
    return (vector_shape){4, k->lanes_f32, k->rows_f32, k->vectors_f32};
}

static int64_t out_step_of(const ug_conv_problem *b, int a, int paired) {
    return b->transposed ? b->stride[a] : b->upscale[a] > 1 ? b->upscale[a] : paired ? b->dilation[a] : 1;
}

static int64_t phases_of(const ug_conv_problem *b, int a, int paired) { return ug_min64(out_step_of(b, a, paired), b->out[a]); }

/* Taps of all phases together. */
static int64_t taps_of(const ug_conv_problem *b, int a, int paired) {
    int64_t n = 0;
    if (b->transposed) return b->kernel[a];
    for (int64_t r = 0; r < phases_of(b, a, paired); r++) n += ug_conv_phase_taps(b, a, out_step_of(b, a, paired), r, NULL);
    return n;
}

/* Every phase of the axis has one to three taps, neighbours in its lattice, and some have more than one. */
static int can_pair(const ug_conv_problem *b, int a) {
    int64_t k = b->kernel[a], s = b->stride[a];
    if (a == 0 || b->out[a] < 2) return 0;
    if (b->transposed) return b->dilation[a] == 1 && b->in[a] > 1 && k > s && k <= 3 * s;
    if (s != 1 || k < 2) return 0;
    if (b->upscale[a] == 1) return k <= 3;
    for (int64_t r = 0; r < b->upscale[a]; r++)
        if (b->dilation[a] != 1 || b->out[a] < b->upscale[a] || ug_conv_phase_taps(b, a, b->upscale[a], r, NULL) > 3) return 0;
    return taps_of(b, a, 1) > b->upscale[a];
}

/* What a choice of axes costs, in vector instructions, and how many numbers its packed weights have. */
typedef struct estimate {
    double cost, weights;
} estimate;

static estimate estimate_of(const ug_conv_problem *b, int rows, int columns, int64_t lanes) {
    double products = 1, terms = 1, tiles = 1, parts = 1, weights = (double)b->in_channels * (double)b->out_channels;
    int transformed = rows || columns;
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {
        int paired = a == 1 ? rows : a == 2 ? columns : 0;
        int64_t phases = phases_of(b, a, paired), most = ug_ceil_div(b->out[a], phases);
        int64_t taps = taps_of(b, a, paired), shared = b->transposed || b->upscale[a] > 1 ? 1 : phases; /* phases of equal weights */
        if (paired)
            products *= (double)(taps + phases);
        else
            terms *= (double)taps, parts *= (double)phases;
        weights *= (double)((taps + (paired ? phases : 0)) / shared);
        tiles *= (double)ug_ceil_div(most, paired ? 2 : 1);
    }
    tiles = (double)ug_round_up((int64_t)(tiles * (double)b->n), lanes) * (double)b->groups;
    double in = (double)b->in_channels, out = (double)b->out_channels;
    estimate e = {tiles * products * terms * in * out, weights};
    if (transformed) e.cost += tiles * products * (4 * terms * in + 6 * parts * out);
    return e;
}

int64_t ug_winograd_alignment(const ug_conv_problem *b, int a) { return can_pair(b, a) ? 2 * out_step_of(b, a, 1) : 1; }

/* The axes to transform: bit 1 rows, bit 0 columns; 0 where the direct algorithm is better. */
static int choose_axes(const upreg_prepare *p, const ug_conv_problem *b) {
    vector_shape v = shape_of(p);
    estimate direct = estimate_of(b, 0, 0, 1);
    int best = 0;
    double least = b->algorithm == UG_CONV_WINOGRAD ? INFINITY : 0.85 * direct.cost;
    for (int axes = 1; axes < 4; axes++) {
        if (((axes & 2) && !can_pair(b, 1)) || ((axes & 1) && !can_pair(b, 2))) continue;
        estimate e = estimate_of(b, axes >> 1, axes & 1, v.lanes);
        if (e.weights > 1.8 * direct.weights && direct.weights * (double)b->groups * (double)v.width > UG_SMALL_WEIGHTS) continue;
        if (e.cost < least) least = e.cost, best = axes;
    }
    return best;
}

int ug_winograd_fits(const upreg_prepare *p, const ug_conv_problem *problem) {
    const ug_conv_problem whole = ug_conv_whole(problem), *b = &whole;
    if (p->exact || b->exact || (b->algorithm != UG_CONV_AUTO && b->algorithm != UG_CONV_WINOGRAD)) return 0;
    if (b->in_channels == 0 || b->out_channels == 0 || b->n == 0) return 0;
    int axes = choose_axes(p, b);
    if (!axes) return 0;
    vector_shape v = shape_of(p);
    double reads = 1, span = 1;
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {                                                       /* one vector of tiles must fit */
        double taps = (double)(b->transposed ? ug_ceil_div(b->kernel[a], b->stride[a]) : b->kernel[a]); /* of a phase, at most */
        int paired = a == 1 ? axes >> 1 : a == 2 ? axes & 1 : 0;
        reads *= taps + paired, span *= (double)(b->stride[a] + b->dilation[a] * b->kernel[a]);
    }
    return reads * (double)b->in_channels * (double)(phases_of(b, 2, axes & 1) * v.lanes * v.width) <= MOST_SCRATCH && span < 1 << 16;
}

/* ---- geometry ---- */

static int by_position(const void *a, const void *b) { return ((const ug_conv_tap *)a)->e < ((const ug_conv_tap *)b)->e ? -1 : 1; }

/* The inputs that a tile of each phase reads.  A paired axis is stepped along by two outputs and reads one input more. */
static void tile_axis(upreg_prepare *p, const ug_conv_problem *b, int a, int paired, ug_conv_axis *axis) {
    int64_t n = phases_of(b, a, paired), out_step = out_step_of(b, a, paired), used = 0;
    ug_conv_phase *phases = upreg_reserve(p, sizeof *phases * (size_t)n);
    ug_conv_tap *taps = upreg_reserve(p, sizeof *taps * (size_t)(taps_of(b, a, paired) + n));
    int64_t in_step = b->transposed ? 1 : out_step * b->stride[a] / b->upscale[a];
    axis->in_step = paired ? 2 * in_step : in_step, axis->out_step = out_step;
    axis->n_phases = (int32_t)n, axis->phases = phases, axis->in = b->in[a], axis->out = b->out[a];
    if (!p->fill) return;
    for (int64_t r = 0; r < n; r++) {
        ug_conv_phase *phase = &phases[r];
        *phase = (ug_conv_phase){.count = ug_ceil_div(b->out[a] - r, out_step), .taps = taps + used, .r = (int32_t)r};
        phase->n_taps = ug_conv_phase_taps(b, a, out_step, r, taps + used);
        used += phase->n_taps;
        qsort(taps + used - phase->n_taps, (size_t)phase->n_taps, sizeof *taps, by_position);
        if (paired) taps[used] = (ug_conv_tap){0, 0, taps[used - 1].e + (int32_t)in_step}, used++, phase->n_taps++; /* read, but no tap: count 0 */
    }
}

static void fill_offsets(const ug_winograd_plan *w, const ug_winograd_part *part, int32_t *offset) {
    const ug_conv_phase *const *phase = part->axis;
    const ug_conv_tap plane = {.e = (int32_t)w->conv.axis[0].e_min};
    int lines1 = w->pair[1] ? 1 : phase[1]->n_taps, lines2 = w->pair[2] ? 1 : phase[2]->n_taps;
    int reads1 = w->pair[1] ? phase[1]->n_taps : 1, reads2 = w->pair[2] ? phase[2]->n_taps : 1;
    for (int t1 = 0; t1 < lines1; t1++)
        for (int t2 = 0; t2 < lines2; t2++)
            for (int i1 = 0; i1 < reads1; i1++)
                for (int i2 = 0; i2 < reads2; i2++)
                    *offset++ = (int32_t)ug_conv_tap_offset(&w->conv, &plane, &phase[1]->taps[t1 + i1], &phase[2]->taps[t2 + i2]);
}

/* Lines lie in the order [channel][plane][line of a plane]. */
static void fill_lines(const ug_winograd_plan *w, const ug_winograd_part *part, int32_t *line) {
    for (int64_t c = 0; c < w->conv.problem.in_channels; c++)
        for (int t0 = 0; t0 < part->axis[0]->n_taps; t0++)
            for (int64_t i = 0; i < part->lines; i++) {
                int64_t plane = part->axis[0]->taps[t0].e - w->conv.axis[0].e_min;
                *line++ = (int32_t)(((c * w->conv.planes + plane) * part->lines + i) * w->u_pitch);
            }
}

/* Offsets and lines are filled in when the sizes are known. */
static void build_parts(upreg_prepare *p, ug_winograd_plan *w) {
    const ug_conv_problem *b = &w->conv.problem;
    const ug_conv_axis *a = w->conv.axis;
    w->conv.n_parts = (int64_t)a[0].n_phases * a[1].n_phases * a[2].n_phases;
    w->n_packed_parts = b->transposed || b->upscale[0] * b->upscale[1] * b->upscale[2] > 1 ? w->conv.n_parts : 1;
    ug_winograd_part *parts = upreg_reserve(p, sizeof *parts * (size_t)w->conv.n_parts);
    int64_t reads = 1, lines = b->in_channels; /* of all parts together */
    for (int i = 0; i < UPREG_MAX_SPATIAL; i++) {
        int64_t taps = taps_of(b, i, w->pair[i]);
        reads *= w->pair[i] ? taps + a[i].n_phases : ug_max64(taps, a[i].n_phases);
        lines *= w->pair[i] ? a[i].n_phases : taps;
    }
    int32_t *offset = upreg_reserve(p, sizeof *offset * (size_t)reads), *line = upreg_reserve(p, sizeof *line * (size_t)lines);
    if (!p->fill) return;
    int64_t weights = 0;
    for (int64_t i = 0; i < w->conv.n_parts; i++) {
        ug_winograd_part *part = &parts[i];
        part->axis[0] = &a[0].phases[i / a[2].n_phases / a[1].n_phases];
        part->axis[1] = &a[1].phases[i / a[2].n_phases % a[1].n_phases];
        part->axis[2] = &a[2].phases[i % a[2].n_phases];
        part->lines = part->reads = 1, part->offset = offset, part->line = line, part->weights = i < w->n_packed_parts ? weights : 0;
        for (int k = 1; k < UPREG_MAX_SPATIAL; k++) *(w->pair[k] ? &part->reads : &part->lines) *= part->axis[k]->n_taps;
        part->terms = part->lines * part->axis[0]->n_taps;
        w->most_lines = ug_max64(w->most_lines, part->lines * b->in_channels), w->most_reads = ug_max64(w->most_reads, part->reads);
        w->most_terms = ug_max64(w->most_terms, part->terms * b->in_channels);
        offset += part->lines * part->reads, line += part->terms * b->in_channels;
        if (i < w->n_packed_parts) weights += part->terms * part->reads * b->in_channels * b->out_channels;
    }
    w->parts = parts, w->conv.group_weights = weights;
}

/* ---- sizes ---- */

/* Tiles of a unit: as many as keep the transformed inputs in the second cache; whole rows where they fit. */
static void choose_tiles(ug_winograd_plan *w, const vector_shape *v) {
    ug_conv_plan *plan = &w->conv;
    const ug_conv_axis *a = plan->axis;
    int64_t span = a[0].e_max - a[0].e_min, per_tile = w->most_reads * w->most_lines * v->width, plane = a[1].most * a[2].most;
    /* Where several planes are summed, a unit makes several: each is then transformed for all the outputs that need it. */
    plan->depth = span > 0 && a[0].in_step == 1 && plane >= 2 * v->lanes ? ug_min64(MOST_DEPTH, a[0].most) : 1;
    plan->planes = (plan->depth - 1) * a[0].in_step + span + 1;
    per_tile *= plan->planes;
    w->side_by_side = UG_WINOGRAD_BYTES / (per_tile * a[2].n_phases) >= 2 * v->lanes ? a[2].n_phases : 1;
    int64_t vectors = UG_WINOGRAD_BYTES / (per_tile * w->side_by_side) / v->lanes;
    vectors = ug_max64(vectors, ug_min64(v->vectors, 2 * UG_WINOGRAD_BYTES / (per_tile * w->side_by_side) / v->lanes)); /* whole tiles, if need be */
    int64_t tiles = ug_max64(vectors, 1) * v->lanes, large = plan->group_weights * v->width > UG_SMALL_WEIGHTS;
    w->tile_rows_all = plan->problem.n * a[0].most * a[1].most;
    plan->n_column_blocks = ug_ceil_div(a[2].most, tiles);
    plan->columns = plan->n_column_blocks == 1 ? a[2].most : ug_round_up(ug_ceil_div(a[2].most, plan->n_column_blocks), v->lanes);
    plan->n_column_blocks = ug_ceil_div(a[2].most, plan->columns);
    int64_t rows_there = plan->depth > 1 ? a[1].most : w->tile_rows_all,
            images = plan->depth > 1 ? plan->problem.n * ug_ceil_div(a[0].most, plan->depth) : 1;
    int64_t most_rows = plan->n_column_blocks > 1 ? 1 : ug_max64(ug_min64(tiles / plan->columns, rows_there), 1);
    /* threads share the tiles, or the output channels if there are many: each unit reads its channels' weights once */
    while (!large && most_rows > 1 && images * ug_ceil_div(rows_there, most_rows) * plan->n_column_blocks < FEW_UNITS &&
           most_rows * plan->columns > 2 * v->lanes)
        most_rows--;
    double best = 0; /* the share of lanes that hold a tile */
    for (int64_t rows = most_rows; rows > 0 && rows * 2 >= most_rows; rows--) {
        double share = (double)(rows * plan->columns) / (double)ug_round_up(rows * plan->columns, v->lanes);
        int evens = share == best && ug_ceil_div(rows_there, rows) == ug_ceil_div(rows_there, plan->rows); /* units of nearly equal size */
        if (share > best * 1.02 || evens) best = share, plan->rows = rows;
    }
    plan->n_row_blocks = images * ug_ceil_div(rows_there, plan->rows);
    w->tiles = plan->rows * plan->columns;
    /* the last vector of a row may reach past its end */
    w->u_pitch = ug_round_up(w->tiles + ug_round_up(plan->columns, v->lanes) - plan->columns, v->lanes);
    if (w->u_pitch / v->lanes % 8 == 0) w->u_pitch += v->lanes; /* else the lines that a tile reads fall into few sets of the cache */
    w->product_pitch = w->most_lines * plan->planes * w->u_pitch + v->lanes;
    w->part_pitch = w->most_reads * w->product_pitch;
}

static void choose_staging(ug_winograd_plan *w, const vector_shape *v) {
    ug_conv_plan *plan = &w->conv;
    const ug_conv_axis *a = plan->axis;
    plan->row_count = ug_min64(plan->rows, a[1].most) + a[1].f_span; /* of one image: others follow in turn */
    plan->row_pitch = plan->columns + a[2].f_span;
    plan->channel_pitch = plan->planes * a[1].in_step * a[2].in_step * plan->row_count * plan->row_pitch;
    w->gathers = plan->depth == 1 && 2 * plan->columns <= v->lanes && w->tiles >= v->lanes && w->most_reads * w->tiles <= 2 * UG_CONV_INDEXED;
    plan->chunk = ug_min64(ug_max64(UG_WINOGRAD_STAGED / (plan->channel_pitch * v->width), 1), plan->problem.in_channels);
}

static void choose_strip(ug_winograd_plan *w, const vector_shape *v) {
    ug_conv_plan *plan = &w->conv;
    int64_t out = plan->problem.out_channels, units = plan->problem.groups * plan->n_row_blocks * plan->n_column_blocks;
    int64_t wanted = ug_max64(ug_ceil_div(FEW_UNITS, units), 1);
    plan->strip = ug_round_up(ug_ceil_div(out, wanted), v->tile_rows);
    double macs = (double)w->tiles * (double)w->most_terms * (double)w->most_reads * (double)plan->n_parts;
    while (macs * (double)plan->strip > MOST_UNIT_MACS && plan->strip > 8 * v->tile_rows) plan->strip = ug_round_up(plan->strip / 2, v->tile_rows);
    plan->strip = ug_min64(ug_max64(plan->strip, 4 * v->tile_rows), out);
    plan->n_strips = ug_ceil_div(out, plan->strip);
    /* Where the transformed inputs are too many for the cache, each product meets many channels before the next one. */
    int64_t held = w->most_reads * w->u_pitch * v->width * v->tile_rows, all = w->side_by_side * w->part_pitch * v->width;
    w->block = ug_min64(all > UG_WINOGRAD_BYTES * 5 / 4 ? ug_max64(UG_WINOGRAD_BYTES / 2 / held, 1) * v->tile_rows : v->tile_rows, plan->strip);
    w->y_pitch = ug_round_up(w->tiles, v->lanes) * (w->pair[2] ? 2 : 1);
    w->y_channel = w->y_pitch * (w->pair[1] ? 2 : 1);
    /* with all column phases at hand, results are stored a tile of channels at a time; else when the last phase is done */
    w->y_part = w->y_channel * (w->side_by_side == plan->axis[2].n_phases ? w->block : plan->strip) * plan->depth;
}

static size_t place(size_t *at, int64_t numbers, const vector_shape *v) {
    size_t here = *at;
    *at += (size_t)ug_round_up((numbers + v->vectors * v->lanes) * v->width, 64); /* kernels work on whole vectors */
    return here;
}

upreg_status ug_winograd_prepare(upreg_prepare *p, const ug_conv_problem *problem) {
    ug_winograd_plan *state = upreg_reserve(p, sizeof *state), local = {.conv.problem = *problem}, *w = &local;
    ug_conv_plan *plan = &w->conv;
    vector_shape v = shape_of(p);
    v.tile_rows = ug_conv_tile_rows(problem->out_channels, v.tile_rows);
    const ug_conv_problem whole = ug_conv_whole(problem);
    int axes = choose_axes(p, &whole);
    w->pair[1] = axes >> 1, w->pair[2] = axes & 1;
    double macs = (double)problem->n * (double)problem->groups * (double)problem->in_channels * (double)problem->out_channels;
    double packed_numbers = estimate_of(problem, w->pair[1], w->pair[2], 1).weights * (double)problem->groups;
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {
        tile_axis(p, problem, a, w->pair[a], &plan->axis[a]);
        macs *= problem->transposed ? (double)problem->in[a] * (double)problem->kernel[a]
                                    : (double)problem->out[a] * (double)taps_of(problem, a, 0) / (double)phases_of(problem, a, 0);
        if (!p->fill) continue;
        ug_conv_measure_axis(&plan->axis[a]);
        if (w->pair[a]) plan->axis[a].most = ug_ceil_div(plan->axis[a].most, 2);
    }
    plan->kind = UG_CONV_WINOGRAD, plan->rows_of_tile = (int32_t)v.tile_rows, plan->bound = p->bound[1] != NULL;
    build_parts(p, w);
    unsigned char *packed = plan->bound ? upreg_reserve(p, (size_t)packed_numbers * (size_t)v.width) : NULL;
    if (!plan->bound) p->workspace = (size_t)packed_numbers * (size_t)v.width;
    if (!p->fill) return UPREG_OK;
    choose_tiles(w, &v), choose_staging(w, &v), choose_strip(w, &v);
    for (int64_t i = 0; i < plan->n_parts; i++) {
        fill_offsets(w, &w->parts[i], (int32_t *)w->parts[i].offset);
        fill_lines(w, &w->parts[i], (int32_t *)w->parts[i].line);
    }
    plan->packed = packed, plan->indexed = UG_CONV_INDEXED;
    size_t scratch = 0;
    place(&scratch, ug_max64(plan->channel_pitch * plan->chunk, w->gathers ? w->most_reads * w->tiles : 0), &v);
    w->u_at = place(&scratch, w->side_by_side * w->part_pitch, &v);
    w->m_at = place(&scratch, w->most_reads * w->block * w->u_pitch, &v);
    w->y_at = place(&scratch, plan->axis[2].n_phases * w->y_part, &v);
    int64_t row = ug_max64(ug_min64(2 * plan->columns * plan->axis[2].out_step, problem->out[2]), UG_CONV_INDEXED); /* of residuals */
    w->spare_at = place(&scratch, row, &v);
    w->index_at = place(&scratch, 2 * UG_CONV_INDEXED * 8 / v.width, &v);
    *state = *w;
    int64_t packs = problem->groups * w->n_packed_parts;
    if (plan->bound) {
        upreg_call call = {.kernels = p->kernels, .state = p->state, .in = (upreg_tensor[]){{0}, *p->bound[1]}};
        ug_winograd_run(&call, -1, 0, packs, 0);
        p->packed_inputs |= 1u << 1, p->packed_bytes = (size_t)packed_numbers * (size_t)v.width;
    } else {
        ug_add_compute_stage(p, packs, packed_numbers / (double)packs, 0);
    }
    p->stage[p->n_stages++] = (upreg_stage){problem->groups * plan->n_strips * plan->n_row_blocks * plan->n_column_blocks, 1, scratch};
    p->channel_axis = problem->y_frame.axis_c;
    p->macs = macs < 9e18 ? (int64_t)macs : INT64_MAX / 2;
    int n1 = w->pair[1] ? (int)plan->axis[1].most_taps - 1 : 1, n2 = w->pair[2] ? (int)plan->axis[2].most_taps - 1 : 1;
    snprintf(p->algorithm, sizeof p->algorithm, "winograd F(%dx%d, %dx%d), tile %dx%d", w->pair[1] ? 2 : 1, w->pair[2] ? 2 : 1, n1, n2,
             (int)v.tile_rows, (int)(v.vectors * v.lanes));
    return UPREG_OK;
}

#define T float
#define S f32
#include "methods/conv_stage_t.h"
#include "methods/winograd_run_t.h"
#undef T
#undef S
#define T double
#define S f64
#include "methods/conv_stage_t.h"
#include "methods/winograd_run_t.h"
#undef T
#undef S

/* Stage -1 packs bound weights at plan time; a plan without them packs in its first stage. */
void ug_winograd_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const ug_winograd_plan *w = (const ug_winograd_plan *)call->state;
    int is_double = call->in[1].dtype.bits == 64, packs = stage < 0 || (!w->conv.bound && stage == 0);
    void *packed = stage < 0 ? (void *)w->conv.packed : call->workspace;
    for (int64_t unit = begin; unit < end; unit++) {
        if (packs)
            is_double ? pack_f64(w, ug_data(&call->in[1]), packed, unit) : pack_f32(w, ug_data(&call->in[1]), packed, unit);
        else
            is_double ? unit_f64(call, w, unit, worker) : unit_f32(call, w, unit, worker);
    }
}
