#include "methods/reduce_engine.h"

#include <stdio.h>

#include "methods/axes.h"

const upreg_param ug_reduce_table[2] = {
    UG_INTS_PARAM(ug_reduce_params, axis, "null", -UPREG_MAX_DIMS, UPREG_MAX_DIMS - 1, NULL,
                  "the axes that are reduced, negative ones count from the end; null: all of them, []: none"),
    UG_BOOL_PARAM(ug_reduce_params, keepdims, "true", "reduced axes stay, with length 1"),
};

upreg_status ug_reduce_axes(upreg_error *err, const upreg_method *method, const upreg_ints *axis, const upreg_spec *x, ug_axes *axes) {
    int found[UPREG_MAX_DIMS], count;
    UG_TRY(ug_axes_of(err, method, "axis", axis, x->ndim, found, &count));
    *axes = (ug_axes){{0}};
    for (int i = 0; i < count; i++) axes->reduced[found[i]] = 1;
    return UPREG_OK;
}

upreg_spec ug_reduced_spec(const upreg_spec *x, const ug_axes *axes, int keepdims) {
    upreg_spec y = {.known = 1, .type = x->type};
    for (int i = 0; i < x->ndim; i++)
        if (keepdims || !axes->reduced[i]) y.dim[y.ndim++] = axes->reduced[i] ? 1 : x->dim[i];
    return y;
}

/* ---- the plan ---- */

static int fold_of(int kind) {
    switch (kind) {
    case UG_REDUCE_MAX: return UG_FOLD_MAX;
    case UG_REDUCE_MIN: return UG_FOLD_MIN;
    case UG_REDUCE_PROD: return UG_FOLD_PRODUCT;
    case UG_REDUCE_L1: return UG_FOLD_ABS;
    case UG_REDUCE_L2:
    case UG_REDUCE_SUM_SQUARE: return UG_FOLD_SQUARE;
    case UG_REDUCE_LP: return UG_FOLD_POWER;
    case UG_REDUCE_LOG_SUM_EXP: return UG_FOLD_EXP;
    default: return UG_FOLD_SUM;
    }
}

/* Neighbouring axes of one kind become one.  Of a part, those that do in the whole. */
static void merge(ug_reduce *r, const upreg_spec *whole, const upreg_spec *x, const ug_axes *axes) {
    for (int axis = 0; axis < x->ndim; axis++) {
        int kept = !axes->reduced[axis], same = r->ndim && r->kept[r->ndim - 1] == kept;
        if (whole->dim[axis] == 1) continue;
        if (!same) r->dim[r->ndim] = 1, r->kept[r->ndim++] = kept;
        r->dim[r->ndim - 1] *= x->dim[axis];
    }
    if (!r->ndim) r->dim[r->ndim] = 1, r->kept[r->ndim++] = 0;
    int64_t stride = 1;
    for (int axis = r->ndim - 1; axis >= 0; axis--) r->stride[axis] = stride, stride *= r->dim[axis];
    r->columns = r->kept[r->ndim - 1];
}

/* Axes that are not the row, nor the axis down the columns. */
static int outer_axes(const ug_reduce *r) { return r->ndim - 1 - r->columns; }

/* Outputs that are folded together: one, or a strip of columns. */
static int64_t units_of(const ug_reduce *r) { return r->outputs / ug_max64(r->row, 1) * r->strips; }
/* Numbers of the totals of one such unit. */
static int64_t totals_of(const ug_reduce *r) { return r->strip * (r->fold == UG_FOLD_EXP ? 2 : 1); }

static void measure(ug_reduce *r) {
    int last = r->ndim - 1, down = last - r->columns;
    r->row = r->columns ? r->dim[last] : 1;
    r->strip = ug_max64(ug_min64(r->row, UG_REDUCE_STRIP), 1), r->strips = ug_ceil_div(r->row, r->strip);
    r->length = down >= 0 ? r->dim[down] : 1, r->down = down >= 0 ? r->stride[down] : 0;
    r->places = 1, r->outputs = r->row;
    for (int axis = 0; axis < outer_axes(r); axis++) *(r->kept[axis] ? &r->outputs : &r->places) *= r->dim[axis];
    r->count = r->places * r->length;
}

