/* Aligned memory, and the pool of blocks that outputs and scratch come from: writing a fresh page costs ten times the write. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/core.h"

enum { MAX_IDLE = 64, ROUND = 4096, LARGE_PAGE = 2 << 20 };
static struct {
    void *memory;
    size_t bytes;
    unsigned long age;
} idle[MAX_IDLE];
static int n_idle;
static size_t idle_bytes, cap;
static unsigned long clock_now;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Rows of many channels lie in as many pages: few large pages spare looking them up.  Only what fills such pages asks for them. */
static void *alloc_large(size_t bytes) {
    void *memory;
    if (posix_memalign(&memory, LARGE_PAGE, bytes) != 0) return NULL;
#if defined(MADV_HUGEPAGE)
    madvise(memory, bytes / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
#endif
    return memory;
}

void *ug_alloc(size_t bytes) {
    if (bytes > SIZE_MAX / 2) return NULL;
    size_t rounded = (bytes + 63) / 64 * 64;
    if (rounded >= LARGE_PAGE) return alloc_large(rounded);
    return aligned_alloc(64, rounded ? rounded : 64);
}

void ug_free(void *memory) { free(memory); }

/* The parent's idle blocks are copy-on-write in a child: reusing them would cost what the pool is there to save. */
static void before_fork(void) { pthread_mutex_lock(&lock); }
static void in_parent(void) { pthread_mutex_unlock(&lock); }
static void in_child(void) {
    pthread_mutex_init(&lock, NULL);
    for (int i = 0; i < n_idle; i++) free(idle[i].memory);
    n_idle = 0, idle_bytes = 0;
}

static void set_up(void) {
    const char *megabytes = getenv("UPREG_CACHE_MB");
    char *end;
    long wanted = megabytes ? strtol(megabytes, &end, 10) : -1;
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    size_t ram = pages > 0 && page > 0 ? (size_t)pages * (size_t)page : (size_t)1 << 31;
    cap = ram / 8 < (size_t)256 << 20 ? ram / 8 : (size_t)256 << 20;
    if (wanted >= 0 && wanted < 1 << 20) cap = (size_t)wanted << 20;
    pthread_atfork(before_fork, in_parent, in_child);
}

static void *remove_idle(int i) {
    void *memory = idle[i].memory;
    idle_bytes -= idle[i].bytes;
    idle[i] = idle[--n_idle];
    return memory;
}

void *upreg_pool_take(size_t bytes, size_t *actual) {
    pthread_once(&once, set_up);
    if (bytes > SIZE_MAX / 2) return NULL;
    size_t want = (bytes / ROUND + 1) * ROUND;
    pthread_mutex_lock(&lock);
    int best = -1;
    for (int i = 0; i < n_idle; i++)
        if (idle[i].bytes >= want && idle[i].bytes <= want + want / 4 && (best < 0 || idle[i].bytes < idle[best].bytes)) best = i;
    if (best >= 0) {
        *actual = idle[best].bytes;
        void *memory = remove_idle(best);
        pthread_mutex_unlock(&lock);
        return memory;
    }
    pthread_mutex_unlock(&lock);
    *actual = want;
    return ug_alloc(want);
}

void upreg_pool_give(void *memory, size_t actual) {
    if (!memory) return;
    pthread_once(&once, set_up);
    void *evicted[MAX_IDLE];
    int n_evicted = 0;
    pthread_mutex_lock(&lock);
    if (actual > cap) {
        evicted[n_evicted++] = memory;
    } else {
        while (n_idle && (n_idle == MAX_IDLE || idle_bytes + actual > cap)) {
            int oldest = 0;
            for (int i = 1; i < n_idle; i++)
                if (idle[i].age < idle[oldest].age) oldest = i;
            evicted[n_evicted++] = remove_idle(oldest);
        }
        idle[n_idle].memory = memory, idle[n_idle].bytes = actual, idle[n_idle].age = clock_now++;
        n_idle++, idle_bytes += actual;
    }
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < n_evicted; i++) free(evicted[i]);
}

void upreg_pool_empty(void) {
    pthread_mutex_lock(&lock);
    while (n_idle) free(remove_idle(n_idle - 1));
    pthread_mutex_unlock(&lock);
}

size_t upreg_pool_idle(void) {
    pthread_mutex_lock(&lock);
    size_t bytes = idle_bytes;
    pthread_mutex_unlock(&lock);
    return bytes;
}

/* Memory for one run: the host's allocator when it gives one. */
void *ug_take(const upreg_run_options *options, size_t bytes, size_t *actual) {
    *actual = bytes;
    if (options && options->allocate) return options->allocate(options->host, bytes);
    return upreg_pool_take(bytes, actual);
}

void ug_give(const upreg_run_options *options, void *memory, size_t actual) {
    if (!memory) return;
    if (options && options->allocate) {
        if (options->release) options->release(options->host, memory, actual);
        return;
    }
    upreg_pool_give(memory, actual);
}
