// Cancellation: a walk down the tree of waiting tasks.
//
// A visited task gets its flag. If it waits, the walk holds its `pending`, so that neither it nor the tasks it waits
// for can go away, and visits those. A task that runs meanwhile finds its flag at its next await. All holds are
// dropped at the end, the deepest first, because a task that goes on may free what it waited for.
#include "async/Runtime.h"
#include "async/Simulation.h"
#include "async/Task.h"

namespace awg::rt {

namespace {

/// Keeps `task` waiting, if it does.
bool holdWaiting(awgrt_task *task) {
  uint32_t pending = task->pending.load(std::memory_order_seq_cst);
  while (pending > 0)
    if (task->pending.compare_exchange_weak(pending, pending + 1, std::memory_order_seq_cst))
      return true;
  return false;
}

/// The tasks of one walk in the order they were reached. A task is in one walk ever: the one that set its flag.
class Walk {
public:
  /// Visits `task` unless another walk does.
  void add(awgrt_task *task) {
    if (isDone(task) || task->flags.fetch_or(taskCancelled, std::memory_order_seq_cst) & taskCancelled)
      return;
    task->cancelNext = nullptr;
    (last ? last->cancelNext : first) = task;
    last = task;
  }

  /// Visits all that `waiter` waits for.
  void addGroup(const awgrt_task &waiter) {
    for (uint32_t i = 0; i < waiter.groupCount; ++i)
      add(waiter.group()[i]);
  }

  void run() {
    awgrt_task *reversed = nullptr;
    for (awgrt_task *task = first; task;) {
      visit(task);
      awgrt_task *next = task->cancelNext; // visits add at the end, so it is known only now
      task->cancelNext = reversed;
      reversed = task;
      task = next;
    }
    while (reversed) {
      awgrt_task *task = reversed;
      reversed = task->cancelNext;
      if (task->flags.load(std::memory_order_relaxed) & taskHeld)
        releasePending(task);
    }
  }

private:
  void visit(awgrt_task *task) {
    interleave();
    if (isOperation(task)) {
      if (task->ops->cancel)
        task->ops->cancel(task);
      return;
    }
    if (!holdWaiting(task))
      return;
    if (task->flags.fetch_or(taskHeld, std::memory_order_relaxed) & taskSleeping)
      task->runtime->timers.wakeCancelled(task);
    else
      addGroup(*task);
  }

  awgrt_task *first = nullptr;
  awgrt_task *last = nullptr;
};

} // namespace

void cancelGroup(const awgrt_task &waiter) {
  Walk walk;
  walk.addGroup(waiter);
  walk.run();
}

} // namespace awg::rt

void awgrt_cancel(awgrt_task *const *tasks, int64_t count) {
  awg::rt::Walk walk;
  for (int64_t i = 0; i < count; ++i)
    walk.add(tasks[i]);
  walk.run();
}
