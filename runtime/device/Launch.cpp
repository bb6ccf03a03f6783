// The start and the end of a launch.
#include "device/Launch.h"

#include "async/Error.h"
#include "async/Runtime.h"
#include "device/Arguments.h"
#include "device/CpuLevel.h"
#include "device/cuda/GpuLaunch.h"
#include "std/Text.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace awg::rt {

namespace {

/// Launches of up to so many indices are not announced to other workers before it is known that they take long.
constexpr int64_t quietIndices = 16384;

void runLaunch(awgrt_task *task) { task->runtime->cpu.run(*Launch::of(task), *currentWorker()); }
void destroyLaunch(awgrt_task *task) { releaseLaunch(*Launch::of(task)); }
const TaskOps launchOps = {runLaunch, nullptr, destroyLaunch};

Launch *createLaunch(awgrt_task *self, const awgrt_place *place, const awgrt_kernel *kernel, awgrt_array *result,
                     uint64_t **outSlots) {
  size_t resultSize = kernel->shape == AWGRT_REDUCE ? (size_t(kernel->partial_size) + 63) & ~size_t(63) : 64;
  size_t slotSize = size_t(kernel->slot_count) * sizeof(uint64_t);
  size_t size = sizeof(Launch) + AWGRT_TASK_HEADER + resultSize + slotSize;
  void *memory = awgrt_frame_alloc(std::max(size, AWGRT_ALIGNED_FRAME));
  auto *launch = new (memory) Launch;
  launch->kernel = kernel;
  launch->result = result;
  launch->phaseCount = 0;
  launch->phaseIndex = 0;
  launch->scratch = nullptr;
  launch->packed = nullptr;
  launch->packedCount = 0;
  launch->failure.index = INT64_MAX;
  launch->failure.inner = 0;
  launch->failure.lock = 0;
  launch->skipped.store(false, std::memory_order_relaxed);
  launch->open = false;
  launch->number = 0;
  launch->gpuState.store(GpuState::None, std::memory_order_relaxed);
  launch->holders.store(1, std::memory_order_relaxed);
  beginOperation(launch->task(), &launchOps, self, place);
  *outSlots = reinterpret_cast<uint64_t *>(static_cast<char *>(results(launch->task())) + resultSize);
  return launch;
}

/// Ends the launch with `error`, or well if there is none.
void complete(Launch &launch, awgrt_error *error) {
  awgrt_task *task = launch.task();
  free(launch.scratch);
  unpackArguments(launch);
  if (error) {
    awgrt_array_release(launch.result);
    launch.result = nullptr;
  }
  if (launch.kernel->shape != AWGRT_REDUCE)
    *static_cast<awgrt_array **>(results(task)) = launch.result;
  awgrt_task_complete(task, error);
}

/// Ends a launch over no indices.
void completeEmpty(Launch &launch) {
  const awgrt_kernel &kernel = *launch.kernel;
  if (kernel.shape == AWGRT_REDUCE && !kernel.empty)
    return complete(launch, emptyReduction(launch.task()->place));
  if (kernel.shape == AWGRT_REDUCE)
    memcpy(results(launch.task()), kernel.empty, 8);
  complete(launch, nullptr);
}

awgrt_error *tooManyIndices(const awgrt_place *place) {
  Text message;
  message.add("out of memory: a launch over too many indices");
  return createError(place, message);
}

awgrt_error *refuse(const awgrt_place *place, const awgrt_kernel &kernel) {
  Text message;
  message.add("kernel ").add(kernel.name).add(" needs ");
  message.add(cpuLevelName(kernel.variant_count ? kernel.host[kernel.variant_count - 1].level : 0));
  message.add(", and this machine has ").add(cpuLevelName(cpuLevel()));
  return createError(place, message);
}

/// The most groups of threads in a grid.
constexpr int64_t mostGroups = INT32_MAX;

/// Groups of threads that a launch's largest kernel may take.
int64_t groupsOf(const awgrt_kernel &kernel, int64_t total) {
  return kernel.is_block ? total : divideUp(total, kernel.shape == AWGRT_EACH ? 32 : runLength);
}

void startOnGpu(Launch &launch, Gpu &gpu, uint64_t *slots, int64_t total, bool mayMove) {
  GpuLaunch *onGpu = GpuLaunch::create(gpu, launch, slots, total, mayMove);
  launch.task()->runtime->outside.fetch_add(1, std::memory_order_seq_cst);
  launch.holders.store(2, std::memory_order_relaxed);
  gpu.submit(*onGpu);
}

} // namespace

void failLaunch(Launch &launch, awgrt_error *error) { complete(launch, error); }

awgrt_task *failedLaunch(awgrt_task *self, const awgrt_place *place, const awgrt_kernel &kernel, awgrt_array *result,
                         awgrt_error *error) {
  uint64_t *slots;
  Launch &launch = *createLaunch(self, place, &kernel, result, &slots);
  complete(launch, error);
  return launch.task();
}

/// A launch has no more: so few that factors up to 2^20 do not wrap around in a subscript, which the compiler's check for
/// races counts on.
static constexpr int64_t mostIndices = int64_t(1) << 44;

int64_t countIndices(const awgrt_kernel &kernel, const int64_t *extents, uint64_t *slots) {
  int64_t total = 1;
  bool tooMany = false, none = false;
  for (int32_t d = 0; d < kernel.rank; ++d) {
    int64_t extent = extents[d] > 0 ? extents[d] : 0;
    slots[d] = uint64_t(extent);
    none |= extent == 0;
    tooMany |= __builtin_mul_overflow(total, extent, &total);
  }
  if (none)
    return 0;
  return tooMany || total > mostIndices ? -1 : total;
}

