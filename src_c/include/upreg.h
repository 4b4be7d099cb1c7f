/* upreg: every upsampling and convolution variant by name.
 *
 * This is the only public header.  Three levels of use:
 *
 *   1. ops    upreg_op_create("conv_transpose:stride=2,padding=1", &op, &err)
 *   2. plans  upreg_plan_create(op, inputs, ...) once per geometry, then upreg_plan_run from any thread
 *   3. graphs upreg_graph_* : ops stacked into networks
 *
 * Rules that hold everywhere:
 *   - Every function that can fail returns upreg_status and writes one clear sentence to the caller's upreg_error (NULL is allowed).
 *     Nothing aborts, prints, or touches errno.
 *   - Structs that may grow begin with `struct_size`; set it to sizeof.  Newer fields are only ever appended.
 *   - Ops, plans and graph plans are immutable: any number of threads may use one at the same time.
 *   - Tensors have the memory layout of DLPack's DLTensor.  Strides count elements and may be NULL (dense, C order).
 */
#ifndef UPREG_H
#define UPREG_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UPREG_VERSION "0.1.0"
#define UPREG_ABI 1u
#define UPREG_MAGIC 0x47525055u /* "UPRG" */

#if defined(UPREG_SHARED) && !defined(_WIN32)
#define UPREG_API __attribute__((visibility("default")))
#else
#define UPREG_API
#endif

enum { UPREG_MAX_DIMS = 8, UPREG_MAX_SPATIAL = 3, UPREG_MAX_PORTS = 8, UPREG_MAX_STAGES = 4, UPREG_MAX_STEPS = 6 };

/* ---- status, errors -------------------------------------------------------------------------------------------------------------- */

typedef enum upreg_status {
    UPREG_OK = 0,
    UPREG_E_METHOD,    /* no method of that name */
    UPREG_E_PARAMETER, /* unknown parameter, or a value out of range or of the wrong kind */
    UPREG_E_SHAPE,
    UPREG_E_DTYPE,
    UPREG_E_DATA, /* a wrong value inside an array, such as an unpool index out of range */
    UPREG_E_GRAPH,
    UPREG_E_PLUGIN,
    UPREG_E_MEMORY,
    UPREG_E_CANCELLED,
    UPREG_E_USAGE /* the C interface itself was misused: NULL where a pointer must be, wrong counts */
} upreg_status;

typedef struct upreg_error {
    char text[1024];
} upreg_error;

/* ---- tensors --------------------------------------------------------------------------------------------------------------------- */

/* The memory layout of DLPack's DLDataType: code 0 int, 1 uint, 2 float, 4 bfloat. */
typedef struct upreg_dtype {
    uint8_t code, bits;
    uint16_t lanes;
} upreg_dtype;

/* The same, as one small number.  UPREG_NONE marks an absent optional input. */
typedef enum upreg_type {
    UPREG_NONE = 0,
    UPREG_F32,
    UPREG_F64,
    UPREG_F16,
    UPREG_BF16,
    UPREG_U8,
    UPREG_I8,
    UPREG_U16,
    UPREG_I16,
    UPREG_I32,
    UPREG_I64
} upreg_type;

typedef struct upreg_tensor { /* DLTensor */
    void *data;
    struct {
        int32_t type, id;
    } device; /* {1, 0}: memory of this computer; nothing else is accepted */
    int32_t ndim;
    upreg_dtype dtype;
    int64_t *shape;
    int64_t *strides;
    uint64_t byte_offset;
} upreg_tensor;

/* A shape and an element type.  `known` is 0 for a weight whose shape `infer` is asked to find. */
typedef struct upreg_spec {
    int32_t known, ndim;
    upreg_type type;
    int32_t reserved;
    int64_t dim[UPREG_MAX_DIMS];
    double fan_in, fan_out; /* set by infer on weight ports: terms per output element, and per input element */
} upreg_spec;

UPREG_API upreg_dtype upreg_dtype_of(upreg_type type);
UPREG_API upreg_type upreg_type_of(upreg_dtype dtype); /* UPREG_NONE when upreg has no such type */
UPREG_API size_t upreg_type_size(upreg_type type);
UPREG_API const char *upreg_type_name(upreg_type type);

/* ---- describing a method --------------------------------------------------------------------------------------------------------- */

