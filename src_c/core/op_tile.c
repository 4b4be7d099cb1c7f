/* Ops that make a part of a call: a tile of its output, with the bits that the whole call has there. */
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

static upreg_status check_range(const upreg_op *op, const upreg_spec *spec, const upreg_range *range, upreg_error *err) {
    for (int i = 0; i < spec->ndim; i++)
        if (range->begin[i] < 0 || range->begin[i] > range->end[i] || range->end[i] > spec->dim[i])
            return ug_fail(err, UPREG_E_SHAPE, "%s: [%lld, %lld) is no range of axis %d, of length %lld", op->info.name, (long long)range->begin[i],
                           (long long)range->end[i], i, (long long)spec->dim[i]);
    return UPREG_OK;
}

static upreg_spec spec_of(const upreg_spec *whole, const upreg_range *range) {
    upreg_spec spec = *whole;
    for (int i = 0; i < spec.ndim; i++) spec.dim[i] = range->end[i] - range->begin[i];
    return spec;
}

upreg_status ug_op_part_infer(const upreg_op *op, const upreg_spec *in, upreg_spec *out, upreg_error *err) {
    const ug_op_part *part = op->part;
    for (int i = 0; i < op->info.n_in; i++) {
        upreg_spec wanted = spec_of(&part->in[i], &part->tile.in[i]);
        int same = in[i].type == wanted.type && in[i].ndim == wanted.ndim;
        for (int k = 0; same && k < wanted.ndim; k++) same = in[i].dim[k] == wanted.dim[k];
        char shape[256], allowed[256];
        if (!same)
            return ug_fail(err, UPREG_E_SHAPE, "%s: input '%s' of this part of a call is %s of shape %s; allowed: %s of shape %s", op->info.name,
                           op->info.in[i].name, upreg_type_name(in[i].type), ug_shape_text(shape, sizeof shape, in[i].ndim, in[i].dim),
                           upreg_type_name(wanted.type), ug_shape_text(allowed, sizeof allowed, wanted.ndim, wanted.dim));
    }
    for (int i = 0; i < op->info.n_out; i++) {
        out[i] = part->out[i];
        if (out[i].type != UPREG_NONE) out[i] = spec_of(&part->out[i], &part->tile.out), out[i].known = 1;
    }
    return UPREG_OK;
}

/* The ranges of the inputs.  Where a range would be empty, because the outputs see nothing but padding, it is one element of the axis. */
static upreg_status reach_all(const upreg_op *op, const upreg_spec *in, int n_in, const upreg_spec *out, int n_out, const upreg_range *range,
                              upreg_range *ranges, int told, upreg_error *err) {
    for (int i = 0; i < n_in; i++) {
        upreg_reach reach = {.struct_size = sizeof reach, .port = i};
        memcpy(reach.out_begin, range->begin, sizeof reach.out_begin), memcpy(reach.out_end, range->end, sizeof reach.out_end);
        if (in[i].type != UPREG_NONE) UG_TRY(upreg_op_reach(op, in, n_in, out, n_out, &reach, err));
        memcpy(ranges[i].begin, reach.in_begin, sizeof reach.in_begin), memcpy(ranges[i].end, reach.in_end, sizeof reach.in_end);
        for (int k = 0; k < in[i].ndim && told && i == 0; k++)
            if (ranges[i].end[k] <= ranges[i].begin[k] && in[i].dim[k] > 0) {
                if (ranges[i].begin[k] >= in[i].dim[k]) ranges[i].begin[k] = in[i].dim[k] - 1;
                ranges[i].end[k] = ranges[i].begin[k] + 1;
            }
        UG_TRY(check_range(op, &in[i], &ranges[i], err));
    }
    return UPREG_OK;
}

upreg_status upreg_op_tile(const upreg_op *op, const upreg_spec *in, int n_in, const upreg_spec *out, int n_out, upreg_tiling *tiling,
                           upreg_range *in_ranges, upreg_op **result, upreg_error *err) {
    if (!op || !in || !out || !tiling || !in_ranges || !result || n_in < 1 || n_out < 1 || n_out > UPREG_MAX_PORTS)
        return ug_fail(err, UPREG_E_USAGE, "upreg_op_tile: op, specs, ranges and result must not be NULL, and there must be an output");
    *result = NULL;
    const upreg_method *m = op->info.method;
    if (!m->tile || op->part || op->computed)
        return ug_fail(err, UPREG_E_GRAPH, "%s: this method is only computed whole: an output may need all of the input", op->info.name);
    UG_TRY(check_range(op, &out[0], &tiling->range, err));
    *tiling = (upreg_tiling){.struct_size = sizeof *tiling,
                             .rank = op->info.rank,
                             .method = m,
                             .params = op->params,
                             .n_in = n_in,
                             .n_out = n_out,
                             .in = in,
                             .out = out,
                             .range = tiling->range,
                             .err = err};
    UG_TRY(m->tile(tiling));
    UG_TRY(check_range(op, &out[0], &tiling->range, err));
    if (!tiling->has_reads) UG_TRY(reach_all(op, in, n_in, out, n_out, &tiling->range, in_ranges, tiling->told, err));
    for (int i = 0; i < n_in && tiling->has_reads; i++) {
        in_ranges[i] = tiling->reads[i];
        UG_TRY(check_range(op, &in[i], &in_ranges[i], err));
    }
    if (!tiling->told) {
        *result = upreg_op_retain(op);
        return UPREG_OK;
    }
    if (n_in > UPREG_MAX_PORTS) return ug_fail(err, UPREG_E_USAGE, "%s: %d inputs are too many for a part of a call", op->info.name, n_in);
    UG_TRY(upreg_op_create(op->text, result, err));
    ug_op_part *part = (*result)->part = calloc(1, sizeof *part);
    if (!part) {
        upreg_op_free(*result), *result = NULL;
        return ug_no_memory(err, sizeof *part);
    }
    part->tile.out = tiling->range;
    memcpy(part->tile.in, in_ranges, sizeof *in_ranges * (size_t)n_in), memcpy(part->in, in, sizeof *in * (size_t)n_in);
    memcpy(part->out, out, sizeof *out * (size_t)n_out);
    return UPREG_OK;
}
