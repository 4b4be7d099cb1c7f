/* Weights of soft_pool. */
#ifndef UG_SOFT_POOL_H
#define UG_SOFT_POOL_H

#include "methods/lp_pool.h"

/* Of every number of a pixel: the largest of the region, and the sum of exp(x - the largest), in blocks. */
#define UG_SOFT_WEIGHTS(T, w, largest, sum, block)                                                                                                   \
    {                                                                                                                                                \
        int64_t terms = 0;                                                                                                                           \
        for (int64_t k = 0; k < (w)->x.inner; k++) largest[k] = -INFINITY, sum[k] = block[k] = 0;                                                    \
        UG_REGION_ROWS(&(w)->region, i0, i1) {                                                                                                       \
            const T *from = (const T *)(const void *)ug_pixel(&(w)->x, (w)->n, (w)->c, i0, i1, 0, sizeof(T));                                        \
            UG_REGION_ROW(&(w)->region, i2) for (int64_t k = 0; k < (w)->x.inner; k++) {                                                             \
                double x = (double)from[i2 * (w)->x.inner + k];                                                                                      \
                if (x > largest[k] || x != x) largest[k] = x;                                                                                        \
            }                                                                                                                                        \
        }                                                                                                                                            \
        UG_REGION_ROWS(&(w)->region, i0, i1) {                                                                                                       \
            const T *from = (const T *)(const void *)ug_pixel(&(w)->x, (w)->n, (w)->c, i0, i1, 0, sizeof(T));                                        \
            UG_REGION_ROW(&(w)->region, i2) {                                                                                                        \
                for (int64_t k = 0; k < (w)->x.inner; k++)                                                                                           \
                    block[k] += (w)->call->kernels->reduce->exp((double)from[i2 * (w)->x.inner + k] - largest[k]);                                   \
                if (++terms % UG_SUM_BLOCK) continue;                                                                                                \
                for (int64_t k = 0; k < (w)->x.inner; k++) sum[k] += block[k], block[k] = 0;                                                         \
            }                                                                                                                                        \
        }                                                                                                                                            \
        for (int64_t k = 0; k < (w)->x.inner; k++) sum[k] += block[k];                                                                               \
    }

#endif
