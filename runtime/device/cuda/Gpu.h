// A GPU: its context, streams and memory.
//
// Locks, in the order in which a thread may take them: the GPU's `submission`, a residency's, Gpus::registry (under which other
// residencies' are only tried), `fetching` or `records`, a chain's. The others are taken last of all.
// Driver calls that only add to a stream are made without a lock, after its chain was flushed.
#ifndef AWG_RUNTIME_DEVICE_CUDA_GPU_H
#define AWG_RUNTIME_DEVICE_CUDA_GPU_H

#include "async/Sync.h"
#include "device/cuda/Chain.h"
#include "device/cuda/Driver.h"
#include "device/cuda/GpuCode.h"
#include "device/cuda/Records.h"
#include "device/cuda/Staging.h"
#include "place/Costs.h"
#include "trace/Trace.h"

#include <atomic>

namespace awg::rt {

class Gpus;
struct GpuLaunch;

/// Something for a GPU's thread to do.
struct GpuWork {
  void (*run)(GpuWork &work);
  GpuWork *next;
};

/// A launch's place among those of a stream: what it did is done once the stream has completed that many.
struct Use {
  int32_t gpu;
  int32_t stream;
  uint64_t number; ///< from 1; 0: none
};

/// Why a driver call failed.
struct Fault {
  cuda::Result result = cuda::Result::Success;
  const char *call = nullptr; ///< the function's name
  int64_t bytes = 0;          ///< of memory that was asked for; 0: none was
  int32_t lostGpu = -1;       ///< the GPU whose fault it is, such as that the only copy of some elements was lost with it; -1: of the own
  explicit operator bool() const { return result != cuda::Result::Success; }
};

/// Launches are carried out in the order in which they were submitted to it.
struct GpuStream {
  cuda::Stream handle = nullptr;
  cuda::Event marker = nullptr;       ///< recorded when another stream is to wait for this one
  uint64_t submitted = 0;             ///< under Gpu::submission
  std::atomic<uint64_t> completed{0}; ///< launches whose end was told
  Chain chain;

  /// Notes that the end of that many was told. They may be told of by several threads, in any order.
  void complete(uint64_t count) {
    uint64_t known = completed.load(std::memory_order_relaxed);
    while (known < count && !completed.compare_exchange_weak(known, count, std::memory_order_acq_rel))
      ;
  }
};

/// What GPUs of one kind take, as far as it was measured.
struct KindCosts {
  MeasuredCosts device;
  KernelTimes kernels;
};

/// What a GPU did so far.
struct GpuCounts {
  std::atomic<int64_t> launches{0}, uploads{0}, uploaded{0}, downloads{0}, downloaded{0}, peerCopies{0}, peerCopied{0},
      graphs{0};
};

class Gpu {
public:
  static constexpr int32_t streamCount = 4;          ///< that launches go into
  static constexpr int32_t copyStream = streamCount; ///< one more, for copies to the device beside kernels

  Gpu(Gpus &gpus, const Driver &driver, int32_t number) : gpus(gpus), driver(driver), number(number) {}
  /// Ends the thread and closes the context. There must be no launch left.
  ~Gpu();
  Gpu(const Gpu &) = delete;
  Gpu &operator=(const Gpu &) = delete;

  /// Opens the device of that ordinal. False, with the reason in `problem`.
  bool open(int32_t ordinal, Text &problem);

  /// Lets it read `peer`'s memory directly, if the two can do that.
  void reach(const Gpu &peer);

  /// Takes over a launch: submits it at once if that takes no waiting, else has its thread do so. Any thread.
  void submit(GpuLaunch &launch);
  /// Has the thread do it. Any thread, and the driver's callbacks.
  void doLater(GpuWork &work);

