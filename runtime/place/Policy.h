// Which device a launch goes to: pure code over what is known of the devices.
#ifndef AWG_RUNTIME_PLACE_POLICY_H
#define AWG_RUNTIME_PLACE_POLICY_H

#include <cstdint>

namespace awg::rt {

/// A device as seen for one launch. Times in nanoseconds.
struct Candidate {
  bool isUsable;        ///< it is there and was not lost
  int64_t backlog;      ///< launches that come before this one: those it has yet to finish, or that compute arguments elsewhere
  int64_t missingBytes; ///< of the arguments, that it does not have
  bool isGpu;
};

/// When a launch over `units` indices would end there, in nanoseconds from now.
int64_t estimateEnd(const Candidate &candidate, int64_t units);

/// The one of `count` candidates where the launch over `units` indices should end first, or -1 if none is usable; of equals
/// the first. A GPU is worth its while from some size on, and the sooner the less has to be brought to it; among GPUs the least
/// loaded counts, then the one that has most of the arguments.
int32_t chooseDevice(const Candidate *candidates, int32_t count, int64_t units);

/// Launches over fewer indices are left to the host, if it takes any: not worth the start of a driver.
constexpr int64_t leastGpuUnits = int64_t(1) << 18;

} // namespace awg::rt

#endif // AWG_RUNTIME_PLACE_POLICY_H
