// The life of a task: begin, completion, await, join, free.
//
// A completion and a registering waiter meet in the child's `waiter` word: whoever comes second sees the other. A
// waiter counts its children in `pending`, one extra while it registers, and goes on when the count falls to zero.
#include "async/Task.h"

#include "async/Channel.h"
#include "async/Error.h"
#include "async/Runtime.h"
#include "device/Launch.h"

namespace awg::rt {

namespace {

void initialise(awgrt_task *task, awgrt_task *parent, const awgrt_place *place, uint32_t flags) {
  task->runtime = parent->runtime;
  task->place = place;
  task->waiter.store(0, std::memory_order_relaxed);
  task->flags.store(flags, std::memory_order_relaxed);
  task->pending.store(0, std::memory_order_relaxed);
}

/// Cancels the tasks that `waiter` waits for, on behalf of the first of them to fail or to win. `waiter` cannot go on
/// meanwhile.
void cancelSiblings(awgrt_task *waiter) {
  if (waiter->groupCount == 1)
    return;
  if (waiter->flags.fetch_or(taskGroupCancelled, std::memory_order_seq_cst) & taskGroupCancelled)
    return;
  cancelGroup(*waiter);
}

/// The failure of the task that failed first, or null.
awgrt_error *takeFirstFailure(awgrt_task *const *tasks, int64_t count) {
  awgrt_task *first = nullptr;
  for (int64_t i = 0; i < count; ++i)
    if (hasFailed(tasks[i]) && tasks[i]->error && (!first || stampOf(tasks[i]->error) < stampOf(first->error)))
      first = tasks[i];
  return first ? takeError(first) : nullptr;
}

/// Where it is noted which of the tasks that race was the first to end.
std::atomic_ref<awgrt_task *> winnerOf(awgrt_task *const *tasks, int64_t count) {
  return std::atomic_ref(const_cast<awgrt_task *&>(tasks[count]));
}

/// Notes `task` as the first to end of those that race.
void win(awgrt_task *const *tasks, int64_t count, awgrt_task *task) {
  awgrt_task *none = nullptr;
  winnerOf(tasks, count).compare_exchange_strong(none, task, std::memory_order_acq_rel, std::memory_order_relaxed);
}

/// One of the tasks has ended in a way that ends the wait for the others. Those that have ended were noted in `self`.
bool isDecided(awgrt_task *self, awgrt_task *const *tasks, int64_t count) {
  uint32_t flags = self->flags.load(std::memory_order_relaxed);
  if (!(flags & taskRacing))
    return flags & taskChildFailed;
  for (int64_t i = 0; i < count; ++i)
    if (isDone(tasks[i])) {
      win(tasks, count, tasks[i]);
      return true;
    }
  return false;
}

/// Whether `task`, which `self` waits for, is done; its failure is noted.
bool isDoneFor(awgrt_task *self, const awgrt_task *task) {
  if (!isDone(task))
    return false;
  if (hasFailed(task))
    self->flags.fetch_or(taskChildFailed, std::memory_order_relaxed);
  return true;
}

/// Runs those of `tasks` in place that this worker made ready last: nobody else has taken them, and they need no
/// waiting for. They are in the order in which they were started, so the last comes first.
void runOwn(awgrt_task *self, awgrt_task *const *tasks, int64_t count) {
  Worker *worker = currentWorker();
  if (!worker || worker->runtime != self->runtime)
    return;
  for (int64_t i = count; i-- > 0;)
    if (!isDone(tasks[i]) && (!self->runtime->scheduler.runIfNewest(*worker, tasks[i]) || hasFailed(tasks[i])))
      return;
}

/// The slow half of awgrt_await: registers `self` with every task that is not done. The first `done` are.
int32_t waitFor(awgrt_task *self, awgrt_task *const *tasks, int64_t count, int64_t done = 0) {
  constexpr uint32_t earlier = taskGroupCancelled | taskSleeping;
  if (self->flags.load(std::memory_order_relaxed) & earlier)
    self->flags.fetch_and(~earlier, std::memory_order_relaxed);
  self->groupCount = uint32_t(count);
  bool isRace = self->flags.load(std::memory_order_relaxed) & taskRacing;
  if (count == 1 && !isRace)
    self->groupTask = tasks[0];
  else
    self->groupTasks = tasks;
  // Before the flag is read: a canceller sets the flag first and then looks at `pending`, so one sees the other.
  self->pending.store(self->groupCount + 1, std::memory_order_seq_cst);
  interleave();
  if (isCancelled(self))
    cancelGroup(*self);

  auto finished = uint32_t(1 + done);
  for (int64_t i = done; i < count; ++i) {
    interleave();
    uintptr_t none = 0;
    if (isDoneFor(self, tasks[i]) ||
        (!tasks[i]->waiter.compare_exchange_strong(none, reinterpret_cast<uintptr_t>(self), std::memory_order_acq_rel,
                                                   std::memory_order_acquire) &&
         isDoneFor(self, tasks[i])))
      ++finished;
  }
  if (finished <= self->groupCount && count > 1 && isDecided(self, tasks, count) &&
      !(self->flags.fetch_or(taskGroupCancelled, std::memory_order_seq_cst) & taskGroupCancelled))
    cancelGroup(*self);
  self->runtime->scheduler.tellOrPoll();
  return self->pending.fetch_sub(finished, std::memory_order_acq_rel) == finished;
}

[[gnu::noinline]] void noteEnd(awgrt_task *task, awgrt_error *error) {
  task->flags.fetch_or(taskFailed, std::memory_order_relaxed);
  task->error = error;
  stampError(error, task->runtime->failures.fetch_add(1, std::memory_order_relaxed));
}

/// Marks `task` done and tells who waits for it.
[[gnu::noinline]] void endWait(awgrt_task *task, awgrt_error *error) {
  interleave();
  bool cancels = error && !awgrt_error_is_cancellation(error);
  uintptr_t waiter = task->waiter.exchange(taskDone, std::memory_order_acq_rel);
  if (waiter == 0)
    return;
  interleave();
  auto *parent = reinterpret_cast<awgrt_task *>(waiter);
  if (error)
    parent->flags.fetch_or(taskChildFailed, std::memory_order_relaxed);
  bool wins = parent->flags.load(std::memory_order_relaxed) & taskRacing;
  if (wins)
    win(parent->groupTasks, parent->groupCount, task);
  if (cancels || wins)
    cancelSiblings(parent);
  releasePending(parent);
}

} // namespace

void beginOperation(awgrt_task *task, const TaskOps *ops, awgrt_task *parent, const awgrt_place *place) {
  initialise(task, parent, place, taskOperation);
  task->ops = ops;
}

void releasePending(awgrt_task *task, uint32_t events) {
  if (task->pending.fetch_sub(events, std::memory_order_acq_rel) == events)
    task->runtime->scheduler.resume(task);
}

} // namespace awg::rt

