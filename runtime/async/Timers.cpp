// Waking sleeping tasks, the thread that sees to it, and what sleeps.
#include "async/Timers.h"

#include "async/Error.h"
#include "async/Runtime.h"
#include "async/Task.h"

#include <algorithm>

namespace awg::rt {

namespace {

void cancelSleep(awgrt_task *task) {
  Runtime &runtime = *task->runtime;
  if (!runtime.timers.remove(task))
    return;
  awgrt_task_complete(task, createCancellation(task->place));
  runtime.timers.end(1);
}

const TaskOps sleepOps = {nullptr, cancelSleep, [](awgrt_task *task) { awgrt_frame_free(task); }};

} // namespace

Timers::~Timers() {
  if (!started)
    return;
  mutex.lock();
  stopping = true;
  wake.wake();
  mutex.unlock();
  joinThread(thread);
}

void Timers::add(awgrt_task *task, int64_t deadline, int64_t nanoseconds) {
  Guard guard(mutex);
  pending.fetch_add(1, std::memory_order_seq_cst);
  if (!started) {
    if (!startThread(thread, threadMain, this, "awg-timers"))
      fatal("cannot start a thread");
    started = true;
  }
  queue.add(task, deadline, nanoseconds);
  if (deadline < next.load(std::memory_order_relaxed))
    next.store(deadline, std::memory_order_relaxed);
  if (deadline < alarmAt)
    wake.wake();
}

bool Timers::remove(awgrt_task *task) {
  Guard guard(mutex);
  if (!queue.remove(task))
    return false;
  publishFirst();
  return true;
}

void Timers::wakeCancelled(awgrt_task *task) {
  if (!remove(task))
    return;
  releasePending(task);
  end(1);
}

void Timers::end(int64_t count) {
  if (pending.fetch_sub(count, std::memory_order_seq_cst) == count)
    runtime.lookForStall();
}

void Timers::publishFirst() {
  const Timer *first = queue.first();
  next.store(first ? first->deadline : never, std::memory_order_relaxed);
}

//===-- Waking ------------------------------------------------------------------------------------------------------===//

bool Timers::wakeDue() {
  constexpr int64_t most = 64;
  if (!isDue() || firing.exchange(true, std::memory_order_acquire))
    return false;
  Timer due[most];
  int64_t count = 0, now;
  {
    Guard guard(mutex);
    now = monotonicNow();
    while (count < most && (due[count] = queue.takeDue(now)).task)
      ++count;
    publishFirst();
  }
  {
    ReadyTasks ready(runtime.scheduler);
    for (int64_t k = 0; k < count; ++k) {
      lateness.add(now - due[k].deadline); // first: the program may end with the task
      fire(due[k]);
    }
  }
  firing.store(false, std::memory_order_release);
  if (count > 0)
    end(count);
  return count > 0;
}

void Timers::fire(const Timer &timer) {
  awgrt_task *task = timer.task;
  interleave();
  if (TraceThread *thread = trace.get(); thread && thread->isDue())
    thread->span("sleep", isOperation(task) ? task->place : task->sleepPlace, task->sleepBegin);
  if (isOperation(task))
    awgrt_task_complete(task, nullptr);
  else
    releasePending(task);
}

void *Timers::threadMain(void *timers) {
  static_cast<Timers *>(timers)->work();
  return nullptr;
}

/// For so long the thread leaves a timer to the workers that are awake, which get to it unless they are at something long.
static constexpr int64_t patience = 250'000;

/// When the thread is to look next.
int64_t Timers::alarm() const {
  int64_t first = next.load(std::memory_order_relaxed);
  return first == never || runtime.scheduler.allIdle() || first > monotonicNow() ? first : first + patience;
}

void Timers::work() {
  mutex.lock();
  for (int64_t earliest = 0; !stopping;) {
    if (int64_t at = std::max(alarm(), earliest); at > monotonicNow()) {
      alarmAt = at;
      at == never ? wake.wait(mutex) : wake.waitUntil(mutex, at);
      alarmAt = 0;
      earliest = 0;
      continue;
    }
    mutex.unlock();
    earliest = wakeDue() ? 0 : monotonicNow() + patience; // a worker is at it
    mutex.lock();
  }
  mutex.unlock();
}

//===-- Sleeping ----------------------------------------------------------------------------------------------------===//

/// Notes how `task` sleeps; gives its deadline.
static int64_t beginSleep(awgrt_task *task, const awgrt_place *place, int64_t nanoseconds) {
  task->sleepIndex = -1;
  task->sleepBegin = monotonicNow();
  if (!isOperation(task))
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
    task->runtime->timers.add(task, deadline, nanoseconds);
  return task;
}

int32_t awgrt_sleep_here(awgrt_task *self, const awgrt_place *place, int64_t nanoseconds) {
  if (isCancelled(self))
    return 1;
  if (nanoseconds <= 0) {
    self->runtime->scheduler.yield(self);
    return 0;
  }
  int64_t deadline = beginSleep(self, place, nanoseconds);
  self->flags.fetch_or(taskSleeping, std::memory_order_relaxed);
  // As in awgrt_await: the timer is one event, this call another, and a canceller sees `pending` or is seen.
  self->pending.store(2, std::memory_order_seq_cst);
  Timers &timers = self->runtime->timers;
  timers.add(self, deadline, nanoseconds);
  if (isCancelled(self))
    timers.wakeCancelled(self);
  return self->pending.fetch_sub(1, std::memory_order_acq_rel) == 1;
}
