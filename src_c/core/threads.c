/* A small pool of threads, made at first use.  A fork leaves the child with none, and it starts afresh. */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* processors of threads */
#endif
#include <pthread.h>
#include <sched.h>
#include <time.h>
#if defined(__x86_64__) || defined(__i386__)
#include <xmmintrin.h>
#endif

#include "core/core.h"

int64_t ug_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Rounding and flush-to-zero are the library's while it computes: results do not depend on the host's settings. */
#if defined(__x86_64__) || defined(__i386__)
static unsigned enter_arithmetic(void) {
    unsigned before = _mm_getcsr();
    _mm_setcsr(0x1f80);
    return before;
}
static void leave_arithmetic(unsigned before) { _mm_setcsr(before); }
#elif defined(__aarch64__)
static uint64_t enter_arithmetic(void) {
    uint64_t before, plain = 0;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(plain));
    return before;
}
static void leave_arithmetic(uint64_t before) { __asm__ volatile("msr fpcr, %0" : : "r"(before)); }
#else
static int enter_arithmetic(void) { return 0; }
static void leave_arithmetic(int before) { (void)before; }
#endif

enum { MOST_SHARES = 16, LINE = 64 };
typedef struct job {
    ug_control *control;
    ug_body body;
    void *context;
    int64_t units, grain;
    int64_t shares;
    struct {
        _Alignas(LINE) atomic_llong next;
    } share[MOST_SHARES];
    int processor; /* of the thread that waits for it, -1: not known */
} job;

static void report_progress(ug_control *control, int64_t units) {
    const upreg_run_options *options = control->options;
    control->done += units;
    if (!options || !options->progress) return;
    int64_t now = ug_now();
    if (now - control->last_progress < 10000000) return;
    control->last_progress = now;
    if (options->progress(options->host, control->done, control->total)) atomic_store(&control->stop, 1);
}

static int64_t share_begin(const job *j, int64_t share) { return (j->units + j->grain - 1) / j->grain * share / j->shares * j->grain; }

/* Chunks of one share in order; 0 when the run was cancelled. */
static int work_on_share(job *j, int64_t share, int worker) {
    const upreg_run_options *options = j->control->options;
    const volatile int32_t *cancel = options ? options->cancel : NULL;
    int64_t last = share + 1 < j->shares ? share_begin(j, share + 1) : j->units;
    for (;;) {
        if (cancel && *cancel) atomic_store(&j->control->stop, 1);
        if (atomic_load_explicit(&j->control->stop, memory_order_relaxed)) return 0;
        int64_t begin = atomic_fetch_add(&j->share[share].next, j->grain);
        if (begin >= last) return 1;
        int64_t end = j->grain < last - begin ? begin + j->grain : last;
        j->body(j->context, begin, end, worker);
        if (worker == 0) report_progress(j->control, end - begin);
    }
}

/* Who takes part begins with a share of its own, mostly the part of the data that it made in the step before, and then helps the others: a unit's
 * bits do not depend on who computes it. */
static void work(job *j, int worker) {
    for (int64_t i = 0; i < j->shares; i++)
        if (!work_on_share(j, (worker + i) % j->shares, worker)) return;
}

static void work_in_arithmetic(job *j, int worker) {
    __auto_type before = enter_arithmetic();
    work(j, worker);
    leave_arithmetic(before);
}

/* ---- the pool ---- */

/* Work often follows work: who has just finished looks about for some 150 microseconds before going to sleep, which costs more to end; for up to a
 * millisecond while a graph runs, which has more work soon. */
enum { MAX_WORKERS = 1023, LOOKS = 3000, MOST_LOOKS = 20000 };
static struct {
    pthread_mutex_t busy; /* held by the one run that uses the workers */
    pthread_mutex_t lock;
    pthread_cond_t wake, idle;
    int n_workers;      /* alive */
    int wanted;         /* workers that may take part in the job */
    atomic_int running; /* those that have joined and not yet left it */
    atomic_int expect;  /* runs that have more jobs soon */
    atomic_int waits;   /* whether the run sleeps until they have left */
    atomic_ullong turn; /* counts jobs */
    job *current;
} pool = {.busy = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER, .idle = PTHREAD_COND_INITIALIZER};
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void before_fork(void) { pthread_mutex_lock(&pool.lock); }
static void in_parent(void) { pthread_mutex_unlock(&pool.lock); }
static void in_child(void) {
    pthread_mutex_init(&pool.busy, NULL), pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.wake, NULL), pthread_cond_init(&pool.idle, NULL);
    pool.n_workers = pool.wanted = 0, pool.current = NULL;
    atomic_store(&pool.running, 0), atomic_store(&pool.expect, 0), atomic_store(&pool.waits, 0);
}
static void set_up(void) { pthread_atfork(before_fork, in_parent, in_child); }