typedef enum upreg_kind {
    UPREG_INT = 1, /* int64_t; UPREG_UNSET when the default is null and none was given */
    UPREG_FLOAT,   /* double; NaN when unset */
    UPREG_BOOL,    /* int32_t */
    UPREG_CHOICE,  /* int32_t, the position in `choices` */
    UPREG_INTS,    /* upreg_ints: one number, or one per axis; `choices` may allow names too */
    UPREG_PAIRS,   /* upreg_ints: as INTS, or [begin, end] pairs; `choices` may allow names too */
    UPREG_FLOATS   /* upreg_floats: one number, or one per axis */
} upreg_kind;

#define UPREG_UNSET INT64_MIN

typedef struct upreg_ints {
    int32_t count;  /* 0: unset.  1: the same for every axis (unless is_list) */
    int32_t pairs;  /* v holds begin, end, begin, end, ... */
    int32_t choice; /* position of the given name in `choices`, or -1 */
    int32_t is_list;
    int64_t v[2 * UPREG_MAX_DIMS];
} upreg_ints;

typedef struct upreg_floats {
    int32_t count, is_list;
    double v[UPREG_MAX_DIMS];
} upreg_floats;

typedef struct upreg_param {
    const char *name;
    upreg_kind kind;
    uint32_t offset;          /* offsetof the field in the method's parameter struct */
    const char *default_text; /* in the text form; "null": unset; "required": must be given */
    double min, max;          /* of every number; ignored for BOOL and CHOICE */
    const char *choices;      /* "zeros|reflect|..." or NULL */
    const char *help;
} upreg_param;

enum {                               /* upreg_method.flags */
       UPREG_LINEAR = 1,             /* linear in its first input, the others held fixed */
       UPREG_HAS_TAPS = 2,           /* sums taps: overlap is meaningful */
       UPREG_ELEMENTWISE = 4,        /* out[i] depends on in[i] only; any rank 0..8 */
       UPREG_IN_PLACE = 8,           /* the output may be the first input's memory */
       UPREG_EPILOGUE = 16,          /* run applies call->epilogue to what it stores */
       UPREG_UPSAMPLES = 32,         /* makes a feature map larger */
       UPREG_GRADIENT = 64,          /* exists as the gradient or adjoint of another method */
       UPREG_OVERLAP_IDENTITY = 128, /* in overlap mode: passes on its first input that is no constant */
       UPREG_OVERLAP_REFUSE = 256,   /* in overlap mode: an error */
       UPREG_NAN_TILEWISE = 512,     /* a NaN may spread inside a tile of the output (else it stays where it is read) */
       UPREG_STRIDED = 1024,         /* run takes free outer strides on "data" inputs and outputs; all else core hands over dense */
       UPREG_SHAPE_ONLY = 2048,      /* reads the shapes and types of its inputs, never their numbers */
       UPREG_VIEW = 4096,            /* the output has the first input's numbers in the same order: a graph lets it share the memory */
       UPREG_CHOOSES = 8192          /* passes on its second input where the first is not 0, else the third; a graph that knows the first
                                      * when it is planned needs only the one that is chosen */
};

typedef struct upreg_method upreg_method;
typedef struct upreg_kernels upreg_kernels; /* the built-in methods' inner loops; opaque to plugins */
typedef struct upreg_op upreg_op;
typedef struct upreg_plan upreg_plan;

/* Shapes.  in[] and out[] are in port order; a variadic port takes all n_in places.  An absent optional input has type UPREG_NONE.
 * `infer` fills out[] and every in[] whose known is 0; it rejects what shapes and parameters can show. */
typedef struct upreg_infer {
    uint32_t struct_size;
    int32_t rank; /* number of spatial axes that a preset fixes, 0: any */
    const upreg_method *method;
    const void *params;
    int32_t n_in, n_out;
    upreg_spec *in, *out;
    upreg_error *err;
} upreg_infer;

/* A stage is `units` independent pieces of work, handed out `grain` at a time, each worker with `scratch` bytes of its own. */
typedef struct upreg_stage {
    int64_t units, grain;
    size_t scratch;
} upreg_stage;

