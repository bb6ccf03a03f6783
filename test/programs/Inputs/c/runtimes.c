/* Threads of a C program with a runtime each, over and over, and two that share one. */
#include "runtimes.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void check(int condition, const char *what) {
  if (condition)
    return;
  fprintf(stderr, "failed: %s\n", what);
  exit(1);
}

static void call_some(int64_t seed) {
  int64_t sum = 0;
  awgrt_error *error = spread(100, seed, &sum);
  check(!error && sum == 4950 + 100 * seed, "the sum");
  error = spread(-1, seed, &sum);
  check(error != NULL, "a rejection");
  awgrt_error_release(error);
}

static void *with_its_own(void *seed) {
  for (int round = 0; round < 20; ++round) {
    char devices[] = "cpu:1";
    devices[4] = (char)('1' + round % 3);
    awgrt_runtime *runtime = NULL;
    check(!awgrt_runtime_create(devices, &runtime), "a runtime");
    awgrt_runtime_use(runtime);
    call_some((int64_t)seed + round);
    awgrt_runtime_use(NULL);
    awgrt_stats stats;
    awgrt_runtime_stats(runtime, &stats);
    check(stats.workers == 1 + round % 3 && stats.tasks >= 101, "that its runtime did the work");
    awgrt_runtime_destroy(runtime);
  }
  return NULL;
}

static void *with_a_shared_one(void *runtime) {
  awgrt_runtime_use(runtime);
  for (int round = 0; round < 20; ++round)
    call_some(round);
  return NULL;
}

int main(void) {
  pthread_t threads[5];
  awgrt_runtime *shared = NULL;
  check(!awgrt_runtime_create("cpu:2", &shared), "a shared runtime");
  for (int k = 0; k < 5; ++k)
    check(!pthread_create(&threads[k], NULL, k < 3 ? with_its_own : with_a_shared_one, k < 3 ? (void *)(intptr_t)k : shared),
          "a thread");
  for (int k = 0; k < 5; ++k)
    pthread_join(threads[k], NULL);
  awgrt_runtime_destroy(shared);
  call_some(7); /* in the process's own */
  puts("done");
  return 0;
}
