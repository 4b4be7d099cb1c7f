#include "methods/depthwise.h"

enum { ROWS, PIXELS, SPREAD };
enum { STAGED_ROWS = 24 << 10, MOST_STAGED = 1 << 18, MOST_COLUMNS = 2048, MOST_TAPS = 1 << 12, MOST_STRIDE = 4, MOST_REACHING = 32 };

typedef struct depthwise_plan {
    int32_t kind; /* UG_CONV_DEPTHWISE */
    int32_t form, bound, is_3x3;
    ug_conv_problem problem;
    int64_t taps, width;                                  /* of the kernel; bytes of a number */
    int64_t rows, columns, n_row_blocks, n_column_blocks; /* outputs of a unit */
    int64_t staged_rows, phase_pitch, line;               /* of the staged input: rows of a plane, columns of a phase, of all phases */
    const int32_t *offset;                                /* of each tap in the staged input */
    const unsigned char *packed;                          /* pixels: weights with their channels innermost */
    size_t staged_bytes, weight_bytes, result_bytes;      /* scratch: these, one after the other, and a row of the residual */
    size_t rows_at;                                       /* pixels: where the rows' addresses follow the taps' */
} depthwise_plan;

/* ---- which form ---- */

static int64_t lanes_of(const upreg_prepare *p) { return p->in[0].type == UPREG_F64 ? p->kernels->gemm->lanes_f64 : p->kernels->gemm->lanes_f32; }

static void size_rows(const ug_conv_problem *b, int64_t lanes, depthwise_plan *plan) {
    plan->columns = ug_max64(ug_min64(b->out[2], MOST_COLUMNS), 1);
    plan->phase_pitch = plan->columns + (b->kernel[2] - 1) * b->dilation[2] / b->stride[2] + 4 * lanes; /* whole blocks of vectors are read */
    plan->line = plan->phase_pitch * b->stride[2];
    for (plan->rows = ug_max64(b->out[1], 1);; plan->rows = (plan->rows + 1) / 2) {
        plan->staged_rows = (plan->rows - 1) * b->stride[1] + (b->kernel[1] - 1) * b->dilation[1] + 1;
        if (plan->rows == 1 || b->kernel[0] * plan->staged_rows * plan->line * plan->width <= STAGED_ROWS) break;
    }
    plan->n_row_blocks = ug_max64(ug_ceil_div(b->out[1], plan->rows), 1), plan->n_column_blocks = ug_max64(ug_ceil_div(b->out[2], plan->columns), 1);
}

/* The form that serves, or -1. */
static int form_of(const upreg_prepare *p, const ug_conv_problem *b, depthwise_plan *plan) {
    int last = b->x_frame.axis_c > b->x_frame.axis_x;
    double taps = (double)b->kernel[0] * (double)b->kernel[1] * (double)b->kernel[2];
    *plan = (depthwise_plan){.kind = UG_CONV_DEPTHWISE, .problem = *b, .width = p->in[0].type == UPREG_F64 ? 8 : 4};
    if (b->in_channels != 1 || b->groups < 2 || b->out_channels < 1 || taps > MOST_TAPS) return -1;
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++)
        if (b->upscale[a] != 1) return -1;
    plan->taps = b->kernel[0] * b->kernel[1] * b->kernel[2];
    if (b->transposed) {
        double reaching = 1;
        for (int a = 0; a < UPREG_MAX_SPATIAL; a++) reaching *= (double)ug_ceil_div(b->kernel[a], b->stride[a]);
        int serves = !last && b->out_channels == 1 && b->pad_mode == UG_ZEROS && b->dilation[0] * b->dilation[1] * b->dilation[2] == 1;
        return serves && 2 * b->stride[2] >= lanes_of(p) && reaching <= MOST_REACHING && reaching < UG_K_BLOCK ? SPREAD : -1;
    }
    if (last && b->out_channels == 1 && 2 * b->groups >= lanes_of(p)) return PIXELS;
    if (last || b->out_channels > 8 || b->stride[2] > MOST_STRIDE) return -1;
    size_rows(b, lanes_of(p), plan);
    return (double)b->kernel[0] * (double)plan->staged_rows * (double)plan->line * (double)plan->width <= MOST_STAGED ? ROWS : -1;
}

int ug_depthwise_fits(const upreg_prepare *p, const ug_conv_problem *problem) {
    depthwise_plan plan;
    return (problem->algorithm == UG_CONV_AUTO || problem->algorithm == UG_CONV_DEPTHWISE) && form_of(p, problem, &plan) >= 0;
}

/* ---- planning ---- */

static void fill_offsets(depthwise_plan *plan, int32_t *offset) {
    const ug_conv_problem *b = &plan->problem;
    for (int64_t t0 = 0; t0 < b->kernel[0]; t0++)
        for (int64_t t1 = 0; t1 < b->kernel[1]; t1++)
            for (int64_t t2 = 0; t2 < b->kernel[2]; t2++) {
                int64_t e = t2 * b->dilation[2], row = t0 * plan->staged_rows + t1 * b->dilation[1];
                *offset++ = (int32_t)(row * plan->line + e % b->stride[2] * plan->phase_pitch + e / b->stride[2]);
            }
    int64_t steps = b->stride[1] * b->stride[2] * b->dilation[1] * b->dilation[2];
    plan->is_3x3 = b->kernel[0] == 1 && b->kernel[1] == 3 && b->kernel[2] == 3 && steps == 1 && plan->taps < UG_K_BLOCK;
}

