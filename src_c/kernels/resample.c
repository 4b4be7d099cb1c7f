#include "kernels/resample.h"
#include "kernels/kernels.h"
#include "kernels/resample_pick.h"

#define F f32
#define T float
#define V ug_v32
#define VI ug_vi32
#include "kernels/resample_t.h"
#define F f64
#define T double
#define V ug_v64
#define VI ug_vi64
#include "kernels/resample_t.h"

#include "kernels/resample_whole.h"
#define F u8_i16
#define X uint8_t
#define Y int16_t
#define XN u8
#define YN i16
#include "kernels/resample_whole_t.h"
#define DOWN
#define F u8_i16_down
#define X uint8_t
#define Y int16_t
#define XN u8
#define YN i16
#include "kernels/resample_whole_t.h"
#undef DOWN
#define F i16_i16
#define X int16_t
#define Y int16_t
#define XN i16
#define YN i16
#include "kernels/resample_whole_t.h"
#define F i16_u8
#define X int16_t
#define Y uint8_t
#define XN i16
#define YN u8
#include "kernels/resample_whole_t.h"
#define F u8_u8
#define X uint8_t
#define Y uint8_t
#define XN u8
#define YN u8
#include "kernels/resample_whole_t.h"

#include "kernels/resample_mixed.h"

static void settle(void) { ug_streamed(); }

extern const ug_resample_kernels UGK(resample);
const ug_resample_kernels UGK(resample) = {
    .f32 = pass_f32,
    .f64 = pass_f64,
    .u8_i16 = pass_u8_i16,
    .i16_i16 = pass_i16_i16,
    .i16_u8 = pass_i16_u8,
    .u8_u8 = pass_u8_u8,
    .u8_wide = pass_u8_wide,
    .u8_i32 = pass_u8_i32,
    .i32_u8 = pass_i32_u8,
    .i32_mean = pass_i32_mean,
    .u8_i16_down = pass_u8_i16_down,
    .i16_linear = pass_i16_linear,
    .to_floats = to_floats,
    .from_floats = from_floats,
    .u8_f32 = pass_u8_f32,
    .f32_u8 = pass_f32_u8,
    .settle = settle,
};
