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

#include "kernels/resample_wide.h"

static void settle(void) { ug_streamed(); }

extern const ug_resample_kernels UGK(resample);
const ug_resample_kernels UGK(resample) = {pass_f32, pass_f64, pass_u8_i16, pass_i16_i16, pass_i16_u8, pass_u8_u8, pass_u8_wide, settle};
