// What devices were measured to take, so that launches go where they end first. Pure code over times that it is told.
#ifndef AWG_RUNTIME_PLACE_COSTS_H
#define AWG_RUNTIME_PLACE_COSTS_H

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace awg::rt {

/// What it takes to have something done by a device, in nanoseconds. At first guesses for a GPU of today.
struct DeviceCosts {
  int64_t launch = 20'000;  ///< from the start of a launch that computes next to nothing until its end is known
  int64_t backlog = 20'000; ///< that a launch keeps the next one waiting
  int64_t copy = 15'000;    ///< until the first byte is brought
  int64_t bytesPerMicrosecond = 10'000;
};

/// Guesses of how long an index of an unknown kernel takes, of about ten operations. In picoseconds, as all of the device work.
constexpr int64_t hostPicoseconds = 500, gpuPicoseconds = 20;

/// A launch on a GPU that was idle and knew the kernel. Times in nanoseconds.
struct LaunchMeasure {
  int64_t indices;
  int64_t bytes; ///< that were brought from the host for it
  int64_t time;  ///< from its start to its end
};

/// What GPUs of one kind were measured to take. Any thread; of measures at the same time one may get lost.
class MeasuredCosts {
public:
  DeviceCosts get() const;
  /// `picoseconds`: what an index of the kernel takes, as far as is known, else 0. Gives what it takes by this launch too; 0 if
  /// this does not show.
  ///
  /// The shortest launch without copies is what a launch takes by itself: what others take longer is due to their kernels. A
  /// launch with copies of a kernel that is known shows what copies take.
  int64_t noteLaunch(const LaunchMeasure &measure, int64_t picoseconds);
  /// `count` launches ended `time` after those before them, or after they were started.
  void noteEnds(int64_t count, int64_t time);
  /// Bytes were copied to the host while nothing else was in the way.
  void noteCopy(int64_t bytes, int64_t time);

private:
  std::atomic<int64_t> launch{0}, backlog{0}, copy{0}, rate{0}; ///< 0: not measured
};

/// What an index of a kernel took on GPUs of one kind. A table of the kernels launched lately; of two that collide the older goes.
/// Any thread; a reader may take one kernel's time for another's while they change places.
class KernelTimes {
public:
  /// In picoseconds; 0 if unknown.
  int64_t find(const void *kernel) const;
  void store(const void *kernel, int64_t picoseconds);

private:
  static constexpr size_t size = 128;
  struct Entry {
    std::atomic<const void *> kernel{nullptr};
    std::atomic<int64_t> picoseconds{0};
  };
  static size_t indexOf(const void *kernel) {
    return (reinterpret_cast<uintptr_t>(kernel) * UINT64_C(0x9e3779b97f4a7c15)) >> 57;
  }
  Entry entries[size];
};

} // namespace awg::rt

#endif // AWG_RUNTIME_PLACE_COSTS_H