/* The order of the sums. */
static void cut(ug_reduce *r) {
    r->step = ug_round_up(ug_max64(UG_REDUCE_STEP / r->strip, 1), UG_SUM_BLOCK);
    r->side = r->columns && r->strip == r->row && r->down == r->row ? ug_max64(UG_REDUCE_WIDE / r->strip, 1) : 1;
    r->step *= r->side, r->steps = ug_ceil_div(r->length, r->step);
    int64_t units = units_of(r), all = r->places * r->steps;
    r->chunks = ug_max64(ug_min64(all, units ? UG_REDUCE_UNITS / units : 1), 1);
    r->chunk_steps = ug_ceil_div(all, r->chunks), r->chunks = all ? ug_ceil_div(all, r->chunk_steps) : 1;
}

static ug_reduce whole_of(const upreg_spec *x, const ug_axes *axes, int kind) {
    ug_reduce r = {.kind = kind, .fold = fold_of(kind), .type = (int32_t)x->type};
    merge(&r, x, x, axes);
    measure(&r);
    cut(&r);
    return r;
}

upreg_status ug_reduce_prepare_axes(upreg_prepare *p, int kind, const ug_axes *axes, int64_t power) {
    ug_reduce *r = upreg_reserve(p, sizeof *r), local;
    if (!r) r = &local;
    *r = whole_of(&p->in[0], axes, kind);
    r->p = power;
    if (p->tile) { /* sums in the order of the whole call */
        upreg_spec x = ug_part_in(p, 0);
        r->ndim = 0;
        merge(r, &p->in[0], &x, axes);
        measure(r);
    }
    size_t total = sizeof(double) * (size_t)totals_of(r);
    double bytes = (double)r->count / (double)r->chunks * (double)r->strip * (double)upreg_type_size(p->in[0].type);
    ug_add_stage(p, units_of(r) * r->chunks, bytes * (r->fold == UG_FOLD_EXP ? 8 : 1), total);
    if (r->chunks == 1) return UPREG_OK;
    p->workspace = total * (size_t)(units_of(r) * r->chunks);
    ug_add_stage(p, units_of(r), (double)total * (double)r->chunks, total);
    return UPREG_OK;
}

/* ---- running ---- */

void ug_reduce_clear(int type, int fold, void *total, int64_t n) {
    static const int64_t least[UG_TYPES] = {[UG_TYPE_I8] = INT8_MIN, [UG_TYPE_I32] = INT32_MIN, [UG_TYPE_I64] = INT64_MIN};
    static const int64_t most[UG_TYPES] = {[UG_TYPE_U8] = UINT8_MAX, [UG_TYPE_I8] = INT8_MAX, [UG_TYPE_I32] = INT32_MAX, [UG_TYPE_I64] = INT64_MAX};
    int low = fold == UG_FOLD_MIN, extreme = low || fold == UG_FOLD_MAX || fold == UG_FOLD_EXP;
    double number = extreme ? (low ? INFINITY : -INFINITY) : fold == UG_FOLD_PRODUCT;
    int64_t whole = extreme ? (low ? most : least)[type] : fold == UG_FOLD_PRODUCT;
    const void *from = type > UG_TYPE_F64 ? (const void *)&whole : &number;
    for (int64_t i = 0; i < n; i++) memcpy((char *)total + i * (int64_t)sizeof number, from, sizeof number);
    if (fold == UG_FOLD_EXP) memset((char *)total + n * (int64_t)sizeof number, 0, (size_t)n * sizeof number);
}

