// Sleeping tasks, and who wakes them.
//
// A worker that has run out of tasks, or has run many, wakes those whose time has come. A thread sees to it that somebody does:
// at once while all workers are idle, else after a short while in which a worker may get to it.
#ifndef AWG_RUNTIME_ASYNC_TIMERS_H
#define AWG_RUNTIME_ASYNC_TIMERS_H

#include "async/Sync.h"
#include "async/TimerQueue.h"
#include "awg/awgrt.h"
#include "trace/Stats.h"
#include "trace/Trace.h"

#include <atomic>

namespace awg::rt {

struct Runtime;

/// The timers of a runtime. What sleeps is a task: a sleep operation, which is completed, or any other, which goes on.
/// All functions may be called by any thread.
class Timers {
public:
  explicit Timers(Runtime &runtime) : runtime(runtime) {}
  /// Ends the thread. There must be no timer left.
  ~Timers();

  /// Wakes `task` at its deadline, `nanoseconds` from about now; equal deadlines end in the order they were added.
  void add(awgrt_task *task, int64_t deadline, int64_t nanoseconds);
  /// Takes `task` out, so that it will not be woken; false if it was (or is being) woken.
  bool remove(awgrt_task *task);
  /// Wakes a task that sleeps, since it was cancelled, unless that is being done.
  void wakeCancelled(awgrt_task *task);
  /// Whether there is a task to be woken, and nobody is at it.
  bool isDue() const {
    int64_t first = next.load(std::memory_order_relaxed);
    return first != never && !firing.load(std::memory_order_relaxed) && first <= monotonicNow();
  }
  /// Wakes tasks whose time has come, the earliest first, not too many at once. False if there are none.
  bool wakeDue();
  /// Whether no task sleeps, and all that slept were made ready.
  bool areDone() const { return pending.load(std::memory_order_seq_cst) == 0; }
  /// Ends what `count` timers were to be: they were woken or taken out.
  void end(int64_t count);

  Histogram lateness; ///< from a deadline until somebody is about to make the task ready
  TraceRecord trace;

private:
  static constexpr int64_t never = INT64_MAX;
  static void *threadMain(void *timers);
  void work();
  int64_t alarm() const;
  void publishFirst();
  void fire(const Timer &timer);

  Runtime &runtime;
  std::atomic<bool> firing{false}; ///< somebody wakes tasks: one at a time, so that they are woken in their order
  alignas(64) Mutex mutex;
  TimerQueue queue;
  std::atomic<int64_t> next{never};  ///< the first deadline
  std::atomic<int64_t> pending{0};   ///< timers that were added and not yet ended
  int64_t alarmAt = 0;               ///< when the thread looks next, while it waits
  Condition wake;
  bool started = false;
  bool stopping = false;
  Thread thread{};
};

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_TIMERS_H