awgrt_error *emptyReduction(const awgrt_place *place) {
  Text message;
  message.add("empty reduction");
  return createError(place, message);
}

void releaseLaunch(Launch &launch) {
  if (launch.holders.load(std::memory_order_acquire) == 1 ||
      launch.holders.fetch_sub(1, std::memory_order_acq_rel) == 1)
    awgrt_frame_free(&launch);
}

namespace {

/// Has arrays that are elsewhere brought back by a GPU's thread, so that the worker need not wait.
struct Fetching : GpuWork {
  Launch &launch;
  uint64_t *slots;
  int64_t total;

  Fetching(Launch &launch, uint64_t *slots, int64_t total)
      : GpuWork{fetch, nullptr}, launch(launch), slots(slots), total(total) {}
  static void fetch(GpuWork &work) {
    auto &own = static_cast<Fetching &>(work);
    Runtime &runtime = *own.launch.task()->runtime;
    startOnHost(own.launch, own.slots, own.total);
    runtime.endOutside();
    free(&own);
  }
};

} // namespace

void startOnHost(Launch &launch, uint64_t *slots, int64_t total) {
  awgrt_task *task = launch.task();
  Runtime &runtime = *task->runtime;
  const awgrt_host_variant *variant = chooseVariant(*launch.kernel);
  if (!variant)
    return complete(launch, refuse(task->place, *launch.kernel));
  if (currentWorker() && runtime.gpus.count() > 0 && areElsewhere(launch, slots)) {
    runtime.outside.fetch_add(1, std::memory_order_seq_cst);
    return runtime.gpus[0].doLater(*new (allocate(sizeof(Fetching))) Fetching(launch, slots, total));
  }
  if (runtime.gpus.count() > 0)
    if (awgrt_error *error = bringArguments(launch, slots))
      return complete(launch, error);
  fillHostSlots(launch, slots);
  if (!planPhases(launch, *variant, slots, total))
    return complete(launch, tooManyIndices(task->place));
  // From another thread it comes to no worker by itself.
  runtime.scheduler.push(task, /*wake=*/total > quietIndices || !currentWorker());
}

bool isLaunch(const awgrt_task *task) { return isOperation(task) && task->ops == &launchOps; }

void detachLaunch(awgrt_task *task) {
  Worker *worker = currentWorker();
  if (!worker || worker->runtime != task->runtime)
    return;
  Launch &launch = *Launch::of(task);
  GpuState runs = GpuState::Runs;
  if (launch.gpuState.load(std::memory_order_relaxed) == GpuState::None)
    return;
  task->runtime->gpus.beginDetached();
  if (!isCancelled(task) &&
      launch.gpuState.compare_exchange_strong(runs, GpuState::Detached, std::memory_order_acq_rel))
    complete(launch, nullptr);
  else
    task->runtime->gpus.endDetached();
}

void finishLaunch(Launch &launch) {
  awgrt_error *error = nullptr;
  if (launch.failure.index != INT64_MAX)
    error = awgrt_error_create(&launch.kernel->sites[launch.failure.site], launch.failure.args);
  else if (launch.skipped.load(std::memory_order_relaxed))
    error = createCancellation(launch.task()->place);
  else if (foundNothing(*launch.kernel, results(launch.task())))
    error = emptyReduction(launch.task()->place);
  complete(launch, error);
}

} // namespace awg::rt

using namespace awg::rt;

void awgrt_kernel_fail(awgrt_failure *failure, int64_t index, int64_t inner, int32_t site, const uint64_t *args,
                       int32_t count) {
  while (__atomic_exchange_n(&failure->lock, 1, __ATOMIC_ACQUIRE))
    while (__atomic_load_n(&failure->lock, __ATOMIC_RELAXED)) {
    }
  if (index < failure->index || (index == failure->index && inner < failure->inner)) {
    __atomic_store_n(&failure->index, index, __ATOMIC_RELAXED);
    failure->inner = inner;
    failure->site = site;
    for (int32_t i = 0; i < count && i < 4; ++i)
      failure->args[i] = args[i];
  }
  __atomic_store_n(&failure->lock, 0, __ATOMIC_RELEASE);
}

awgrt_task *awgrt_launch(awgrt_task *self, const awgrt_place *place, const awgrt_kernel *kernel, int64_t device,
                         const int64_t *extents, const uint64_t *slots, awgrt_array *result) {
  uint64_t *ownSlots = nullptr;
  Launch &launch = *createLaunch(self, place, kernel, result, &ownSlots);
  awgrt_task *task = launch.task();
  if (Worker *worker = currentWorker())
    worker->stats.launches.add(1);
  memcpy(ownSlots, slots, size_t(kernel->slot_count) * sizeof(uint64_t));
  int64_t total = countIndices(*kernel, extents, ownSlots);
  awgrt_error *error = nullptr;
  Gpu *gpu = task->runtime->gpus.choose(launch, device, ownSlots, total, error);
  if (error)
    complete(launch, error);
  else if (total == 0)
    completeEmpty(launch);
  else if (total < 0 || (gpu && groupsOf(*kernel, total) > mostGroups))
    complete(launch, tooManyIndices(place));
  else if (gpu)
    startOnGpu(launch, *gpu, ownSlots, total, device == AWGRT_ANY_DEVICE && task->runtime->gpus.usesCpu());
  else
    startOnHost(launch, ownSlots, total);
  return task;
}
