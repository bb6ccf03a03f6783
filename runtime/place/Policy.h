// Which device a launch goes to: pure code over what is known of the devices.
#ifndef AWG_RUNTIME_PLACE_POLICY_H
#define AWG_RUNTIME_PLACE_POLICY_H

#include "place/Costs.h"

namespace awg::rt {

/// A device as seen for one launch. Times in nanoseconds.
struct Candidate {
  bool isUsable;        ///< it is there and was not lost
  int64_t backlog;      ///< launches that come before this one: those it has yet to finish, or that compute arguments elsewhere
  int64_t missingBytes; ///< of the arguments, that it does not have
  bool isGpu;
  int64_t computing;    ///< that the launch's kernel takes there
  DeviceCosts costs;    ///< of the GPU, or of those that the host gets its arguments from
};

/// What a launch over `indices` computes, at so many picoseconds each.
constexpr int64_t computingTime(int64_t indices, int64_t picoseconds) {
  return int64_t(double(indices) * double(picoseconds) / 1000);
}

/// When the launch would end there, in nanoseconds from now.
int64_t estimateEnd(const Candidate &candidate);

/// The one of `count` candidates where the launch should end first, or -1 if none is usable; of equals the first. A GPU is worth
/// its while from some size on, and the sooner the less has to be brought to it; among GPUs of one kind the least loaded
/// counts, then the one that has most of the arguments.
int32_t chooseDevice(const Candidate *candidates, int32_t count);

/// Launches over fewer indices are left to the host, if it takes any: not worth the start of a driver.
constexpr int64_t leastGpuUnits = int64_t(1) << 18;

} // namespace awg::rt

#endif // AWG_RUNTIME_PLACE_POLICY_H
