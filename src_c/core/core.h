/* What the files of the core share.  The core knows no method by name. */
#ifndef UG_CORE_H
#define UG_CORE_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/error.h"
#include "kernels/kernels.h"
#include "upreg.h"

/* ---- params.c: parameter structs and their text form ---- */
enum { UG_MAX_COMPUTED = 8 };
/* computed: bit i is set for the parameter i of the table that is written `?`: a graph computes it. */
upreg_status ug_params_parse(const upreg_method_info *info, const char *text, void *params, uint64_t *computed, upreg_error *err);
/* JSON text of one value; returns the length it needs, as snprintf does. */
size_t ug_param_text(const upreg_param *param, const void *params, int quote, char *text, size_t size);
/* Length of the key=value list of non-default parameters, as snprintf does; SIZE_MAX when there is no memory. */
size_t ug_params_text(const upreg_method_info *info, const void *params, uint64_t computed, char *text, size_t size);

/* ---- op.c ---- */
struct upreg_op {
    atomic_int references;
    upreg_method_info info;
    void *params;
    uint64_t computed; /* parameters that a graph computes */
    char *text;
    struct ug_op_part *part; /* NULL, or this op makes a part of a call */
};
/* A part of a call of these specs. */
typedef struct ug_op_part {
    upreg_tile tile;
    upreg_spec in[UPREG_MAX_PORTS], out[UPREG_MAX_PORTS];
} ug_op_part;
/* Specs of the part's outputs, and UPREG_E_SHAPE unless in[] are the sizes of its ranges. */
upreg_status ug_op_part_infer(const upreg_op *op, const upreg_spec *in, upreg_spec *out, upreg_error *err);
/* The op with its computed parameters filled in from values[], in table order: a number, a list, or a list of pairs. */
upreg_status ug_op_with(const upreg_op *op, const upreg_tensor *const *values, upreg_op **result, upreg_error *err);
int ug_op_computed(const upreg_op *op); /* how many there are */
const char *ug_op_name(const upreg_op *op);
/* Checks counts, ranks, sizes and element types, then asks the method.  in[] has n_in places; missing optional ones are set absent. */
upreg_status ug_op_infer_all(const upreg_op *op, upreg_spec *in, int n_in, upreg_spec *out, upreg_error *err);
/* Number of places an op's inputs take when n_in are given: all ports, or n_in for a variadic port. */
int ug_op_places(const upreg_op *op, int n_in);
const upreg_port *ug_op_port(const upreg_op *op, int place);

/* ---- tensor.c ---- */
int ug_is_dense(const upreg_tensor *t);
int ug_inner_contiguous(const upreg_tensor *t);
int ug_is_aligned(const upreg_tensor *t);
int64_t ug_tensor_elements(const upreg_tensor *t);
int ug_may_overlap(const upreg_tensor *a, const upreg_tensor *b);
/* Copies between any strides, same width. */
void ug_copy_strided(const upreg_tensor *to, const upreg_tensor *from);
/* to and from are dense; converts between f16/bf16 and f32, or copies. */
void ug_convert_dense(const upreg_kernels *k, void *to, upreg_type to_type, const void *from, upreg_type from_type, int64_t n);
/* A tensor whose shape and strides live in the struct. */
typedef struct ug_box {
    upreg_tensor tensor;
    int64_t shape[UPREG_MAX_DIMS], strides[UPREG_MAX_DIMS];
} ug_box;
void ug_box_dense(ug_box *box, const upreg_spec *spec, void *data);
void ug_box_copy(ug_box *box, const upreg_tensor *tensor); /* strides filled in where NULL */
upreg_status ug_check_tensor(const upreg_tensor *t, const upreg_spec *spec, const char *owner, const char *port, upreg_error *err);

/* ---- memory.c ---- */
void *ug_alloc(size_t bytes); /* 64-byte aligned, NULL when there is none */
void ug_free(void *memory);
void *ug_take(const upreg_run_options *options, size_t bytes, size_t *actual);
void ug_give(const upreg_run_options *options, void *memory, size_t actual);

/* ---- threads.c ---- */
typedef void (*ug_body)(void *context, int64_t begin, int64_t end, int worker);
typedef struct ug_control {
    const upreg_run_options *options;
    atomic_int stop; /* cancelled: no further chunk is begun */
    int64_t done, total;
    int64_t last_progress; /* nanoseconds */
} ug_control;
void ug_parallel(ug_control *control, int threads, int64_t units, int64_t grain, ug_body body, void *context);
/* Between ug_expect_work(1) and ug_expect_work(0), workers stay awake for the next job. */
void ug_expect_work(int more);
int64_t ug_now(void); /* monotonic nanoseconds */

/* ---- cpu.c ---- */
const upreg_kernels *ug_kernels_for(const char *tier, upreg_error *err); /* NULL tier: the best; NULL: unknown or not available */

/* ---- plan.c ---- */
struct upreg_plan {
    upreg_op *op;
    const upreg_kernels *kernels;
    int n_in, n_out, exact;
    upreg_spec *in, *out;         /* as the caller sees them */
    upreg_spec *in_run, *out_run; /* as the kernels see them: float16 and bfloat16 are float32 */
    unsigned char *bound;         /* bound[i]: input i is constant */
    void **bound_data;            /* its dense copy, NULL when packed into the state */
    unsigned char *state;
    size_t state_bytes, scratch_bytes, workspace, packed_bytes;
    upreg_stage stage[UPREG_MAX_STAGES];
    int n_stages;
    int64_t macs, bytes;
    int32_t channel_axis;
    char algorithm[48];
};

#endif
