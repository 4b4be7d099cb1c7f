/* Element types as indices of tables of kernels. */
#ifndef UG_TYPES_H
#define UG_TYPES_H

#include <stdint.h>

/* The numbers of upreg_type: layer 1 does not know the public header. */
enum {
    UG_TYPE_F32 = 1,
    UG_TYPE_F64,
    UG_TYPE_F16,
    UG_TYPE_BF16,
    UG_TYPE_U8,
    UG_TYPE_I8,
    UG_TYPE_U16,
    UG_TYPE_I16,
    UG_TYPE_I32,
    UG_TYPE_I64,
    UG_TYPES
};

/* The slots of a table's row. */
#define UG_FLOAT_SLOTS(name) [UG_TYPE_F32] = name##_f32, [UG_TYPE_F64] = name##_f64
#define UG_WHOLE_SLOTS(name)                                                                                                                         \
    [UG_TYPE_U8] = name##_u8, [UG_TYPE_I8] = name##_i8, [UG_TYPE_U16] = name##_u16, [UG_TYPE_I16] = name##_i16, [UG_TYPE_I32] = name##_i32,          \
    [UG_TYPE_I64] = name##_i64

#endif
