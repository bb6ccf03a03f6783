// The processor's own clock, for measures that may be rough but must be cheap, and its rest between two looks at what others do.
#ifndef AWG_RUNTIME_ASYNC_TICKS_H
#define AWG_RUNTIME_ASYNC_TICKS_H

#include "async/Sync.h"

namespace awg::rt {

/// Ticks, 2 to 4 a nanosecond. In a simulation some time passes at every call, for whatever ran before.
inline uint64_t ticks() {
  if (thisSimulation) [[unlikely]] {
    thisSimulation->spend(20'000);
    return uint64_t(monotonicNow()) * 2;
  }
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return uint64_t(monotonicNow()) * 2;
#endif
}

inline void rest() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_TICKS_H
