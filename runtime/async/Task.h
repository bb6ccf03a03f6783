// The header of a task, and what the parts of the runtime do with it.
//
// Who may touch what: a task's owner (the coroutine that started it) registers as its waiter and frees it; the worker
// that runs it completes it; anyone who holds a promise that it stays alive (see `pending`) may cancel it.
#ifndef AWG_RUNTIME_ASYNC_TASK_H
#define AWG_RUNTIME_ASYNC_TASK_H

#include "awg/awgrt.h"

#include <atomic>
#include <cstddef>

namespace awg::rt {

struct Runtime;

/// What differs between the runtime's own operations. A compiled coroutine has none of them.
struct TaskOps {
  /// Runs it on a worker, once it was scheduled.
  void (*run)(awgrt_task *task);
  /// Hurries its end after its flag was set; null: the flag is enough. Called at most once.
  void (*cancel)(awgrt_task *task);
  /// Frees it.
  void (*destroy)(awgrt_task *task);
};

/// Value of awgrt_task::waiter once the task is done.
constexpr uintptr_t taskDone = AWGRT_TASK_DONE;

enum TaskFlags : uint32_t {
  taskCancelled = AWGRT_TASK_CANCELLED, ///< asked to stop; never cleared
  taskGroupCancelled = 2, ///< the tasks it waits for were cancelled, since one of them failed
  taskSpawned = 4,        ///< was made ready to run
  taskRacing = 8,         ///< the first task that it waits for to end cancels the others
  taskFailed = AWGRT_TASK_FAILED, ///< ended with a failure
  taskHeld = 32,          ///< a canceller keeps it waiting
  taskChildFailed = 64,   ///< one of the tasks that it waits for has failed
  taskSleeping = 128,     ///< it waits for a timer, not for tasks
  taskOperation = 256,    ///< is one of the runtime's own operations
  taskRoot = 512,         ///< stands for a host thread that waits
};

} // namespace awg::rt

/// The header. Its results follow AWGRT_TASK_HEADER bytes after its start.
struct awgrt_task {
  awg::rt::Runtime *runtime;
  const awgrt_place *place;
  std::atomic<uintptr_t> waiter; ///< 0, the task that waits for this one, or taskDone
  std::atomic<uint32_t> flags;
  /// How many events must come before this task goes on: one a task it waits for, one while awgrt_await registers
  /// it, and one a canceller at work below it. Above 0, neither this task nor those it waits for can go away.
  std::atomic<uint32_t> pending;
  union {                          // null in a coroutine that has not waited yet
    // While it waits for tasks:
    awgrt_task *groupTask;         ///< the task, if it is one
    awgrt_task *const *groupTasks; ///< several; those of a race are followed by a slot for the first to end
    // While it sleeps:
    int64_t sleepIndex;            ///< where it stands in the timers' heap; -1: nowhere
    // Once it has failed:
    awgrt_error *error;            ///< owned until it is taken
  };
  awgrt_task *cancelNext;          ///< a canceller's list of tasks to visit
  union {
    awgrt_task *queueNext;         ///< while it is in the injection queue
    int64_t sleepBegin;            ///< while it sleeps
  };
  union {
    uint32_t groupCount;           ///< how many it waits for
    const awgrt_place *sleepPlace; ///< where a coroutine sleeps
    const awg::rt::TaskOps *ops;   ///< of an operation
  };

  awgrt_task *const *group() const {
    bool isOne = groupCount == 1 && !(flags.load(std::memory_order_relaxed) & awg::rt::taskRacing);
    return isOne ? &groupTask : groupTasks;
  }
};
static_assert(sizeof(awgrt_task) == AWGRT_TASK_HEADER);
static_assert(offsetof(awgrt_task, waiter) == AWGRT_TASK_WAITER && offsetof(awgrt_task, flags) == AWGRT_TASK_FLAGS);

namespace awg::rt {

inline bool isDone(const awgrt_task *task) { return task->waiter.load(std::memory_order_acquire) == taskDone; }

/// Whether it is an operation of the runtime, not a compiled coroutine.
inline bool isOperation(const awgrt_task *task) { return task->flags.load(std::memory_order_relaxed) & taskOperation; }

/// Whether a coroutine has waited for something.
inline bool hasWaited(const awgrt_task *task) { return task->groupTask; }

inline bool hasFailed(const awgrt_task *task) { return task->flags.load(std::memory_order_relaxed) & taskFailed; }

/// Takes the failure of a task that is done; null if it has none (any more).
inline awgrt_error *takeError(awgrt_task *task) {
  if (!hasFailed(task))
    return nullptr;
  awgrt_error *error = task->error;
  task->error = nullptr;
  return error;
}

inline bool isCancelled(const awgrt_task *task) {
  return task->flags.load(std::memory_order_seq_cst) & taskCancelled;
}

/// The address of result slot 0.
inline void *results(awgrt_task *task) { return reinterpret_cast<char *>(task) + AWGRT_TASK_HEADER; }

/// Initialises the header of an operation of the runtime.
void beginOperation(awgrt_task *task, const TaskOps *ops, awgrt_task *parent, const awgrt_place *place);

/// Ends an event that `task` waited for; the last one resumes it.
void releasePending(awgrt_task *task, uint32_t events = 1);

/// Cancels all that `waiter` waits for. It cannot go on meanwhile.
void cancelGroup(const awgrt_task &waiter);

/// A coroutine's handle: it stands in front of its promise, which is the task. Its two words are the functions that resume
/// and that destroy it.
inline void *frameOf(awgrt_task *task) { return reinterpret_cast<char *>(task) - 2 * sizeof(void *); }

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_TASK_H