void ug_reduce_put(int type, void *y, int64_t at, const void *total) {
    double number;
    int64_t whole;
    memcpy(&number, total, sizeof number), memcpy(&whole, total, sizeof whole);
    switch (type) {
    case UG_TYPE_F32: ((float *)y)[at] = (float)number; break;
    case UG_TYPE_F64: ((double *)y)[at] = number; break;
    case UG_TYPE_U8: ((uint8_t *)y)[at] = (uint8_t)whole; break;
    case UG_TYPE_I8: ((int8_t *)y)[at] = (int8_t)whole; break;
    case UG_TYPE_I32: ((int32_t *)y)[at] = (int32_t)whole; break;
    default: ((int64_t *)y)[at] = whole;
    }
}

/* Offset in x of place `index` counted along the outer axes of one kind. */
static int64_t offset_of(const ug_reduce *r, int kept, int64_t index) {
    int64_t offset = 0;
    for (int axis = outer_axes(r) - 1; axis >= 0; axis--) {
        if (r->kept[axis] != kept) continue;
        offset += index % r->dim[axis] * r->stride[axis];
        index /= r->dim[axis];
    }
    return offset;
}

/* Columns that are few and dense: several rows are one row, whose totals are then joined. */
static void fold_side_by_side(const ug_reduce *r, const ug_reduce_type *k, double *total, const char *x, int64_t rows, int64_t n, size_t element) {
    int64_t wide = n * r->side, whole = rows / r->side;
    double all[2 * UG_REDUCE_WIDE], more[2 * UG_REDUCE_WIDE];
    ug_reduce_clear(r->type, r->fold, all, wide);
    k->columns[r->fold](all, x, whole, wide, wide, r->p);
    for (int64_t i = 0; i < r->side; i++) {
        memcpy(more, all + i * n, sizeof *all * (size_t)n);
        if (r->fold == UG_FOLD_EXP) memcpy(more + n, all + wide + i * n, sizeof *all * (size_t)n);
        k->join[r->fold](total, more, n);
    }
    k->columns[r->fold](total, x + (size_t)(whole * wide) * element, rows - whole * r->side, n, n, r->p);
}

/* One chunk of what `unit` folds. */
static void fold_chunk(const ug_reduce *r, const upreg_call *call, int64_t unit, int64_t chunk, int64_t n, double *total) {
    const ug_reduce_type *k = &call->kernels->reduce->type[r->type];
    size_t element = (size_t)call->in[0].dtype.bits / 8;
    int64_t at = offset_of(r, 1, unit / r->strips) + unit % r->strips * r->strip, all = r->places * r->steps;
    ug_reduce_clear(r->type, r->fold, total, n);
    for (int64_t s = chunk * r->chunk_steps; s < ug_min64((chunk + 1) * r->chunk_steps, all); s++) {
        int64_t first = s % r->steps * r->step, m = ug_min64(r->step, r->length - first);
        int64_t from = at + offset_of(r, 0, s / r->steps) + first * (r->columns ? r->down : 1);
        const char *x = (const char *)ug_data(&call->in[0]) + (size_t)from * element;
        if (!r->columns)
            k->row[r->fold](total, x, m, r->p);
        else if (r->side == 1)
            k->columns[r->fold](total, x, m, r->down, n, r->p);
        else
            fold_side_by_side(r, k, total, x, m, n, element);
    }
}

/* The result of one output of a floating type. */
static double finished(const ug_reduce *r, const ug_reduce_kernels *k, double total, double sum) {
    switch (r->kind) {
    case UG_REDUCE_MEAN: return total / (double)r->count;
    case UG_REDUCE_L2: return sqrt(total);
    case UG_REDUCE_LP: return total > 0 && total < INFINITY ? k->exp(k->log(total) / (double)r->p) : total;
    case UG_REDUCE_LOG_SUM: return k->log(total);
    case UG_REDUCE_LOG_SUM_EXP: return total - total == 0 ? total + k->log(sum) : total;
    default: return total;
    }
}

