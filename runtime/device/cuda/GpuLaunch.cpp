// Submitting launches to a GPU, and ending them.
//
// All that a launch needs goes into one stream: copies of what the GPU lacks, the kernels of its shape, a copy of its record,
// and a callback, of its own or with others. What other streams are to have done first is awaited by events, so the host waits for nothing.
#include "device/cuda/GpuLaunch.h"

#include "async/Error.h"
#include "async/Runtime.h"
#include "device/Arguments.h"
#include "device/Gpus.h"
#include "memory/Elements.h"
#include "memory/View.h"
#include "place/Devices.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace awg::rt {

using cuda::Result;

namespace {

/// What a worker copies itself rather than have the GPU's thread do it.
constexpr int64_t quickBytes = int64_t(1) << 20;

int32_t countArrays(const awgrt_kernel &kernel, const uint64_t *slots) {
  int32_t arrays = 0;
  for (int32_t i = kernel.rank; i < kernel.slot_count; ++i)
    if (kernel.access[i]) {
      ++arrays;
      i += 2 + 2 * reinterpret_cast<const awgrt_array *>(slots[i])->rank;
    }
  return arrays;
}

} // namespace

//===-- Creation ----------------------------------------------------------------------------------------------------===//

GpuLaunch *GpuLaunch::create(Gpu &gpu, Launch &launch, uint64_t *slots, int64_t total, bool mayMove) {
  int32_t mostArguments = countArrays(*launch.kernel, slots) + 1;
  size_t size = sizeof(GpuLaunch) + sizeof(GpuArgument) * size_t(mostArguments);
  auto *created = new (allocate(size, alignof(GpuLaunch))) GpuLaunch(gpu, launch, slots, total, mayMove);
  created->arguments = reinterpret_cast<GpuArgument *>(created + 1);
  created->addArguments();
  return created;
}

void GpuLaunch::addArguments() {
  auto add = [&](awgrt_array &array, int32_t slot, bool isWritten, bool isElements) {
    GpuArgument argument = {&array, nullptr, 0, nullptr, spanOf(array), slot, isWritten, false, 0, isElements};
    if (!argument.span.isEmpty() && !isContiguous(array) && isBetterGathered(array, isWritten)) {
      argument.isGapped = true;
    } else if (!argument.span.isEmpty() && !isContiguous(array)) {
      if (!problem)
        problem = awgrt_array_reach(launch.task()->place, &array, isWritten);
      if (problem)
        return;
      argument.packed = packArgument(launch, array, isWritten);
      argument.span = {0, bytesOf(array)};
    }
    arguments[argumentCount++] = argument;
  };
  for (int32_t i = kernel.rank; i < kernel.slot_count; ++i)
    if (kernel.access[i]) {
      auto &array = *reinterpret_cast<awgrt_array *>(slots[i]);
      add(array, i, kernel.access[i] == 2, /*isElements=*/false);
      i += 2 + 2 * array.rank;
    }
  if (kernel.shape == AWGRT_SCAN)
    add(*launch.result, kernel.slot_count - 2, /*isWritten=*/true, /*isElements=*/true);
}

/// By the GPU's thread: submits the launch, or ends it.
void GpuLaunch::continueLater(GpuWork &work) {
  auto &launch = static_cast<GpuLaunch &>(work);
  if (launch.wasCarriedOut)
    return launch.finish();
  Guard guard(launch.gpu.submission);
  launch.submitNow(/*mayWait=*/true);
}

bool GpuLaunch::isQuick() const {
  int64_t bytes = 0;
  for (int32_t k = 0; k < argumentCount; ++k)
    if (!arguments[k].packed && waitsForPeer(gpu, *arguments[k].array))
      return false;
  for (int32_t k = 0; k < argumentCount; ++k)
    bytes += arguments[k].packed ? arguments[k].span.end : missingBytes(gpu.gpus, *arguments[k].array, onGpu(gpu.number));
  return bytes <= quickBytes;
}

