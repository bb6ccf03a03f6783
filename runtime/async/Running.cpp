// Running tasks: in place where they are started or awaited, if that costs less than to hand them over; and what they
// cost.
#include "async/Runtime.h"
#include "async/Stack.h"
#include "async/Task.h"
#include "async/Ticks.h"
#include "device/Launch.h"

#include <algorithm>

namespace awg::rt {

namespace {

/// How many tasks may run inside each other: as many as stay in the cache with their stacks.
constexpr uint32_t deepest = 64;

/// Runs of tasks between two that are measured.
constexpr int32_t unmeasuredRuns = 15;
/// Ticks below which a task is started in place: less than it costs to hand it to another worker.
constexpr float tinyRun = 600;
/// Ticks below which it is if others find enough here.
constexpr float smallRun = 4'000;
/// How many tasks that is.
constexpr int64_t spareTasks = 16;

/// What a coroutine's costs are kept for.
const void *codeOf(const awgrt_task *task) {
  return *static_cast<const void *const *>(frameOf(const_cast<awgrt_task *>(task)));
}

void runTask(awgrt_task *task) {
  if (isOperation(task)) {
    task->ops->run(task);
    return;
  }
  void *frame = frameOf(task);
  (*static_cast<void (**)(void *)>(frame))(frame);
}

} // namespace

void Scheduler::run(Worker &worker, awgrt_task *task) {
  worker.stats.runs.add(1);
  if (--worker.unwatched >= 0) [[likely]]
    runTask(task);
  else
    runWatched(worker, task);
}

[[gnu::noinline]] void Scheduler::runWatched(Worker &worker, awgrt_task *task) {
  TraceThread *trace = worker.trace.get();
  worker.unwatched = int32_t(trace ? trace->skipUpTo(unmeasuredRuns) : unmeasuredRuns);
  if (!trace || isLaunch(task)) // whose pieces are recorded one by one
    return runMeasured(worker, task);
  const awgrt_place *place = task->place; // it may be gone when this returns
  TraceSlice slice(trace, place ? place->name : nullptr, place);
  runMeasured(worker, task);
}

/// Notes how long the code runs up to where it first waits, tasks that it starts in place included. If tasks that were
/// there before run where it awaits them, the measure says nothing of it.
void Scheduler::runMeasured(Worker &worker, awgrt_task *task) {
  if (isOperation(task) || hasWaited(task))
    return runTask(task);
  const void *code = codeOf(task); // it may be gone afterwards
  int64_t outerBottom = worker.runBottom;
  bool outerRanOthers = worker.ranOthers;
  worker.runBottom = worker.deque.end();
  worker.ranOthers = false;
  uint64_t start = ticks();
  runTask(task);
  auto took = float(ticks() - start);
  float known = worker.runCosts.find(code);
  // A long run counts at once, short ones make it forgotten.
  if (!worker.ranOthers)
    worker.runCosts.store(code, std::max(std::min(took, 4 * smallRun), 0.75f * known));
  worker.runBottom = outerBottom;
  worker.ranOthers |= outerRanOthers;
}

/// Whether this task is to wait its turn, since others have waited long enough: takeLocal sees to them.
bool Scheduler::isOthersTurn(Worker &worker) const {
  if (++worker.tick % fairnessPeriod != 0 ||
      (injectedCount.load(std::memory_order_relaxed) == 0 && !worker.deque.hasSeveral()))
    return false;
  worker.yields = true;
  return true;
}

void Scheduler::runInPlace(Worker &worker, awgrt_task *task) {
  awgrt_task *outer = worker.inPlace;
  worker.inPlace = task;
  ++worker.depth;
  run(worker, task);
  --worker.depth;
  worker.inPlace = outer;
}

bool Scheduler::mayRunInside(Worker &worker) const {
  return !isOthersTurn(worker) && !worker.yields && worker.depth < deepest && !isStackLow();
}

bool Scheduler::runIfNewest(Worker &worker, awgrt_task *task) {
  if (!mayRunInside(worker) || !worker.deque.popIf(task))
    return false;
  worker.ranOthers |= worker.deque.end() < worker.runBottom;
  runInPlace(worker, task);
  return true;
}

/// Whether code of this cost is to be run where it is started, if it is not tiny: others must have enough to do. If it
/// is too long, that is forgotten little by little, since it may have been an accident: then it is tried and measured
/// again.
bool Scheduler::pays(Worker &worker, const void *code, float known) {
  if (count > 1 && !worker.deque.heldAtLeast(spareTasks))
    return false;
  if (known < smallRun)
    return true;
  float forgotten = 0.98f * known;
  worker.runCosts.store(code, forgotten);
  if (forgotten >= smallRun)
    return false;
  worker.unwatched = 0;
  return true;
}

bool Scheduler::startsHere(Worker &worker, awgrt_task *task) {
  const void *code = codeOf(task);
  float known = worker.runCosts.find(code);
  return known > 0 && (known < tinyRun || pays(worker, code, known)) && worker.depth < deepest && !isStackLow() &&
         !isOthersTurn(worker);
}

void Scheduler::start(awgrt_task *task) {
  Worker *worker = thisWorker;
  if (worker && worker->runtime == &runtime) {
    worker->stats.started.add(1);
    if (!isOperation(task) && startsHere(*worker, task))
      return runInPlace(*worker, task);
  } else {
    outsideCount.fetch_add(1, std::memory_order_relaxed);
  }
  push(task, /*wake=*/true);
}

} // namespace awg::rt
