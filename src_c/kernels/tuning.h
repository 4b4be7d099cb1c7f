#ifndef UG_TUNING_H
#define UG_TUNING_H

/* Block sizes and thresholds.  The test build makes them tiny, so that every boundary occurs at sizes 3 to 9. */
#if defined(UPREG_TINY_BLOCKS)
enum { UG_K_BLOCK = 4, UG_PANELS = 1, UG_GRAIN_BYTES = 16, UG_CHANNEL_STRIP = 4, UG_SUM_BLOCK = 4, UG_SERIAL_NANOSECONDS = 0 };
#else
enum {
    UG_K_BLOCK = 256,             /* terms summed before they are added to the total: keeps the error near sqrt(K) */
    UG_PANELS = 4,                /* pixel panels that share one pass over the packed weights */
    UG_GRAIN_BYTES = 1 << 16,     /* bytes one unit of a memory-bound stage writes, about */
    UG_CHANNEL_STRIP = 1 << 10,   /* input channels staged at once */
    UG_SUM_BLOCK = 256,           /* terms per partial sum in reductions */
    UG_SERIAL_NANOSECONDS = 20000 /* less work than this stays on the calling thread */
};
#endif

#endif
