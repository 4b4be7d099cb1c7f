#include "kernels/winograd.h"

#include "kernels/simd.h"

#define T float
#define S f32
#define V ug_v32
#include "kernels/winograd_t.h"

#define T double
#define S f64
#define V ug_v64
#include "kernels/winograd_t.h"

#define ROW(name, a, S) {UG_PASTE(name##_##a##_0, S), UG_PASTE(name##_##a##_1, S), UG_PASTE(name##_##a##_2, S), UG_PASTE(name##_##a##_3, S)}
#define TABLE(name, S) {ROW(name, 0, S), ROW(name, 1, S), ROW(name, 2, S), ROW(name, 3, S)}

extern const ug_winograd_kernels UGK(winograd);
const ug_winograd_kernels UGK(winograd) = {
    .input_f32 = TABLE(input, f32), .output_f32 = TABLE(output, f32), .input_f64 = TABLE(input, f64), .output_f64 = TABLE(output, f64)};