  /// Makes a stream wait for what a launch did.
  Fault wait(int32_t stream, const Use &use);
  /// Waits for the end of a launch on this GPU. The fault if the GPU was lost by then: what it should have computed is wrong.
  Fault confirm(const Use &use);
  /// Device memory for the launch that is being submitted to `stream`. Drops copies that exist elsewhere if there is none left.
  Fault allocate(int64_t bytes, int32_t stream, cuda::Address &out);
  /// Gives memory back once `stream` has got there.
  void release(cuda::Address address, int32_t stream);
  /// Whether all launches have ended, and their ends were noticed. Under `submission`.
  bool isIdle() const;
  /// Copies from the host; `from` may change when it returns. Under `submission`.
  Fault upload(int32_t stream, cuda::Address to, const void *from, int64_t bytes);
  /// Copies to the host after `use`, and waits until that is done.
  Fault download(void *to, cuda::Address from, int64_t bytes, const Use &use);
  /// Waits for all that was submitted.
  void synchronize();
  /// Gives memory that is not in use back to the system.
  void trim();

  /// Notes that the device is lost if `result` says so.
  void note(cuda::Result result);
  /// Asks the driver whether it is lost.
  bool turnsOutLost();
  /// Notes that it is lost for that reason.
  void lose(cuda::Result result);
  bool isLost() const { return lost.load(std::memory_order_acquire) != cuda::Result::Success; }
  cuda::Result lossReason() const { return lost.load(std::memory_order_acquire); }
  /// The failure of a launch: `out of memory: ...`, `device lost: ...` or `device error: ...`.
  awgrt_error *failure(const awgrt_place *place, const Fault &fault) const;
  /// Keeps the failure, or null, of a launch that was awaited before it ended: who needs what it should have computed finds the
  /// device lost.
  void keepUntold(awgrt_error *error);
  /// Notes that somebody has learnt of a loss, if it is lost.
  void noteTold();
  /// The kept failure that nobody has learnt of, or null.
  awgrt_error *takeUntold();

  /// Starts what was put off, and has the driver tell of the ends of all launches so far. Any thread but the driver's.
  void tell();
  /// Ends launches that were carried out and that the driver was not asked to tell of. False if there were none. Any thread but the
  /// driver's.
  bool poll();
  /// Launches that the driver was not asked to tell of.
  int64_t untold() const;
  /// Launches submitted or waiting to be, as a rough measure of load. What nobody asks for may have ended long ago.
  int64_t load() const;
  void startTrace(TraceFile &file, int32_t lane);
  /// Records what was under way on it until now.
  void recordSpan(const char *what, const awgrt_place *place, int64_t begin);

  Gpus &gpus;
  const Driver &driver;
  const int32_t number;
  cuda::Context context = nullptr;
  cuda::Device device = 0;
  char name[100] = "";
  size_t memory = 0; ///< bytes in all
  int32_t major = 0, minor = 0;
  GpuStream streams[streamCount + 1];
  Mutex submission; ///< held by who submits a launch
  Records records;
  GpuCode code{*this};
  GpuCounts counts;
  std::atomic<int64_t> pending{0};
  KindCosts *costs = nullptr;      ///< of GPUs of its name, owned by Gpus
  std::atomic<int64_t> endedAt{0}; ///< when launches ended last
  Mutex traceMutex; ///< callbacks of several streams may run at once
  TraceRecord trace;

private:
  bool openStreams(Text &problem);
  void usePools();
  static void *threadMain(void *gpu);
  void work();
  bool isQueueEmpty() const { return queued.load(std::memory_order_acquire) == 0; }

  cuda::MemoryPool pool = nullptr; ///< null if the device has none
  std::atomic<cuda::Result> lost{cuda::Result::Success};
  UploadRing uploads{*this};
  Mutex fetching;
  DownloadRing downloads{*this};

  Mutex untoldMutex; ///< of the two that follow
  awgrt_error *untoldFailure = nullptr;
  bool isLossTold = false;

  Mutex queueMutex;
  Condition wake;
  GpuWork *first = nullptr;
  GpuWork *last = nullptr;
  std::atomic<int64_t> queued{0}; ///< in the queue or at the thread
  bool started = false;
  bool stopping = false;
  Thread thread{};
};

/// Makes a GPU's context the calling thread's for a scope.
class Current {
public:
  explicit Current(const Gpu &gpu) : driver(gpu.driver) { driver->cuCtxPushCurrent_v2(gpu.context); }
  ~Current() {
    cuda::Context popped;
    driver->cuCtxPopCurrent_v2(&popped);
  }
  Current(const Current &) = delete;
  Current &operator=(const Current &) = delete;

private:
  const Driver &driver;
};

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_CUDA_GPU_H