//===-- Submission --------------------------------------------------------------------------------------------------===//

bool GpuLaunch::submitNow(bool mayWait) {
  if (!mayWait && !gpu.code.isLoaded(kernel))
    return false;
  if (isCancelled(launch.task())) {
    launch.skipped.store(true, std::memory_order_relaxed);
    awgrt_error_release(problem);
    end(nullptr);
    return true;
  }
  if (problem) {
    isOthers = true;
    end(problem);
    return true;
  }
  if (gpu.isLost()) {
    end(gpu.failure(launch.task()->place, {}));
    return true;
  }
  if (needsRecord() && !takeRecord(mayWait))
    return false;
  isByThread = mayWait;
  Current current(gpu);
  awgrt_error *error = nullptr;
  isMeasured = gpu.code.isLoaded(kernel); // else it takes time to load it
  const KernelEntries *entries = gpu.code.find(kernel, launch.task()->place, error);
  if (!entries)
    end(error);
  else
    submit(*entries);
  return true;
}

/// Launches that nobody was told of may have them all, and give them back when they end.
bool GpuLaunch::takeRecord(bool mayWait) {
  record = gpu.records.tryTake();
  if (record < 0)
    gpu.tell();
  if (record < 0 && mayWait)
    record = gpu.records.take();
  return record >= 0;
}

/// That of arguments that are still being computed, so that no event is needed; else the one with the least to do.
int32_t GpuLaunch::chooseStream() const {
  for (int32_t k = 0; k < argumentCount; ++k)
    if (!arguments[k].packed && !arguments[k].span.isEmpty())
      if (int32_t stream = streamOf(gpu, *arguments[k].array); stream >= 0)
        return stream;
  int32_t best = 0;
  uint64_t least = UINT64_MAX;
  for (int32_t s = 0; s < Gpu::streamCount; ++s) {
    uint64_t under = gpu.streams[s].submitted - gpu.streams[s].completed.load(std::memory_order_acquire);
    if (under < least) {
      best = s;
      least = under;
    }
  }
  return best;
}

void GpuLaunch::submit(const KernelEntries &entries) {
  int32_t s = chooseStream();
  GpuStream &stream = gpu.streams[s];
  use = {gpu.number, s, stream.submitted + 1};
  int64_t before = gpu.counts.uploaded.load(std::memory_order_relaxed);
  Fault fault = bringArguments();
  int64_t copied = gpu.counts.uploaded.load(std::memory_order_relaxed) - before;
  if (!fault)
    fault = setUpRecord();
  if (fault)
    return abandon(fault, /*hasRun=*/false);
  // The first time its end is told of at once for this; later, only one with a record is likely to be awaited before it ends.
  bool isKnown = gpu.costs->kernels.find(&kernel) != 0;
  bool isTimed = isMeasured && gpu.isIdle() && !hasPacked() && !hasGapped() && (needsRecord() || !isKnown);
  if (isTimed)
    brought = copied;
  bool mayDetach = !needsRecord() && !hasPacked();
  isChained = mayDetach && kernel.shape == AWGRT_EACH && !hasGapped();
  if (!isChained)
    stream.chain.flush();
  fault = run(entries);
  if (!fault)
    fault = putBack();
  for (int32_t k = 0; k < argumentCount; ++k)
    noteUse(gpu, use, arguments[k]);
  argumentsArePinned = false;
  if (!fault)
    fault = readBack();
  if (fault)
    return abandon(fault, /*hasRun=*/true);
  freeGathered();
  stream.submitted = use.number;
  if (mayDetach)
    launch.gpuState.store(GpuState::Runs, std::memory_order_release);
  // What a worker submits it will ask for if it waits for it; nobody does so for the GPU's thread.
  stream.chain.add(*this, /*tells=*/isByThread || (isTimed && !isKnown));
}

Fault GpuLaunch::bringArguments() {
  for (int32_t k = 0; k < argumentCount; ++k) {
    if (Fault fault = bringToGpu(gpu, use, arguments[k]))
      return fault;
    fillSlots(arguments[k]);
  }
  return gatherArguments();
}

