// The start and the end of a launch, and the phases of its shape.
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

/// Fixed by the language: reductions go by blocks, scans by runs, whatever the machine.
constexpr int64_t blockLength = 4096, runLength = 16;
/// Launches of up to so many indices are not announced to other workers before it is known that they take long.
constexpr int64_t quietIndices = 16384;
/// 16^15 > 2^59: no scan has more levels.
constexpr int32_t maxLevels = 16;

void runLaunch(awgrt_task *task) { task->runtime->cpu.run(*Launch::of(task), *currentWorker()); }
void destroyLaunch(awgrt_task *task) { releaseLaunch(*Launch::of(task)); }
const TaskOps launchOps = {runLaunch, nullptr, destroyLaunch};

int64_t divideUp(int64_t value, int64_t by) { return value / by + (value % by != 0); }
uint64_t slotOf(void *address) { return reinterpret_cast<uintptr_t>(address); }

/// Hands out aligned pieces of the scratch memory, or counts them while there is none.
class Scratch {
public:
  explicit Scratch(void *memory) : memory(static_cast<char *>(memory)) {}
  void *take(size_t size) {
    void *piece = memory ? memory + used : nullptr;
    used += (size + 63) & ~size_t(63);
    return piece;
  }
  size_t size() const { return used; }

private:
  char *memory;
  size_t used = 0;
};

/// A phase with slots of its own: {count, first, second, third}.
struct OwnPhase {
  uint64_t slots[4];
};

/// Lays out the phases of a reduction over `total` > 0 indices. Without memory it only counts.
void planReduce(Launch &launch, const awgrt_host_variant &variant, uint64_t *slots, int64_t total, Scratch &scratch,
                bool write) {
  auto *phases = static_cast<Phase *>(scratch.take(sizeof(Phase) * maxLevels));
  auto *own = static_cast<OwnPhase *>(scratch.take(sizeof(OwnPhase) * maxLevels));
  auto partialSize = size_t(launch.kernel->partial_size);
  int64_t count = total;
  void *input = nullptr;
  int32_t level = 0;
  do {
    int64_t blocks = divideUp(count, blockLength);
    void *output = blocks == 1 ? results(launch.task()) : scratch.take(size_t(blocks) * partialSize);
    if (write && level == 0) {
      slots[launch.kernel->slot_count - 1] = slotOf(output);
      phases[0] = {variant.host, slots, 0, blocks};
    } else if (write) {
      own[level] = {{uint64_t(count), slotOf(input), slotOf(output), 0}};
      phases[level] = {variant.combine, own[level].slots, 0, blocks};
    }
    ++level;
    input = output;
    count = blocks;
  } while (count > 1);
  launch.phases = phases;
  launch.phaseCount = level;
}

/// Lays out the phases of a scan over `total` > 0 indices: up the levels by `combine`, down again by `finish`.
void planScan(Launch &launch, const awgrt_host_variant &variant, uint64_t *slots, int64_t total, Scratch &scratch,
              bool write) {
  auto *phases = static_cast<Phase *>(scratch.take(sizeof(Phase) * 2 * maxLevels));
  auto *own = static_cast<OwnPhase *>(scratch.take(sizeof(OwnPhase) * 2 * maxLevels));
  auto size = size_t(launch.kernel->partial_size);
  int64_t counts[maxLevels], runs[maxLevels];
  void *outputs[maxLevels], *totals[maxLevels];
  int32_t levels = 0, phase = 0;
  for (int64_t count = total; levels == 0 || count > 1; ++levels) {
    counts[levels] = count;
    runs[levels] = divideUp(count, runLength);
    outputs[levels] = levels == 0 ? awgrt_array_data(launch.result, /*write=*/1) : scratch.take(size_t(count) * size);
    totals[levels] = scratch.take(size_t(runs[levels]) * size);
    if (write && levels == 0) {
      slots[launch.kernel->slot_count - 2] = slotOf(outputs[0]);
      slots[launch.kernel->slot_count - 1] = slotOf(totals[0]);
      phases[phase] = {variant.host, slots, 0, runs[0]};
    } else if (write) {
      own[phase] = {{uint64_t(count), slotOf(totals[levels - 1]), slotOf(outputs[levels]), slotOf(totals[levels])}};
      phases[phase] = {variant.combine, own[phase].slots, 0, runs[levels]};
    }
    ++phase;
    count = runs[levels];
  }
  for (int32_t level = levels - 1; level > 0; --level, ++phase) {
    if (!write)
      continue;
    own[phase] = {{uint64_t(counts[level - 1]), slotOf(outputs[level - 1]), slotOf(outputs[level]), 0}};
    phases[phase] = {variant.finish, own[phase].slots, 1, runs[level - 1]};
  }
  launch.phases = phases;
  launch.phaseCount = phase;
}

