// Launches that are too short for a task of their own, but long enough to be shared.
#ifndef AWG_RUNTIME_DEVICE_JOINT_H
#define AWG_RUNTIME_DEVICE_JOINT_H

#include "async/Sync.h"
#include "awg/awgrt.h"

#include <atomic>

namespace awg::rt {

class Cpu;
struct Worker;

/// The units of a launch that one worker carries out on the spot, and in what portions others may take part.
struct JointWork {
  awgrt_host_kernel code = nullptr;
  int64_t units = 0;
  int64_t granule = 1; ///< parts are multiples of this
  const uint64_t *slots = nullptr;
  awgrt_failure *failure = nullptr;
};

/// Carries out launches in parts, one a worker: the worker that awaits a launch runs its own and those that nobody came for, then
/// waits for the others, which take no longer than its own did. Who is awake helps, and while such launches follow each other
/// closely, workers stay awake for them. Where a part took much longer, something else needs the processors: for a while
/// launches then stay with the worker that awaits them. The same worker gets the same part, launch after launch, so that what it
/// touches stays in its caches.
class Joint {
public:
  explicit Joint(Cpu &cpu) : cpu(cpu) {}

  /// Carries out all units.
  void run(const JointWork &work, Worker &worker);
  /// Carries out a part of the launch that is open; false if there is none.
  bool help(Worker &worker);

private:
  struct Opened;
  bool isPaused() const;
  bool offer(Opened &launch);
  Opened *join();
  int64_t takePart(Opened &launch, const Worker &worker);
  static void runPart(const Opened &launch, int64_t part, Worker &worker);
  void waitForOthers(Opened &launch, uint64_t begun);

  Cpu &cpu;
  Opened *open = nullptr;               ///< that has parts left; under the device's mutex
  std::atomic<uint64_t> pausedUntil{0}; ///< the tick before which nothing is shared
};

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_JOINT_H