void GpuLaunch::fillSlots(const GpuArgument &argument) {
  uint64_t *slot = slots + argument.slot;
  uint64_t elements = argument.gathered ? argument.gathered : argument.address;
  slot[0] = elements;
  if (!argument.isElements)
    fillDescriptor(slot, *argument.array, elements);
}

Fault GpuLaunch::setUpRecord() {
  if (!needsRecord() || !gpu.records.needsSetUp(record))
    return {};
  Record unused = Records::unused();
  Fault fault = gpu.upload(use.stream, gpu.records.onDevice(record), &unused, sizeof unused);
  isRecordUsed = bool(fault);
  return fault;
}

/// Has the record on the host once all is done, if anybody will look at it.
Fault GpuLaunch::readBack() {
  if (!needsRecord())
    return {};
  Result result = gpu.driver->cuMemcpyDtoHAsync_v2(&gpu.records.onHost(record), gpu.records.onDevice(record),
                                                   sizeof(Record), gpu.streams[use.stream].handle);
  if (result != Result::Success)
    return {result, "cuMemcpyDtoHAsync"};
  return {};
}

void GpuLaunch::unpinArguments() {
  if (argumentsArePinned)
    for (int32_t k = 0; k < argumentCount; ++k)
      unpin(gpu, arguments[k]);
  argumentsArePinned = false;
}

/// Ends a launch that could not be submitted whole. What was is waited for.
void GpuLaunch::abandon(const Fault &fault, bool hasRun) {
  if (fault.lostGpu < 0) // else it is another GPU's
    gpu.note(fault.result);
  unpinArguments();
  GpuStream &stream = gpu.streams[use.stream];
  if (hasRun) {
    stream.chain.tell(); // so that those before it end before it
    gpu.note(gpu.driver->cuStreamSynchronize(stream.handle));
    stream.submitted = use.number;
    stream.complete(use.number);
    isRecordUsed = true;
  }
  if (!hasRun && hasGapped()) // nobody else knows that it reads them
    gpu.note(gpu.driver->cuStreamSynchronize(stream.handle));
  freeGathered();
  freePacked();
  if (fault.result == Result::OutOfMemory && !hasRun && moveToHost())
    return;
  isOthers = fault.lostGpu >= 0;
  if (isOthers)
    gpu.gpus[fault.lostGpu].noteTold();
  end(gpu.failure(launch.task()->place, fault));
}

/// Has the host carry the launch out. False if it may not.
bool GpuLaunch::moveToHost() {
  if (!mayMove || kernel.variant_count == 0 || hasPacked())
    return false;
  for (int32_t k = 0; k < argumentCount; ++k)
    if (!arguments[k].isElements)
      slots[arguments[k].slot] = reinterpret_cast<uintptr_t>(arguments[k].array);
  Runtime &runtime = gpu.gpus.runtime;
  Launch &moving = launch;
  if (runtime.placements.areKept()) {
    Decision decision;
    decision.why = "the GPU's memory is short";
    decision.indices = total;
    runtime.placements.record(launch.task()->place, kernel, launch.number, decision);
  }
  uint64_t *ownSlots = slots;
  int64_t count = total;
  release();
  startOnHost(moving, ownSlots, count);
  releaseLaunch(moving);
  runtime.endOutside();
  return true;
}

//===-- Completion --------------------------------------------------------------------------------------------------===//

void GpuLaunch::ended(cuda::Stream, Result status, void *argument) {
  auto *first = static_cast<GpuLaunch *>(argument);
  int64_t now = monotonicNow(), count = 1;
  GpuLaunch *last = first;
  for (; last->next; last = static_cast<GpuLaunch *>(last->next))
    ++count;
  int64_t before = first->gpu.endedAt.exchange(now, std::memory_order_relaxed);
  if (last->isEndSeen)
    first->gpu.costs->device.noteEnds(count, now - std::max(before, first->created));
  for (GpuLaunch *launch = first; launch;) {
    auto *following = static_cast<GpuLaunch *>(launch->next);
    launch->complete(status);
    launch = following;
  }
}

