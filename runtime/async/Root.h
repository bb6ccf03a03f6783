// The task of a host thread that waits for compiled code: the root of a run's tree.
#ifndef AWG_RUNTIME_ASYNC_ROOT_H
#define AWG_RUNTIME_ASYNC_ROOT_H

#include "async/Sync.h"
#include "async/Task.h"

namespace awg::rt {

struct Root {
  alignas(16) char header[AWGRT_TASK_HEADER];
  Mutex mutex;
  Condition wake;
  bool woken = false;
  awgrt_error *deadlock = nullptr; ///< owned; why the run was ended
  Root *nextStuck = nullptr;

  explicit Root(Runtime &runtime);
  awgrt_task *task() { return reinterpret_cast<awgrt_task *>(header); }
  /// What the root waits for has ended. Any thread.
  void resume();
  /// Until then.
  void wait();

  static bool is(const awgrt_task *task) { return task->flags.load(std::memory_order_relaxed) & taskRoot; }
  static Root *of(awgrt_task *task) { return reinterpret_cast<Root *>(task); }
};

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_ROOT_H
