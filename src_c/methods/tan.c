/* tan: the tangent. */
#include "methods/function.h"

UG_RUN_FUNCTION(tan)

const upreg_method ug_method_tan = {
    UG_FUNCTION_METHOD,
    .name = "tan",
    .family = "arithmetic",
    .summary = "the tangent of an angle in radians, elementwise",
    .doc = "y = tan(x), within 2.5 units in the last place. The angle is reduced by 159 bits of pi / 2, exactly enough for |x| up to 2^50; beyond "
           "that it is x modulo the double nearest to 2 pi. NaN for infinities.",
    .source = "ONNX Tan",
    .types = UG_FLOATING,
    .vjp = ug_function_vjp,
};
