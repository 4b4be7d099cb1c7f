/* upfirdn: upsample by inserting zeros, pad or crop, filter, keep every so-manieth sample. */
#include "methods/fir_engine.h"
#include "methods/resize.h"

#include <stdio.h>

typedef struct upfirdn_params {
    upreg_ints up, down, padding;
    upreg_floats taps;
    int32_t centre, padding_mode, flip_filter, keep_mean, layout;
    double gain;
} upfirdn_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(upfirdn_params, up, "1", 1, UG_MAX_SIZE, NULL, "up - 1 zeros are inserted after every pixel"),
    UG_INTS_PARAM(upfirdn_params, down, "1", 1, UG_MAX_SIZE, NULL, "every so-manieth sample is kept, from the first"),
    UG_PAIRS_PARAM(upfirdn_params, padding, "0", -UG_MAX_SIZE, UG_MAX_SIZE, NULL,
                   "samples added at the begin and the end of each upsampled axis; negative ones are cut off"),
    UG_BOOL_PARAM(upfirdn_params, centre, "false", "padding that keeps the picture in its place, besides the one given"),
    UG_CHOICE_PARAM(upfirdn_params, padding_mode, "zeros", "zeros|constant|reflect|symmetric|replicate|circular", "what is added; constant: 0 too"),
    UG_FLOATS_PARAM(upfirdn_params, taps, "null", -DBL_MAX, DBL_MAX, "the filter along every axis, up to 8 taps, in place of input f"),
    UG_BOOL_PARAM(upfirdn_params, flip_filter, "false", "correlate with the filter instead of convolving"),
    UG_FLOAT_PARAM(upfirdn_params, gain, "1", -DBL_MAX, DBL_MAX, "the result is multiplied by it"),
    UG_BOOL_PARAM(upfirdn_params, keep_mean, "false", "the result is multiplied by up, of every axis, too: for filters whose sum is 1"),
    UG_LAYOUT_PARAM(upfirdn_params),
};

static void given(const ug_fir *fir, int axis, double *filter) {
    for (int64_t t = 0; t < fir->taps[axis]; t++) filter[t] = ((const upfirdn_params *)fir->params)->taps.v[t];
}

static upreg_status geometry(const ug_ask *ask, ug_fir *fir) {
    const upfirdn_params *q = ask->params;
    const upreg_spec *f = ask->n_in > 1 && ask->in[1].type != UPREG_NONE ? &ask->in[1] : NULL;
    char shape[256];
    *fir = (ug_fir){.convolve = !q->flip_filter,
                    .mode = q->padding_mode == UG_CONSTANT ? UG_ZEROS : q->padding_mode,
                    .gain = q->gain,
                    .type = ask->in[0].type,
                    .taps = {1, 1, 1}};
    UG_TRY(ug_frame_of(ask->err, ask->method, q->layout, ask->rank, &ask->in[0], &fir->x));
    int rank = fir->x.rank, first = UPREG_MAX_SPATIAL - rank;
    if (!f == !q->taps.count)
        return ug_fail(ask->err, UPREG_E_PARAMETER, "%s: %s; allowed: exactly one of input 'f' and parameter 'taps'", ask->method->name,
                       f ? "two filters are given" : "no filter is given");
    if (f && f->ndim != 1 && f->ndim != rank)
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: input 'f' has shape %s; allowed: 1 dimension, the filter along every axis, or %d",
                       ask->method->name, ug_shape_text(shape, sizeof shape, f->ndim, f->dim), rank);
    fir->separable = !f || f->ndim == 1, fir->design = f ? NULL : given, fir->params = q;
    UG_TRY(ug_axes_int(ask->err, ask->method, "up", &q->up, rank, 1, fir->up));
    UG_TRY(ug_axes_int(ask->err, ask->method, "down", &q->down, rank, 1, fir->down));
    UG_TRY(ug_axes_pairs(ask->err, ask->method, "padding", &q->padding, rank, fir->begin, fir->end));
    for (int a = first; a < UPREG_MAX_SPATIAL; a++) {
        int64_t k = fir->taps[a] = !f ? q->taps.count : fir->separable ? f->dim[0] : f->dim[a - first], up = fir->up[a], down = fir->down[a];
        if (q->centre) fir->begin[a] += ug_floor_div(k + up - down, 2), fir->end[a] += ug_floor_div(k - up - down + 1, 2);
        if (q->keep_mean) fir->gain *= (double)up;
    }
    return ug_fir_finish(ask->err, ask->method, fir);
}

UG_FIR_FUNCTIONS(geometry)

static upreg_status reach(upreg_reach *ctx) {
    ug_fir fir;
    if (ctx->port != 0) return UPREG_OK;
    UG_TRY(geometry(UG_ASK(ctx), &fir));
    return ug_fir_reach_of(ctx, &fir);
}

