// Parallel loops over the workers.
#include "device/Cpu.h"

#include "async/Runtime.h"
#include "async/Ticks.h"
#include "device/CpuLevel.h"

#include <algorithm>

namespace awg::rt {

namespace {

// In ticks of the processor's counter, 2 to 4 a nanosecond: rough measures of when it pays to wake others.
constexpr float inlineTicks = 60'000;  ///< what takes less is carried out by the worker that awaits it
constexpr float jointTicks = 10'000;   ///< what takes less it does alone
constexpr int64_t lingerTicks = 200'000; ///< how long workers stay awake after a launch: about what waking one costs, there and back
constexpr float pieceTicks = 60'000;   ///< what a worker takes at once
constexpr float reliableTicks = 20'000; ///< less may be a cold cache's doing
constexpr float tiledPieceTicks = 4e7f; ///< where long pieces pay
constexpr uint32_t measuredShort = 64; ///< of so many short launches one is measured again
constexpr int64_t vectorUnits = 64;    ///< pieces are multiples of this, where they are that long

/// What costs are kept for.
const void *keyOf(awgrt_host_kernel code) { return reinterpret_cast<const void *>(code); }
const void *keyOf(const Phase &phase) { return keyOf(phase.code); }

int64_t roundUp(const Phase &phase, int64_t units) {
  int64_t multiple = phase.granule > 1 ? phase.granule : units < vectorUnits ? 1 : vectorUnits;
  return (units + multiple - 1) / multiple * multiple;
}

float ticksOfPiece(const Phase &phase) { return phase.isTiled ? tiledPieceTicks : pieceTicks; }

const Phase &currentPhase(const Launch &launch) { return launch.phases[launch.phaseIndex]; }

void call(Launch &launch, const Phase &phase, int64_t begin, int64_t end, Worker &worker) {
  interleave();
  worker.stats.pieces.add(1);
  TraceSlice slice(worker.trace.get(), launch.kernel->name, launch.task()->place);
  phase.code(phase.slots, begin, end, &launch.failure);
}

} // namespace

bool Cpu::isFrequented() const {
  return !thisSimulation && int64_t(ticks() - lastShared.load(std::memory_order_relaxed)) < lingerTicks;
}

bool Cpu::isShort(const Worker &worker, awgrt_host_kernel code, int64_t units) {
  float ticksPerUnit = worker.costs.find(keyOf(code));
  return ticksPerUnit > 0 && ticksPerUnit * float(units) <= inlineTicks;
}

float Cpu::expectedTicks(const Worker &worker, const awgrt_kernel &kernel, int64_t indices) {
  const awgrt_host_variant *variant = chooseVariant(kernel);
  if (!variant || (kernel.shape != AWGRT_EACH && indices <= blockLength)) // one unit, whatever its length
    return 0;
  int64_t units = kernel.shape == AWGRT_EACH ? indices : divideUp(indices, blockLength);
  float alone = worker.costs.find(keyOf(variant->host)) * float(units);
  return alone < inlineTicks ? alone : std::max(alone / float(worker.runtime->scheduler.workerCount()), inlineTicks);
}

void Cpu::runShort(const JointWork &work, Worker &worker) {
  worker.stats.launches.add(1);
  worker.stats.runs.add(1);
  const void *key = keyOf(work.code);
  bool isMeasured = worker.stats.runs.get() % measuredShort == 0;
  if (!isMeasured && worker.costs.find(key) * float(work.units) > jointTicks)
    return joint.run(work, worker);
  worker.stats.pieces.add(1);
  if (!isMeasured)
    return work.code(work.slots, 0, work.units, work.failure);
  uint64_t start = ticks();
  work.code(work.slots, 0, work.units, work.failure);
  worker.costs.store(key, std::max(float(ticks() - start) / float(work.units), 0.01f));
}

void Cpu::run(Launch &launch, Worker &worker) {
  while (launch.phaseIndex < launch.phaseCount) {
    if (isCancelled(launch.task()))
      launch.skipped.store(true, std::memory_order_relaxed);
    if (launch.failure.index != INT64_MAX || launch.skipped.load(std::memory_order_relaxed))
      break;
    if (!runPhase(launch, worker))
      return;
    ++launch.phaseIndex;
  }
  finishLaunch(launch);
}

/// Carries out the current phase. False if it is not over: another worker will go on with the launch.
bool Cpu::runPhase(Launch &launch, Worker &worker) {
  const Phase &phase = currentPhase(launch);
  float ticksPerUnit = worker.costs.find(keyOf(phase));
  int64_t begin = phase.begin;
  int64_t piece = phase.granule;
  float measured = 0;
  while (begin < phase.end) {
    int64_t left = phase.end - begin;
    bool known = ticksPerUnit > 0;
    if (known && left > phase.granule && ticksPerUnit * float(left) > inlineTicks)
      return share(launch, worker, begin, ticksPerUnit);
    int64_t units = known ? left : std::min(left, piece);
    uint64_t start = ticks();
    call(launch, phase, begin, begin + units, worker);
    measured += float(ticks() - start);
    begin += units;
    // Pieces grow until they take long enough to be measured, or so little is left that it does not matter.
    int64_t done = begin - phase.begin;
    piece = roundUp(phase, done * 8) - (phase.granule > 1 ? 0 : done % vectorUnits);
    float average = std::max(measured / float(done), 0.01f);
    if (measured > reliableTicks || average * float(phase.end - begin) < inlineTicks)
      ticksPerUnit = average;
  }
  worker.costs.store(keyOf(phase), ticksPerUnit);
  return true;
}

/// The most that a worker takes at once of what is left, so that all end at about the same time.
int64_t Cpu::fairShare(int64_t left) const { return left / (3 * int64_t(runtime.scheduler.workerCount())); }

/// Goes on with a phase from `begin` on, with the help of others.
bool Cpu::share(Launch &launch, Worker &worker, int64_t begin, float ticksPerUnit) {
  const Phase &phase = currentPhase(launch);
  int64_t left = phase.end - begin;
  auto wanted = int64_t(std::min(ticksOfPiece(phase) / ticksPerUnit, 1e9f));
  launch.homeCount = std::min(runtime.scheduler.workerCount(), mostHomes);
  int64_t length = roundUp(phase, divideUp(left, launch.homeCount));
  launch.grain = roundUp(phase, std::max<int64_t>(1, std::min(wanted, fairShare(left))));
  // What is short is done before it would pay to bring a part of another's memory here, unless that one does not come at all.
  if (ticksPerUnit * float(left) < inlineTicks)
    launch.grain = length;
  for (int32_t k = 0; k < launch.homeCount; ++k, begin += length) {
    launch.homes[k].next.store(std::min(begin, phase.end), std::memory_order_relaxed);
    launch.homes[k].end = std::min(begin + length, phase.end);
  }
  launch.active = 1;
  open(launch);
  // Inside a task that does not wait for it yet, it could not be cancelled: the worker comes back when that task waits.
  return leave(launch, worker.depth == 0 && takePieces(launch, worker));
}

/// Runs pieces, at least one, until none is left or tasks wait for this worker: those come first, since one of them
/// may be about to cancel this launch. True if none is left.
bool Cpu::takePieces(Launch &launch, Worker &worker) {
  const Phase &phase = currentPhase(launch);
  const int32_t count = launch.homeCount, own = worker.index % count;
  const uint64_t start = ticks();
  lastShared.store(start, std::memory_order_relaxed);
  int64_t done = 0;
  bool isExhausted = true;
  for (int32_t k = 0; k < count && isExhausted; ++k) {
    Home &home = launch.homes[(own + k) % count];
    if (done == 0 || !runtime.scheduler.hasTasksFor(worker))
      done += takePiecesOf(launch, home, worker);
    isExhausted = home.next.load(std::memory_order_relaxed) >= home.end;
  }
  uint64_t end = ticks();
  lastShared.store(end, std::memory_order_relaxed);
  if (done > 0)
    worker.costs.store(keyOf(phase), std::max(float(end - start) / float(done), 0.01f));
  return isExhausted;
}

/// The same for one home; gives how many units it ran.
int64_t Cpu::takePiecesOf(Launch &launch, Home &home, Worker &worker) {
  const Phase &phase = currentPhase(launch);
  int64_t done = 0, grain = launch.grain;
  uint64_t before = ticks();
  do {
    if (home.next.load(std::memory_order_relaxed) >= home.end)
      break;
    int64_t begin = home.next.fetch_add(grain, std::memory_order_relaxed);
    if (begin >= home.end)
      break;
    if (isCancelled(launch.task())) {
      launch.skipped.store(true, std::memory_order_relaxed);
      home.next.store(home.end, std::memory_order_relaxed);
      break;
    }
    int64_t end = std::min(begin + grain, home.end);
    call(launch, phase, begin, end, worker);
    done += end - begin;
    // What was measured first may have been slow for once: the first touch of memory.
    uint64_t now = ticks();
    if (float(now - before) < ticksOfPiece(phase) / 2 && grain < fairShare(home.end - end))
      grain *= 2;
    before = now;
  } while (!runtime.scheduler.hasTasksFor(worker));
  return done;
}

/// Under the mutex.
void Cpu::countOpen(int32_t more) {
  openCount.store(openCount.load(std::memory_order_relaxed) + more, std::memory_order_seq_cst);
}

void Cpu::open(Launch &launch) {
  {
    Guard guard(mutex);
    launch.open = true;
    launch.openPrevious = nullptr;
    launch.openNext = firstOpen;
    if (firstOpen)
      firstOpen->openPrevious = &launch;
    firstOpen = &launch;
    countOpen(1);
  }
  lastShared.store(ticks(), std::memory_order_relaxed);
  // Two here, one by each who comes: a tree of wake-ups.
  runtime.scheduler.wakeOne();
  runtime.scheduler.wakeOne();
}

/// Counts a worker out. `exhausted`: no pieces are left, so nobody else is to join. True if the phase is over and the
/// caller goes on with the launch; otherwise it may be gone.
bool Cpu::leave(Launch &launch, bool exhausted) {
  Guard guard(mutex);
  if (exhausted && launch.open) {
    launch.open = false;
    (launch.openPrevious ? launch.openPrevious->openNext : firstOpen) = launch.openNext;
    if (launch.openNext)
      launch.openNext->openPrevious = launch.openPrevious;
    countOpen(-1);
  }
  --launch.active;
  return launch.active == 0 && !launch.open;
}

/// Works at a phase that the worker was counted in for, and goes on with the launch if it ends it.
void Cpu::assist(Launch &launch, Worker &worker) {
  if (!leave(launch, takePieces(launch, worker)))
    return;
  ++launch.phaseIndex;
  run(launch, worker);
}

bool Cpu::help(Worker &worker) {
  if (!wantsHelp())
    return false;
  if (joint.help(worker))
    return true;
  Launch *launch;
  {
    Guard guard(mutex);
    launch = firstOpen;
    if (!launch)
      return false;
    ++launch->active;
  }
  runtime.scheduler.stopSearching(worker);
  runtime.scheduler.wakeOne();
  assist(*launch, worker);
  return true;
}

} // namespace awg::rt

void *awgrt_scratch(void) {
  using namespace awg::rt;
  Worker &worker = *currentWorker();
  if (!worker.scratch)
    worker.scratch = allocate(AWGRT_SCRATCH_BYTES, 64);
  return worker.scratch;
}
