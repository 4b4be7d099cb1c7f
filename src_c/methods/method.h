/* What every method file shares: parameter-table lines, spec helpers, and the steps of a gradient. */
#ifndef UG_METHOD_H
#define UG_METHOD_H

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "core/error.h"
#include "kernels/kernels.h"
#include "upreg.h"

/* One line of a parameter table.  S is the method's parameter struct; the field has the parameter's name. */
#define UG_INT_PARAM(S, field, text, lo, hi, help) {#field, UPREG_INT, offsetof(S, field), text, lo, hi, NULL, help}
#define UG_FLOAT_PARAM(S, field, text, lo, hi, help) {#field, UPREG_FLOAT, offsetof(S, field), text, lo, hi, NULL, help}
#define UG_BOOL_PARAM(S, field, text, help) {#field, UPREG_BOOL, offsetof(S, field), text, 0, 1, NULL, help}
#define UG_CHOICE_PARAM(S, field, text, choices, help) {#field, UPREG_CHOICE, offsetof(S, field), text, 0, 0, choices, help}
#define UG_INTS_PARAM(S, field, text, lo, hi, choices, help) {#field, UPREG_INTS, offsetof(S, field), text, lo, hi, choices, help}
#define UG_PAIRS_PARAM(S, field, text, lo, hi, choices, help) {#field, UPREG_PAIRS, offsetof(S, field), text, lo, hi, choices, help}
#define UG_FLOATS_PARAM(S, field, text, lo, hi, help) {#field, UPREG_FLOATS, offsetof(S, field), text, lo, hi, NULL, help}

#define UG_COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))
#define UG_MAX_SIZE 2147483647.0 /* of one axis, a kernel, a stride: offsets inside a tensor are 64-bit */

enum {
    UG_FLOATING = 1u << UPREG_F32 | 1u << UPREG_F64,
    UG_INTEGERS = 1u << UPREG_U8 | 1u << UPREG_I8 | 1u << UPREG_U16 | 1u << UPREG_I16 | 1u << UPREG_I32 | 1u << UPREG_I64,
    UG_ANY_TYPE = UG_FLOATING | UG_INTEGERS | 1u << UPREG_F16 | 1u << UPREG_BF16 /* moved by width, never computed with */
};

/* Number of elements, or -1 when it does not fit in 62 bits. */
int64_t ug_elements(const upreg_spec *spec);
int ug_same_shape(const upreg_spec *a, const upreg_spec *b);
upreg_spec ug_spec(upreg_type type, int ndim, const int64_t *dim);
/* UPREG_E_SHAPE unless the output can be addressed. */
upreg_status ug_check_size(upreg_error *err, const upreg_method *method, const upreg_spec *out);

/* infer of y with the shape and type of x */
upreg_status ug_infer_same(upreg_infer *ctx);
/* UPREG_E_DTYPE unless input `port`, called `name`, is uint8: core checks the types of ports "T" and "i64" only. */
upreg_status ug_need_u8(const upreg_infer *ctx, int port, const char *name);
/* A memory-bound stage over `units` units of `bytes_per_unit` each, with a grain that suits it. */
void ug_add_stage(upreg_prepare *p, int64_t units, double bytes_per_unit, size_t scratch);
/* The same for a stage that computes: multiply-adds per unit. */
void ug_add_compute_stage(upreg_prepare *p, int64_t units, double macs_per_unit, size_t scratch);
/* reach of an elementwise method. */
upreg_status ug_reach_same(upreg_reach *ctx);
/* tile of a method that makes any range of its output from the ranges that its reach says, as they are. */
upreg_status ug_tile_same(upreg_tiling *ctx);
/* The specs of what run is given: the part of a tile, else all. */
upreg_spec ug_part_in(const upreg_prepare *p, int port);
upreg_spec ug_part_out(const upreg_prepare *p);
/* UPREG_E_GRAPH unless the range is all of an axis. */
upreg_status ug_tile_needs_all(const upreg_tiling *ctx, int axis);

/* Gradients.  ug_step adds a call and returns a reference to its first output. */
#define UG_INPUT(i) ((upreg_ref){UPREG_FROM_INPUT, i, 0})
#define UG_OUTPUT(i) ((upreg_ref){UPREG_FROM_OUTPUT, i, 0})
#define UG_GRAD ((upreg_ref){UPREG_FROM_GRAD, 0, 0})
#define UG_NO_REF ((upreg_ref){UPREG_FROM_NOTHING, 0, 0})
upreg_ref ug_step(upreg_vjp *ctx, int n_in, const upreg_ref *in, const char *format, ...) UG_PRINTF(4, 5);
#define UG_REFS(...) ((const upreg_ref[]){__VA_ARGS__})
/* ",key=[a,b,c]" appended to text */
void ug_text_ints(char *text, size_t size, const char *key, int count, const int64_t *v);
/* ",key=[[a,b],[c,d]]" appended to text */
void ug_text_pairs(char *text, size_t size, const char *key, int count, const int64_t *begin, const int64_t *end);

/* ",key=value" appended for every parameter of `from` that `to` has too, unless it is to's default */
void ug_text_params(char *text, size_t size, const upreg_method *from, const void *params, const upreg_method *to);

static inline void *ug_data(const upreg_tensor *t) { return (char *)t->data + t->byte_offset; }
static inline int64_t ug_max64(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t ug_min64(int64_t a, int64_t b) { return a < b ? a : b; }
/* Division rounding towards minus infinity (b > 0). */
static inline int64_t ug_floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }
static inline int64_t ug_ceil_div(int64_t a, int64_t b) { return a / b + (a % b > 0); }
/* Bytes as whole lines of the cache. */
static inline int64_t ug_round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }
static inline int64_t ug_gcd(int64_t a, int64_t b) { return b ? ug_gcd(b, a % b) : a; }
static inline size_t ug_aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

#endif