/* The closed form that a run applies to what it stores: y = act(x * scale[c] + shift[c] + residual), or act(x * scale[c] + shift[c]) + residual. */
typedef enum upreg_activation {
    UPREG_ACT_NONE = 0,
    UPREG_ACT_RELU,
    UPREG_ACT_LEAKY_RELU, /* p: slope */
    UPREG_ACT_SIGMOID,
    UPREG_ACT_TANH,
    UPREG_ACT_SWISH,        /* p: alpha */
    UPREG_ACT_CLIP,         /* p: min, max, NaN where there is none */
    UPREG_ACT_HARD_SIGMOID, /* p: alpha, beta */
    UPREG_ACT_HARD_SWISH
} upreg_activation;

typedef struct upreg_epilogue {
    const void *scale, *shift;         /* per output channel, of the output's type, or NULL */
    const void *residual;              /* dense tensor of the output's shape, or NULL */
    int32_t activation, residual_last; /* residual_last: after the activation */
    double p[2];                       /* of the activation */
} upreg_epilogue;

/* A part of a call, for tiles: what its tensors hold of those of the whole call, per axis of each. */
typedef struct upreg_range {
    int64_t begin[UPREG_MAX_DIMS], end[UPREG_MAX_DIMS];
} upreg_range;

typedef struct upreg_tile {
    upreg_range in[UPREG_MAX_PORTS], out; /* out: of every output */
} upreg_tile;

/* Called twice: fill = 0 collects sizes through upreg_reserve, fill = 1 writes the tables. */
typedef struct upreg_prepare {
    uint32_t struct_size;
    int32_t rank, fill, exact;
    const upreg_method *method;
    const void *params;
    int32_t n_in, n_out;
    const upreg_spec *in, *out;
    const upreg_tensor *const *bound; /* [n_in]; constant inputs (dense), NULL where not bound */
    const upreg_kernels *kernels;
    unsigned char *state; /* the plan's own memory; fill = 1 only */
    size_t state_used;
    upreg_stage stage[UPREG_MAX_STAGES];
    int32_t n_stages;
    uint32_t packed_inputs; /* bit i: bound input i was packed into the state, run does not need it */
    size_t workspace;       /* bytes shared by all workers of one run */
    size_t packed_bytes;    /* for info */
    int64_t macs;           /* multiply-adds, for info */
    int32_t channel_axis;   /* of the output, for methods that take an epilogue */
    char algorithm[48];
    upreg_error *err;
    const upreg_tile *tile; /* NULL, or: in[] and out[] are those of the whole call, of which run is given these ranges */
} upreg_prepare;

/* Reserve bytes (64-byte aligned, zeroed) in the plan's state.  NULL during the first call. */
UPREG_API void *upreg_reserve(upreg_prepare *p, size_t bytes);

typedef struct upreg_call {
    const upreg_plan *plan;
    const void *params;
    const unsigned char *state; /* what prepare filled: the first reservation is at its beginning */
    const upreg_kernels *kernels;
    int32_t n_in, n_out;
    const upreg_tensor *in, *out; /* strides always set; the innermost axis is contiguous unless its length is 1 */
    unsigned char *workspace;
    unsigned char *const *scratch;  /* one per worker */
    const upreg_epilogue *epilogue; /* NULL when there is none */
    void *reserved;
} upreg_call;

/* Report a wrong value inside an array.  The smallest flat index wins; the run ends as UPREG_E_DATA. */
UPREG_API void upreg_call_fail(const upreg_call *call, int port, int64_t flat_index, double value);

/* Gradients are calls of registered methods: `vjp` writes up to UPREG_MAX_STEPS of them and says which value is the answer. */
typedef enum upreg_source { UPREG_FROM_INPUT = 0, UPREG_FROM_OUTPUT, UPREG_FROM_GRAD, UPREG_FROM_STEP, UPREG_FROM_NOTHING } upreg_source;

typedef struct upreg_ref {
    int32_t source, index, output; /* `output`: which output of a step */
} upreg_ref;

typedef struct upreg_vjp_step {
    char text[512]; /* text form of the call */
    int32_t n_in;
    upreg_ref in[UPREG_MAX_PORTS];
} upreg_vjp_step;

typedef struct upreg_vjp {
    uint32_t struct_size;
    int32_t rank, wrt; /* the input (by position) whose gradient is asked for */
    const upreg_method *method;
    const void *params;
    int32_t n_in, n_out;
    const upreg_spec *in, *out;
    int32_t n_steps;
    upreg_vjp_step step[UPREG_MAX_STEPS];
    upreg_ref result;
    upreg_error *err;
} upreg_vjp;