/* The adjoint is the same with up and down exchanged and the filter turned around. What was padded by other than zeros is folded back in
 * the upsampled picture. */
static upreg_status vjp(upreg_vjp *ctx) {
    const upfirdn_params *q = ctx->params;
    ug_fir fir;
    UG_TRY(geometry(UG_ASK(ctx), &fir));
    int rank = fir.x.rank, first = UPREG_MAX_SPATIAL - rank, folded = fir.mode != UG_ZEROS;
    int64_t begin[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL], upsampled[UPREG_MAX_SPATIAL];
    int64_t added[UPREG_MAX_SPATIAL], behind[UPREG_MAX_SPATIAL], one[UPREG_MAX_SPATIAL] = {1, 1, 1};
    char text[400] = "", more[400] = "";
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) {
        upsampled[a] = fir.x.x[a] * fir.up[a], added[a] = ug_max64(fir.begin[a], 0), behind[a] = ug_max64(fir.end[a], 0);
        int64_t up = folded ? 1 : fir.up[a], before = folded ? ug_min64(fir.begin[a], 0) : fir.begin[a];
        int64_t m = folded ? upsampled[a] + added[a] + behind[a] : fir.x.x[a];
        begin[a] = fir.taps[a] - 1 - before, end[a] = m * up - fir.y.x[a] * fir.down[a] + before - up + 1;
    }
    ug_text_ints(text, sizeof text, "up", rank, fir.down + first);
    ug_text_ints(text, sizeof text, "down", rank, (folded ? one : fir.up) + first);
    ug_text_pairs(text, sizeof text, "padding", rank, begin + first, end + first);
    ug_text_choice(text, sizeof text, "flip_filter", "false|true", !q->flip_filter);
    ug_text_choice(text, sizeof text, "layout", UG_LAYOUTS, q->layout);
    if (q->taps.count) {
        upreg_vjp_step *step = &ctx->step[0];
        ctx->result = ug_step(ctx, 1, UG_REFS(UG_GRAD), "upfirdn:gain=%.17g%s,taps=[", fir.gain, text);
        for (int i = 0; i < q->taps.count; i++) {
            char tap[40];
            snprintf(tap, sizeof tap, i ? ",%.17g" : "%.17g", q->taps.v[i]);
            strncat(step->text, tap, sizeof step->text - strlen(step->text) - 1);
        }
        strncat(step->text, "]", sizeof step->text - strlen(step->text) - 1);
    } else
        ctx->result = ug_step(ctx, 2, UG_REFS(UG_GRAD, UG_INPUT(1)), "upfirdn:gain=%.17g%s", fir.gain, text);
    if (!folded) return UPREG_OK;
    ug_text_pairs(more, sizeof more, "amount", rank, added + first, behind + first);
    ug_text_ints(more, sizeof more, "input_size", rank, upsampled + first);
    ctx->result =
        ug_step(ctx, 1, UG_REFS(ctx->result), "pad_grad:padding_mode=%s,layout=%s%s", ug_pad_mode_names[fir.mode], ug_layout_names[q->layout], more);
    more[0] = 0;
    ug_text_ints(more, sizeof more, "scale", rank, fir.up + first);
    ctx->result = ug_step(ctx, 1, UG_REFS(ctx->result), "bed_of_nails_grad:layout=%s%s", ug_layout_names[q->layout], more);
    return UPREG_OK;
}

const upreg_method ug_method_upfirdn = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "upfirdn",
    .family = "fir",
    .aliases = "polyphase_filter",
    .summary = "upsample by inserting zeros, pad or crop, filter, keep every so-manieth sample",
    .doc =
        "x (N, C, m...) -> y (N, C, n...), n = (m up + begin + end - k) / down + 1, rounded down. u: x with up - 1 zeros after every pixel, padded or cut\n"
        "as padding says; y[i] = gain * sum over t of g[t] u[i down + t], g the filter turned around, with flip_filter as it is. f has one dimension,\n"
        "the filter along every axis, or one for each axis. centre adds floor((k + up - down) / 2) at the begin and floor((k - up - down + 1) / 2) at\n"
        "the end. padding_mode continues u, not x. Inserted zeros are never multiplied. The filter has no gradient; a convolution's has.",
    .source = "Crochiere and Rabiner, Multirate Digital Signal Processing, 1983; SciPy signal.upfirdn; Karras et al., StyleGAN2, CVPR 2020",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(upfirdn_params),
    .flags = UPREG_LINEAR | UPREG_UPSAMPLES,
    .types = UG_FLOATING,
    .ports = "x:T f?:T=const -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = ug_fir_run,
    .vjp = vjp,
    .reach = reach,
};
