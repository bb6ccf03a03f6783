// Included before each of the runtime's sources in the model: what the runtime asks of the system, the checker gives.
#ifndef AWG_TEST_UNIT_MODEL_REPLACE_H
#define AWG_TEST_UNIT_MODEL_REPLACE_H

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>
#include <new>
#include <pthread.h>
#include <sys/eventfd.h>

extern "C" {
void awg_model_mutex_init(pthread_mutex_t *mutex);
int awg_model_mutex_lock(pthread_mutex_t *mutex);
int awg_model_mutex_unlock(pthread_mutex_t *mutex);
void awg_model_cond_init(pthread_cond_t *condition);
int awg_model_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
int awg_model_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const timespec *until);
int awg_model_cond_signal(pthread_cond_t *condition);
int awg_model_thread_create(pthread_t *thread, void *(*body)(void *), void *argument);
int awg_model_thread_join(pthread_t thread);
int awg_model_clock(timespec *now);
uint64_t awg_model_ticks();
void *awg_model_alloc(size_t size, size_t alignment);
void *awg_model_realloc(void *memory, size_t size);
void awg_model_free(void *memory);
}

inline int awgModelAlign(void **memory, size_t alignment, size_t size) {
  *memory = awg_model_alloc(size, alignment);
  return 0;
}

#define pthread_mutex_init(mutex, attributes) awg_model_mutex_init(mutex)
#define pthread_mutex_destroy(mutex) ((void)0)
#define pthread_mutex_lock(mutex) awg_model_mutex_lock(mutex)
#define pthread_mutex_unlock(mutex) awg_model_mutex_unlock(mutex)
#define pthread_cond_init(condition, attributes) awg_model_cond_init(condition)
#define pthread_cond_destroy(condition) ((void)0)
#define pthread_cond_wait(condition, mutex) awg_model_cond_wait(condition, mutex)
#define pthread_cond_timedwait(condition, mutex, until) awg_model_cond_timedwait(condition, mutex, until)
#define pthread_cond_signal(condition) awg_model_cond_signal(condition)
#define pthread_create(thread, attributes, body, argument) awg_model_thread_create(thread, body, argument)
#define pthread_join(thread, result) awg_model_thread_join(thread)
#define pthread_setname_np(thread, name) ((void)(thread))
#define pthread_getattr_np(thread, attributes) 1
#define pthread_sigmask(how, set, before) ((void)(set), (void)(before))
#define sigaltstack(stack, before) ((void)(stack))
#define clock_gettime(clock, now) awg_model_clock(now)
#define __builtin_ia32_rdtsc() awg_model_ticks()
#define eventfd(initial, flags) (-1)
#define malloc(size) awg_model_alloc(size, 16)
#define calloc(count, size) awg_model_alloc((count) * (size), 16)
#define realloc(memory, size) awg_model_realloc(memory, size)
#define posix_memalign(memory, alignment, size) awgModelAlign(memory, alignment, size)
#define free(memory) awg_model_free(memory)

#endif // AWG_TEST_UNIT_MODEL_REPLACE_H