using namespace awg::rt;

void awgrt_task_begin(awgrt_task *task, awgrt_task *parent, const awgrt_place *place) {
  initialise(task, parent, place, 0);
  task->groupTask = nullptr;
}

void awgrt_task_spawn(awgrt_task *task) {
  task->flags.store(task->flags.load(std::memory_order_relaxed) | taskSpawned, std::memory_order_relaxed);
  task->runtime->scheduler.start(task);
}

void awgrt_task_complete(awgrt_task *task, awgrt_error *error) {
  if (error)
    noteEnd(task, error);
  Worker *worker = currentWorker();
  if (worker && worker->inPlace == task) // whoever waits for it looks when it returns
    task->waiter.store(taskDone, std::memory_order_release);
  else
    endWait(task, error);
}

int32_t awgrt_await_one(awgrt_task *self, awgrt_task *task) { return awgrt_await(self, &task, 1); }

int32_t awgrt_await(awgrt_task *self, awgrt_task *const *tasks, int64_t count) {
  if (self->flags.load(std::memory_order_relaxed) & taskChildFailed) // of tasks that nobody asked how they ended
    self->flags.fetch_and(~uint32_t(taskChildFailed), std::memory_order_relaxed);
  int64_t done = 0;
  while (done < count && isDoneFor(self, tasks[done]))
    ++done;
  if (done == count)
    return 1;
  if (count == 1 && isCancelled(self))
    awgrt_cancel(tasks, count);
  runOwn(self, tasks, count);
  if (count == 1 && isLaunch(tasks[0]))
    detachLaunch(tasks[0]);
  while (done < count && isDoneFor(self, tasks[done]))
    ++done;
  if (done == count)
    return 1;
  return waitFor(self, tasks, count, done);
}