/* Stores n totals; those of an integer type wrap. */
static void store(const ug_reduce *r, const upreg_call *call, int64_t at, double *total, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        if (r->type <= UG_TYPE_F64) {
            total[i] = finished(r, call->kernels->reduce, total[i], r->fold == UG_FOLD_EXP ? total[n + i] : 0);
        } else if (r->kind == UG_REDUCE_MEAN) {
            int64_t whole;
            memcpy(&whole, &total[i], sizeof whole);
            whole = r->count ? whole / r->count : 0;
            memcpy(&total[i], &whole, sizeof whole);
        }
        ug_reduce_put(r->type, ug_data(&call->out[0]), at + i, &total[i]);
    }
}

void ug_reduce_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const ug_reduce *r = (const ug_reduce *)call->state;
    const ug_reduce_type *k = &call->kernels->reduce->type[r->type];
    double *own = (double *)call->scratch[worker];
    for (int64_t i = begin; i < end; i++) {
        int64_t unit = stage ? i : i / r->chunks, first = unit % r->strips * r->strip, n = ug_min64(r->strip, r->row - first);
        double *partial = (double *)call->workspace + (stage ? i * r->chunks : i) * totals_of(r), *total = stage || r->chunks == 1 ? own : partial;
        if (stage == 0) fold_chunk(r, call, unit, i % r->chunks, n, total);
        if (stage == 1) ug_reduce_clear(r->type, r->fold, total, n);
        for (int64_t chunk = 0; stage == 1 && chunk < r->chunks; chunk++) k->join[r->fold](total, partial + chunk * totals_of(r), n);
        if (stage == 1 || r->chunks == 1) store(r, call, unit / r->strips * r->row + first, total, n);
    }
}

/* ---- methods ---- */

upreg_status ug_reduce_infer(upreg_infer *ctx) {
    const ug_reduce_params *q = ctx->params;
    ug_axes axes;
    UG_TRY(ug_reduce_axes(ctx->err, ctx->method, &q->axis, &ctx->in[0], &axes));
    ctx->out[0] = ug_reduced_spec(&ctx->in[0], &axes, q->keepdims);
    return ug_check_size(ctx->err, ctx->method, &ctx->out[0]);
}

upreg_status ug_reduce_prepare(upreg_prepare *p, int kind) {
    ug_axes axes;
    UG_TRY(ug_reduce_axes(p->err, p->method, &((const ug_reduce_params *)p->params)->axis, &p->in[0], &axes));
    return ug_reduce_prepare_axes(p, kind, &axes, 0);
}

void ug_reduce_reach_axes(upreg_reach *ctx, const ug_axes *axes, int keepdims) {
    for (int i = 0, k = 0; i < ctx->in[0].ndim; i++) {
        if (!axes->reduced[i]) ctx->in_begin[i] = ctx->out_begin[k], ctx->in_end[i] = ctx->out_end[k];
        k += keepdims || !axes->reduced[i];
    }
}

upreg_status ug_reduce_reach(upreg_reach *ctx) {
    const ug_reduce_params *q = ctx->params;
    ug_axes axes;
    UG_TRY(ug_reduce_axes(ctx->err, ctx->method, &q->axis, &ctx->in[0], &axes));
    ug_reduce_reach_axes(ctx, &axes, q->keepdims);
    return UPREG_OK;
}

/* Along one axis, such as channels, and the first: else a few outputs would read all of the input.  Columns that are folded side by side stay
 * together. */
upreg_status ug_reduce_tile(upreg_tiling *ctx) {
    const ug_reduce_params *q = ctx->params;
    const upreg_spec *x = &ctx->in[0];
    ug_axes axes;
    UG_TRY(ug_reduce_axes(ctx->err, ctx->method, &q->axis, x, &axes));
    int many = 0, last = x->ndim - 1, out = ctx->out[0].ndim - 1;
    for (int i = 1; i < x->ndim; i++) many += axes.reduced[i] && x->dim[i] > 1;
    if (many > 1)
        return ug_fail(ctx->err, UPREG_E_GRAPH, "%s: along several axes it is only computed whole: an output may need all of the input",
                       ctx->method->name);
    ctx->told = 2;
    if (whole_of(x, &axes, UG_REDUCE_SUM).side == 1) return UPREG_OK;
    for (; last >= 0 && (!axes.reduced[last] || x->dim[last] == 1); out -= q->keepdims || !axes.reduced[last], last--)
        if (!axes.reduced[last]) ctx->range.begin[out] = 0, ctx->range.end[out] = x->dim[last];
    return UPREG_OK;
}

