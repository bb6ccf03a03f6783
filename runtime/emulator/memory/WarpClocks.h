// What the warps of a block know of each other by its barriers: vector clocks.
#ifndef AWG_EMULATOR_MEMORY_WARPCLOCKS_H
#define AWG_EMULATOR_MEMORY_WARPCLOCKS_H

#include <array>
#include <cstdint>
#include <vector>

namespace awg::emu {

/// A clock a warp, and what each warp knows of the others' (Mattern, Virtual time and global states of distributed systems,
/// 1989). Used by one thread at a time.
class WarpClocks {
public:
  /// A phase of a barrier: what those who came to it know, and who waits for its end.
  struct Phase {
    std::array<uint32_t, 32> known = {};
    uint32_t waiting = 0;  ///< a bit a warp
    uint64_t acquired = 0; ///< the latest Warp::acquired of those who came
  };

  explicit WarpClocks(uint32_t warps) : warps(warps), moments(warps), known(warps * warps) {}

  /// How far `other` has come as far as `warp` knows: what `other` used at an earlier moment comes before what `warp`
  /// does now. Of itself, what all its lanes know.
  uint32_t of(uint32_t warp, uint32_t other) const { return known[warp * warps + other]; }
  uint32_t moment(uint32_t warp) const { return moments[warp]; }
  /// The next moment, which nobody knows of yet.
  uint32_t advance(uint32_t warp) { return ++moments[warp]; }
  /// The lanes of `warp` meet.
  void meet(uint32_t warp) { known[warp * warps + warp] = advance(warp); }
  /// `warp` comes to a barrier, and waits there or goes on.
  void arrive(uint32_t warp, uint32_t barrier, bool waits, uint64_t acquired);
  /// The barrier's phase ends: who waited knows what all knew who came.
  Phase end(uint32_t barrier);
  /// Every warp knows what any does.
  void joinAll();

  uint32_t blockPhases = 0; ///< Block::phases that have been heeded

private:
  uint32_t warps;
  std::vector<uint32_t> moments;
  std::vector<uint32_t> known; ///< a row a warp
  std::array<Phase, 16> phases = {};
};

} // namespace awg::emu

#endif // AWG_EMULATOR_MEMORY_WARPCLOCKS_H
