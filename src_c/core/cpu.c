/* Which CPU tier to run, and how many processors there are. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sched.h>
#endif
#include <unistd.h>

#include "core/core.h"

extern const upreg_kernels ug_kernels_base;
#if defined(UG_HAVE_AVX2)
extern const upreg_kernels ug_kernels_avx2;
#endif
#if defined(UG_HAVE_AVX512)
extern const upreg_kernels ug_kernels_avx512;
#endif

/* Ascending; __builtin_cpu_supports asks cpuid and what the operating system saves (xgetbv). */
static int available(const upreg_kernels *table[3]) {
    int n = 0;
    table[n++] = &ug_kernels_base;
#if defined(UG_HAVE_AVX2)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) table[n++] = &ug_kernels_avx2;
#endif
#if defined(UG_HAVE_AVX512)
    if (n == 2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq"))
        table[n++] = &ug_kernels_avx512;
#endif
    return n;
}

static const upreg_kernels *best;
static char names[32];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void choose(void) {
    const upreg_kernels *table[3];
    int n = available(table);
    best = table[n - 1];
    const char *wanted = getenv("UPREG_CPU");
    for (int i = 0; i < n; i++) {
        if (i) strcat(names, "|");
        strcat(names, table[i]->tier);
        if (wanted && strcmp(wanted, table[i]->tier) == 0) best = table[i];
    }
}

const char *upreg_cpu_tier(void) {
    pthread_once(&once, choose);
    return best->tier;
}

const char *upreg_cpu_tiers(void) {
    pthread_once(&once, choose);
    return names;
}

const upreg_kernels *ug_kernels_for(const char *tier, upreg_error *err) {
    pthread_once(&once, choose);
    if (!tier) return best;
    const upreg_kernels *table[3];
    int n = available(table);
    for (int i = 0; i < n; i++)
        if (strcmp(table[i]->tier, tier) == 0) return table[i];
    ug_fail(err, UPREG_E_PARAMETER, "cpu tier '%.32s' is not available; allowed: %s", tier, names);
    return NULL;
}

int upreg_processors(void) {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set) > 0 ? CPU_COUNT(&set) : 1;
#endif
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}

static atomic_int threads_set;

int upreg_get_threads(void) {
    int n = atomic_load(&threads_set);
    if (n == 0) {
        const char *text = getenv("UPREG_NUM_THREADS");
        if (text) n = atoi(text);
        if (n < 1 || n > 1024) n = upreg_processors();
    }
    return n;
}

upreg_status upreg_set_threads(int n, upreg_error *err) {
    if (n < 0 || n > 1024) return ug_fail(err, UPREG_E_PARAMETER, "num_threads = %d is not allowed; allowed: 1 to 1024, or 0 for the default", n);
    atomic_store(&threads_set, n);
    return UPREG_OK;
}

int upreg_tiny_blocks(void) {
#if defined(UPREG_TINY_BLOCKS)
    return 1;
#else
    return 0;
#endif
}
