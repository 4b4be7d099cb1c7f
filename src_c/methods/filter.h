/* Interpolation by a kernel h(t): linear, cubic, and their adjoints. */
#ifndef UG_FILTER_H
#define UG_FILTER_H

#include "methods/resample_engine.h"

typedef struct ug_filter_params {
    ug_target target;
    upreg_floats roi;
    int32_t align_corners, coordinates, antialias, border, layout;
    double a;              /* of cubic only */
    int64_t lobes;         /* of lanczos only */
    upreg_ints input_size; /* of the adjoints only */
} ug_filter_params;

#define UG_BORDERS "replicate|renormalize|edge"
#define UG_FILTER_PARAMS                                                                                                                             \
    UG_TARGET_PARAMS(ug_filter_params), UG_BOOL_PARAM(ug_filter_params, align_corners, "false", "short for coordinates=align_corners"),              \
        UG_CHOICE_PARAM(ug_filter_params, coordinates, "half_pixel", UG_COORDINATES, "where an output pixel lies in the input"),                     \
        UG_ROI_PARAM(ug_filter_params),                                                                                                              \
        UG_BOOL_PARAM(ug_filter_params, antialias, "false", "stretch the kernel when the image shrinks; its weights add up to 1"),                   \
        UG_CHOICE_PARAM(                                                                                                                             \
            ug_filter_params, border, "replicate", UG_BORDERS,                                                                                       \
            "taps outside: the edge pixel, but with antialias as renormalize: dropped and the rest renormalised; edge: always the edge"),            \
        UG_LAYOUT_PARAM(ug_filter_params)
#define UG_CUBIC_PARAM UG_FLOAT_PARAM(ug_filter_params, a, "-0.75", -4, 4, "the free parameter of Keys' kernel")
#define UG_LANCZOS_PARAM                                                                                                                             \
    {"a", UPREG_INT, offsetof(ug_filter_params, lobes), "3", 1, 16, NULL, "half the width of the kernel: it reads 2a inputs per axis"}
#define UG_AREA_PARAMS UG_TARGET_PARAMS(ug_filter_params), UG_LAYOUT_PARAM(ug_filter_params)
#define UG_INPUT_SIZE_PARAM(S) UG_INTS_PARAM(S, input_size, "required", 1, UG_MAX_SIZE, NULL, "spatial size of the forward method's input")

/* Geometry of the methods, and of their adjoints. */
upreg_status ug_linear_of(const ug_ask *ask, ug_separable *s);
upreg_status ug_cubic_of(const ug_ask *ask, ug_separable *s);
upreg_status ug_lanczos_of(const ug_ask *ask, ug_separable *s);
upreg_status ug_area_of(const ug_ask *ask, ug_separable *s);
upreg_status ug_linear_adjoint_of(const ug_ask *ask, ug_separable *s);
upreg_status ug_cubic_adjoint_of(const ug_ask *ask, ug_separable *s);
upreg_status ug_lanczos_adjoint_of(const ug_ask *ask, ug_separable *s);
upreg_status ug_area_adjoint_of(const ug_ask *ask, ug_separable *s);

/* A step that calls the adjoint of a forward call (`of` finds its geometry), or the forward method of an adjoint call. */
upreg_status ug_filter_vjp(upreg_vjp *ctx, ug_separable_of of, const char *other);

#endif
