/* What nearest, linear and cubic share: the target size, the coordinate maps, and their parameters. */
#ifndef UG_RESIZE_H
#define UG_RESIZE_H

#include "methods/spatial.h"

/* Where output i of an axis lies in the input.  nearest has all of these, kernels all but the last, transforms all but the last two. */
enum { UG_HALF_PIXEL, UG_ASYMMETRIC, UG_ALIGN_CORNERS, UG_HALF_PIXEL_SYMMETRIC, UG_PYTORCH_HALF_PIXEL, UG_TF_CROP_AND_RESIZE, UG_TF_HALF_PIXEL };
#define UG_COORDINATES_WHOLE "half_pixel|asymmetric|align_corners|half_pixel_symmetric|pytorch_half_pixel"
#define UG_COORDINATES UG_COORDINATES_WHOLE "|tf_crop_and_resize"
#define UG_COORDINATES_NEAREST UG_COORDINATES "|tf_half_pixel_for_nn"

/* The fields of a parameter struct, and the lines of its table, that say how large the output is and which part of the input it shows. */
typedef struct ug_target {
    upreg_ints size;
    upreg_floats scale, box, translate;
    int32_t recompute_scale, size_rule;
} ug_target;
#define UG_SIZE_RULES "floor|round|half_up|ceil"
#define UG_TARGET_PARAM(S, name, kind, text, lo, hi, choices, help) {#name, kind, offsetof(S, target.name), text, lo, hi, choices, help}
#define UG_TARGET_PARAMS(S)                                                                                                                          \
    UG_TARGET_PARAM(S, size, UPREG_INTS, "null", 1, UG_MAX_SIZE, NULL, "output size; give this or scale"),                                           \
        UG_TARGET_PARAM(S, scale, UPREG_FLOATS, "null", 1e-9, 1e9, NULL, "output size = input size * scale, rounded by size_rule; this or size"),    \
        UG_TARGET_PARAM(S, recompute_scale, UPREG_BOOL, "false", 0, 1, NULL, "coordinates use the ratio of the sizes instead of the scale given"),   \
        UG_TARGET_PARAM(S, size_rule, UPREG_CHOICE, "floor", 0, 0, UG_SIZE_RULES, "how input size * scale becomes whole; round: ties to even"),      \
        UG_TARGET_PARAM(S, box, UPREG_FLOATS, "null", -1e9, 1e9, NULL,                                                                               \
                        "the part of the input that is shown: where it begins along every axis, then where it ends"),                                \
        UG_TARGET_PARAM(S, translate, UPREG_FLOATS, "0", -1e9, 1e9, NULL, "how far the picture is moved, in output pixels")

#define UG_ROI_PARAM(S)                                                                                                                              \
    {"roi", UPREG_FLOATS, offsetof(S, roi), "null", -1e9, 1e9, NULL,                                                                                 \
     "for tf_crop_and_resize: where the region begins, for each axis, and where it ends, as parts of the input's length - 1; null: all"}

/* Sizes, and input elements per output element, per axis (right-aligned in three). */
typedef struct ug_resize {
    int64_t m[UPREG_MAX_SPATIAL], n[UPREG_MAX_SPATIAL];
    double step[UPREG_MAX_SPATIAL];
    double begin[UPREG_MAX_SPATIAL], shown[UPREG_MAX_SPATIAL]; /* where the part that is shown begins, and its length */
    double roi_begin[UPREG_MAX_SPATIAL], roi_end[UPREG_MAX_SPATIAL];
} ug_resize;

/* input: the frame of the small (original) tensor. */
upreg_status ug_resize_of(upreg_error *err, const upreg_method *method, const ug_target *target, const ug_frame *input, ug_resize *resize);
/* The region of tf_crop_and_resize; `rank` numbers of where it begins, then of where it ends. */
upreg_status ug_resize_roi(upreg_error *err, const upreg_method *method, int coordinates, const upreg_floats *roi, int rank, ug_resize *resize);
/* Whether a coordinate of tf_crop_and_resize lies outside the input, so that the output there is 0. */
int ug_coordinate_outside(int coordinates, const ug_resize *resize, int axis, double x);
/* Outputs after which coordinates repeat, and by how much they have moved then: where a step is a binary fraction, so that no coordinate is
 * rounded; else 0. */
void ug_resize_period(int coordinates, const ug_resize *resize, int64_t period[UPREG_MAX_SPATIAL], int64_t shift[UPREG_MAX_SPATIAL]);
double ug_coordinate(int coordinates, const ug_resize *resize, int axis, int64_t i);

/* For adjoints: `input` becomes the frame that `gy` had before the forward method, of spatial size `input_size`; checks that the forward
 * method would have made gy's size (in resize->n). */
upreg_status ug_input_frame(upreg_error *err, const upreg_method *method, const upreg_ints *input_size, const ug_frame *gy, ug_frame *input);
upreg_status ug_check_output(upreg_error *err, const upreg_method *method, const ug_frame *gy, const int64_t n[UPREG_MAX_SPATIAL]);

/* ",input_size=[...]" */
void ug_text_input_size(char *text, size_t size, const ug_frame *input);
/* ",key=name", the name at a position of "a|b|c". */
void ug_text_choice(char *text, size_t size, const char *key, const char *choices, int position);

#endif
