#ifndef UG_TUNING_H
#define UG_TUNING_H

/* Block sizes and thresholds.  The test build makes them tiny, so that every boundary occurs at sizes 3 to 9. */
enum { UG_WEIGHTS_AHEAD = 4096 }; /* bytes that the tile kernel prefetches ahead: weights of many channels lie beyond the second cache */

#if defined(UPREG_TINY_BLOCKS)
enum {
    UG_K_BLOCK = 4,
    UG_GRAIN_BYTES = 16,
    UG_SUM_BLOCK = 4,
    UG_SERIAL_NANOSECONDS = 0,
    UG_STAGED_BYTES = 1 << 10,
    UG_RESULT_BYTES = 1 << 10,
    UG_UNIT_PIXELS = 24,
    UG_UNIT_COLUMNS = 16,
    UG_WINOGRAD_BYTES = 1 << 12,
    UG_WINOGRAD_STAGED = 1 << 10,
    UG_SMALL_WEIGHTS = 1 << 10
};
#else
enum {
    UG_K_BLOCK = 256,              /* terms summed before they are added to the total: keeps the error near sqrt(K) */
    UG_GRAIN_BYTES = 1 << 16,      /* bytes one unit of a memory-bound stage writes, about */
    UG_SUM_BLOCK = 256,            /* terms per partial sum in reductions */
    UG_SERIAL_NANOSECONDS = 20000, /* less work than this stays on the calling thread */
    UG_STAGED_BYTES = 400 << 10,   /* convolution: input that a unit of work stages at once, */
    UG_RESULT_BYTES = 256 << 10,   /* results that it keeps, */
    UG_UNIT_PIXELS = 1024,         /* and outputs of a channel that it computes: together they stay in a 1 MiB cache */
    UG_UNIT_COLUMNS = 448,
    UG_WINOGRAD_BYTES = 800 << 10,  /* transformed inputs that a unit of work keeps, */
    UG_WINOGRAD_STAGED = 160 << 10, /* and staged ones */
    UG_SMALL_WEIGHTS = 1 << 20      /* weights of no more bytes than this may grow to any size when they are transformed */
};
#endif

#endif
