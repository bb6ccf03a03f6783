// How much of the calling thread's stack is left.
#include "awg/awgrt.h"

#include <cstdint>
#include <pthread.h>

namespace {

/// Left for what a coroutine calls: plain functions, the C library.
constexpr uintptr_t reserve = 512 << 10;

/// The address below which the thread's stack counts as used up; 0 before the first question.
thread_local constinit uintptr_t lowest = 0;

[[gnu::noinline]] uintptr_t findLowest() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0)
    return 1; // unknown: never low
  void *base = nullptr;
  size_t size = 0;
  pthread_attr_getstack(&attributes, &base, &size);
  pthread_attr_destroy(&attributes);
  return reinterpret_cast<uintptr_t>(base) + (size > 2 * reserve ? reserve : size / 2);
}

} // namespace

int32_t awgrt_stack_is_low(void) {
  if (lowest == 0)
    lowest = findLowest();
  return reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) < lowest;
}
