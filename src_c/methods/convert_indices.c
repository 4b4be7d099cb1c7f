/* convert_indices: indices of pools from one way to write them down to another. */
#include "methods/resize.h"
#include "methods/window.h"

typedef struct convert_params {
    upreg_ints size;
    int32_t indices, to, storage_order, to_storage_order, include_batch, to_include_batch, layout;
} convert_params;

static const upreg_param table[] = {
    UG_INTS_PARAM(convert_params, size, "required", 1, UG_MAX_SIZE, NULL, "spatial size of the image that the indices count in"),
    UG_CHOICE_PARAM(convert_params, indices, "spatial_flat", UG_INDEX_FORMS,
                    "flat over the image; over batch, channels and image; or (y W + x) C + c"),
    UG_CHOICE_PARAM(convert_params, to, "spatial_flat", UG_INDEX_FORMS, "the same, of y"),
    UG_CHOICE_PARAM(convert_params, storage_order, "row", "row|column", "of the image in global_flat"),
    UG_CHOICE_PARAM(convert_params, to_storage_order, "row", "row|column", "the same, of y"),
    UG_BOOL_PARAM(convert_params, include_batch, "false", "nhwc_flat counts over the batch too"),
    UG_BOOL_PARAM(convert_params, to_include_batch, "false", "the same, of y"),
    UG_LAYOUT_PARAM(convert_params),
};

typedef struct convert_plan {
    ug_frame frame; /* of the indices */
    ug_frame image; /* of what they count in */
    ug_index_form from, to;
    ug_rows rows;
} convert_plan;

static upreg_status geometry(const ug_ask *ask, convert_plan *plan) {
    const convert_params *p = ask->params;
    UG_TRY(ug_frame_of(ask->err, ask->method, p->layout, ask->rank, &ask->in[0], &plan->frame));
    plan->image = plan->frame;
    UG_TRY(ug_axes_int(ask->err, ask->method, "size", &p->size, plan->frame.rank, 1, plan->image.x));
    const ug_frame *image = &plan->image;
    upreg_spec whole = ug_frame_spec(image, UPREG_I64, image->n, image->c, image->x);
    UG_TRY(ug_check_size(ask->err, ask->method, &whole));
    plan->from = ug_index_form_of(image, p->indices, p->storage_order, p->include_batch);
    plan->to = ug_index_form_of(image, p->to, p->to_storage_order, p->to_include_batch);
    return UPREG_OK;
}

static upreg_status infer(upreg_infer *ctx) {
    convert_plan plan;
    UG_TRY(geometry(UG_ASK(ctx), &plan));
    return ug_infer_same(ctx);
}

static upreg_status prepare(upreg_prepare *p) {
    convert_plan *plan = upreg_reserve(p, sizeof *plan), local;
    if (!plan) plan = &local;
    UG_TRY(geometry(UG_ASK(p), plan));
    plan->rows = ug_rows_of(&plan->frame, ug_pixels_within(&plan->frame, sizeof(int64_t), UG_MOVE_STRIP), 1);
    ug_add_stage(p, ug_rows_units(&plan->rows), (double)(plan->rows.length * plan->rows.inner) * 64, 0);
    return UPREG_OK;
}

/* The index of the element of image n, channel c that `index` names; -1 where it names none of these. */
static int64_t convert(const convert_plan *plan, const convert_params *p, int64_t index, int64_t n, int64_t c) {
    const int64_t *m = plan->image.x;
    int64_t pixel = index - n * plan->from.n - c * plan->from.c, channels = plan->image.c, x[UPREG_MAX_SPATIAL];
    if (index < 0 || pixel < 0) return -1;
    if (p->indices == UG_NHWC_FLAT) {
        if (pixel % channels) return -1;
        pixel /= channels;
    }
    if (p->indices == UG_GLOBAL_FLAT && p->storage_order)
        x[0] = pixel % m[0], x[1] = pixel / m[0] % m[1], x[2] = pixel / m[0] / m[1];
    else
        x[2] = pixel % m[2], x[1] = pixel / m[2] % m[1], x[0] = pixel / m[2] / m[1];
    if (x[0] >= m[0] || x[2] >= m[2]) return -1;
    return n * plan->to.n + c * plan->to.c + x[0] * plan->to.x[0] + x[1] * plan->to.x[1] + x[2] * plan->to.x[2];
}

static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const convert_plan *plan = (const convert_plan *)call->state;
    ug_view view = ug_view_of(&plan->frame, &call->in[0]);
    const int64_t *from = ug_data(&call->in[0]);
    int64_t *to = ug_data(&call->out[0]);
    for (int64_t unit = begin; unit < end; unit++) {
        ug_row row = ug_rows_find(&plan->rows, unit);
        int64_t first = ug_offset(&view, row.n, row.c, row.x0, row.x1) + row.begin * view.inner;
        for (int64_t i = 0; i < (row.end - row.begin) * view.inner; i++) {
            int64_t channel = view.inner > 1 ? i % view.inner : row.c;
            to[first + i] = convert(plan, call->params, from[first + i], row.n, channel);
            if (to[first + i] < 0) upreg_call_fail(call, 0, first + i, (double)from[first + i]);
        }
    }
}

const upreg_method ug_method_convert_indices = {
    .struct_size = sizeof(upreg_method),
    .version = 1,
    .name = "convert_indices",
    .family = "pool",
    .summary = "indices of max_pool from one way to write them down to another",
    .doc = "x, y (N, C, n...): indices of elements of an image (N, C, size...), as max_pool gives them; x as `indices` says (with storage_order and "
           "include_batch), y as `to` says (with to_storage_order and to_include_batch). spatial_flat is torch's, global_flat ONNX's, nhwc_flat "
           "TensorFlow's. An index outside of its own image and channel is an error.",
    .source = "PyTorch max_pool2d, ONNX MaxPool, TensorFlow max_pool_with_argmax",
    .params = table,
    .n_params = UG_COUNT(table),
    .params_size = sizeof(convert_params),
    .types = 1u << UPREG_I64,
    .ports = "x:T -> y:T",
    .infer = infer,
    .prepare = prepare,
    .run = run,
};
