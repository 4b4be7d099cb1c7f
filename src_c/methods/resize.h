/* What nearest, linear and cubic share: the target size, the coordinate maps, and their parameters. */
#ifndef UG_RESIZE_H
#define UG_RESIZE_H

#include "methods/spatial.h"

/* Where output i of an axis lies in the input.  nearest has all of these, the others all but the last. */
enum { UG_HALF_PIXEL, UG_ASYMMETRIC, UG_ALIGN_CORNERS, UG_HALF_PIXEL_SYMMETRIC, UG_PYTORCH_HALF_PIXEL, UG_TF_CROP_AND_RESIZE, UG_TF_HALF_PIXEL };
#define UG_COORDINATES "half_pixel|asymmetric|align_corners|half_pixel_symmetric|pytorch_half_pixel|tf_crop_and_resize"
#define UG_COORDINATES_NEAREST UG_COORDINATES "|tf_half_pixel_for_nn"

/* The fields of a parameter struct, and the lines of its table, that say how large the output is. */
typedef struct ug_target {
    upreg_ints size;
    upreg_floats scale, coordinate_scale;
    int32_t recompute_scale;
} ug_target;
#define UG_TARGET_FLOATS(S, field, text) {#field, UPREG_FLOATS, offsetof(S, target.field), "null", 1e-9, 1e9, NULL, text}
#define UG_TARGET_PARAMS(S)                                                                                                                          \
    {"size", UPREG_INTS, offsetof(S, target.size), "null", 1, UG_MAX_SIZE, NULL, "output size; give this or scale"},                                 \
        UG_TARGET_FLOATS(S, scale, "output size = floor(input size * scale); give this or size"),                                                    \
        UG_TARGET_FLOATS(S, coordinate_scale, "the scale that coordinates use beside a size; null: the ratio of the sizes"),                         \
        {"recompute_scale",                                                                                                                          \
         UPREG_BOOL,                                                                                                                                 \
         offsetof(S, target.recompute_scale),                                                                                                        \
         "false",                                                                                                                                    \
         0,                                                                                                                                          \
         1,                                                                                                                                          \
         NULL,                                                                                                                                       \
         "coordinates use the ratio of the sizes instead of the scale given"}

#define UG_ROI_PARAM(S)                                                                                                                              \
    {"roi",                                                                                                                                          \
     UPREG_FLOATS,                                                                                                                                   \
     offsetof(S, roi),                                                                                                                               \
     "null",                                                                                                                                         \
     -1e9,                                                                                                                                           \
     1e9,                                                                                                                                            \
     NULL,                                                                                                                                           \
     "for tf_crop_and_resize: where the region begins, for each axis, and where it ends, as parts of the input's length - 1"}

/* Sizes, and input elements per output element, per axis (right-aligned in three). */
typedef struct ug_resize {
    int64_t m[UPREG_MAX_SPATIAL], n[UPREG_MAX_SPATIAL];
    double step[UPREG_MAX_SPATIAL];
    double begin[UPREG_MAX_SPATIAL], end[UPREG_MAX_SPATIAL]; /* the region of tf_crop_and_resize; else 0 and 1 */
} ug_resize;

/* input: the frame of the small (original) tensor. */
upreg_status ug_resize_of(upreg_error *err, const upreg_method *method, const ug_target *target, const ug_frame *input, ug_resize *resize);
/* The region; `rank` numbers of where it begins, then of where it ends. */
upreg_status ug_resize_roi(upreg_error *err, const upreg_method *method, int coordinates, const upreg_floats *roi, int rank, ug_resize *resize);
/* Whether a coordinate lies outside the input, so that the output there is 0. */
int ug_coordinate_outside(int coordinates, const ug_resize *resize, int axis, double x);
/* Whether coordinates use the ratio of the sizes. */
int ug_resize_by_ratio(const ug_target *target);
/* Outputs after which coordinates repeat, and by how much they have moved then: where a step is a binary fraction, so that no coordinate is
 * rounded; else 0. */
void ug_resize_period(int coordinates, const ug_resize *resize, int64_t period[UPREG_MAX_SPATIAL], int64_t shift[UPREG_MAX_SPATIAL]);
double ug_coordinate(int coordinates, const ug_resize *resize, int axis, int64_t i);

/* For adjoints: `input` becomes the frame that `gy` had before the forward method, of spatial size `input_size`; checks that the forward
 * method would have made gy's size (in resize->n). */
upreg_status ug_input_frame(upreg_error *err, const upreg_method *method, const upreg_ints *input_size, const ug_frame *gy, ug_frame *input);
upreg_status ug_check_output(upreg_error *err, const upreg_method *method, const ug_frame *gy, const int64_t n[UPREG_MAX_SPATIAL]);

/* ",size=..." or ",scale=..." as given, and ",recompute_scale=..." */
void ug_text_target(char *text, size_t size, const ug_target *target);
/* ",roi=[...]", if given */
void ug_text_roi(char *text, size_t size, const upreg_floats *roi);
/* ",input_size=[...]" */
void ug_text_input_size(char *text, size_t size, const ug_frame *input);
/* ",key=name", the name at a position of "a|b|c". */
void ug_text_choice(char *text, size_t size, const char *key, const char *choices, int position);

#endif
