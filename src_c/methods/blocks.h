/* How much of a tensor the methods handle at once.  The test build makes it tiny, so that every boundary occurs at small sizes. */
#ifndef UG_BLOCKS_H
#define UG_BLOCKS_H

#if defined(UPREG_TINY_BLOCKS)
enum {
    UG_MOVE_STRIP = 64,
    UG_POOL_STRIP = 48,
    UG_RESAMPLE_CACHE = 64,
    UG_PIECE = 8,
    UG_COLUMNS = 4,
    UG_LANE_CHANNELS = 2,
    UG_REDUCE_STRIP = 3,
    UG_REDUCE_WIDE = 5,
    UG_REDUCE_STEP = 8,
    UG_REDUCE_UNITS = 4,
    UG_RESAMPLE_STRIP = 16,
    UG_RESAMPLE_TILE = 1,
    UG_RESAMPLE_UNITS = 8,
    UG_RESAMPLE_AHEAD = 64,
    UG_STREAM_BYTES = 64
};
#else
enum {
    UG_MOVE_STRIP = 1 << 16,     /* bytes of an output row that are moved at once */
    UG_POOL_STRIP = 1 << 15,     /* bytes of an output row that are pooled at once: what they are pooled from stays in the first cache */
    UG_RESAMPLE_CACHE = 1 << 15, /* bytes of resampled rows that are kept: the first cache holds them */
    UG_PIECE = 1 << 12,          /* numbers of a contiguous run that go through several kernels, one after the other */
    UG_COLUMNS = 64,             /* neighbouring columns that are summed together */
    UG_LANE_CHANNELS = 16,       /* neighbouring channels that a norm or an unpool handles together: a cache line of float32 */
    UG_REDUCE_STRIP = 512,       /* neighbouring columns that are reduced together */
    UG_REDUCE_WIDE = 64,         /* numbers of a row, when several rows of a few columns are reduced side by side */
    UG_REDUCE_STEP = 1 << 14,    /* numbers that a reduction folds at once: a multiple of the block of a sum, */
    UG_REDUCE_UNITS = 32,        /* and the tasks that a few large reductions are cut into */
    UG_RESAMPLE_STRIP = 64,      /* a strip has a multiple of so many pixels: whole cache lines, whole groups of `windows` */
    UG_RESAMPLE_TILE = 16,       /* rows that one task makes, for every row that it must begin with */
    UG_RESAMPLE_UNITS = 16,      /* tasks that a volume is cut into */
    UG_RESAMPLE_AHEAD = 1 << 12, /* bytes of input that are fetched early */
    UG_STREAM_BYTES = 8 << 20    /* larger results leave the caches anyway, and are written past them */
};
#endif

#endif
