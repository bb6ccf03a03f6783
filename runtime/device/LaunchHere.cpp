// Launches that the awaiting worker carries out on the spot: no task, no memory, nothing that another worker could see.
#include "async/Runtime.h"
#include "device/Arguments.h"
#include "device/CpuLevel.h"
#include "device/Launch.h"
#include "memory/Buffer.h"
#include "memory/View.h"

#include <algorithm>

namespace awg::rt {

namespace {

constexpr int32_t mostSlots = 64;

/// Whether the launch's task would be of use to somebody: to cancel it, to follow it in a simulation or a record.
bool needsTask(const awgrt_task *self, const Worker *worker) {
  return !worker || worker->runtime != self->runtime || isCancelled(self) || thisSimulation || worker->trace.get() ||
         self->runtime->placements.areKept();
}

/// Fills in the kernel's slots from those of the launch. False if an array is on a GPU or has gaps.
bool fillSlots(const awgrt_kernel &kernel, const uint64_t *slots, uint64_t *outSlots) {
  for (int32_t i = kernel.rank; i < kernel.slot_count; ++i) {
    if (!kernel.access[i]) {
      outSlots[i] = slots[i];
      continue;
    }
    auto &array = *reinterpret_cast<awgrt_array *>(slots[i]);
    HostState state = bufferOf(array).host.load(std::memory_order_relaxed);
    if (state == HostState::Elsewhere || (array.owner && !isContiguous(array)))
      return false;
    void *elements = state == HostState::Owned ? array.data : awgrt_array_data(&array, kernel.access[i] == 2);
    fillDescriptor(outSlots + i, array, reinterpret_cast<uintptr_t>(elements));
    i += 2 + 2 * array.rank;
  }
  return true;
}

/// What a launch that is short has to do; without code if it is not.
JointWork shortWork(const awgrt_kernel &kernel, Worker &worker, int64_t total) {
  bool isReduce = kernel.shape == AWGRT_REDUCE;
  if (total <= 0 || kernel.shape == AWGRT_SCAN || (isReduce && total > blockLength))
    return {};
  const awgrt_host_variant *variant = chooseVariant(kernel);
  int64_t units = isReduce ? 1 : total;
  if (!variant || !Cpu::isShort(worker, variant->host, units))
    return {};
  return {variant->host, units, variant->rows ? units : std::max<int64_t>(variant->lanes, 1)};
}

} // namespace

} // namespace awg::rt

using namespace awg::rt;

awgrt_task *awgrt_launch_here(awgrt_task *self, const awgrt_place *place, const awgrt_kernel *kernel, int64_t device,
                              const int64_t *extents, const uint64_t *slots, awgrt_array *result,
                              uint64_t *out_results) {
  Worker *worker = currentWorker();
  auto start = [&] { return awgrt_launch(self, place, kernel, device, extents, slots, result); };
  if (needsTask(self, worker) || kernel->slot_count > mostSlots)
    return start();
  uint64_t own[mostSlots];
  int64_t total = extents[0];
  own[0] = uint64_t(total);
  if (kernel->rank > 1)
    total = countIndices(*kernel, extents, own);
  JointWork work = shortWork(*kernel, *worker, total);
  Runtime &runtime = *self->runtime;
  if (!work.code || !runtime.gpus.isForHost(*kernel, device, total) || !runtime.scheduler.mayRunInside(*worker) ||
      !fillSlots(*kernel, slots, own))
    return start();
  bool isReduce = kernel->shape == AWGRT_REDUCE;
  if (isReduce)
    own[kernel->slot_count - 1] = reinterpret_cast<uintptr_t>(out_results);
  else
    out_results[0] = reinterpret_cast<uintptr_t>(result);
  awgrt_failure failure;
  failure.index = INT64_MAX;
  failure.inner = 0;
  failure.lock = 0;
  interleave();
  work.slots = own;
  work.failure = &failure;
  runtime.cpu.runShort(work, *worker);
  if (failure.index != INT64_MAX) [[unlikely]]
    return failedLaunch(self, place, *kernel, result, awgrt_error_create(&kernel->sites[failure.site], failure.args));
  if (foundNothing(*kernel, out_results)) [[unlikely]]
    return failedLaunch(self, place, *kernel, result, emptyReduction(place));
  return nullptr;
}
