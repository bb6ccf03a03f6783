// A runtime: workers, timers, file thread and devices. A process may have several, which share nothing but memory
// caches.
#ifndef AWG_RUNTIME_ASYNC_RUNTIME_H
#define AWG_RUNTIME_ASYNC_RUNTIME_H

#include "async/Channel.h"
#include "async/Scheduler.h"
#include "async/Timers.h"
#include "awg/awgrt.h"
#include "device/Cpu.h"
#include "device/Gpus.h"
#include "place/Placements.h"
#include "std/FileThreads.h"
#include "trace/Trace.h"

#include <atomic>

namespace awg::rt {

struct Runtime {
  explicit Runtime(const DeviceChoice &choice)
      : cpu(*this), scheduler(*this, choice.cpuThreads), gpus(*this, choice) {}
  ~Runtime() {
    scheduler.stop(); // workers look at all that is here until they end
    channels.empty();
  }
  /// Records what its threads do from here on, into a file that it closes. Before anything runs.
  void startTrace(FILE *file, const char *path);

  const int64_t created = monotonicNow();
  TraceFile trace; ///< closed last
  Placements placements;
  std::atomic<uint64_t> failures{0}; ///< stamps failures in the order they happen
  /// Operations that something outside the workers completes, beside timers: files, GPUs. Counted down once that has been done.
  std::atomic<int64_t> outside{0};
  Channels channels;
  Cpu cpu;
  Scheduler scheduler; ///< before the threads below, which may still be making a task ready
  FileThreads files;
  Timers timers{*this};
  Gpus gpus;

  /// Counts an operation that was completed from outside.
  void endOutside() {
    if (outside.fetch_sub(1, std::memory_order_seq_cst) == 1)
      lookForStall();
  }
  /// The last of its kind has ended that could make a task go on: a worker looks whether the others are stalled.
  void lookForStall() {
    if (channels.waiting.load(std::memory_order_seq_cst) > 0)
      scheduler.wakeOne();
  }
};

} // namespace awg::rt

/// The name of a runtime in the interface.
struct awgrt_runtime : awg::rt::Runtime {
  using Runtime::Runtime;
};

#endif // AWG_RUNTIME_ASYNC_RUNTIME_H
