#include "device/Joint.h"

#include "async/Runtime.h"
#include "async/Ticks.h"

#include <algorithm>
#include <bit>
#include <sched.h>

namespace awg::rt {

namespace {

constexpr int32_t mostParts = 8;
constexpr int64_t lineUnits = 64;       ///< parts are multiples of this, so that no two workers write one line of the cache
constexpr int64_t lateTicks = 10'000;   ///< a part that takes so much longer than the worker's own was interrupted
constexpr int64_t pauseFactor = 100;    ///< for so many times what was lost so nothing is shared
constexpr int32_t spinsOfAYield = 1000;

} // namespace

/// A launch in parts. On the stack of the worker that awaits it.
struct Joint::Opened {
  const JointWork &work;
  int64_t length;    ///< of a part
  int32_t parts = 1;
  uint32_t left = 1; ///< a bit a part that nobody took; under the mutex
  alignas(64) std::atomic<int32_t> helpers{0}; ///< who may still use this
};

/// Whether the processors are needed for something else.
bool Joint::isPaused() const { return int64_t(ticks() - pausedUntil.load(std::memory_order_relaxed)) < 0; }

/// Lets others have parts, unless they are at another launch already.
bool Joint::offer(Opened &launch) {
  Guard guard(cpu.mutex);
  if (open)
    return false;
  open = &launch;
  cpu.countOpen(1);
  return true;
}

/// The launch that is open, which stays until `helpers` is counted down again, or null.
Joint::Opened *Joint::join() {
  Guard guard(cpu.mutex);
  if (open)
    open->helpers.fetch_add(1, std::memory_order_relaxed);
  return open;
}

/// The number of a part that nobody took, if there is one the worker's own, or -1.
int64_t Joint::takePart(Opened &launch, const Worker &worker) {
  Guard guard(cpu.mutex);
  if (!launch.left)
    return -1;
  int32_t part = worker.index % launch.parts;
  if (!(launch.left >> part & 1))
    part = std::countr_zero(launch.left);
  launch.left &= ~(1u << part);
  if (!launch.left && open == &launch) {
    open = nullptr;
    cpu.countOpen(-1);
  }
  return part;
}

void Joint::runPart(const Opened &launch, int64_t part, Worker &worker) {
  worker.stats.pieces.add(1);
  int64_t begin = part * launch.length;
  launch.work.code(launch.work.slots, begin, std::min(begin + launch.length, launch.work.units), launch.work.failure);
}

void Joint::run(const JointWork &work, Worker &worker) {
  int32_t workers = std::min(cpu.runtime.scheduler.workerCount(), mostParts);
  int64_t multiple = divideUp(lineUnits, work.granule) * work.granule;
  int64_t length = divideUp(divideUp(work.units, workers), multiple) * multiple;
  auto parts = int32_t(divideUp(work.units, length));
  if (parts < 2 || isPaused())
    return runPart({work, work.units}, 0, worker);
  Opened launch{work, length, parts, (1u << parts) - 1};
  uint64_t begun = ticks();
  // The first of a series finds nobody awake.
  if (cpu.isFrequented() && offer(launch))
    cpu.runtime.scheduler.notify();
  for (int64_t part; (part = takePart(launch, worker)) >= 0;)
    runPart(launch, part, worker);
  waitForOthers(launch, begun);
}

/// ...which takes about as long again as this worker was at it since the tick `begun`, or less.
void Joint::waitForOthers(Opened &launch, uint64_t begun) {
  uint64_t own = ticks();
  for (int32_t spins = 1; launch.helpers.load(std::memory_order_acquire) != 0; ++spins)
    spins % spinsOfAYield ? rest() : void(sched_yield());
  uint64_t end = ticks();
  if (int64_t lost = int64_t(end - own) - int64_t(own - begun); lost > lateTicks)
    pausedUntil.store(end + uint64_t(lost) * pauseFactor, std::memory_order_relaxed);
  cpu.lastShared.store(end, std::memory_order_relaxed);
}

bool Joint::help(Worker &worker) {
  Opened *launch = join();
  if (!launch)
    return false;
  cpu.runtime.scheduler.stopSearching(worker);
  if (int64_t part = takePart(*launch, worker); part >= 0)
    runPart(*launch, part, worker);
  launch->helpers.fetch_sub(1, std::memory_order_release);
  return true;
}

} // namespace awg::rt