/* Which range of input `port` the range [out_begin, out_end) of the first output reads, per axis of the tensors. */
typedef struct upreg_reach {
    uint32_t struct_size;
    int32_t rank, port;
    const upreg_method *method;
    const void *params;
    int32_t n_in, n_out;
    const upreg_spec *in, *out;
    int64_t out_begin[UPREG_MAX_DIMS], out_end[UPREG_MAX_DIMS];
    int64_t in_begin[UPREG_MAX_DIMS], in_end[UPREG_MAX_DIMS];
    upreg_error *err;
} upreg_reach;

/* Asks for an op that makes the range [out.begin, out.end) of the first output from the ranges of the inputs that `reach` gives for it, with the
 * same bits.  `tile` may widen the range.  It sets `told` when prepare must be told the ranges (2: of which it only uses the sizes); else the op
 * itself does it on tensors of their sizes. UPREG_E_GRAPH where an output needs all of an axis.  Where period is set, a range that lies so much
 * further along that axis and reads the first input `shift` further is made by the same plan. */
typedef struct upreg_tiling {
    uint32_t struct_size;
    int32_t rank, told;
    const upreg_method *method;
    const void *params;
    int32_t n_in, n_out;
    const upreg_spec *in, *out; /* of the whole call */
    upreg_range range;
    int64_t period[UPREG_MAX_DIMS], shift[UPREG_MAX_DIMS];
    upreg_error *err;
    int32_t has_reads; /* 1: `tile` has written into reads[] what is read of the inputs, in place of `reach`, which then says more */
    upreg_range reads[UPREG_MAX_PORTS];
} upreg_tiling;

/* How a method can become the epilogue of the convolution before it.  `fuse` fills kind and what belongs to it, or leaves UPREG_FUSE_NO. */
typedef enum upreg_fuse_kind { UPREG_FUSE_NO = 0, UPREG_FUSE_AFFINE, UPREG_FUSE_RESIDUAL, UPREG_FUSE_ACTIVATION } upreg_fuse_kind;

typedef struct upreg_fusion {
    uint32_t struct_size;
    const void *params;
    int32_t n_in;
    const upreg_spec *in;
    const upreg_tensor *const *bound; /* constant inputs, dense, NULL where not constant */
    int32_t kind, activation;
    int32_t channel_axis; /* affine: the axis that scale and shift run along */
    double p[2];          /* of the activation */
    void *scale, *shift;  /* affine: written when not NULL, in the input's type, one number per channel */
} upreg_fusion;

struct upreg_method {
    uint32_t struct_size;
    uint32_t version; /* raised when its numbers change for the same input */
    const char *name, *family;
    const char *aliases; /* "deconvolution|upconvolution", or NULL */
    const char *summary; /* one line */
    const char *doc;     /* formula and shapes */
    const char *source;  /* paper or specification */
    const upreg_param *params;
    uint32_t n_params, params_size;
    uint32_t flags;
    uint32_t types;    /* bits 1u << upreg_type of the element types that T may be; F16 and BF16 are added for every method with F32 */
    const char *ports; /* "x:T weight:T=param bias?:T=param -> y:T indices:i64" */
    upreg_status (*infer)(upreg_infer *ctx);
    upreg_status (*prepare)(upreg_prepare *ctx);
    void (*run)(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker);
    upreg_status (*vjp)(upreg_vjp *ctx);     /* NULL: not differentiable */
    upreg_status (*reach)(upreg_reach *ctx); /* NULL: everything reads everything */
    void (*fuse)(upreg_fusion *ctx);         /* NULL: never part of an epilogue */
    upreg_status (*tile)(upreg_tiling *ctx); /* NULL: only computed whole */
};

/* ---- the registry ---------------------------------------------------------------------------------------------------------------- */

typedef struct upreg_port {
    char name[24];
    char role[16]; /* "data", "param" (trainable), "stat", "index", "const" (never differentiated) */
    char dtype[8]; /* "T" or "i64" or "any" */
    int32_t optional, variadic;
} upreg_port;

typedef struct upreg_method_info {
    const upreg_method *method; /* a preset's has the preset's name */
    const char *name;           /* of the method or of the preset */
    const char *summary;
    const char *preset; /* parameter text that a preset fixes, or NULL */
    const char *peer;   /* whom a preset follows, and which version, or NULL */
    int32_t rank;       /* spatial axes that a preset fixes, or 0 */
    int32_t n_in, n_out;
    upreg_port in[UPREG_MAX_PORTS], out[UPREG_MAX_PORTS];
    const char *base; /* the method's own name, for presets too */
} upreg_method_info;

