/* cos: the cosine. */
#include "methods/function.h"

UG_RUN_FUNCTION(cos)

const upreg_method ug_method_cos = {
    UG_FUNCTION_METHOD,
    .name = "cos",
    .family = "arithmetic",
    .summary = "the cosine of an angle in radians, elementwise",
    .doc = "y = cos(x), within 1 unit in the last place. The angle is reduced by 159 bits of pi / 2, exactly enough for |x| up to 2^50; beyond that "
           "it is x modulo the double nearest to 2 pi. NaN for infinities.",
    .source = "ONNX Cos",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