upreg_status ug_depthwise_prepare(upreg_prepare *p, const ug_conv_problem *b) {
    static const char *const names[] = {"depthwise: staged rows", "depthwise: pixels", "depthwise: spread"};
    depthwise_plan *plan = upreg_reserve(p, sizeof *plan), local;
    if (!plan) plan = &local;
    int form = form_of(p, b, plan);
    int64_t weights = b->groups * b->out_channels * plan->taps, outputs = b->out[1] * b->out[0] * b->n;
    plan->form = form, plan->bound = p->bound[1] != NULL;
    int32_t *offset = upreg_reserve(p, sizeof *offset * (size_t)(form == ROWS ? plan->taps : 0));
    unsigned char *packed = upreg_reserve(p, form == PIXELS && plan->bound ? (size_t)(weights * plan->width) : 0);
    if (form == PIXELS && !plan->bound) p->workspace = (size_t)(weights * plan->width);
    if (!p->fill) return UPREG_OK;
    plan->offset = offset, plan->packed = packed;
    double macs = (double)plan->taps * (double)(b->groups * b->out_channels) * (double)b->n;
    for (int a = 0; a < UPREG_MAX_SPATIAL; a++) macs *= (double)(b->transposed ? b->in[a] : b->out[a]);
    int64_t units = outputs;
    if (form == ROWS) {
        fill_offsets(plan, offset);
        plan->staged_bytes = ug_aligned(b->kernel[0] * plan->staged_rows * plan->line * plan->width);
        plan->weight_bytes = ug_aligned(plan->taps * plan->width), plan->result_bytes = ug_aligned(plan->rows * plan->columns * plan->width);
        units = b->n * b->groups * b->out[0] * plan->n_row_blocks * plan->n_column_blocks;
    } else if (form == PIXELS) {
        plan->columns = b->out[2], plan->rows_at = ug_aligned(plan->taps * (int64_t)sizeof(void *));
        plan->staged_bytes = plan->rows_at + ug_aligned(b->kernel[0] * b->kernel[1] * (int64_t)sizeof(void *));
        plan->weight_bytes = ug_aligned(b->groups * plan->width), plan->result_bytes = 0;
        if (plan->bound) {
            upreg_call call = {.kernels = p->kernels, .state = p->state, .in = (upreg_tensor[]){{0}, *p->bound[1]}};
            ug_depthwise_run(&call, -1, 0, plan->taps, 0);
            p->packed_inputs |= 1u << 1, p->packed_bytes = (size_t)(weights * plan->width);
        } else {
            ug_add_compute_stage(p, plan->taps, (double)b->groups, 0);
        }
    } else {
        plan->columns = b->out[2], plan->weight_bytes = ug_aligned(b->flip ? plan->taps * plan->width : 0);
        plan->staged_bytes = ug_aligned(MOST_REACHING * b->in[2] * plan->width), plan->result_bytes = ug_aligned(b->out[2] * plan->width);
        plan->rows = ug_max64(ug_min64(b->out[1], STAGED_ROWS / ug_max64(b->out[2] * plan->width, 1)), 1);
        plan->n_row_blocks = ug_max64(ug_ceil_div(b->out[1], plan->rows), 1);
        units = b->n * b->groups * b->out[0] * plan->n_row_blocks;
    }
    size_t spare = ug_aligned(ug_max64(plan->columns, 1) * plan->width);
    ug_add_compute_stage(p, units, macs / (double)ug_max64(units, 1), plan->staged_bytes + plan->weight_bytes + plan->result_bytes + spare);
    p->channel_axis = b->y_frame.axis_c;
    p->macs = macs < 9e18 ? (int64_t)macs : INT64_MAX / 2;
    strcpy(p->algorithm, names[form]);
    return UPREG_OK;
}

#define T float
#define F f32
#include "methods/depthwise_run_t.h"
#define T double
#define F f64
#include "methods/depthwise_run_t.h"

/* Stage -1 packs bound weights at plan time; a plan without them packs in its first stage. */
void ug_depthwise_run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    const depthwise_plan *plan = (const depthwise_plan *)call->state;
    if (stage < 0 || (plan->form == PIXELS && !plan->bound && stage == 0)) {
        void *packed = stage < 0 ? (void *)plan->packed : call->workspace;
        for (int64_t tap = begin; tap < end; tap++)
            plan->width == 8 ? pack_f64(plan, ug_data(&call->in[1]), packed, tap) : pack_f32(plan, ug_data(&call->in[1]), packed, tap);
        return;
    }
    plan->width == 8 ? units_f64(call, plan, begin, end, worker) : units_f32(call, plan, begin, end, worker);
}
