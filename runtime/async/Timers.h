// Sleeping tasks, in a heap by deadline, and the thread that wakes them.
#ifndef AWG_RUNTIME_ASYNC_TIMERS_H
#define AWG_RUNTIME_ASYNC_TIMERS_H

#include "async/Sync.h"
#include "awg/awgrt.h"
#include "trace/Stats.h"
#include "trace/Trace.h"

namespace awg::rt {

/// The timers of a runtime. What sleeps is a task: a sleep operation, which is completed, or any other, which goes on.
/// All functions may be called by any thread.
class Timers {
public:
  Timers() = default;
  /// Ends the thread. There must be no timer left.
  ~Timers();

  /// Wakes `task` at its deadline; equal deadlines end in the order they were added. Counts in Runtime::outside.
  void add(awgrt_task *task, int64_t deadline);
  /// Takes `task` out, so that it will not be woken; false if it was (or is being) woken.
  bool remove(awgrt_task *task);
  /// Wakes a task that sleeps, since it was cancelled, unless that is being done.
  void wakeCancelled(awgrt_task *task);

  Histogram lateness; ///< from a deadline until the task is made ready
  TraceRecord trace;

private:
  struct Timer {
    int64_t deadline;
    uint64_t order; ///< breaks ties
    awgrt_task *task;
    bool isBefore(const Timer &other) const {
      return deadline != other.deadline ? deadline < other.deadline : order < other.order;
    }
  };

  static void *threadMain(void *timers);
  void work();
  void fire(const Timer &timer);
  void put(int64_t at, const Timer &timer);
  void siftUp(int64_t at, const Timer &timer);
  void siftDown(int64_t at, const Timer &timer);
  void removeAt(int64_t at);

  Mutex mutex;
  Condition wake;
  Timer *heap = nullptr;
  int64_t count = 0;
  int64_t capacity = 0;
  uint64_t added = 0;
  bool started = false;
  bool stopping = false;
  Thread thread{};
};

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_TIMERS_H
