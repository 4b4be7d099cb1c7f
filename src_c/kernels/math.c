#include "kernels/math.h"

#include "kernels/map.h"
#include "kernels/math_erf.h"
#include "kernels/math_exp.h"
#include "kernels/math_trig.h"

#define F f32
#define S float
#define V ug_v32
#define MOST FLT_MAX
#include "kernels/math_t.h"

#define F f64
#define S double
#define V ug_v64
#define MOST DBL_MAX
#include "kernels/math_t.h"

#define F u8
#define S uint8_t
#define W uint32_t
#define LEAST 0
#define MOST UINT8_MAX
#include "kernels/math_whole_t.h"

#define F i8
#define S int8_t
#define W uint32_t
#define LEAST INT8_MIN
#define MOST INT8_MAX
#include "kernels/math_whole_t.h"

#define F u16
#define S uint16_t
#define W uint32_t
#define LEAST 0
#define MOST UINT16_MAX
#include "kernels/math_whole_t.h"

#define F i16
#define S int16_t
#define W uint32_t
#define LEAST INT16_MIN
#define MOST INT16_MAX
#include "kernels/math_whole_t.h"

#define F i32
#define S int32_t
#define W uint32_t
#define LEAST INT32_MIN
#define MOST INT32_MAX
#include "kernels/math_whole_t.h"

#define F i64
#define S int64_t
#define W uint64_t
#define LEAST INT64_MIN
#define MOST INT64_MAX
#include "kernels/math_whole_t.h"

#define OF_FLOATS(name) [UG_FUNCTION_##name] = {UG_FLOAT_SLOTS(name)},
#define OF_NUMBERS(name) [UG_FUNCTION_##name] = {UG_FLOAT_SLOTS(name), UG_WHOLE_SLOTS(name)},
#define GRADIENTS(name) [UG_FUNCTION_##name] = {UG_FLOAT_SLOTS(name##_grad)},

extern const ug_math_kernels UGK(math);
const ug_math_kernels UGK(math) = {
    .function = {UG_FLOAT_FUNCTIONS(OF_FLOATS) UG_NUMBER_FUNCTIONS(OF_NUMBERS) UG_FLOAT_VALUES(OF_FLOATS) UG_NUMBER_VALUES(OF_NUMBERS)
                     UG_FLOAT_TESTS(OF_FLOATS)},
    .grad = {UG_FLOAT_FUNCTIONS(GRADIENTS) UG_NUMBER_FUNCTIONS(GRADIENTS)},
};