UPREG_API int64_t upreg_method_count(void); /* methods and presets together */
UPREG_API upreg_status upreg_method_at(int64_t index, upreg_method_info *info);
/* Looks up a name or an alias.  Unknown: UPREG_E_METHOD with the nearest names. */
UPREG_API upreg_status upreg_method_find(const char *name, upreg_method_info *info, upreg_error *err);
/* Registers a method; its name must be `vendor.name`.  The struct must live for the rest of the process. */
UPREG_API upreg_status upreg_register(const upreg_method *method, upreg_error *err);

/* A plugin is a shared library that exports one data symbol `upreg_plugin_v1` of this type. */
struct upreg_api;
typedef struct upreg_plugin {
    uint32_t magic, abi; /* UPREG_MAGIC, UPREG_ABI: checked before any code of the plugin runs */
    uint32_t struct_size, n_methods;
    const char *vendor, *version;
    const upreg_method *const *methods;
    upreg_status (*init)(const struct upreg_api *api, upreg_error *err); /* may be NULL */
} upreg_plugin;

/* Checks `plugin`, then registers all of its methods or none.  `origin` (a path) is named in errors. */
UPREG_API upreg_status upreg_plugin_register(const upreg_plugin *plugin, const char *origin, upreg_error *err);
UPREG_API upreg_status upreg_plugin_load(const char *path, upreg_error *err);

/* ---- ops: a method with its parameters -------------------------------------------------------------------------------------------- */

/* text: `name[:key=value{,key=value}]`, value = JSON scalar, JSON array or a bare word. */
UPREG_API upreg_status upreg_op_create(const char *text, upreg_op **op, upreg_error *err);
UPREG_API upreg_op *upreg_op_retain(const upreg_op *op);
UPREG_API void upreg_op_free(upreg_op *op);
UPREG_API const char *upreg_op_text(const upreg_op *op); /* canonical: own name, non-default parameters in table order */
UPREG_API const upreg_method *upreg_op_method(const upreg_op *op);
UPREG_API const upreg_method_info *upreg_op_info(const upreg_op *op);
/* JSON text of one parameter's value; returns the length it needs (without the final 0). */
UPREG_API size_t upreg_op_param(const upreg_op *op, uint32_t index, char *text, size_t size);
UPREG_API upreg_status upreg_op_infer(const upreg_op *op, upreg_spec *in, int n_in, upreg_spec *out, int n_out, upreg_error *err);
UPREG_API upreg_status upreg_op_vjp(const upreg_op *op, const upreg_spec *in, int n_in, const upreg_spec *out, int n_out, int wrt, upreg_vjp *result,
                                    upreg_error *err);
UPREG_API upreg_status upreg_op_reach(const upreg_op *op, const upreg_spec *in, int n_in, const upreg_spec *out, int n_out, upreg_reach *reach,
                                      upreg_error *err);

/* The op that makes tiling->range of the first output; what `tile` says is left in *tiling.  in_ranges[n_in] gets the ranges of the inputs that the
 * op is run on: shapes that it is given later must be the sizes of these. */
UPREG_API upreg_status upreg_op_tile(const upreg_op *op, const upreg_spec *in, int n_in, const upreg_spec *out, int n_out, upreg_tiling *tiling,
                                     upreg_range *in_ranges, upreg_op **result, upreg_error *err);

/* ---- plans ----------------------------------------------------------------------------------------------------------------------- */

typedef struct upreg_plan_options {
    uint32_t struct_size;
    int32_t exact;        /* 1: direct, unfolded, unfused algorithms only */
    const char *cpu_tier; /* NULL: the best this computer has */
} upreg_plan_options;

typedef struct upreg_plan_info {
    uint32_t struct_size;
    const char *algorithm, *cpu_tier;
    int64_t macs;
    size_t packed_bytes, state_bytes, scratch_bytes /* per worker */, workspace_bytes;
    int32_t n_stages;
    upreg_stage stage[UPREG_MAX_STAGES];
} upreg_plan_info;

