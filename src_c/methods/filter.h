/* Interpolation by a kernel h(t): linear, cubic, ... , and the adjoint of all of them. */
#ifndef UG_FILTER_H
#define UG_FILTER_H

#include "methods/resample_engine.h"
#include "methods/resample_kernel.h"

typedef struct ug_filter_params {
    ug_target target;
    upreg_floats roi;
    int32_t align_corners, coordinates, antialias, border, outside, arith, layout;
    double reducing_gap;
    double a, b, c, sigma; /* of cubic, of mitchell, of gaussian */
    int64_t lobes, order;  /* of lanczos, of bspline */
    int32_t prefilter, version, rule;
    int32_t kernel; /* of the adjoint only, as is input_size */
    upreg_ints input_size;
} ug_filter_params;

#define UG_AREA_RULES "exact|adaptive|opencv"
#define UG_MAGIC_VERSIONS "2013|2021"
#define UG_BORDERS "auto|renormalize|replicate|zeros|reflect|symmetric|circular"
#define UG_ARITHS "upreg|pillow|torch|opencv|opencv_exact"
#define UG_BEYOND "border|zero|zero_past_centres"
#define UG_BORDER_PARAM                                                                                                                              \
    UG_CHOICE_PARAM(                                                                                                                                 \
        ug_filter_params, border, "auto", UG_BORDERS,                                                                                                \
        "taps outside: the edge pixel (replicate), dropped and the rest renormalised, 0, the mirrored image (reflect: edge pixels once; "            \
        "symmetric: twice), the image again (circular); auto: replicate, with antialias renormalize")
#define UG_OUTSIDE_PARAM                                                                                                                             \
    UG_CHOICE_PARAM(ug_filter_params, outside, "border", UG_BEYOND,                                                                                  \
                    "outputs that lie outside the image, or past the centres of its edge pixels: as border says, or 0")
#define UG_ARITH_PARAM                                                                                                                               \
    UG_CHOICE_PARAM(ug_filter_params, arith, "upreg", UG_ARITHS,                                                                                     \
                    "a library whose arithmetic uint8 has, bit for bit; it also leaves axes alone that keep their length; opencv_exact: its "        \
                    "INTER_LINEAR_EXACT")
#define UG_FILTER_PARAMS                                                                                                                             \
    UG_TARGET_PARAMS(ug_filter_params), UG_BOOL_PARAM(ug_filter_params, align_corners, "false", "short for coordinates=align_corners"),              \
        UG_CHOICE_PARAM(ug_filter_params, coordinates, "half_pixel", UG_COORDINATES, "where an output pixel lies in the input"),                     \
        UG_ROI_PARAM(ug_filter_params), UG_BOOL_PARAM(ug_filter_params, antialias, "false", "stretch the kernel when the image shrinks"),            \
        UG_BORDER_PARAM, UG_OUTSIDE_PARAM,                                                                                                           \
        UG_FLOAT_PARAM(ug_filter_params, reducing_gap, "null", 1, 1e9,                                                                               \
                       "with antialias: means of whole blocks first, so that the rest shrinks by this or more"),                                     \
        UG_ARITH_PARAM, UG_LAYOUT_PARAM(ug_filter_params)
#define UG_CUBIC_PARAM UG_FLOAT_PARAM(ug_filter_params, a, "-0.75", -4, 4, "the free parameter of Keys' kernel")
#define UG_LANCZOS_PARAM                                                                                                                             \
    {"a", UPREG_INT, offsetof(ug_filter_params, lobes), "3", 1, 16, NULL, "half the width of the kernel: it reads 2a inputs per axis"}
#define UG_MITCHELL_PARAMS                                                                                                                           \
    UG_FLOAT_PARAM(ug_filter_params, b, "0.3333333333333333", -4, 4, "B of the family: 1 and C = 0 is the cubic B-spline"),                          \
        UG_FLOAT_PARAM(ug_filter_params, c, "0.3333333333333333", -4, 4, "C of the family: B = 0 and C = -a is Keys' kernel")
