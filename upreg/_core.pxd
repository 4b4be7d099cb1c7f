from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t


cdef extern from "upreg.h" nogil:
    enum:
        UPREG_MAX_DIMS
        UPREG_MAX_PORTS
        UPREG_MAX_STEPS
        UPREG_LINEAR
        UPREG_HAS_TAPS
        UPREG_ELEMENTWISE
        UPREG_IN_PLACE
        UPREG_EPILOGUE
        UPREG_UPSAMPLES
        UPREG_GRADIENT
        UPREG_OVERLAP_IDENTITY
        UPREG_OVERLAP_REFUSE
        UPREG_NAN_TILEWISE
        UPREG_SHAPE_ONLY
        UPREG_VIEW
        UPREG_CHOOSES

    ctypedef enum upreg_status:
        UPREG_OK
        UPREG_E_METHOD
        UPREG_E_PARAMETER
        UPREG_E_SHAPE
        UPREG_E_DTYPE
        UPREG_E_DATA
        UPREG_E_GRAPH
        UPREG_E_PLUGIN
        UPREG_E_MEMORY
        UPREG_E_CANCELLED
        UPREG_E_USAGE

    ctypedef enum upreg_type:
        UPREG_NONE
        UPREG_F32
        UPREG_BF16
        UPREG_I64

    ctypedef enum upreg_source:
        UPREG_FROM_INPUT
        UPREG_FROM_OUTPUT
        UPREG_FROM_GRAD
        UPREG_FROM_STEP
        UPREG_FROM_NOTHING

    ctypedef enum upreg_kind:
        UPREG_INT
        UPREG_FLOAT
        UPREG_BOOL
        UPREG_CHOICE
        UPREG_INTS
        UPREG_PAIRS
        UPREG_FLOATS

    ctypedef struct upreg_error:
        char text[1024]

    ctypedef struct upreg_dtype:
        uint8_t code
        uint8_t bits
        uint16_t lanes

    ctypedef struct upreg_device "__typeof__(((upreg_tensor *)0)->device)":
        int32_t type
        int32_t id

    ctypedef struct upreg_tensor:
        void *data
        upreg_device device
        int32_t ndim
        upreg_dtype dtype
        int64_t *shape
        int64_t *strides
        uint64_t byte_offset

    ctypedef struct upreg_spec:
        int32_t known
        int32_t ndim
        upreg_type type
        int64_t dim[8]
        double fan_in
        double fan_out

    ctypedef struct upreg_param:
        const char *name
        upreg_kind kind
        const char *default_text
        double min
        double max
        const char *choices
        const char *help

    ctypedef struct upreg_method:
        uint32_t version
        const char *name
        const char *family
        const char *aliases
        const char *summary
        const char *doc
        const char *source
        const upreg_param *params
        uint32_t n_params
        uint32_t flags
        uint32_t types
        void *vjp
        void *tile

    ctypedef struct upreg_port:
        char name[24]
        char role[16]
        char dtype[8]
        int32_t optional
        int32_t variadic

    ctypedef struct upreg_method_info:
        const upreg_method *method
        const char *name
        const char *summary
        const char *preset
        const char *peer
        int32_t rank
        int32_t n_in
        int32_t n_out
        upreg_port in_ "in"[8]
        upreg_port out[8]
        const char *base

    ctypedef struct upreg_ref:
        int32_t source
        int32_t index
        int32_t output

    ctypedef struct upreg_vjp_step:
        char text[512]
        int32_t n_in
        upreg_ref in_ "in"[8]

    ctypedef struct upreg_vjp:
        int32_t n_steps
        upreg_vjp_step step[6]
        upreg_ref result

    ctypedef struct upreg_reach:
        uint32_t struct_size
        int32_t port
        int64_t out_begin[8]
        int64_t out_end[8]
        int64_t in_begin[8]
        int64_t in_end[8]

    ctypedef struct upreg_range:
        int64_t begin[8]
        int64_t end[8]

    ctypedef struct upreg_tiling:
        int32_t told
        upreg_range range
        int64_t period[8]
        int64_t shift[8]

    ctypedef struct upreg_op
    ctypedef struct upreg_plan
    ctypedef struct upreg_graph
    ctypedef struct upreg_graph_plan

    ctypedef struct upreg_plan_options:
        uint32_t struct_size
        int32_t exact
        const char *cpu_tier

    ctypedef struct upreg_plan_info:
        uint32_t struct_size
        const char *algorithm
        const char *cpu_tier
        int64_t macs
        size_t packed_bytes
        size_t state_bytes
        size_t scratch_bytes
        size_t workspace_bytes
        int32_t n_stages

    ctypedef struct upreg_run_options:
        uint32_t struct_size
        int32_t threads
        void *host
        const int32_t *cancel
        int (*progress)(void *host, int64_t done, int64_t total) noexcept nogil

    ctypedef struct upreg_graph_options:
        uint32_t struct_size
        int32_t exact
        const char *cpu_tier
        const int *keep
        int32_t n_keep
        int32_t no_fusion
        size_t max_bytes

    ctypedef struct upreg_node_info:
        uint32_t struct_size
        const char *name
        const char *text
        const char *algorithm
        int32_t fused_into
        int32_t folded
        int64_t macs
        int64_t bytes
        size_t packed_bytes
        size_t scratch_bytes

    ctypedef struct upreg_api

    upreg_dtype upreg_dtype_of(upreg_type)
    upreg_type upreg_type_of(upreg_dtype)
    size_t upreg_type_size(upreg_type)
    const char *upreg_type_name(upreg_type)
    int64_t upreg_method_count()
    upreg_status upreg_method_at(int64_t, upreg_method_info *)
    upreg_status upreg_method_find(const char *, upreg_method_info *, upreg_error *)
    upreg_status upreg_plugin_load(const char *, upreg_error *)
    upreg_status upreg_op_create(const char *, upreg_op **, upreg_error *)
    void upreg_op_free(upreg_op *)
    const char *upreg_op_text(const upreg_op *)
    const upreg_method_info *upreg_op_info(const upreg_op *)
    size_t upreg_op_param(const upreg_op *, uint32_t, char *, size_t)
    upreg_status upreg_op_infer(const upreg_op *, upreg_spec *, int, upreg_spec *, int, upreg_error *)
    upreg_status upreg_op_vjp(const upreg_op *, const upreg_spec *, int, const upreg_spec *, int, int, upreg_vjp *, upreg_error *)
    upreg_status upreg_op_reach(const upreg_op *, const upreg_spec *, int, const upreg_spec *, int, upreg_reach *, upreg_error *)
    upreg_status upreg_op_tile(const upreg_op *, const upreg_spec *, int, const upreg_spec *, int, upreg_tiling *, upreg_range *, upreg_op **,
                               upreg_error *)
    upreg_status upreg_plan_create(const upreg_op *, const upreg_spec *, int, const upreg_tensor **, const upreg_plan_options *, upreg_plan **,
                                   upreg_error *)
    void upreg_plan_free(upreg_plan *)
    int upreg_plan_outputs(const upreg_plan *)
    const upreg_spec *upreg_plan_output(const upreg_plan *, int)
    void upreg_plan_get_info(const upreg_plan *, upreg_plan_info *)
    upreg_status upreg_plan_run(const upreg_plan *, const upreg_tensor *, int, upreg_tensor *, int, const upreg_run_options *, upreg_error *)

    upreg_status upreg_graph_create(upreg_graph **, upreg_error *)
    void upreg_graph_free(upreg_graph *)
    upreg_status upreg_graph_input(upreg_graph *, const char *, int *, upreg_error *)
    upreg_status upreg_graph_constant(upreg_graph *, const char *, const upreg_tensor *, int, int *, upreg_error *)
    upreg_status upreg_graph_add(upreg_graph *, const upreg_op *, const char *, const int *, int, int *, upreg_error *)
    upreg_status upreg_graph_output(upreg_graph *, int, const char *, upreg_error *)
    upreg_status upreg_graph_load(const char *, upreg_graph **, upreg_error *)
    int upreg_graph_find(const upreg_graph *, const char *)
    int upreg_graph_values(const upreg_graph *)
    int upreg_graph_nodes(const upreg_graph *)
    upreg_status upreg_graph_infer(const upreg_graph *, const upreg_spec *, int, upreg_spec *, upreg_error *)
    upreg_status upreg_graph_overlap(const upreg_graph *, const upreg_spec *, int, upreg_graph **, upreg_error *)
    upreg_status upreg_graph_plan_create(const upreg_graph *, const upreg_spec *, int, const upreg_graph_options *, upreg_graph_plan **, upreg_error *)
    void upreg_graph_plan_free(upreg_graph_plan *)
    const upreg_spec *upreg_graph_plan_value(const upreg_graph_plan *, int)
    size_t upreg_graph_plan_arena(const upreg_graph_plan *)
    upreg_status upreg_graph_plan_run(const upreg_graph_plan *, const upreg_tensor *, int, upreg_tensor *, int, const upreg_run_options *, double *,
                                      upreg_error *)
    void upreg_graph_plan_node(const upreg_graph_plan *, int, upreg_node_info *)

    const char *upreg_version()
    const char *upreg_cpu_tier()
    const char *upreg_cpu_tiers()
    int upreg_processors()
    int upreg_get_threads()
    upreg_status upreg_set_threads(int, upreg_error *)
    int upreg_tiny_blocks()
    void *upreg_pool_take(size_t, size_t *)
    void upreg_pool_give(void *, size_t)
    void upreg_pool_empty()
    size_t upreg_pool_idle()
    const upreg_api *upreg_get_api()
