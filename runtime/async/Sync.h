// Locks, conditions and memory that cannot fail, in the few lines that the runtime needs of them.
//
// The standard library's own throw, which would link its exceptions, strings and locales into every program.
#ifndef AWG_RUNTIME_ASYNC_SYNC_H
#define AWG_RUNTIME_ASYNC_SYNC_H

#include "async/Simulation.h"

#include <cstddef>
#include <cstdint>
#include <pthread.h>
#include <time.h>

namespace awg::rt {

/// Nanoseconds of the monotonic clock.
inline int64_t monotonicNow() {
  if (thisSimulation) [[unlikely]]
    return thisSimulation->now();
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/// Ends the process with `error: message`. For what no program can go on from.
[[noreturn]] void fatal(const char *message);

/// `size` bytes from malloc, aligned to `alignment` (a power of two); ends the process if there are none.
void *allocate(size_t size, size_t alignment = 16);

class Mutex {
public:
  Mutex() { pthread_mutex_init(&handle, nullptr); }
  ~Mutex() { pthread_mutex_destroy(&handle); }
  Mutex(const Mutex &) = delete;
  Mutex &operator=(const Mutex &) = delete;
  void lock() {
    if (thisSimulation) [[unlikely]]
      return thisSimulation->lock(*this);
    pthread_mutex_lock(&handle);
  }
  bool tryLock() { return pthread_mutex_trylock(&handle) == 0; }
  void unlock() {
    pthread_mutex_unlock(&handle);
    if (thisSimulation) [[unlikely]]
      thisSimulation->unlocked(*this);
  }

private:
  friend class Condition;
  pthread_mutex_t handle;
};

/// Holds a mutex for a scope.
class Guard {
public:
  explicit Guard(Mutex &mutex) : mutex(mutex) { mutex.lock(); }
  ~Guard() { mutex.unlock(); }
  Guard(const Guard &) = delete;
  Guard &operator=(const Guard &) = delete;

private:
  Mutex &mutex;
};

/// Holds a mutex of static storage for a scope. Neither is constructed nor destroyed, since threads may outlive static objects; a
/// simulation has no part in it.
class StaticGuard {
public:
  explicit StaticGuard(pthread_mutex_t &mutex) : mutex(mutex) { pthread_mutex_lock(&mutex); }
  ~StaticGuard() { pthread_mutex_unlock(&mutex); }
  StaticGuard(const StaticGuard &) = delete;
  StaticGuard &operator=(const StaticGuard &) = delete;

private:
  pthread_mutex_t &mutex;
};

/// A condition variable over the monotonic clock.
class Condition {
public:
  Condition();
  ~Condition() { pthread_cond_destroy(&handle); }
  Condition(const Condition &) = delete;
  Condition &operator=(const Condition &) = delete;
  void wait(Mutex &mutex) {
    if (thisSimulation) [[unlikely]]
      return thisSimulation->wait(*this, mutex, INT64_MAX);
    pthread_cond_wait(&handle, &mutex.handle);
  }
  /// Returns at the latest when monotonicNow() is `deadline`.
  void waitUntil(Mutex &mutex, int64_t deadline);
  void wake() {
    if (thisSimulation) [[unlikely]]
      return thisSimulation->wake(*this);
    pthread_cond_signal(&handle);
  }

private:
  pthread_cond_t handle;
};

/// A thread that was started: the system's, or a simulation's.
union Thread {
  pthread_t handle;
  Fiber *fiber;
};

/// Starts a thread that takes no signals. False if the system has none to give.
bool startThread(Thread &thread, void *(*body)(void *), void *argument, const char *name);
/// Waits for its end.
void joinThread(Thread thread);

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_SYNC_H