/* The call `text` of a method with ug_reduce_params, along the axes. */
static void text_of(char *text, size_t size, const char *before, const ug_axes *axes, int ndim, int keepdims, int64_t power) {
    int64_t v[UPREG_MAX_DIMS];
    int n = 0;
    for (int i = 0; i < ndim; i++)
        if (axes->reduced[i]) v[n++] = i;
    snprintf(text, size, "%skeepdims=%s", before, keepdims ? "true" : "false");
    ug_text_ints(text, size, "axis", n, v);
    size_t used = strlen(text);
    if (power) snprintf(text + used, size - used, ",p=%" PRId64, power);
}

/* Equal extremes share what reaches them.  A product's zeros are taken out of it: at a single one the gradient is the product of all else. */
upreg_status ug_reduce_vjp_axes(upreg_vjp *ctx, int kind, const ug_axes *axes, int keepdims, int64_t power) {
    static const char *const names[] = {"sum", "mean", "max", "min", "prod", "l1", "l2", "lp", "sum_square", "log_sum", "log_sum_exp"};
    char own[64], grad[300], sum[300], prod[300], mask[300];
    int n = ctx->in[0].ndim;
    snprintf(own, sizeof own, "reduce_grad:of=%s,", names[kind]);
    text_of(grad, sizeof grad, own, axes, n, keepdims, power);
    text_of(sum, sizeof sum, "reduce_sum:", axes, n, keepdims, 0);
    text_of(prod, sizeof prod, "reduce_prod:", axes, n, keepdims, 0);
    upreg_ref x = UG_INPUT(0), y = UG_OUTPUT(0), is, m;
    switch (kind) {
    case UG_REDUCE_MAX:
    case UG_REDUCE_MIN:
        text_of(mask, sizeof mask, "reduce_grad:of=is_best,", axes, n, keepdims, 0);
        is = ug_step(ctx, 2, UG_REFS(x, y), "%s", mask);
        m = ug_step(ctx, 1, UG_REFS(is), "%s", sum);
        ctx->result = ug_step(ctx, 4, UG_REFS(x, UG_GRAD, y, m), "%s", grad);
        return UPREG_OK;
    case UG_REDUCE_PROD:
        text_of(mask, sizeof mask, "reduce_grad:of=is_zero,", axes, n, keepdims, 0);
        is = ug_step(ctx, 1, UG_REFS(x), "%s", mask);
        m = ug_step(ctx, 1, UG_REFS(is), "%s", sum);
        y = ug_step(ctx, 1, UG_REFS(ug_step(ctx, 2, UG_REFS(x, is), "add")), "%s", prod);
        ctx->result = ug_step(ctx, 4, UG_REFS(x, UG_GRAD, y, m), "%s", grad);
        return UPREG_OK;
    case UG_REDUCE_LOG_SUM: y = ug_step(ctx, 1, UG_REFS(x), "%s", sum); break;
    case UG_REDUCE_SUM:
    case UG_REDUCE_MEAN:
    case UG_REDUCE_L1:
    case UG_REDUCE_SUM_SQUARE: ctx->result = ug_step(ctx, 2, UG_REFS(x, UG_GRAD), "%s", grad); return UPREG_OK;
    default: break;
    }
    ctx->result = ug_step(ctx, 3, UG_REFS(x, UG_GRAD, y), "%s", grad);
    return UPREG_OK;
}

upreg_status ug_reduce_vjp(upreg_vjp *ctx, int kind) {
    const ug_reduce_params *q = ctx->params;
    ug_axes axes;
    UG_TRY(ug_reduce_axes(ctx->err, ctx->method, &q->axis, &ctx->in[0], &axes));
    return ug_reduce_vjp_axes(ctx, kind, &axes, q->keepdims, 0);
}
