#include "methods/resize.h"

#include <stdio.h>

static double whole_size(int rule, double size) {
    switch (rule) {
    case 1: return nearbyint(size);
    case 2: return floor(size + 0.5);
    case 3: return ceil(size);
    default: return floor(size);
    }
}

/* The part of the input that is shown: all of it without a box. */
static upreg_status shown(upreg_error *err, const upreg_method *method, const ug_target *target, const ug_frame *input, ug_resize *resize) {
    const upreg_floats *box = &target->box;
    if (box->count && box->count != 2 * input->rank)
        return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'box' has %d numbers; allowed: two for each of the %d spatial axes", method->name,
                       box->count, input->rank);
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        int k = axis - (UPREG_MAX_SPATIAL - input->rank);
        resize->m[axis] = input->x[axis];
        if (input->x[axis] < 1) return ug_fail(err, UPREG_E_SHAPE, "%s: a spatial axis of 'x' has length 0; allowed: at least 1", method->name);
        double begin = box->count && k >= 0 ? box->v[k] : 0, end = box->count && k >= 0 ? box->v[input->rank + k] : (double)input->x[axis];
        if (!(end > begin))
            return ug_fail(err, UPREG_E_PARAMETER,
                           "%s: parameter 'box' goes from %.12g to %.12g along spatial axis %d; allowed: an end after the begin", method->name, begin,
                           end, k);
        resize->begin[axis] = begin, resize->shown[axis] = end - begin;
    }
    return UPREG_OK;
}

upreg_status ug_resize_of(upreg_error *err, const upreg_method *method, const ug_target *target, const ug_frame *input, ug_resize *resize) {
    int by_size = target->size.count > 0, by_scale = target->scale.count > 0;
    double scale[UPREG_MAX_SPATIAL] = {1, 1, 1}, translate[UPREG_MAX_SPATIAL];
    if (by_size == by_scale)
        return ug_fail(err, UPREG_E_PARAMETER, "%s: %s; allowed: exactly one of parameters 'size' and 'scale'", method->name,
                       by_size ? "both 'size' and 'scale' are given" : "neither 'size' nor 'scale' is given");
    if (by_size)
        UG_TRY(ug_axes_int(err, method, "size", &target->size, input->rank, 1, resize->n));
    else
        UG_TRY(ug_axes_float(err, method, "scale", &target->scale, input->rank, 1, scale));
    UG_TRY(ug_axes_float(err, method, "translate", &target->translate, input->rank, 0, translate));
    UG_TRY(shown(err, method, target, input, resize));
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        if (by_scale) {
            double n = whole_size(target->size_rule, resize->shown[axis] * scale[axis]);
            if (n < 1 || n > UG_MAX_SIZE)
                return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'scale' = %.12g makes %.0f of an axis of length %.12g; allowed: 1 to %.0f",
                               method->name, scale[axis], n, resize->shown[axis], UG_MAX_SIZE);
            resize->n[axis] = (int64_t)n;
        }
        int ratio = by_size || target->recompute_scale;
        resize->step[axis] = ratio ? resize->shown[axis] / (double)resize->n[axis] : 1.0 / scale[axis];
        resize->begin[axis] -= translate[axis] * resize->step[axis];
    }
    return UPREG_OK;
}

upreg_status ug_resize_roi(upreg_error *err, const upreg_method *method, int coordinates, const upreg_floats *roi, int rank, ug_resize *resize) {
    if (coordinates != UG_TF_CROP_AND_RESIZE && !roi->count) return UPREG_OK;
    if (coordinates != UG_TF_CROP_AND_RESIZE)
        return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'roi' is given; allowed: only with coordinates = tf_crop_and_resize", method->name);
    if (roi->count && roi->count != 2 * rank)
        return ug_fail(err, UPREG_E_PARAMETER, "%s: parameter 'roi' has %d numbers; allowed: %d with coordinates = tf_crop_and_resize", method->name,
                       roi->count, 2 * rank);
    for (int k = 0; k < rank; k++) {
        resize->roi_begin[UPREG_MAX_SPATIAL - rank + k] = roi->count ? roi->v[k] : 0;
        resize->roi_end[UPREG_MAX_SPATIAL - rank + k] = roi->count ? roi->v[rank + k] : 1;
    }
    return UPREG_OK;
}

