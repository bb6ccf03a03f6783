// What a stream was given lately: launches whose end nobody was told of yet, and starts that repeat, which a CUDA graph replays.
//
// A launch that cannot fail and gives nothing to the host needs no callback of its own: one tells of many. If the starts of
// such launches repeat, they are put off until as many came as a graph has, and the graph is launched in their place.
// Whoever adds to the stream, or is to wait for it, has what was put off started first (flush).
#ifndef AWG_RUNTIME_DEVICE_CUDA_CHAIN_H
#define AWG_RUNTIME_DEVICE_CUDA_CHAIN_H

#include "async/Sync.h"
#include "device/cuda/Repetition.h"

#include <atomic>

namespace awg::rt {

class Gpu;
struct Fault;
struct GpuLaunch;

/// Of one stream. Its lock is taken last of all. Any thread may call flush, tell, poll and untold; the rest is under
/// Gpu::submission, in the GPU's context.
class Chain {
public:
  Chain() = default;
  ~Chain();
  Chain(const Chain &) = delete;
  Chain &operator=(const Chain &) = delete;
  /// `handle` is the stream's.
  void open(Gpu &gpu, cuda::Stream handle);
  /// Frees the graph, in the GPU's context.
  void close();

  /// Starts a kernel of a launch that cannot fail, or puts it off.
  Fault start(const KernelStart &start);
  /// Takes a launch all of which is in the stream, and that may be gone when this returns. `tells`: its end is waited for.
  void add(GpuLaunch &launch, bool tells);
  /// Starts what was put off. If that fails the device is lost: nobody is there to be told.
  void flush() {
    if (position.load(std::memory_order_acquire) > 0)
      flushAll();
  }
  /// Has the driver tell of all launches so far.
  void tell();
  /// Ends the launches so far if the stream has carried them out. False, if there are none or it has not. Not in a callback.
  bool poll();
  /// Launches whose end the driver was not asked to tell of.
  int64_t untold() const { return untoldCount.load(std::memory_order_relaxed); }

private:
  struct Replay;
  Fault startNow(const KernelStart &start);
  void flushAll();
  void flushLocked();
  bool putOff(const KernelStart &start, uint64_t hash, int64_t now);
  Fault launchGraph();
  void considerGraph();
  bool capture();
  void tellLocked(bool isNew);
  bool isCloseLook(int64_t now) const;
  GpuLaunch *takeUntold(bool isEndSeen);

  Gpu *gpu = nullptr;
  cuda::Stream handle = nullptr;
  Mutex mutex;
  GpuLaunch *first = nullptr; ///< untold ones
  GpuLaunch *last = nullptr;
  std::atomic<int64_t> untoldCount{0};
  int64_t toldAt = 0;
  int64_t atWorkAt = 0; ///< when the stream was last seen to have the last launch before it; 0: not since that was added
  Replay *replay = nullptr; ///< made by the first start
  std::atomic<int32_t> position{0}; ///< starts of the graph that were put off
};

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_CUDA_CHAIN_H
