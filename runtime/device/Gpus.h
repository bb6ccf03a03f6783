// The GPUs of a runtime.
#ifndef AWG_RUNTIME_DEVICE_GPUS_H
#define AWG_RUNTIME_DEVICE_GPUS_H

#include "device/cuda/Gpu.h"
#include "memory/Residency.h"
#include "place/Devices.h"
#include "place/Placements.h"
#include "std/Text.h"

namespace awg::rt {

struct Launch;
struct Runtime;

/// Opened when they are first asked for, so that a program that uses none starts as fast as without a driver.
class Gpus {
public:
  Gpus(Runtime &runtime, const DeviceChoice &choice) : runtime(runtime), choice(choice) {}
  /// Brings back what GPUs hold of arrays, and closes them. There must be no launch left.
  ~Gpus();
  Gpus(const Gpus &) = delete;
  Gpus &operator=(const Gpus &) = delete;

  /// Opens them, if the program asked for some or the machine has any. False, with the reason in `problem`, if those that
  /// were asked for by name are not there. Any thread.
  bool open(Text &problem);
  /// Opens them and says how many there are.
  int32_t opened();
  /// How many are open.
  int32_t count() const { return openCount.load(std::memory_order_acquire); }
  Gpu &operator[](int64_t number) { return *gpus[number]; }
  const Gpu &operator[](int64_t number) const { return *gpus[number]; }
  /// Whether unpinned launches may run on the host.
  bool usesCpu() const { return choice.usesCpu; }
  /// Whether there may be GPUs, open or not.
  bool mayExist() const { return choice.source != GpuSource::None && !hasFailed.load(std::memory_order_relaxed); }

  /// Whether a launch for `device` over `total` indices stays on the host in any case.
  bool isForHost(const awgrt_kernel &kernel, int64_t device, int64_t total) const {
    return device == AWGRT_CPU ||
           (device == AWGRT_ANY_DEVICE &&
            (!mayExist() || !kernel.ptx ||
             (usesCpu() && !isDecided.load(std::memory_order_acquire) && total < leastGpuUnits)));
  }
  /// The GPU for a launch, or null for the host. Of one that is not there, the failure.
  Gpu *choose(Launch &launch, int64_t device, const uint64_t *slots, int64_t total, awgrt_error *&outError);

  /// A buffer's residency among these GPUs, made if need be.
  Residency &residencyOf(Buffer &buffer);
  /// Brings all of a buffer to the host.
  void fetchAll(Residency &residency);
  /// Takes a residency out of the registry, whose lock is held.
  void unlink(Residency &residency);
  /// Frees memory of `gpu` that launches under way do not need.
  void makeRoom(Gpu &gpu, Spill spill);
  void startTrace(TraceFile &file, int32_t firstLane);

  /// Counts a launch whose task is completed before its end.
  void beginDetached() { detached.fetch_add(1, std::memory_order_relaxed); }
  void endDetached();
  /// Has the drivers tell of the ends of all launches so far: somebody waits, or has nothing else to do.
  void tell() {
    for (int32_t k = 0, total = count(); k < total; ++k)
      gpus[k]->tell();
  }
  /// Whether there are launches that the drivers were not asked to tell of.
  bool areAwaited() const;
  /// Ends launches that were carried out. False if there were none.
  bool poll() {
    bool hasEnded = false;
    for (int32_t k = 0, total = count(); k < total; ++k)
      hasEnded |= gpus[k]->poll();
    return hasEnded;
  }
  /// Waits for those launches: what comes next looks at the clock.
  void waitDetached();
  /// A failure of one of them that nobody has learnt of, or null.
  awgrt_error *takeUntold();

  Runtime &runtime;
  Mutex registry; ///< of the list of residencies
  Residency *firstResidency = nullptr;

private:
  bool openAll(Text &problem);
  bool openDriver(Text &problem);
  void leaveToHost();
  void traceAll();
  void shareCosts();
  /// Nanoseconds that the host takes for a launch over so many indices.
  int64_t hostTime(const awgrt_kernel &kernel, int64_t indices) const;
  /// Decides; false, with the failure, if the program asked for what is not there.
  bool decide(Launch &launch, const uint64_t *slots, Decision &decision, awgrt_error *&outError);
  /// Adds what an argument means for the GPUs, and for the host behind them: what computes it, and what has to be brought.
  void weigh(const awgrt_array &array, Candidate *candidates, int32_t gpuCount);
  awgrt_error *noSuchDevice(const awgrt_place *place, int64_t device);

  const DeviceChoice choice;
  Driver driver;
  Gpu **gpus = nullptr;
  KindCosts *kinds = nullptr; ///< as many as GPUs
  std::atomic<int32_t> openCount{0};
  std::atomic<bool> isDecided{false};
  std::atomic<bool> hasFailed{false};
  Mutex opening;
  Text absence;
  int64_t openedAt = 0;
  uint64_t openedTicks = 0;
  std::atomic<int64_t> detached{0};
  Mutex detachedMutex;
  Condition noneDetached;
  TraceFile *traceFile = nullptr;
  int32_t traceLane = 0;
};

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_GPUS_H