int ug_coordinate_outside(int coordinates, const ug_resize *resize, int axis, double x) {
    return coordinates == UG_TF_CROP_AND_RESIZE && !(x >= 0 && x <= (double)resize->m[axis] - 1);
}

double ug_coordinate(int coordinates, const ug_resize *resize, int axis, int64_t i) {
    double step = resize->step[axis], m = resize->shown[axis], n = (double)resize->n[axis], begin = resize->begin[axis];
    double half = ((double)i + 0.5) * step - 0.5;
    switch (coordinates) {
    case UG_ASYMMETRIC: return begin + (double)i * step;
    case UG_ALIGN_CORNERS: return begin + (n > 1 ? (double)i * (m - 1) / (n - 1) : 0);
    case UG_HALF_PIXEL_SYMMETRIC: return begin + half + m / 2 * (1 - n * step / m);
    case UG_PYTORCH_HALF_PIXEL: return begin + (n > 1 ? half : 0);
    case UG_TF_CROP_AND_RESIZE: {
        double from = resize->roi_begin[axis], to = resize->roi_end[axis];
        return from * (m - 1) + (n > 1 ? (double)i * (to - from) * (m - 1) / (n - 1) : (to - from) * (m - 1) / 2);
    }
    case UG_TF_HALF_PIXEL: return begin + ((double)i + 0.5) * step;
    default: return begin + half;
    }
}

void ug_resize_period(int coordinates, const ug_resize *resize, int64_t period[UPREG_MAX_SPATIAL], int64_t shift[UPREG_MAX_SPATIAL]) {
    enum { LONGEST = 64, EXACT = 1 << 23 };
    for (int axis = 0; axis < UPREG_MAX_SPATIAL; axis++) {
        double step = resize->step[axis];
        period[axis] = shift[axis] = 0;
        int by_ends = coordinates == UG_ALIGN_CORNERS || coordinates == UG_HALF_PIXEL_SYMMETRIC || coordinates == UG_TF_CROP_AND_RESIZE;
        if (by_ends || resize->begin[axis] != 0 || resize->n[axis] > EXACT || resize->m[axis] > EXACT) continue;
        for (int64_t p = 1; p <= LONGEST && !period[axis]; p *= 2)
            if ((double)p * step == floor((double)p * step)) period[axis] = p, shift[axis] = (int64_t)((double)p * step);
    }
}

upreg_status ug_input_frame(upreg_error *err, const upreg_method *method, const upreg_ints *input_size, const ug_frame *gy, ug_frame *input) {
    *input = *gy;
    return ug_axes_int(err, method, "input_size", input_size, gy->rank, 1, input->x);
}

upreg_status ug_check_output(upreg_error *err, const upreg_method *method, const ug_frame *gy, const int64_t n[UPREG_MAX_SPATIAL]) {
    for (int axis = UPREG_MAX_SPATIAL - gy->rank; axis < UPREG_MAX_SPATIAL; axis++)
        if (gy->x[axis] != n[axis])
            return ug_fail(err, UPREG_E_SHAPE, "%s: spatial axis %d of 'gy' has length %" PRId64 "; these parameters and input_size make %" PRId64,
                           method->name, axis - (UPREG_MAX_SPATIAL - gy->rank), gy->x[axis], n[axis]);
    return UPREG_OK;
}

void ug_text_input_size(char *text, size_t size, const ug_frame *input) {
    ug_text_ints(text, size, "input_size", input->rank, input->x + UPREG_MAX_SPATIAL - input->rank);
}

void ug_text_choice(char *text, size_t size, const char *key, const char *choices, int position) {
    for (; position > 0; position--) choices = strchr(choices, '|') + 1;
    size_t used = strlen(text);
    snprintf(text + used, size - used, ",%s=%.*s", key, (int)strcspn(choices, "|"), choices);
}
