// A launch: a kernel's code, its argument slots, and the phases it is carried out in.
#ifndef AWG_RUNTIME_DEVICE_LAUNCH_H
#define AWG_RUNTIME_DEVICE_LAUNCH_H

#include "async/Task.h"
#include "awg/awgrt.h"

#include <atomic>

namespace awg::rt {

/// Fixed by the language: reductions go by blocks, scans by runs, whatever the machine.
constexpr int64_t blockLength = 4096, runLength = 16;

inline int64_t divideUp(int64_t value, int64_t by) { return value / by + (value % by != 0); }

/// Code that runs over units `begin` to `end`, in any order and in pieces of any size.
struct Phase {
  awgrt_host_kernel code;
  const uint64_t *slots;
  int64_t begin;
  int64_t end;
  int64_t granule = 1;  ///< pieces are multiples of this
  bool isTiled = false; ///< a piece of many granules costs less than many pieces
};

/// An argument whose elements do not lie one after the other: the launch works on a copy of them.
struct PackedArgument {
  awgrt_array *array;
  void *elements; ///< in row-major order
  bool isWritten; ///< to be copied back
};

/// A part of a phase that one worker begins with: the same in launch after launch, so that what it touches stays in its caches.
struct alignas(64) Home {
  std::atomic<int64_t> next{0}; ///< the first unit that no worker took
  int64_t end = 0;
};
constexpr int32_t mostHomes = 8;

/// What a launch on a GPU has come to. Its awaiter and its end meet here.
enum class GpuState : int32_t {
  None,     ///< not on a GPU, or its end is waited for
  Runs,     ///< is in a stream, and nothing but the device itself can fail: need not be waited for
  Detached, ///< its task was completed before its end
  Ended
};

/// Stands before the header of a launch's task; the results and the slots follow the header.
struct alignas(64) Launch {
  const awgrt_kernel *kernel;
  awgrt_array *result;      ///< owned until it is given back; may be null
  const Phase *phases;      ///< carried out one after the other
  int32_t phaseCount;
  int32_t phaseIndex;
  Phase onlyPhase;          ///< where `phases` points if one is enough
  PackedArgument *packed;   ///< as many as `packedCount`; may be null
  int32_t packedCount;
  void *scratch;            ///< memory of phases and partial results; may be null
  awgrt_failure failure;

  // The phase under way, while several workers are at it.
  Home homes[mostHomes];
  alignas(64) int64_t grain; ///< units taken at once
  int32_t homeCount;
  std::atomic<bool> skipped; ///< units were left out, since the launch was cancelled
  // Under the device's mutex:
  int32_t active; ///< workers at it
  bool open;      ///< in the device's list of launches that want help
  Launch *openNext;
  Launch *openPrevious;

  std::atomic<GpuState> gpuState;
  int64_t number; ///< among the launches of its place, if placements are kept
  std::atomic<int32_t> holders; ///< who frees it last: the task's owner, and the GPU if it is there

  awgrt_task *task() { return reinterpret_cast<awgrt_task *>(this + 1); }
  static Launch *of(awgrt_task *task) { return reinterpret_cast<Launch *>(task) - 1; }
};

/// Whether `task` is a launch.
bool isLaunch(const awgrt_task *task);

/// Completes the launch `task`, which a worker is about to wait for, if all that uses what it computes on a GPU will follow it
/// there.
void detachLaunch(awgrt_task *task);

/// Lays out the phases of a launch over `total` > 0 indices, and fills in the slots that its shape adds. False if memory is short.
bool planPhases(Launch &launch, const awgrt_host_variant &variant, uint64_t *slots, int64_t total);

/// Starts a launch over `total` > 0 indices on the workers.
void startOnHost(Launch &launch, uint64_t *slots, int64_t total);

/// Lets go of a launch; the last to do so frees it.
void releaseLaunch(Launch &launch);

/// Ends a launch all of whose phases were carried out, or that left a record of a failing index.
void finishLaunch(Launch &launch);

/// Ends a launch that could not be carried out.
void failLaunch(Launch &launch, awgrt_error *error);

/// A launch that has ended with `error`.
awgrt_task *failedLaunch(awgrt_task *self, const awgrt_place *place, const awgrt_kernel &kernel, awgrt_array *result,
                         awgrt_error *error);

/// The number of indices, or -1 if there are too many to count; `slots` gets the extents, none below 0.
int64_t countIndices(const awgrt_kernel &kernel, const int64_t *extents, uint64_t *slots);

/// Whether the partial result of a reduction is that of an argmin or argmax that found no number: {index, value}.
inline bool foundNothing(const awgrt_kernel &kernel, const void *partial) {
  return kernel.shape == AWGRT_REDUCE && kernel.partial_size == 16 && *static_cast<const int64_t *>(partial) == -1;
}

/// The failure of a reduction without a value.
awgrt_error *emptyReduction(const awgrt_place *place);

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_LAUNCH_H
