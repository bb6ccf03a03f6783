// The timer heap, its thread, and what sleeps.
#include "async/Timers.h"

#include "async/Error.h"
#include "async/Runtime.h"
#include "async/Task.h"

#include <cstdlib>

namespace awg::rt {

namespace {

void cancelSleep(awgrt_task *task) {
  Runtime &runtime = *task->runtime;
  if (!runtime.timers.remove(task))
    return;
  awgrt_task_complete(task, createCancellation(task->place));
  runtime.endOutside();
}

const TaskOps sleepOps = {nullptr, cancelSleep, [](awgrt_task *task) { awgrt_frame_free(task); }};

} // namespace

Timers::~Timers() {
  if (started) {
    mutex.lock();
    stopping = true;
    wake.wake();
    mutex.unlock();
    joinThread(thread);
  }
  free(heap);
}

void Timers::add(awgrt_task *task, int64_t deadline) {
  task->runtime->outside.fetch_add(1, std::memory_order_seq_cst);
  Guard guard(mutex);
  if (!started) {
    if (!startThread(thread, threadMain, this, "awg-timers"))
      fatal("cannot start a thread");
    started = true;
  }
  if (count == capacity) {
    capacity = capacity ? 2 * capacity : 64;
    heap = static_cast<Timer *>(realloc(heap, size_t(capacity) * sizeof(Timer)));
    if (!heap)
      fatal("out of memory");
  }
  siftUp(count++, {deadline, added++, task});
  if (heap[0].task == task)
    wake.wake();
}

bool Timers::remove(awgrt_task *task) {
  Guard guard(mutex);
  if (task->sleepIndex < 0)
    return false;
  removeAt(task->sleepIndex);
  return true;
}

void Timers::wakeCancelled(awgrt_task *task) {
  Runtime &runtime = *task->runtime;
  if (!remove(task))
    return;
  releasePending(task);
  runtime.endOutside();
}

//===-- The thread --------------------------------------------------------------------------------------------------===//

void *Timers::threadMain(void *timers) {
  static_cast<Timers *>(timers)->work();
  return nullptr;
}

void Timers::work() {
  mutex.lock();
  while (!stopping) {
    if (count == 0) {
      wake.wait(mutex);
    } else if (Timer next = heap[0]; next.deadline > monotonicNow()) {
      wake.waitUntil(mutex, next.deadline);
    } else {
      removeAt(0);
      mutex.unlock();
      fire(next);
      mutex.lock();
    }
  }
  mutex.unlock();
}

void Timers::fire(const Timer &timer) {
  Runtime &runtime = *timer.task->runtime;
  lateness.add(monotonicNow() - timer.deadline);
  if (TraceThread *thread = trace.get(); thread && thread->isDue())
    thread->span("sleep", timer.task->sleepPlace, timer.task->sleepBegin);
  if (timer.task->ops)
    awgrt_task_complete(timer.task, nullptr);
  else
    releasePending(timer.task);
  runtime.endOutside();
}

//===-- The heap ----------------------------------------------------------------------------------------------------===//

void Timers::put(int64_t at, const Timer &timer) {
  heap[at] = timer;
  timer.task->sleepIndex = at;
}

/// Puts `timer` at a free position or above.
void Timers::siftUp(int64_t at, const Timer &timer) {
  for (int64_t parent; at > 0 && timer.isBefore(heap[parent = (at - 1) / 2]); at = parent)
    put(at, heap[parent]);
  put(at, timer);
}

/// Puts `timer` at a free position or below.
void Timers::siftDown(int64_t at, const Timer &timer) {
  for (;;) {
    int64_t child = 2 * at + 1;
    if (child + 1 < count && heap[child + 1].isBefore(heap[child]))
      ++child;
    if (child >= count || !heap[child].isBefore(timer))
      break;
    put(at, heap[child]);
    at = child;
  }
  put(at, timer);
}

void Timers::removeAt(int64_t at) {
  heap[at].task->sleepIndex = -1;
  --count;
  if (at == count)
    return;
  Timer last = heap[count];
  if (at > 0 && last.isBefore(heap[(at - 1) / 2]))
    siftUp(at, last);
  else
    siftDown(at, last);
}

//===-- Sleeping ----------------------------------------------------------------------------------------------------===//

/// Notes how `task` sleeps; gives its deadline.
static int64_t beginSleep(awgrt_task *task, const awgrt_place *place, int64_t nanoseconds) {
  task->sleepIndex = -1;
  task->sleepBegin = monotonicNow();
  task->sleepPlace = place;
  if (Worker *worker = currentWorker())
    worker->stats.sleeps.add(1);
  int64_t deadline;
  return __builtin_add_overflow(task->sleepBegin, nanoseconds, &deadline) ? INT64_MAX : deadline;
}

} // namespace awg::rt

using namespace awg::rt;

awgrt_task *awgrt_sleep(awgrt_task *self, const awgrt_place *place, int64_t nanoseconds) {
  auto *task = static_cast<awgrt_task *>(awgrt_frame_alloc(sizeof(awgrt_task)));
  beginOperation(task, &sleepOps, self, place);
  int64_t deadline = beginSleep(task, place, nanoseconds);
  if (nanoseconds <= 0)
    awgrt_task_complete(task, nullptr);
  else
    task->runtime->timers.add(task, deadline);
  return task;
}

int32_t awgrt_sleep_here(awgrt_task *self, const awgrt_place *place, int64_t nanoseconds) {
  if (nanoseconds <= 0 || isCancelled(self))
    return 1;
  int64_t deadline = beginSleep(self, place, nanoseconds);
  self->flags.fetch_or(taskSleeping, std::memory_order_relaxed);
  // As in awgrt_await: the timer is one event, this call another, and a canceller sees `pending` or is seen.
  self->pending.store(2, std::memory_order_seq_cst);
  Timers &timers = self->runtime->timers;
  timers.add(self, deadline);
  if (isCancelled(self))
    timers.wakeCancelled(self);
  return self->pending.fetch_sub(1, std::memory_order_acq_rel) == 1;
}
