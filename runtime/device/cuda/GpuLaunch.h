// A launch on a GPU: from its submission, with all that it needs there, to the driver's callback that ends it.
#ifndef AWG_RUNTIME_DEVICE_CUDA_GPULAUNCH_H
#define AWG_RUNTIME_DEVICE_CUDA_GPULAUNCH_H

#include "device/Launch.h"
#include "device/cuda/Gpu.h"
#include "memory/Residency.h"

namespace awg::rt {

/// Belongs to the GPU that it is handed to, and frees itself when the launch ends.
struct GpuLaunch : GpuWork {
  /// For a launch over `total` > 0 indices whose `slots` hold the arguments.
  /// `mayMove`: if memory is short the host may carry it out.
  static GpuLaunch *create(Gpu &gpu, Launch &launch, uint64_t *slots, int64_t total, bool mayMove);

  /// Whether submitting takes little time. A guess.
  bool isQuick() const;
  /// Puts everything into a stream, or ends the launch if that fails. False, with nothing done, if it would have to wait
  /// for others and may not. Under Gpu::submission.
  bool submitNow(bool mayWait);
  /// The driver's callback, for the launches from `argument` on.
  static void ended(cuda::Stream stream, cuda::Result status, void *argument);

  const int64_t created = monotonicNow();
  /// Of the last of those that end together: they do so as it ends, not some time after, so that its time shows what it takes.
  bool isEndSeen = false;

private:
  GpuLaunch(Gpu &gpu, Launch &launch, uint64_t *slots, int64_t total, bool mayMove)
      : GpuWork{continueLater, nullptr}, gpu(gpu), launch(launch), kernel(*launch.kernel), slots(slots), total(total),
        mayMove(mayMove) {}
  ~GpuLaunch() = default;

  static void continueLater(GpuWork &work);
  void finish();
  bool moveToHost();
  void addArguments();
  int32_t chooseStream() const;
  Fault bringArguments();
  void fillSlots(const GpuArgument &argument);
  bool takeRecord(bool mayWait);
  Fault setUpRecord();
  Fault run(const KernelEntries &entries);
  Fault runEach(const KernelEntries &entries);
  Fault runReduce(const KernelEntries &entries);
  Fault runScan(const KernelEntries &entries);
  Fault start(cuda::Function function, int64_t groups, int64_t threads, uint64_t *arguments, int32_t count,
              bool mayFail);
  Fault startChained(cuda::Function function, int64_t groups, int64_t threads, const uint64_t *arguments, int32_t count);
  Fault readBack();
  void submit(const KernelEntries &entries);
  void unpinArguments();
  void noteCosts();
  void abandon(const Fault &fault, bool hasRun);
  void complete(cuda::Result status);
  bool isBetterGathered(const awgrt_array &array, bool isWritten) const;
  Fault gather(const GpuArgument &argument, bool putsBack);
  Fault gatherArguments();
  Fault putBack();
  void freeGathered();
  bool hasGapped() const;
  bool hasPacked() const;
  /// Whether it leaves something for the host to look at: a failure, or a value.
  bool needsRecord() const { return kernel.site_count > 0 || kernel.shape == AWGRT_REDUCE; }
  void freePacked();
  void giveBackRecord();
  void release();
  void end(awgrt_error *error);

  Gpu &gpu;
  Launch &launch;
  const awgrt_kernel &kernel;
  uint64_t *slots; ///< in the launch
  const int64_t total;
  const bool mayMove;
  awgrt_error *problem = nullptr; ///< of an argument that the host was to pack, and that was lost
  bool wasCarriedOut = false;
  bool isOthers = false;   ///< it fails for what befell another GPU
  bool isMeasured = false;
  bool isByThread = false; ///< the GPU's thread submits it
  bool isChained = false;  ///< a single kernel that cannot fail
  GpuArgument *arguments = nullptr;
  int32_t argumentCount = 0;
  bool argumentsArePinned = true;
  int32_t record = -1;
  bool isRecordUsed = false; ///< it must be set up before it serves again
  bool hasPackedBack = false; ///< what it wrote of packed arguments is on the host
  Use use = {};
  cuda::Address scratch = 0; ///< of partial results, while they are laid out
  int64_t brought = -1; ///< bytes that were copied for it; -1: its time shows nothing
};

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_CUDA_GPULAUNCH_H