/* in: specs in port order (type UPREG_NONE: absent).  bound[i]: a constant input, packed now, or NULL.  Bound data is copied or packed:
 * it need not outlive this call. */
UPREG_API upreg_status upreg_plan_create(const upreg_op *op, const upreg_spec *in, int n_in, const upreg_tensor *const *bound,
                                         const upreg_plan_options *options, upreg_plan **plan, upreg_error *err);
UPREG_API void upreg_plan_free(upreg_plan *plan);
UPREG_API int upreg_plan_outputs(const upreg_plan *plan);
UPREG_API const upreg_spec *upreg_plan_output(const upreg_plan *plan, int index);
UPREG_API void upreg_plan_get_info(const upreg_plan *plan, upreg_plan_info *info);

typedef void (*upreg_task)(void *arg, int64_t index, int worker);
typedef void (*upreg_parallel_for)(void *host, int64_t count, int workers, upreg_task task, void *arg);

typedef struct upreg_run_options {
    uint32_t struct_size;
    int32_t threads;                 /* 0: upreg_get_threads() */
    upreg_parallel_for parallel_for; /* the host's own; NULL: upreg's pool */
    void *host;
    void *(*allocate)(void *host, size_t bytes); /* 64-byte aligned; NULL: upreg's */
    void (*release)(void *host, void *memory, size_t bytes);
    const volatile int32_t *cancel; /* polled at least every 5 ms of work; non-zero ends the run */
    /* Called on the calling thread only, at most every 10 ms; non-zero ends the run. */
    int (*progress)(void *host, int64_t done, int64_t total);
    const upreg_epilogue *epilogue;
} upreg_run_options;

/* in: one tensor per port; bound and absent ones are ignored (data may be NULL).  out: the caller's memory, any strides.
 * An output that overlaps an input in memory is handled: the result is as if it did not. */
UPREG_API upreg_status upreg_plan_run(const upreg_plan *plan, const upreg_tensor *in, int n_in, upreg_tensor *out, int n_out,
                                      const upreg_run_options *options, upreg_error *err);

/* ---- graphs ---------------------------------------------------------------------------------------------------------------------- */

typedef struct upreg_graph upreg_graph;
typedef struct upreg_graph_plan upreg_graph_plan;

/* Values are numbered from 0 in the order in which they are made. */
UPREG_API upreg_status upreg_graph_create(upreg_graph **graph, upreg_error *err);
UPREG_API void upreg_graph_free(upreg_graph *graph);
UPREG_API upreg_status upreg_graph_input(upreg_graph *g, const char *name, int *value, upreg_error *err);
/* A constant.  copy = 0 borrows the memory, which must then outlive the graph and its plans. */
UPREG_API upreg_status upreg_graph_constant(upreg_graph *g, const char *name, const upreg_tensor *data, int copy, int *value, upreg_error *err);
/* in[i] < 0: absent optional input.  values: one number per output.  Parameters that the op's text gives as `?` are computed: the last places
 * of in[], one for each in the order of the parameter table, are values whose numbers follow from shapes and constants. */
UPREG_API upreg_status upreg_graph_add(upreg_graph *g, const upreg_op *op, const char *name, const int *in, int n_in, int *values, upreg_error *err);
UPREG_API upreg_status upreg_graph_output(upreg_graph *g, int value, const char *name, upreg_error *err);
UPREG_API int upreg_graph_inputs(const upreg_graph *g);
UPREG_API int upreg_graph_outputs(const upreg_graph *g);
UPREG_API int upreg_graph_values(const upreg_graph *g);
UPREG_API int upreg_graph_nodes(const upreg_graph *g);
UPREG_API const char *upreg_graph_value_name(const upreg_graph *g, int value);
UPREG_API int upreg_graph_find(const upreg_graph *g, const char *value_name); /* -1: none */
/* Shapes of every value for these input shapes. */
UPREG_API upreg_status upreg_graph_infer(const upreg_graph *g, const upreg_spec *in, int n_in, upreg_spec *values, upreg_error *err);

/* The native file: safetensors whose metadata holds the graph. */
UPREG_API upreg_status upreg_graph_load(const char *path, upreg_graph **graph, upreg_error *err);

typedef struct upreg_graph_options {
    uint32_t struct_size;
    int32_t exact;
    const char *cpu_tier;
    const int *keep; /* values to hand out besides the outputs */
    int32_t n_keep;
    int32_t no_fusion;
    size_t max_bytes; /* of intermediate values, results and constants computed beforehand; 0: any.  More is UPREG_E_GRAPH */
} upreg_graph_options;

