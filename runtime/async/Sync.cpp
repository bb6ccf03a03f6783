// Locks, conditions, threads and memory that cannot fail.
#include "async/Sync.h"

#include "async/Stack.h"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <unistd.h>

namespace awg::rt {

namespace {

/// Room for direct awaits, which run on their caller's stack. Address space, not memory.
constexpr size_t stackSize = size_t(64) << 20;

void writeAll(const char *text) {
  size_t left = strlen(text);
  while (left > 0) {
    ssize_t written = write(STDERR_FILENO, text, left);
    if (written <= 0)
      return;
    text += written;
    left -= size_t(written);
  }
}

} // namespace

void fatal(const char *message) {
  writeAll("error: ");
  writeAll(message);
  writeAll("\n");
  _exit(1);
}

void *allocate(size_t size, size_t alignment) {
  void *memory = nullptr;
  if (posix_memalign(&memory, alignment, size ? size : 1) != 0)
    fatal("out of memory");
  return memory;
}

Condition::Condition() {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&handle, &attributes);
  pthread_condattr_destroy(&attributes);
}

void Condition::waitUntil(Mutex &mutex, int64_t deadline) {
  if (thisSimulation)
    return thisSimulation->wait(*this, mutex, deadline);
  timespec until;
  until.tv_sec = deadline / 1000000000;
  until.tv_nsec = deadline % 1000000000;
  pthread_cond_timedwait(&handle, &mutex.handle, &until);
}

bool startThread(Thread &thread, void *(*body)(void *), void *argument, const char *name) {
  if (thisSimulation) {
    thread.fiber = thisSimulation->start(body, argument);
    return true;
  }
  sigset_t all, before;
  sigfillset(&all);
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) // come from the thread itself
    sigdelset(&all, fault);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stackSize);
  pthread_attr_setguardsize(&attributes, stackGuardSize);
  bool started = pthread_create(&thread.handle, &attributes, body, argument) == 0 ||
                 pthread_create(&thread.handle, nullptr, body, argument) == 0;
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (started)
    pthread_setname_np(thread.handle, name);
  return started;
}

void joinThread(Thread thread) {
  if (thisSimulation)
    thisSimulation->join(thread.fiber);
  else
    pthread_join(thread.handle, nullptr);
}

} // namespace awg::rt
