// Opening the GPUs of a runtime, and choosing among them.
#include "device/Gpus.h"

#include "async/Error.h"
#include "async/Runtime.h"
#include "async/Ticks.h"
#include "device/Launch.h"
#include "place/Policy.h"
#include "std/Text.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace awg::rt {

using cuda::Result;

Gpus::~Gpus() {
  leaveToHost();
  int32_t total = count();
  openCount.store(0, std::memory_order_release);
  for (int32_t k = 0; k < total; ++k) {
    gpus[k]->~Gpu();
    free(gpus[k]);
  }
  free(gpus);
  free(kinds);
}

bool Gpus::openDriver(Text &problem) {
  return choice.source == GpuSource::Emulator ? driver.openEmulator(choice.emulated, problem)
                                              : driver.openCuda(problem);
}

bool Gpus::openAll(Text &problem) {
  if (thisSimulation) { // a driver's threads are not the simulation's
    problem.add("AWG_SIM has no GPUs");
    return false;
  }
  if (!openDriver(problem))
    return false;
  int there = 0;
  if (Result result = driver->cuDeviceGetCount(&there); result != Result::Success || there == 0) {
    problem.add("this machine has no GPU");
    return false;
  }
  int32_t wanted = choice.gpuCount ? choice.gpuCount : std::min(there, mostGpus);
  gpus = static_cast<Gpu **>(allocate(sizeof(Gpu *) * size_t(wanted)));
  for (int32_t k = 0; k < wanted; ++k) {
    int32_t ordinal = choice.gpuCount ? choice.gpus[k] : k;
    if (ordinal >= there) {
      problem.add("this machine has no gpu:").addSigned(ordinal).add("; its GPUs are 0 to ").addSigned(there - 1);
      return false;
    }
    gpus[k] = new (allocate(sizeof(Gpu), alignof(Gpu))) Gpu(*this, driver, k);
    openCount.store(k + 1, std::memory_order_release); // from here on it is closed with the others
    if (!gpus[k]->open(ordinal, problem))
      return false;
  }
  for (int32_t k = 0; k < wanted; ++k)
    for (int32_t other = 0; other < wanted; ++other)
      if (k != other)
        gpus[k]->reach(*gpus[other]);
  shareCosts();
  openedAt = monotonicNow();
  openedTicks = ticks();
  return true;
}

/// GPUs of one name are alike: what one was measured to take holds for all.
void Gpus::shareCosts() {
  kinds = static_cast<KindCosts *>(allocate(sizeof(KindCosts) * size_t(count()), alignof(KindCosts)));
  for (int32_t k = 0; k < count(); ++k) {
    int32_t alike = 0;
    while (strcmp(gpus[k]->name, gpus[alike]->name) != 0)
      ++alike;
    gpus[k]->costs = new (&kinds[k]) KindCosts;
    gpus[k]->costs = gpus[alike]->costs;
  }
}

bool Gpus::open(Text &problem) {
  if (choice.source == GpuSource::None)
    return true;
  Guard guard(opening);
  if (!isDecided.load(std::memory_order_relaxed)) {
    if (!openAll(absence))
      hasFailed.store(true, std::memory_order_relaxed);
    else if (traceFile)
      traceAll();
    isDecided.store(true, std::memory_order_release);
  }
  if (!hasFailed.load(std::memory_order_relaxed))
    return true;
  problem.add(absence.data(), absence.size());
  return false;
}

int32_t Gpus::opened() {
  Text problem;
  if (!isDecided.load(std::memory_order_acquire))
    open(problem);
  return mayExist() ? count() : 0;
}

void Gpus::startTrace(TraceFile &file, int32_t firstLane) {
  traceFile = &file;
  traceLane = firstLane;
  if (mayExist())
    traceAll(); // those that are open already
}

void Gpus::traceAll() {
  for (int32_t k = 0; k < count(); ++k)
    gpus[k]->startTrace(*traceFile, traceLane + k);
}

void Gpus::endDetached() {
  if (detached.fetch_sub(1, std::memory_order_acq_rel) > 1)
    return;
  Guard guard(detachedMutex);
  noneDetached.wake();
}

bool Gpus::areAwaited() const {
  for (int32_t k = 0, total = count(); k < total; ++k)
    if (gpus[k]->untold() > 0)
      return true;
  return false;
}

void Gpus::waitDetached() {
  while (detached.load(std::memory_order_acquire) > 0) {
    tell(); // also what others have launched meanwhile
    Guard guard(detachedMutex);
    if (detached.load(std::memory_order_acquire) > 0)
      noneDetached.waitUntil(detachedMutex, monotonicNow() + 1'000'000);
    noneDetached.wake(); // others may wait too
  }
}

awgrt_error *Gpus::takeUntold() {
  for (int32_t k = 0, total = count(); k < total; ++k)
    if (awgrt_error *error = gpus[k]->takeUntold())
      return error;
  return nullptr;
}

//===-- Choosing ----------------------------------------------------------------------------------------------------===//

