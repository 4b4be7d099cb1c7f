#include "methods/warp_grid.h"

#include "methods/pointwise.h"

enum { ZEROS, BORDER, REFLECTION };

/* A grid's last axis names the last axis of the picture first. */
static void positions(const ug_warp *w, const upreg_call *call, int64_t n, int64_t begin, int64_t count, double *position) {
    int rank = w->x.rank;
    int64_t from = (n * w->y_pixels + begin) * rank;
    for (int k = 0; k < rank; k++) {
        int axis = UPREG_MAX_SPATIAL - 1 - k;
        double m = (double)w->x.x[axis], *to = position + axis * w->strip;
        const float *f32 = ug_f32(&call->in[1]) + from + k;
        const double *f64 = ug_f64(&call->in[1]) + from + k;
        for (int64_t i = 0; i < count; i++) {
            double g = w->type == UPREG_F32 ? f32[i * rank] : f64[i * rank];
            to[i] = w->align_corners ? (g + 1) / 2 * (m - 1) : ((g + 1) * m - 1) / 2;
        }
    }
}

upreg_status ug_grid_warp_of(const ug_ask *ask, const ug_frame *x, int port, ug_warp *w) {
    const ug_grid_params *q = ask->params;
    const upreg_spec *grid = &ask->in[port];
    int has_n = x->axis_n >= 0;
    char shape[256];
    if (grid->ndim != has_n + x->rank + 1 || grid->dim[grid->ndim - 1] != x->rank || (has_n && grid->dim[0] != x->n))
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: input 'grid' has shape %s; allowed: %s%d spatial ax%s, %d)", ask->method->name,
                       ug_shape_text(shape, sizeof shape, grid->ndim, grid->dim), has_n ? "(images, " : "(", x->rank, x->rank == 1 ? "is" : "es",
                       x->rank);
    int cubic = q->mode == UG_WARP_CUBIC;
    *w = (ug_warp){.x = *x, .y = *x, .mode = q->mode, .align_corners = q->align_corners, .type = ask->in[0].type, .positions = positions};
    for (int i = 0; i < x->rank; i++) w->y.x[UPREG_MAX_SPATIAL - x->rank + i] = grid->dim[has_n + i];
    /* A cubic's taps are put inside one by one, as far as torch and ONNX go; else the position is. */
    static const int32_t mirrors[] = {UG_SYMMETRIC, UG_REFLECT}, ranges[] = {UG_WARP_FREE, UG_WARP_CLIP, UG_WARP_MIRROR};
    if (cubic)
        w->border = q->padding_mode == ZEROS ? UG_ZEROS : q->padding_mode == BORDER ? UG_REPLICATE : mirrors[q->align_corners];
    else
        w->range = ranges[q->padding_mode];
    return ug_warp_finish(ask->err, ask->method, w);
}
