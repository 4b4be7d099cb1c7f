#include "methods/gemm_block.h"

#define T float
#define S f32
#include "methods/gemm_block_t.h"
#define T double
#define S f64
#include "methods/gemm_block_t.h"