#define UG_GAUSSIAN_PARAM UG_FLOAT_PARAM(ug_filter_params, sigma, "0.5", 0.01, 16, "standard deviation in input pixels; cut off at 3 sigma")
#define UG_MAGIC_PARAM UG_CHOICE_PARAM(ug_filter_params, version, "2021", UG_MAGIC_VERSIONS, "the sharper one of 2013, or that of 2021")
#define UG_SPLINE_PARAMS                                                                                                                             \
    UG_INT_PARAM(ug_filter_params, order, "3", 0, 5, "degree of the polynomials; it reads order + 1 inputs per axis, with prefilter all nearby"),    \
        UG_BOOL_PARAM(ug_filter_params, prefilter, "true", "go through the pixels; without, they are only the spline's coefficients: a blur")
#define UG_AREA_PARAMS                                                                                                                               \
    UG_TARGET_PARAMS(ug_filter_params),                                                                                                              \
        UG_CHOICE_PARAM(ug_filter_params, rule, "exact", UG_AREA_RULES,                                                                              \
                        "what an output covers: exactly its interval; every pixel that touches it, whole (torch); opencv: exact where no axis "      \
                        "grows, else linear with coordinates of its own"),                                                                           \
        UG_ARITH_PARAM, UG_LAYOUT_PARAM(ug_filter_params)
#define UG_FOURIER_PARAMS                                                                                                                            \
    UG_TARGET_PARAMS(ug_filter_params),                                                                                                              \
        UG_CHOICE_PARAM(ug_filter_params, coordinates, "asymmetric", UG_COORDINATES_WHOLE, "where an output pixel lies in the input"),               \
        UG_LAYOUT_PARAM(ug_filter_params)
#define UG_COSINE_PARAMS UG_TARGET_PARAMS(ug_filter_params), UG_LAYOUT_PARAM(ug_filter_params)
#define UG_INPUT_SIZE_PARAM(S) UG_INTS_PARAM(S, input_size, "required", 1, UG_MAX_SIZE, NULL, "spatial size of the forward method's input")

/* The forward methods, in the order of ug_kernel_kind. */
#define UG_KERNELS "linear|cubic|lanczos|area|box|hamming|mitchell|gaussian|magic_kernel_sharp|bspline|fourier|dct"

/* Geometry of a forward method, and of the adjoint, whose parameter `kernel` says of which. */
upreg_status ug_filter_of(const ug_ask *ask, ug_separable *s, ug_kernel_kind kernel);
upreg_status ug_filter_adjoint_of(const ug_ask *ask, ug_separable *s);
upreg_status ug_filter_vjp(upreg_vjp *ctx, ug_kernel_kind kernel);
upreg_status ug_filter_adjoint_vjp(upreg_vjp *ctx);

/* The functions of a method file whose kernel is `kind`. */
#define UG_FILTER_FUNCTIONS(kind)                                                                                                                    \
    static upreg_status of(const ug_ask *ask, ug_separable *s) { return ug_filter_of(ask, s, kind); }                                                \
    UG_SEPARABLE_FUNCTIONS(of)                                                                                                                       \
    static upreg_status vjp(upreg_vjp *ctx) { return ug_filter_vjp(ctx, kind); }

/* What the structs of these method files share. */
#define UG_FILTER_METHOD                                                                                                                             \
    .params = table, .n_params = UG_COUNT(table), .params_size = sizeof(ug_filter_params),                                                           \
    .flags = UPREG_LINEAR | UPREG_HAS_TAPS | UPREG_UPSAMPLES | UPREG_STRIDED,                                                                        \
    .types = UG_FLOATING | 1u << UPREG_U8 | 1u << UPREG_U16 | 1u << UPREG_I16, .ports = "x:T -> y:T", .infer = infer, .prepare = prepare,            \
    .run = ug_separable_run, .vjp = vjp, .reach = reach, .tile = tile

#endif
