// Vector clocks of the warps of a block.
#include "emulator/memory/WarpClocks.h"

#include <algorithm>
#include <utility>

using namespace awg::emu;

void WarpClocks::arrive(uint32_t warp, uint32_t barrier, bool waits, uint64_t acquired) {
  Phase &phase = phases[barrier];
  meet(warp);
  for (uint32_t other = 0; other < warps; ++other)
    phase.known[other] = std::max(phase.known[other], of(warp, other));
  phase.waiting |= uint32_t{waits} << warp;
  phase.acquired = std::max(phase.acquired, acquired);
}

WarpClocks::Phase WarpClocks::end(uint32_t barrier) {
  Phase ended = std::exchange(phases[barrier], {});
  for (uint32_t warp = 0; warp < warps; ++warp)
    for (uint32_t other = 0; other < warps && (ended.waiting >> warp & 1); ++other)
      known[warp * warps + other] = std::max(of(warp, other), ended.known[other]);
  return ended;
}

void WarpClocks::joinAll() {
  for (uint32_t other = 0; other < warps; ++other) {
    uint32_t now = advance(other);
    for (uint32_t warp = 0; warp < warps; ++warp)
      known[warp * warps + other] = now;
  }
}