awgrt_error *Gpus::noSuchDevice(const awgrt_place *place, int64_t device) {
  Text message;
  message.add("no such device: ");
  addDevice(message, device);
  int32_t total = opened();
  if (total > 1)
    message.add("; the GPUs of this program are gpu(0) to gpu(").addSigned(total - 1).add(')');
  else if (total == 1)
    message.add("; the GPU of this program is gpu(0)");
  else if (absence.size() > 0)
    message.add("; ").add(absence.data(), absence.size());
  else
    message.add("; this program runs on cpu alone");
  return createError(place, message);
}

Gpu *Gpus::choose(Launch &launch, int64_t device, const uint64_t *slots, int64_t total, awgrt_error *&outError) {
  const awgrt_kernel &kernel = *launch.kernel;
  const awgrt_place *place = launch.task()->place;
  Placements &placements = runtime.placements;
  Decision decision;
  decision.asked = decision.device = device;
  decision.indices = total;
  if (placements.areKept()) [[unlikely]] {
    launch.number = placements.number(place, kernel);
    if (device == AWGRT_ANY_DEVICE && placements.repeats(place, kernel, launch.number, decision.device))
      decision.why = "repeated";
  }
  if (!decide(launch, slots, decision, outError))
    return nullptr;
  placements.record(place, kernel, launch.number, decision);
  return decision.device == AWGRT_CPU ? nullptr : &(*this)[decision.device];
}

bool Gpus::decide(Launch &launch, const uint64_t *slots, Decision &decision, awgrt_error *&outError) {
  const awgrt_kernel &kernel = *launch.kernel;
  int64_t device = decision.device;
  auto decided = [&](int64_t chosen, const char *why) {
    decision.device = chosen;
    if (!*decision.why)
      decision.why = why;
    return true;
  };
  if (device == AWGRT_CPU)
    return decided(AWGRT_CPU, "pinned");
  bool isPinned = device != AWGRT_ANY_DEVICE;
  if (!isPinned && !mayExist())
    return decided(AWGRT_CPU, "no GPU is in use");
  if (!isPinned && !kernel.ptx)
    return decided(AWGRT_CPU, "compiled without code for GPUs");
  if (!isPinned && usesCpu() && !isDecided.load(std::memory_order_acquire) && decision.indices < leastGpuUnits)
    return decided(AWGRT_CPU, "not worth the start of a GPU's driver");
  int32_t there = opened();
  bool isThere = device == AWGRT_ANY_GPU ? there > 0 : !isPinned || (device >= 0 && device < there);
  if (!isThere) {
    outError = noSuchDevice(launch.task()->place, device);
    return false;
  }
  if (isPinned && !kernel.ptx) {
    Text message;
    message.add("no such device: ");
    addDevice(message, device);
    message.add("; kernel ").add(kernel.name).add(" was compiled without code for GPUs");
    outError = createError(launch.task()->place, message);
    return false;
  }
  if (isPinned && device >= 0)
    return decided(device, "pinned");
  bool mayUseCpu = !isPinned && usesCpu();
  decision.candidates[there] = {mayUseCpu, 0, 0, false, hostTime(kernel, decision.indices), {}};
  for (int32_t k = 0; k < there; ++k) {
    Gpu &gpu = (*this)[k];
    int64_t picoseconds = gpu.costs->kernels.find(&kernel);
    decision.candidates[k] = {!gpu.isLost(), gpu.load(), 0, true,
                              computingTime(decision.indices, picoseconds ? picoseconds : gpuPicoseconds), gpu.costs->device.get()};
    decision.candidates[there].costs = decision.candidates[k].costs;
  }
  for (int32_t i = kernel.rank; i < kernel.slot_count; ++i)
    if (kernel.access[i]) {
      auto *array = reinterpret_cast<const awgrt_array *>(slots[i]);
      weigh(*array, decision.candidates, there);
      i += 2 + 2 * array->rank;
    }
  decision.count = there + mayUseCpu;
  int32_t best = chooseDevice(decision.candidates, decision.count);
  if (best < 0) // the launch says so
    return decided(there ? 0 : AWGRT_CPU, "every device is lost");
  return decided(best == there ? AWGRT_CPU : best, "ends soonest");
}

/// By what this worker has measured of the kernel, else a guess. The clock's ticks are counted since the GPUs were opened.
int64_t Gpus::hostTime(const awgrt_kernel &kernel, int64_t indices) const {
  const Worker *worker = currentWorker();
  float known = worker ? Cpu::expectedTicks(*worker, kernel, indices) : 0;
  int64_t passed = monotonicNow() - openedAt;
  uint64_t counted = ticks() - openedTicks;
  if (known <= 0 || passed <= 0 || counted == 0)
    return computingTime(indices, hostPicoseconds);
  return int64_t(double(known) * double(passed) / double(counted));
}

void Gpus::weigh(const awgrt_array &array, Candidate *candidates, int32_t gpuCount) {
  int64_t before = 0;
  for (int32_t k = 0; k < gpuCount; ++k)
    if (streamOf((*this)[k], array) >= 0)
      before = std::max<int64_t>({before, (*this)[k].load(), 1});
  for (int32_t k = 0; k <= gpuCount; ++k) {
    candidates[k].backlog = std::max(candidates[k].backlog, before);
    candidates[k].missingBytes += missingBytes(*this, array, k < gpuCount ? onGpu(k) : onHost);
  }
}

} // namespace awg::rt
