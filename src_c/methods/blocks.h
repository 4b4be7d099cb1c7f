/* How much of a tensor the methods handle at once.  The test build makes it tiny, so that every boundary occurs at small sizes. */
#ifndef UG_BLOCKS_H
#define UG_BLOCKS_H

#if defined(UPREG_TINY_BLOCKS)
enum { UG_MOVE_STRIP = 64, UG_POOL_STRIP = 48, UG_RESAMPLE_CACHE = 64, UG_PIECE = 8, UG_COLUMNS = 4, UG_LANE_CHANNELS = 2, UG_PHASED_PIXELS = 2 };
#else
enum {
    UG_MOVE_STRIP = 1 << 16,     /* bytes of an output row that are moved at once */
    UG_POOL_STRIP = 1 << 15,     /* bytes of an output row that are pooled at once: what they are pooled from stays in the first cache */
    UG_RESAMPLE_CACHE = 1 << 18, /* bytes of resampled rows that are kept: a part of the second cache */
    UG_PIECE = 1 << 12,          /* numbers of a contiguous run that go through several kernels, one after the other */
    UG_COLUMNS = 64,             /* neighbouring columns that are summed together */
    UG_LANE_CHANNELS = 16,       /* neighbouring channels that a norm or an unpool handles together: a cache line of float32 */
    UG_PHASED_PIXELS = 8         /* shortest stretch of pixels for which phases are worth while */
};
#endif

#endif