static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    _mm_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Systems like to wake a worker on the processor of who woke it.  If others keep them busy the two would take turns there: the worker leaves. */
#if defined(__linux__)
typedef cpu_set_t processors;
static int processor_here(void) { return sched_getcpu(); }
static void find_processors(processors *allowed) {
    if (sched_getaffinity(0, sizeof *allowed, allowed) != 0) CPU_ZERO(allowed);
}
static void leave_processor(int processor, processors allowed) {
    if (processor < 0 || processor >= CPU_SETSIZE || sched_getcpu() != processor) return;
    processors others = allowed;
    CPU_CLR(processor, &others);
    if (CPU_COUNT(&others) > 0 && sched_setaffinity(0, sizeof others, &others) == 0) sched_setaffinity(0, sizeof allowed, &allowed);
}
#else
typedef int processors;
static int processor_here(void) { return -1; }
static void find_processors(processors *allowed) { *allowed = 0; }
static void leave_processor(int processor, processors allowed) { (void)processor, (void)allowed; }
#endif

/* Held for nanoseconds only: going to sleep for it would cost many times that. */
static void lock_soon(void) {
    for (int i = 0; i < LOOKS; i++, relax())
        if (pthread_mutex_trylock(&pool.lock) == 0) return;
    pthread_mutex_lock(&pool.lock);
}

static void *worker_main(void *arg) {
    int me = (int)(intptr_t)arg; /* 1, 2, ...; the caller of a run is 0 */
    unsigned long long seen = 0;
    processors allowed;
    find_processors(&allowed);
    for (;;) {
        for (int i = 0; atomic_load_explicit(&pool.turn, memory_order_relaxed) == seen; i++) {
            if (i >= LOOKS && (i >= MOST_LOOKS || !atomic_load_explicit(&pool.expect, memory_order_relaxed))) break;
            relax();
        }
        lock_soon();
        while (!pool.current || atomic_load(&pool.turn) == seen || me > pool.wanted) pthread_cond_wait(&pool.wake, &pool.lock);
        seen = atomic_load(&pool.turn);
        job *j = pool.current;
        atomic_fetch_add(&pool.running, 1);
        pthread_mutex_unlock(&pool.lock);
        leave_processor(j->processor, allowed);
        work_in_arithmetic(j, me);
        if (atomic_fetch_sub(&pool.running, 1) > 1 || !atomic_load(&pool.waits)) continue;
        pthread_mutex_lock(&pool.lock);
        pthread_cond_signal(&pool.idle);
        pthread_mutex_unlock(&pool.lock);
    }
    return NULL;
}

/* Under pool.lock.  Returns how many workers there are, at most `wanted`. */
static int grow(int wanted) {
    if (wanted > MAX_WORKERS) wanted = MAX_WORKERS;
    while (pool.n_workers < wanted) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, worker_main, (void *)(intptr_t)(pool.n_workers + 1)) != 0) break;
        pthread_detach(thread);
        pool.n_workers++;
    }
    return pool.n_workers < wanted ? pool.n_workers : wanted;
}

static void run_on_pool(job *j, int threads) {
    pthread_once(&once, set_up);
    if (pthread_mutex_trylock(&pool.busy) != 0) { /* another run has the workers, or this one is inside a worker */
        work_in_arithmetic(j, 0);
        return;
    }
    lock_soon();
    pool.wanted = grow(threads - 1);
    pool.current = j, j->processor = processor_here();
    atomic_fetch_add(&pool.turn, 1);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.lock);
    work_in_arithmetic(j, 0);
    lock_soon();
    pool.current = NULL; /* who has not yet woken up need not join: all chunks are handed out */
    pthread_mutex_unlock(&pool.lock);
    for (int i = 0; i < LOOKS && atomic_load(&pool.running); i++) relax();
    if (atomic_load(&pool.running)) {
        pthread_mutex_lock(&pool.lock);
        atomic_store(&pool.waits, 1);
        while (atomic_load(&pool.running)) pthread_cond_wait(&pool.idle, &pool.lock);
        atomic_store(&pool.waits, 0);
        pthread_mutex_unlock(&pool.lock);
    }
    pthread_mutex_unlock(&pool.busy);
}

void ug_expect_work(int more) { atomic_fetch_add(&pool.expect, more ? 1 : -1); }

static void host_task(void *arg, int64_t index, int worker) {
    (void)worker;
    work_in_arithmetic(arg, (int)index);
}

void ug_parallel(ug_control *control, int threads, int64_t units, int64_t grain, ug_body body, void *context) {
    job j = {.control = control, .body = body, .context = context, .units = units, .grain = grain};
    int64_t chunks = (units + grain - 1) / grain;
    if (threads > chunks) threads = (int)chunks;
    j.shares = threads < 1 ? 1 : threads < MOST_SHARES ? threads : MOST_SHARES;
    for (int64_t i = 0; i < j.shares; i++) atomic_init(&j.share[i].next, share_begin(&j, i));
    if (threads <= 1)
        work_in_arithmetic(&j, 0);
    else if (control->options && control->options->parallel_for)
        control->options->parallel_for(control->options->host, threads, threads, host_task, &j);
    else
        run_on_pool(&j, threads);
}