/// In the driver's callback, where the driver must not be called.
void GpuLaunch::complete(Result status) {
  gpu.streams[use.stream].complete(use.number);
  if (status != Result::Success) {
    gpu.lose(status);
    giveBackRecord();
    wasCarriedOut = true;
    return gpu.doLater(*this);
  }
  if (needsRecord()) {
    const Record &own = gpu.records.onHost(record);
    launch.failure = own.failure;
    isRecordUsed = own.failure.index != INT64_MAX;
    if (kernel.shape == AWGRT_REDUCE)
      memcpy(results(launch.task()), own.result, size_t(kernel.partial_size));
    giveBackRecord();
  }
  noteCosts();
  // What is left to do calls the driver.
  wasCarriedOut = hasPacked() || launch.failure.index != INT64_MAX;
  if (wasCarriedOut)
    gpu.doLater(*this);
  else
    end(nullptr);
}

/// A launch that has found the GPU idle, and whose end was seen, shows what launches and copies take.
void GpuLaunch::noteCosts() {
  if (brought < 0 || !isEndSeen)
    return;
  KindCosts &costs = *gpu.costs;
  costs.kernels.store(&kernel, costs.device.noteLaunch({total, brought, monotonicNow() - created}, costs.kernels.find(&kernel)));
}

bool GpuLaunch::hasPacked() const {
  for (int32_t k = 0; k < argumentCount; ++k)
    if (arguments[k].packed)
      return true;
  return false;
}

void GpuLaunch::finish() {
  if (gpu.isLost())
    return end(gpu.failure(launch.task()->place, {}));
  Fault fault;
  if (launch.failure.index == INT64_MAX)
    for (int32_t k = 0; k < argumentCount && !fault; ++k)
      if (const GpuArgument &argument = arguments[k]; argument.packed && argument.isWritten)
        fault = gpu.download(const_cast<void *>(argument.packed), argument.address, argument.span.end, use);
  gpu.note(fault.result);
  freePacked();
  hasPackedBack = !fault && launch.failure.index == INT64_MAX;
  end(fault ? gpu.failure(launch.task()->place, fault) : nullptr);
}

void GpuLaunch::freePacked() {
  for (int32_t k = 0; k < argumentCount; ++k)
    if (arguments[k].packed)
      gpu.release(arguments[k].address, use.stream);
}

void GpuLaunch::giveBackRecord() {
  if (record >= 0)
    gpu.records.giveBack(record, isRecordUsed);
  record = -1;
}

/// Gives back what the launch has of the GPU, and frees this.
void GpuLaunch::release() {
  giveBackRecord();
  gpu.pending.fetch_sub(1, std::memory_order_relaxed);
  this->~GpuLaunch();
  free(this);
}

/// Ends the launch with `error`, or as its record says.
void GpuLaunch::end(awgrt_error *error) {
  Gpu &gpu = this->gpu; // which outlives this
  Gpus &gpus = gpu.gpus;
  gpu.recordSpan(kernel.name, launch.task()->place, created);
  gpu.counts.launches.fetch_add(1, std::memory_order_relaxed);
  Launch &ending = launch;
  bool tellsOfLoss = error && !isOthers;
  if (!hasPackedBack)
    keepUnpacked(ending);
  release();
  if (ending.gpuState.exchange(GpuState::Ended, std::memory_order_acq_rel) == GpuState::Detached) {
    gpu.keepUntold(error);
    gpus.endDetached();
  } else if (error) {
    if (tellsOfLoss)
      gpu.noteTold();
    failLaunch(ending, error);
  } else {
    finishLaunch(ending);
  }
  releaseLaunch(ending);
  gpus.runtime.endOutside();
}

} // namespace awg::rt
