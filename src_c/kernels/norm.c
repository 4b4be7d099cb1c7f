#include "kernels/norm.h"

#include "kernels/activation.h"
#include "kernels/kernels.h"

#define F f32
#define S float
#define V ug_v32
#include "kernels/norm_t.h"
#define F f64
#define S double
#define V ug_v64
#include "kernels/norm_t.h"

#define SLOT(name) .name##_f32 = name##_f32, .name##_f64 = name##_f64

extern const ug_norm_kernels UGK(norm);
const ug_norm_kernels UGK(norm) = {
    SLOT(squares),
    SLOT(products),
    SLOT(squares_columns),
    SLOT(products_columns),
};
