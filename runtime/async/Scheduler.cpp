// Work stealing and parking.
//
// No wake-up is lost: whoever publishes work does so before it reads `searching` and `idleCount`, and a worker leaves
// `searching` and enters `idleCount` before it looks for work a last time, all sequentially consistent; so either the
// publisher sees that it must wake someone, or the worker sees the work.
#include "async/Scheduler.h"

#include "async/Deadlock.h"
#include "async/Root.h"
#include "async/Runtime.h"
#include "async/Ticks.h"
#include "async/Stack.h"
#include "async/Task.h"
#include "std/Text.h"

#include <cstdlib>
#include <new>

namespace awg::rt {

namespace {

/// How often a worker looks everywhere before it parks. The model checker, which tries all there is to see anyway, sets 1.
#ifndef AWG_SEARCH_ROUNDS
#define AWG_SEARCH_ROUNDS 16
#endif
constexpr int32_t searchRounds = AWG_SEARCH_ROUNDS;

} // namespace

thread_local constinit Worker *thisWorker = nullptr;

void Scheduler::startTrace(TraceFile &file) {
  for (int32_t i = 0; i < count; ++i) {
    Text name;
    name.add("worker ").addSigned(i).add('\0');
    workers[i].trace.start(file, i + 1, name.data());
  }
}

Scheduler::Scheduler(Runtime &runtime, int32_t count) : runtime(runtime), count(count) {
  workers = static_cast<Worker *>(allocate(sizeof(Worker) * size_t(count), alignof(Worker)));
  idle = static_cast<Worker **>(allocate(sizeof(Worker *) * size_t(count)));
  for (int32_t i = 0; i < count; ++i) {
    Worker *worker = new (&workers[i]) Worker;
    worker->runtime = &runtime;
    worker->index = i;
    worker->random = uint32_t(i) * 2654435761u + 1;
    idle[count - 1 - i] = worker;
  }
  idleCount.store(count, std::memory_order_relaxed);
}

void Scheduler::stop() {
  mutex.lock();
  stopping = true;
  for (int32_t i = 0; i < count; ++i) {
    workers[i].woken = true;
    workers[i].wake.wake();
  }
  mutex.unlock();
  for (int32_t i = 0; i < count; ++i)
    if (workers[i].started)
      joinThread(workers[i].thread);
}

Scheduler::~Scheduler() {
  for (int32_t i = 0; i < count; ++i)
    workers[i].~Worker();
  free(workers);
  free(idle);
}

void Scheduler::push(awgrt_task *task, bool wake) {
  Worker *worker = thisWorker;
  if (worker && worker->runtime == &runtime) {
    if (worker->ready)
      return worker->ready->add(task);
    worker->deque.push(task);
    if (!wake)
      return;
  } else { // the calling thread will not get to it
    inject(task);
  }
  notify();
}

void Scheduler::yield(awgrt_task *task) {
  Worker *worker = thisWorker;
  bool wake = !worker || worker->runtime != &runtime || !worker->deque.empty();
  inject(task);
  if (wake) // else this worker gets to it next
    notify();
}

bool Scheduler::hasTasksFor(const Worker &worker) const {
  return injectedCount.load(std::memory_order_relaxed) > 0 || !worker.deque.empty() || runtime.timers.isDue();
}

ReadyTasks::ReadyTasks(Scheduler &scheduler) : scheduler(scheduler), worker(thisWorker) {
  if (worker)
    worker->ready = this;
}

void ReadyTasks::add(awgrt_task *task) {
  task->queueNext = last;
  last = task;
}

ReadyTasks::~ReadyTasks() {
  if (!worker)
    return;
  worker->ready = nullptr;
  if (!last)
    return;
  worker->deque.pushAll(last);
  if (worker->deque.hasSeveral())
    scheduler.notify();
}

void Scheduler::resume(awgrt_task *task) {
  if (task->flags.load(std::memory_order_relaxed) & taskRoot)
    Root::of(task)->resume();
  else
    push(task, /*wake=*/true);
}

void Scheduler::wakeOne() {
  if (idleCount.load(std::memory_order_seq_cst) == 0)
    return;
  mutex.lock();
  int32_t waiting = idleCount.load(std::memory_order_relaxed);
  if (waiting == 0 || stopping) {
    mutex.unlock();
    return;
  }
  Worker *worker = idle[waiting - 1];
  idleCount.store(waiting - 1, std::memory_order_seq_cst);
  searching.fetch_add(1, std::memory_order_seq_cst);
  worker->searching = true;
  worker->woken = true;
  worker->wokenAt = monotonicNow();
  if (worker->started) {
    worker->wake.wake();
  } else if (startThread(worker->thread, threadMain, worker, "awg-worker")) {
    worker->started = true;
  } else if (worker->index == 0) {
    fatal("cannot start a thread");
  } else {
    searching.fetch_sub(1, std::memory_order_seq_cst);
  }
  mutex.unlock();
}

void *Scheduler::threadMain(void *argument) {
  auto *worker = static_cast<Worker *>(argument);
  thisWorker = worker;
  watchStack();
  worker->runtime->scheduler.work(*worker);
  thisWorker = nullptr;
  return nullptr;
}

void Scheduler::work(Worker &worker) {
  for (;;) {
    if (awgrt_task *task = takeLocal(worker)) {
      if (worker.searching)
        stopSearching(worker);
      tellAhead(worker);
      run(worker, task);
    } else if (!search(worker) && !park(worker)) {
      return;
    }
  }
}

awgrt_task *Scheduler::takeLocal(Worker &worker) {
  interleave();
  if (++worker.tick % fairnessPeriod == 0 || worker.yields) {
    worker.yields = false;
    runtime.timers.wakeDue();
    if (awgrt_task *task = takeInjected())
      return task;
    if (awgrt_task *task = worker.deque.steal())
      return task;
  }
  if (awgrt_task *task = worker.deque.pop())
    return task;
  return runtime.timers.wakeDue() ? worker.deque.pop() : nullptr;
}

/// Runs what it finds elsewhere. False if there was nothing.
bool Scheduler::search(Worker &worker) {
  if (!worker.searching) {
    worker.searching = true;
    searching.fetch_add(1, std::memory_order_seq_cst);
  }
  if (worker.polls && pollDevices(worker))
    return true;
  for (int32_t round = 0; round < searchRounds; ++round) {
    if (tryFind(worker))
      return true;
    rest();
  }
  return runtime.cpu.isFrequented() && linger(worker);
}

/// Looks on for as long as launches follow each other closely. It only reads what there is, since others are at work.
bool Scheduler::linger(Worker &worker) {
  worker.polls = false;
  runtime.gpus.tell();
  do {
    if (anyWork() && tryFind(worker))
      return true;
    rest();
  } while (runtime.cpu.isFrequented());
  return false;
}

bool Scheduler::tryFind(Worker &worker) {
  awgrt_task *task = takeInjected();
  worker.random = worker.random * 1664525u + 1013904223u;
  auto start = int32_t((uint64_t(worker.random) * uint32_t(count)) >> 32);
  for (int32_t i = 0; i < count && !task; ++i) {
    Worker &victim = workers[(start + i) % count];
    if (&victim == &worker)
      continue;
    interleave();
    task = victim.deque.steal();
    if (task)
      worker.stats.steals.add(1);
  }
  if (!task) {
    if (runtime.cpu.wantsHelp())
      tellAhead(worker);
    return runtime.cpu.help(worker);
  }
  stopSearching(worker);
  tellAhead(worker);
  run(worker, task);
  return true;
}

void Scheduler::stopSearching(Worker &worker) {
  worker.searching = false;
  // The last one to find work sends another to look, since there may be more.
  if (searching.fetch_sub(1, std::memory_order_seq_cst) == 1)
    notify();
}

bool Scheduler::anyWork() const {
  if (injectedCount.load(std::memory_order_seq_cst) > 0 || runtime.cpu.wantsHelp() || runtime.timers.isDue())
    return true;
  for (int32_t i = 0; i < count; ++i)
    if (!workers[i].deque.empty())
      return true;
  return false;
}

/// Whether tasks wait at channels while nothing can make them go on: all workers are idle, nothing outside is pending, and what it
/// completed last left no work.
bool Scheduler::isStalled() const {
  return runtime.channels.waiting.load(std::memory_order_seq_cst) > 0 &&
         idleCount.load(std::memory_order_seq_cst) == count && runtime.outside.load(std::memory_order_seq_cst) == 0 &&
         runtime.timers.areDone() && !anyWork();
}

/// Takes the worker out of the idle list, unless someone woke it already. Under the mutex.
bool Scheduler::leaveIdle(Worker &worker) {
  if (worker.woken)
    return false;
  int32_t waiting = idleCount.load(std::memory_order_relaxed);
  for (int32_t i = 0; i < waiting; ++i)
    if (idle[i] == &worker)
      idle[i] = idle[waiting - 1];
  idleCount.store(waiting - 1, std::memory_order_seq_cst);
  return true;
}

/// Sleeps until there may be work. False if the runtime ends.
bool Scheduler::park(Worker &worker) {
  worker.polls = false;
  runtime.gpus.tell();
  mutex.lock();
  if (stopping) {
    mutex.unlock();
    return false;
  }
  worker.woken = false;
  worker.searching = false;
  int32_t waiting = idleCount.load(std::memory_order_relaxed);
  idle[waiting] = &worker;
  idleCount.store(waiting + 1, std::memory_order_seq_cst);
  searching.fetch_sub(1, std::memory_order_seq_cst);
  mutex.unlock();

  interleave();
  bool work = anyWork();
  bool stalled = !work && isStalled();
  mutex.lock();
  // Who stalls with all others idle is alone from here on: the others stay idle unless this one wakes them.
  stalled = stalled && idleCount.load(std::memory_order_relaxed) == count;
  if ((work || stalled) && leaveIdle(worker)) {
    worker.searching = true;
    searching.fetch_add(1, std::memory_order_seq_cst);
    mutex.unlock();
    if (stalled)
      endDeadlock(runtime);
    return true;
  }
  int64_t parkedAt = monotonicNow();
  while (!worker.woken)
    worker.wake.wait(mutex);
  bool goesOn = !stopping;
  mutex.unlock();
  int64_t now = monotonicNow();
  worker.stats.parks.add(1);
  worker.stats.idle.add(now - parkedAt);
  if (goesOn)
    worker.stats.wakeUps.add(now - worker.wokenAt);
  return goesOn;
}

void Scheduler::inject(awgrt_task *task) {
  Guard guard(injectionMutex);
  task->queueNext = nullptr;
  (injectedLast ? injectedLast->queueNext : injectedFirst) = task;
  injectedLast = task;
  injectedCount.store(injectedCount.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst);
}

awgrt_task *Scheduler::takeInjected() {
  if (injectedCount.load(std::memory_order_relaxed) == 0)
    return nullptr;
  Guard guard(injectionMutex);
  awgrt_task *task = injectedFirst;
  if (!task)
    return nullptr;
  injectedFirst = task->queueNext;
  if (!injectedFirst)
    injectedLast = nullptr;
  injectedCount.store(injectedCount.load(std::memory_order_relaxed) - 1, std::memory_order_seq_cst);
  return task;
}

} // namespace awg::rt
