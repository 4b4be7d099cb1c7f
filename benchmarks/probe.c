/* The machine's limits: float32 operations per second of each tier, bytes per second of memory.
   Usage: probe THREADS; prints lines "name value". */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <immintrin.h>

enum { MAX_THREADS = 64, TRIES = 25, STEPS = 1000000, SUMS = 12 };
static const size_t BYTES = (size_t)64 << 20; /* beyond every cache */

typedef double work(float *data);

/* Twelve sums that do not wait for each other hide the latency; the base tier multiplies and then adds. They have names because an array of
   them would be kept in memory. */
#define TWELVE(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11)
#define PEAK(TIER, TARGET, VECTOR, SET, STEP, STORE)                                                                                                 \
    __attribute__((target(TARGET))) static double peak_##TIER(float *data) {                                                                         \
        VECTOR x = SET(0.999f), y = SET(0.001f), TWELVE(NAME) last = x;                                                                              \
        TWELVE(START)                                                                                                                                \
        for (long n = 0; n < STEPS; n++) {                                                                                                           \
            TWELVE(STEP)                                                                                                                             \
        }                                                                                                                                            \
        TWELVE(JOIN)                                                                                                                                 \
        STORE(data, last);                                                                                                                           \
        return 2.0 * SUMS * STEPS * (double)(sizeof last / sizeof(float));                                                                           \
    }
#define NAME(i) s##i,
#define START(i) s##i = y * ((float)i + x); /* all different, or the compiler computes one */
#define JOIN(i) last += s##i;               /* vectors of GCC and Clang know + */
#define STEP_BASE(i) s##i = _mm_add_ps(_mm_mul_ps(s##i, x), y);
#define STEP_AVX2(i) s##i = _mm256_fmadd_ps(s##i, x, y);
#define STEP_AVX512(i) s##i = _mm512_fmadd_ps(s##i, x, y);
PEAK(base, "sse2", __m128, _mm_set1_ps, STEP_BASE, _mm_storeu_ps)
PEAK(avx2, "avx2,fma", __m256, _mm256_set1_ps, STEP_AVX2, _mm256_storeu_ps)
PEAK(avx512, "avx512f", __m512, _mm512_set1_ps, STEP_AVX512, _mm512_storeu_ps)

static double read_memory(float *data) {
    __m128 a = _mm_setzero_ps(), b = a, c = a, d = a;
    for (size_t n = 0; n < BYTES / sizeof(float); n += 16) {
        a += _mm_load_ps(data + n);
        b += _mm_load_ps(data + n + 4);
        c += _mm_load_ps(data + n + 8);
        d += _mm_load_ps(data + n + 12);
    }
    _mm_store_ps(data, a + b + c + d);
    return (double)BYTES;
}

/* Past the caches, as large outputs are written. */
static double write_memory(float *data) {
    for (size_t n = 0; n < BYTES / sizeof(float); n += 4) _mm_stream_ps(data + n, _mm_setzero_ps());
    _mm_sfence();
    return (double)BYTES;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static pthread_barrier_t barrier;

typedef struct {
    work *run;
    float *data;
    double done, begin, end;
} job;

static void *run_job(void *argument) {
    job *j = argument;
    pthread_barrier_wait(&barrier);
    j->begin = now();
    j->done = j->run(j->data);
    j->end = now();
    return NULL;
}

static void report(const char *name, work *run, int threads, float **data) {
    double best = 0;
    for (int i = 0; i < TRIES; i++) {
        pthread_t ids[MAX_THREADS];
        job jobs[MAX_THREADS];
        pthread_barrier_init(&barrier, NULL, (unsigned)threads);
        for (int t = 0; t < threads; t++) {
            jobs[t] = (job){run, data[t], 0, 0, 0};
            if (pthread_create(&ids[t], NULL, run_job, &jobs[t])) exit(1);
        }
        double done = 0, begin = 0, end = 0;
        for (int t = 0; t < threads; t++) {
            pthread_join(ids[t], NULL);
            done += jobs[t].done;
            begin = t == 0 || jobs[t].begin < begin ? jobs[t].begin : begin;
            end = jobs[t].end > end ? jobs[t].end : end;
        }
        best = done / (end - begin) > best ? done / (end - begin) : best;
    }
    printf("%s %.6g\n", name, best);
}

int main(int count, char **arguments) {
    int threads = count > 1 ? atoi(arguments[1]) : 1;
    if (threads < 1 || threads > MAX_THREADS) return 1;
    float *data[MAX_THREADS];
    for (int t = 0; t < threads; t++) {
        if (!(data[t] = aligned_alloc(64, BYTES))) return 1;
        memset(data[t], 0, BYTES);
    }
    __builtin_cpu_init();
    report("base", peak_base, threads, data);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) report("avx2", peak_avx2, threads, data);
    if (__builtin_cpu_supports("avx512f")) report("avx512", peak_avx512, threads, data);
    report("read", read_memory, threads, data);
    report("write", write_memory, threads, data);
    return 0;
}