typedef struct upreg_node_info {
    uint32_t struct_size;
    const char *name, *text, *algorithm;
    int32_t fused_into, folded; /* fused_into: the node whose epilogue does this one's work, or -1; folded: computed at plan time */
    int64_t macs, bytes;        /* bytes read and written */
    size_t packed_bytes, scratch_bytes;
    double seconds; /* of the last timed run */
} upreg_node_info;

UPREG_API upreg_status upreg_graph_plan_create(const upreg_graph *g, const upreg_spec *in, int n_in, const upreg_graph_options *options,
                                               upreg_graph_plan **plan, upreg_error *err);
UPREG_API void upreg_graph_plan_free(upreg_graph_plan *plan);
UPREG_API const upreg_spec *upreg_graph_plan_value(const upreg_graph_plan *plan, int value);
UPREG_API size_t upreg_graph_plan_arena(const upreg_graph_plan *plan);
/* out: the graph's outputs, then the kept values.  seconds (may be NULL): one number per node. */
UPREG_API upreg_status upreg_graph_plan_run(const upreg_graph_plan *plan, const upreg_tensor *in, int n_in, upreg_tensor *out, int n_out,
                                            const upreg_run_options *options, double *seconds, upreg_error *err);
UPREG_API void upreg_graph_plan_node(const upreg_graph_plan *plan, int node, upreg_node_info *info);

/* Overlap: a new graph in float64 that counts, at every output element, the paths from the input that end there: weights 1/(Cin/groups),
 * no bias, norms and activations as their flags say.  Same value numbers.  in: the shapes the counting is for. */
UPREG_API upreg_status upreg_graph_overlap(const upreg_graph *g, const upreg_spec *in, int n_in, upreg_graph **counting, upreg_error *err);

/* ---- the machine ----------------------------------------------------------------------------------------------------------------- */

UPREG_API const char *upreg_version(void);
UPREG_API const char *upreg_cpu_tier(void);  /* "base", "avx2" or "avx512": UPREG_CPU in the environment forces a lower one */
UPREG_API const char *upreg_cpu_tiers(void); /* all that this computer can run, "base|avx2|avx512" */
UPREG_API int upreg_processors(void);        /* that this process may use */
UPREG_API int upreg_get_threads(void);
UPREG_API upreg_status upreg_set_threads(int n, upreg_error *err); /* 1..1024; 0: default */
UPREG_API int upreg_tiny_blocks(void);                             /* 1 in the test build with tiny blocks */

/* Output memory that is reused: a fresh page costs ten times the write. */
UPREG_API void *upreg_pool_take(size_t bytes, size_t *actual);
UPREG_API void upreg_pool_give(void *memory, size_t actual);
UPREG_API void upreg_pool_empty(void);
UPREG_API size_t upreg_pool_idle(void);

/* ---- the function table for plugins and C extensions ----------------------------------------------------------------------------- */

typedef struct upreg_api {
    uint32_t struct_size, abi;
    const char *(*version)(void);
    upreg_status (*method_find)(const char *, upreg_method_info *, upreg_error *);
    upreg_status (*register_method)(const upreg_method *, upreg_error *);
    void *(*reserve)(upreg_prepare *, size_t);
    void (*call_fail)(const upreg_call *, int, int64_t, double);
    upreg_status (*op_create)(const char *, upreg_op **, upreg_error *);
    void (*op_free)(upreg_op *);
    upreg_status (*op_infer)(const upreg_op *, upreg_spec *, int, upreg_spec *, int, upreg_error *);
    upreg_status (*plan_create)(const upreg_op *, const upreg_spec *, int, const upreg_tensor *const *, const upreg_plan_options *, upreg_plan **,
                                upreg_error *);
    void (*plan_free)(upreg_plan *);
    int (*plan_outputs)(const upreg_plan *);
    const upreg_spec *(*plan_output)(const upreg_plan *, int);
    upreg_status (*plan_run)(const upreg_plan *, const upreg_tensor *, int, upreg_tensor *, int, const upreg_run_options *, upreg_error *);
} upreg_api;

UPREG_API const upreg_api *upreg_get_api(void);

#ifdef __cplusplus
}
#endif
#endif
