// The host's processor as a device: runs launches on the workers.
#ifndef AWG_RUNTIME_DEVICE_CPU_H
#define AWG_RUNTIME_DEVICE_CPU_H

#include "async/Sync.h"
#include "device/Joint.h"
#include "device/Launch.h"

namespace awg::rt {

struct Runtime;
struct Worker;

/// Carries out launches phase by phase. One worker starts a phase and finds out how long its units take; if that
/// pays, it opens the launch for help, and workers with nothing else to do take pieces of it: each from its home first, then
/// from those of others. Tasks come first: a worker that has some leaves, and comes back later. Whoever ends a phase goes on
/// with the next. Nobody waits for anybody; but while launches follow each other closely, workers look around longer before
/// they park, since waking one costs more than a short launch.
class Cpu {
public:
  explicit Cpu(Runtime &runtime) : runtime(runtime), joint(*this) {}

  /// Carries out the phases from the current one on. The launch may be gone when this returns.
  void run(Launch &launch, Worker &worker);
  /// Helps at a launch that is open; false if there is none. The launch may be gone when this returns.
  bool help(Worker &worker);
  /// Whether `units` of a kernel's code take so little, as far as `worker` knows, that it carries them out on the spot.
  static bool isShort(const Worker &worker, awgrt_host_kernel code, int64_t units);
  /// Ticks that a launch over so many indices takes with the help of all workers, as far as `worker` knows; 0 if it does not.
  static float expectedTicks(const Worker &worker, const awgrt_kernel &kernel, int64_t indices);
  /// Does so, with the help of others if they are more than a few, and now and then measures what they take.
  void runShort(const JointWork &work, Worker &worker);
  /// Whether a launch is open for help.
  bool wantsHelp() const { return openCount.load(std::memory_order_seq_cst) > 0; }
  /// Whether workers were at a launch together a moment ago, so that another is likely to come soon.
  bool isFrequented() const;

private:
  friend Joint;
  bool runPhase(Launch &launch, Worker &worker);
  bool share(Launch &launch, Worker &worker, int64_t begin, float ticksPerUnit);
  int64_t fairShare(int64_t left) const;
  int64_t takePiecesOf(Launch &launch, Home &home, Worker &worker);
  bool takePieces(Launch &launch, Worker &worker);
  bool leave(Launch &launch, bool exhausted);
  void assist(Launch &launch, Worker &worker);
  void open(Launch &launch);
  void countOpen(int32_t more);

  Runtime &runtime;
  Joint joint;
  Mutex mutex;
  Launch *firstOpen = nullptr;
  std::atomic<int32_t> openCount{0}; ///< written under mutex
  std::atomic<uint64_t> lastShared{0}; ///< the tick at which a worker last came to a launch that is open, or left it
};

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_CPU_H
