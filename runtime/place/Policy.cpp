// The least-loaded rule.
#include "place/Policy.h"

namespace awg::rt {

namespace {

// Rough costs in nanoseconds, of a launch with about ten operations an index.
constexpr int64_t hostUnitsPerMicrosecond = 2000, gpuUnitsPerMicrosecond = 50'000;
constexpr int64_t launchCost = 20'000, backlogCost = 20'000, copyCost = 15'000, bytesPerMicrosecond = 10'000;

} // namespace

int64_t estimateEnd(const Candidate &candidate, int64_t units) {
  int64_t ready = candidate.backlog * backlogCost + (candidate.missingBytes > 0 ? copyCost : 0) +
                  candidate.missingBytes / bytesPerMicrosecond * 1000;
  if (!candidate.isGpu)
    return ready + units / hostUnitsPerMicrosecond * 1000;
  return ready + launchCost + units / gpuUnitsPerMicrosecond * 1000;
}

int32_t chooseDevice(const Candidate *candidates, int32_t count, int64_t units) {
  int32_t best = -1;
  int64_t bestTime = INT64_MAX;
  for (int32_t k = 0; k < count; ++k) {
    if (!candidates[k].isUsable)
      continue;
    int64_t time = estimateEnd(candidates[k], units);
    if (time < bestTime) {
      best = k;
      bestTime = time;
    }
  }
  return best;
}

} // namespace awg::rt
