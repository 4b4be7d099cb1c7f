#include "methods/warp_matrix.h"

#include "methods/pointwise.h"

enum { R = UPREG_MAX_SPATIAL };

/* The inverse of a map of R axes, in place; 0 when there is none. */
static int invert(double a[R][R + 1]) {
    double inverse[R][R + 1], det = 0;
    for (int i = 0; i < R; i++)
        for (int j = 0; j < R; j++) {
            int k = (i + 1) % R, l = (i + 2) % R, m = (j + 1) % R, n = (j + 2) % R;
            inverse[j][i] = a[k][m] * a[l][n] - a[k][n] * a[l][m];
        }
    for (int j = 0; j < R; j++) det += a[0][j] * inverse[j][0];
    if (!(fabs(det) > 0)) return 0;
    for (int i = 0; i < R; i++)
        for (int j = 0; j < R; j++) inverse[i][j] /= det;
    for (int i = 0; i < R; i++) inverse[i][R] = -(inverse[i][0] * a[0][R] + inverse[i][1] * a[1][R] + inverse[i][2] * a[2][R]);
    memcpy(a, inverse, sizeof inverse);
    return 1;
}

/* Rows and columns of a matrix name the last axis first; axes that are not there are left alone. */
static void positions(const ug_warp *w, const upreg_call *call, int64_t n, int64_t begin, int64_t count, double *position) {
    const ug_affine_params *q = call->params;
    int rank = w->x.rank;
    int64_t from = call->in[1].ndim > 2 ? n * rank * (rank + 1) : 0;
    double a[R][R + 1] = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}};
    for (int i = 0; i < rank; i++)
        for (int j = 0; j <= rank; j++) {
            int64_t at = from + i * (rank + 1) + j;
            a[i][j < rank ? j : R] = w->type == UPREG_F32 ? (double)ug_f32(&call->in[1])[at] : ug_f64(&call->in[1])[at];
        }
    if (!q->inverse_map && !invert(a)) {
        upreg_call_fail(call, 1, from, a[0][0]);
        memset(a, 0, sizeof a);
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t pixel = begin + i;
        double x = (double)(pixel % w->y.x[2]), y = (double)(pixel / w->y.x[2] % w->y.x[1]), z = (double)(pixel / w->y.x[2] / w->y.x[1]);
        for (int k = 0; k < rank; k++) position[(R - 1 - k) * w->strip + i] = a[k][0] * x + a[k][1] * y + a[k][2] * z + a[k][R];
    }
}

upreg_status ug_affine_warp_of(const ug_ask *ask, const ug_frame *x, ug_warp *w) {
    const ug_affine_params *q = ask->params;
    const upreg_spec *matrix = &ask->in[1];
    int rank = x->rank, batched = matrix->ndim == 3;
    char shape[256];
    if ((matrix->ndim != 2 && !(batched && x->axis_n >= 0)) || matrix->dim[batched] != rank || matrix->dim[batched + 1] != rank + 1 ||
        (batched && matrix->dim[0] != x->n))
        return ug_fail(ask->err, UPREG_E_SHAPE, "%s: input 'matrix' has shape %s; allowed: (%d, %d)%s", ask->method->name,
                       ug_shape_text(shape, sizeof shape, matrix->ndim, matrix->dim), rank, rank + 1,
                       x->axis_n >= 0 ? ", or one for each image" : "");
    UG_TRY(ug_check_pad_value(ask->err, ask->method, q->padding_mode, q->value));
    *w = (ug_warp){.x = *x, .y = *x, .mode = q->mode, .border = q->padding_mode, .value = q->value, .type = ask->in[0].type, .positions = positions};
    if (q->size.count) UG_TRY(ug_axes_int(ask->err, ask->method, "size", &q->size, rank, 1, w->y.x));
    return ug_warp_finish(ask->err, ask->method, w);
}
