// The workers of a runtime, and which of them runs what.
//
// A worker takes tasks from its own deque (the newest first), then from the injection queue, then steals from others
// (the oldest first), then helps at a launch that is open for help, then parks.
#ifndef AWG_RUNTIME_ASYNC_SCHEDULER_H
#define AWG_RUNTIME_ASYNC_SCHEDULER_H

#include "async/Deque.h"
#include "async/Sync.h"
#include "device/CostTable.h"
#include "trace/Stats.h"
#include "trace/Trace.h"

#include <cstdlib>

namespace awg::rt {

struct Runtime;
class ReadyTasks;

struct Worker {
  ~Worker() { free(scratch); }
  Worker() = default;
  Worker(const Worker &) = delete;

  Deque deque;
  Runtime *runtime = nullptr;
  int32_t index = 0;
  uint32_t tick = 0;      ///< counts the tasks it took
  awgrt_task *inPlace = nullptr; ///< the innermost that runs inside one that waits for it
  uint32_t depth = 0;     ///< tasks that run inside others that wait for them
  uint32_t random = 0;    ///< state of the choice of victims
  bool yields = false;    ///< takes a task that has waited long next
  bool searching = false; ///< counted in Scheduler::searching
  bool started = false;   ///< has a thread; under Scheduler::mutex
  bool woken = false;     ///< was taken from the idle list; under Scheduler::mutex
  Condition wake;
  Thread thread{};
  CostTable costs;         ///< of kernels
  CostTable runCosts;      ///< of tasks, by their code
  int32_t unwatched = 0;   ///< runs of tasks until one is looked at: measured, or recorded
  int64_t runBottom = 0;   ///< where the deque ended as the innermost measured run began
  bool polls = false;      ///< drivers were not asked to tell, as this worker is to look
  bool ranOthers = false;  ///< during that run, tasks that were there before it
  ReadyTasks *ready = nullptr; ///< takes tasks that become ready meanwhile, instead of the deque
  void *scratch = nullptr; ///< awgrt_scratch's, owned
  int64_t wokenAt = 0;    ///< when it was taken from the idle list; under Scheduler::mutex
  WorkerStats stats;
  TraceRecord trace;
};

/// The worker that the calling thread is, or null.
extern thread_local constinit Worker *thisWorker [[gnu::tls_model("initial-exec")]];
inline Worker *currentWorker() { return thisWorker; }

class Scheduler {
public:
  /// Creates `count` workers, without threads: a worker gets its thread when it is first needed.
  Scheduler(Runtime &runtime, int32_t count);
  ~Scheduler();

  /// Ends and joins the threads. There must be no task left; who made the last one ready may still be at it.
  void stop();

  /// Makes a new task ready, or runs it in place if it will not take long and others have enough to do.
  void start(awgrt_task *task);
  /// Makes a task ready. `wake`: have an idle worker come for it now, rather than when this one gets to it.
  void push(awgrt_task *task, bool wake);
  /// Runs `task` in place if it is the newest in the deque of the worker that the calling thread is. False if it is not, if
  /// there is too little room, or if others have waited long enough.
  bool runIfNewest(Worker &worker, awgrt_task *task);
  /// Whether `worker` may run something inside the task that it runs: there is room on its stack, and no other has waited long
  /// enough for its turn.
  bool mayRunInside(Worker &worker) const;
  /// Goes on with a task whose events have all come.
  void resume(awgrt_task *task);
  /// Wakes an idle worker if none is looking for work already. What it is to find must have been published with
  /// sequential consistency.
  void notify() {
    interleave();
    if (searching.load(std::memory_order_seq_cst) == 0 && idleCount.load(std::memory_order_seq_cst) > 0)
      wakeOne();
  }
  /// Wakes an idle worker, if there is one.
  void wakeOne();
  /// A worker that looked for work and found some calls this first.
  void stopSearching(Worker &worker);
  int32_t workerCount() const { return count; }
  const Worker &worker(int32_t index) const { return workers[index]; }
  /// Tasks that were started by other threads than the workers.
  int64_t startedOutside() const { return outsideCount.load(std::memory_order_relaxed); }
  void startTrace(TraceFile &file);
  /// Whether tasks wait that `worker` could run.
  bool hasTasksFor(const Worker &worker) const;
  /// Makes a task ready that gives others their turn: it comes after those that wait already.
  void yield(awgrt_task *task);
  /// A task of the calling thread is about to wait: has drivers tell of the ends of launches, unless the thread is a worker that will have
  /// nothing to do but to look for them itself.
  void tellOrPoll();
  /// Whether no worker is at work.
  bool allIdle() const { return idleCount.load(std::memory_order_seq_cst) == count; }

private:
  /// Every so many tasks a worker takes one that has waited long: from the injection queue, or its own oldest. Otherwise tasks
  /// that keep it busy would starve others.
  static constexpr uint32_t fairnessPeriod = 61;

  static void *threadMain(void *worker);
  void work(Worker &worker);
  awgrt_task *takeLocal(Worker &worker);
  bool search(Worker &worker);
  bool pollDevices(Worker &worker);
  void stopPolling(Worker &worker);
  void tellAhead(Worker &worker);
  bool tryFind(Worker &worker);
  bool linger(Worker &worker);
  bool park(Worker &worker);
  bool anyWork() const;
  bool isStalled() const;
  void inject(awgrt_task *task);
  awgrt_task *takeInjected();
  bool leaveIdle(Worker &worker);
  void run(Worker &worker, awgrt_task *task);
  void runWatched(Worker &worker, awgrt_task *task);
  void runMeasured(Worker &worker, awgrt_task *task);
  bool startsHere(Worker &worker, awgrt_task *task);
  bool pays(Worker &worker, const void *code, float known);
  bool isOthersTurn(Worker &worker) const;
  void runInPlace(Worker &worker, awgrt_task *task);

  Runtime &runtime;
  Worker *workers;
  const int32_t count;

  alignas(64) std::atomic<int32_t> searching{0}; ///< workers that look for work; at least one of them will see a push
  std::atomic<int32_t> idleCount{0};             ///< written under mutex
  alignas(64) Mutex mutex;
  Worker **idle;                                 ///< the parked (or not yet started) workers, last parked last
  bool stopping = false;

  alignas(64) Mutex injectionMutex;
  std::atomic<int64_t> outsideCount{0};
  std::atomic<int64_t> injectedCount{0};
  awgrt_task *injectedFirst = nullptr;
  awgrt_task *injectedLast = nullptr;
};

/// While it lives, tasks that the calling worker makes ready are put aside. Then they become ready together, to be run in the
/// order in which they came. On any other thread it does nothing.
class ReadyTasks {
public:
  explicit ReadyTasks(Scheduler &scheduler);
  ~ReadyTasks();
  ReadyTasks(const ReadyTasks &) = delete;
  ReadyTasks &operator=(const ReadyTasks &) = delete;
  void add(awgrt_task *task);

private:
  Scheduler &scheduler;
  Worker *worker;
  awgrt_task *last = nullptr; ///< linked to those before it by queueNext
};

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_SCHEDULER_H
