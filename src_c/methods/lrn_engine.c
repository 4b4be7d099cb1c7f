#include "methods/lrn_engine.h"

const upreg_param ug_lrn_table[5] = {
    UG_INT_PARAM(ug_lrn_params, size, "required", 1, UG_MAX_SIZE, "channels of the window"),
    UG_FLOAT_PARAM(ug_lrn_params, alpha, "0.0001", -FLT_MAX, FLT_MAX, "factor of the mean of squares"),
    UG_FLOAT_PARAM(ug_lrn_params, beta, "0.75", -FLT_MAX, FLT_MAX, "the exponent"),
    UG_FLOAT_PARAM(ug_lrn_params, bias, "1", -FLT_MAX, FLT_MAX, "added before the power is taken"),
    UG_LAYOUT_PARAM(ug_lrn_params),
};

upreg_status ug_lrn_of(const ug_ask *ask, ug_lrn *lrn) {
    const ug_lrn_params *q = ask->params;
    ug_norm norm;
    UG_TRY(ug_norm_of(ask, q->layout, 1, &norm));
    *lrn = (ug_lrn){.images = norm.groups, .channels = norm.channels, .pixels = norm.pixels, .columns = norm.columns};
    lrn->before = (q->size - 1) / 2, lrn->after = q->size / 2;
    lrn->run = ug_max64(ug_min64(norm.pixels, UG_REDUCE_STRIP), 1), lrn->runs = ug_ceil_div(norm.pixels, lrn->run);
    return UPREG_OK;
}

int64_t ug_lrn_find(const ug_lrn *l, int64_t unit, int64_t *channel, int64_t *n) {
    *channel = l->columns ? 0 : unit / l->runs % l->channels;
    *n = l->columns ? l->channels : ug_min64(l->run, l->pixels - unit % l->runs * l->run);
    return l->columns ? unit * l->channels : unit / l->runs * l->pixels + unit % l->runs * l->run;
}

#define DEFINE_WINDOW(F, S)                                                                                                                          \
    void ug_lrn_window_##F(const ug_lrn *l, const upreg_kernels *k, S *sum, const S *a, const S *b, int64_t at, int64_t channel, int64_t n,          \
                           int mirrored) {                                                                                                           \
        int64_t before = ug_min64(mirrored ? l->after : l->before, l->channels), after = ug_min64(mirrored ? l->before : l->after, l->channels);     \
        memset(sum, 0, (size_t)n * sizeof *sum);                                                                                                     \
        for (int64_t j = -before; j <= after; j++) {                                                                                                 \
            if (l->columns) { /* number i of the run is channel i */                                                                                 \
                int64_t first = ug_max64(-j, 0), last = ug_min64(n, n - j);                                                                          \
                if (last > first) k->elementwise->mul_add_##F(sum + first, a + at + first + j, b + at + first + j, last - first);                    \
            } else if (channel + j >= 0 && channel + j < l->channels) {                                                                              \
                k->elementwise->mul_add_##F(sum, a + at + j * l->pixels, b + at + j * l->pixels, n);                                                 \
            }                                                                                                                                        \
        }                                                                                                                                            \
    }
DEFINE_WINDOW(f32, float)
DEFINE_WINDOW(f64, double)
