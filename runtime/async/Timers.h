// Sleeping tasks, in a heap by deadline, and the thread that wakes them.
#ifndef AWG_RUNTIME_ASYNC_TIMERS_H
#define AWG_RUNTIME_ASYNC_TIMERS_H

#include "async/Sync.h"
#include "awg/awgrt.h"
#include "trace/Stats.h"
#include "trace/Trace.h"

namespace awg::rt {

struct Sleep;

/// The timers of a runtime. All functions may be called by any thread.
class Timers {
public:
  Timers() = default;
  /// Ends the thread. There must be no timer left.
  ~Timers();

  /// Completes `sleep` at its deadline; equal deadlines end in the order they were added.
  void add(Sleep *sleep);
  /// Takes `sleep` out, so that it will not be completed; false if it was (or is being) completed.
  bool remove(Sleep *sleep);

  Histogram lateness; ///< from a deadline until the task is made ready
  TraceRecord trace;

private:
  static void *threadMain(void *timers);
  void work();
  bool before(int64_t left, int64_t right) const;
  void swap(int64_t left, int64_t right);
  void siftUp(int64_t at);
  void siftDown(int64_t at);
  void removeAt(int64_t at);

  Mutex mutex;
  Condition wake;
  Sleep **heap = nullptr;
  int64_t count = 0;
  int64_t capacity = 0;
  uint64_t added = 0;
  bool started = false;
  bool stopping = false;
  Thread thread{};
};

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_TIMERS_H
