// The choice of the device where a launch ends first.
#include "place/Policy.h"

namespace awg::rt {

int64_t estimateEnd(const Candidate &candidate) {
  const DeviceCosts &costs = candidate.costs;
  int64_t ready = candidate.backlog * costs.backlog;
  if (candidate.missingBytes > 0)
    ready += costs.copy + int64_t(double(candidate.missingBytes) * 1000 / double(costs.bytesPerMicrosecond));
  return ready + (candidate.isGpu ? costs.launch : 0) + candidate.computing;
}

int32_t chooseDevice(const Candidate *candidates, int32_t count) {
  int32_t best = -1;
  int64_t bestTime = INT64_MAX;
  for (int32_t k = 0; k < count; ++k) {
    if (!candidates[k].isUsable)
      continue;
    int64_t time = estimateEnd(candidates[k]);
    if (time < bestTime) {
      best = k;
      bestTime = time;
    }
  }
  return best;
}

} // namespace awg::rt
