// The checks that cost: reads of memory never written, races, barriers that not all reach.
#ifndef AWG_EMULATOR_MEMORY_CHECKER_H
#define AWG_EMULATOR_MEMORY_CHECKER_H

#include "emulator/ops/Address.h"

namespace awg::emu {

/// Watches one launch. Its methods are called by the threads that carry out the launch.
class Checker {
public:
  virtual ~Checker() = default;
  virtual void beginBlock(Block &block) = 0;
  virtual void access(Warp &warp, const Op &op, uint32_t lanes, Access access, uint32_t bytes,
                      const uint64_t (&host)[32]) = 0;
  /// A barrier for all threads ends without some that have exited.
  virtual void missedBarrier(Block &block) = 0;
  /// Lanes of the warp come to a barrier of its block, and wait there or go on.
  virtual void arrive(Warp &warp, uint32_t barrier, bool waits) = 0;
  /// All that a barrier waits for have come.
  virtual void endPhase(Block &block, uint32_t barrier) = 0;
  /// The warp's uses so far come before what follows a fence or a strong read of whoever sees it, or of its block alone.
  virtual void fence(Warp &warp, bool isOfBlock) = 0;
};

} // namespace awg::emu

#endif // AWG_EMULATOR_MEMORY_CHECKER_H