int32_t awgrt_race(awgrt_task *self, awgrt_task **tasks, int64_t count) {
  tasks[count] = nullptr;
  self->flags.fetch_or(taskRacing, std::memory_order_relaxed);
  for (int64_t i = 0; i < count && !winnerOf(tasks, count).load(std::memory_order_acquire) && !isCancelled(self); ++i)
    isDone(tasks[i]) ? win(tasks, count, tasks[i]) : beginInRace(tasks[i], &tasks[count]);
  if (isDecided(self, tasks, count))
    awgrt_cancel(tasks, count);
  for (int64_t i = 0; i < count; ++i)
    if (!isDone(tasks[i]))
      return waitFor(self, tasks, count);
  return 1;
}

int64_t awgrt_race_winner(awgrt_task *self, awgrt_task **tasks, int64_t count) {
  self->flags.fetch_and(~uint32_t(taskRacing), std::memory_order_relaxed);
  awgrt_task *winner = winnerOf(tasks, count).load(std::memory_order_acquire);
  int64_t position = 0;
  while (position < count - 1 && tasks[position] != winner)
    ++position;
  return position;
}

awgrt_error *awgrt_join(awgrt_task *self, awgrt_task *const *tasks, int64_t count, const awgrt_place *place) {
  bool cancelled = isCancelled(self);
  bool failed = self->flags.load(std::memory_order_relaxed) & taskChildFailed;
  if (!failed)
    return cancelled ? createCancellation(place) : nullptr;
  self->flags.fetch_and(~uint32_t(taskChildFailed), std::memory_order_relaxed);
  awgrt_error *error = cancelled ? createCancellation(place) : takeFirstFailure(tasks, count);
  if (!error)
    return nullptr;
  for (int64_t i = 0; i < count; ++i)
    noteFailure(error, takeError(tasks[i]));
  if (!cancelled)
    addAwait(error, place);
  return error;
}

awgrt_error *awgrt_join_one(awgrt_task *self, awgrt_task *task, const awgrt_place *place) {
  self->flags.fetch_and(~uint32_t(taskChildFailed), std::memory_order_relaxed);
  return awgrt_joined(self, takeError(task), place);
}

awgrt_error *awgrt_joined(awgrt_task *self, awgrt_error *error, const awgrt_place *place) {
  if (error && awgrt_error_is_cancellation(error))
    return error;
  if (isCancelled(self)) {
    awgrt_error *cancellation = createCancellation(place);
    noteFailure(cancellation, error);
    return cancellation;
  }
  if (error)
    addAwait(error, place);
  return error;
}

void awgrt_error_note(awgrt_error *error, awgrt_task *task) { noteFailure(error, takeError(task)); }

int32_t awgrt_task_succeeded(const awgrt_task *task) { return isDone(task) && !hasFailed(task); }

void awgrt_task_free(awgrt_task *task) {
  if (task->flags.load(std::memory_order_relaxed) & (taskFailed | taskOperation)) {
    awgrt_error_release(takeError(task));
    if (isOperation(task))
      return task->ops->destroy(task);
  }
  void *frame = frameOf(task);
  auto destroy = reinterpret_cast<void (**)(void *)>(frame)[1];
  destroy(frame);
}
