// A runtime: workers, timers, file thread and devices. A process may have several, which share nothing but memory
// caches.
#ifndef AWG_RUNTIME_ASYNC_RUNTIME_H
#define AWG_RUNTIME_ASYNC_RUNTIME_H

#include "async/Scheduler.h"
#include "async/Timers.h"
#include "awg/awgrt.h"
#include "device/Cpu.h"
#include "std/FileThread.h"

#include <atomic>

namespace awg::rt {

struct Runtime {
  explicit Runtime(int32_t workerCount) : cpu(*this), scheduler(*this, workerCount) {}

  std::atomic<uint64_t> failures{0}; ///< stamps failures in the order they happen
  Cpu cpu;
  FileThread files;
  Timers timers;
  Scheduler scheduler; ///< last, so that the workers end first
};

} // namespace awg::rt

/// The name of a runtime in the interface.
struct awgrt_runtime : awg::rt::Runtime {
  using Runtime::Runtime;
};

#endif // AWG_RUNTIME_ASYNC_RUNTIME_H