using Planner = void (*)(Launch &, const awgrt_host_variant &, uint64_t *, int64_t, Scratch &, bool);

/// Sizes the scratch memory with a dry run, then lays out the phases in it. False if memory is short.
bool planWith(Planner planner, Launch &launch, const awgrt_host_variant &variant, uint64_t *slots, int64_t total) {
  Scratch dry(nullptr);
  planner(launch, variant, slots, total, dry, /*write=*/false);
  if (posix_memalign(&launch.scratch, 64, dry.size()) != 0) {
    launch.scratch = nullptr;
    return false;
  }
  Scratch scratch(launch.scratch);
  planner(launch, variant, slots, total, scratch, /*write=*/true);
  return true;
}

bool planPhases(Launch &launch, const awgrt_host_variant &variant, uint64_t *slots, int64_t total) {
  int32_t shape = launch.kernel->shape;
  if (shape == AWGRT_SCAN)
    return planWith(planScan, launch, variant, slots, total);
  if (shape == AWGRT_REDUCE && total > blockLength)
    return planWith(planReduce, launch, variant, slots, total);
  if (shape == AWGRT_REDUCE)
    slots[launch.kernel->slot_count - 1] = slotOf(results(launch.task()));
  launch.onlyPhase = {variant.host, slots, 0, shape == AWGRT_REDUCE ? 1 : total};
  if (shape == AWGRT_EACH) {
    int64_t tile = variant.rows ? variant.rows * int64_t(slots[launch.kernel->rank - 1]) : 0;
    launch.onlyPhase.isTiled = tile > 0 && total / tile >= launch.task()->runtime->scheduler.workerCount();
    launch.onlyPhase.granule = launch.onlyPhase.isTiled ? tile : std::max<int64_t>(variant.lanes, 1);
  }
  launch.phases = &launch.onlyPhase;
  launch.phaseCount = 1;
  return true;
}

/// The number of indices, or -1 if there are too many to count.
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
  return tooMany || total > INT64_MAX / 4 ? -1 : total;
}

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

/// The failure of a reduction without a value.
awgrt_error *emptyReduction(const awgrt_place *place) {
  Text message;
  message.add("empty reduction");
  return createError(place, message);
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

/// Whether a launch was an argmin or argmax that found no number: its partial results are {index, value}.
bool foundNothing(Launch &launch) {
  const awgrt_kernel &kernel = *launch.kernel;
  return kernel.shape == AWGRT_REDUCE && kernel.partial_size == 16 &&
         *static_cast<const int64_t *>(results(launch.task())) == -1;
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
    bringArguments(own.launch, own.slots);
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
  fillHostSlots(launch, slots);
  if (!planPhases(launch, *variant, slots, total))
    return complete(launch, tooManyIndices(task->place));
  // From another thread it comes to no worker by itself.
  runtime.scheduler.push(task, /*wake=*/total > quietIndices || !currentWorker());
}

bool isLaunch(const awgrt_task *task) { return task->ops == &launchOps; }

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
  else if (foundNothing(launch))
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
