// The checker of AWG_EMU_CHECK: reads of memory never written, races between threads and between streams, missed
// barriers.
#ifndef AWG_EMULATOR_MEMORY_RACECHECKER_H
#define AWG_EMULATOR_MEMORY_RACECHECKER_H

#include "emulator/memory/Checker.h"
#include "emulator/memory/Order.h"
#include "emulator/memory/Shadow.h"

#include <atomic>
#include <map>

namespace awg::emu {

/// Watches one launch. What it finds is a fault of the launch.
class RaceChecker : public Checker {
public:
  RaceChecker(Shadow &shadow, const Order &order, const Memory &memory, const Launch &launch, uint32_t work)
      : shadow(shadow), order(order), memory(memory), launch(launch), work(work) {}

  void beginBlock(Block &block) override;
  void access(Warp &warp, const Op &op, uint32_t lanes, Access access, uint32_t bytes,
              const uint64_t (&host)[32]) override;
  void missedBarrier(Block &block) override;
  void arrive(Warp &warp, uint32_t barrier, bool waits) override;
  void endPhase(Block &block, uint32_t barrier) override;
  void fence(Warp &warp) override;

private:
  /// The fences that make known what a warp did.
  struct Fences {
    std::vector<uint64_t> own; ///< the times of its own: for all that it did before
    /// Those of warps that knew of it by a barrier: for what it did before a time of its own.
    struct Passed {
      uint64_t time;
      uint32_t warpTime;
    };
    std::vector<Passed> passed; ///< rising in both
  };
  void catchUp(Warp &warp);
  /// Where an operation is in global memory. What its lanes share is looked for once, and the page stays locked meanwhile.
  struct GlobalPlace {
    uint64_t number = 0; ///< of the page
    ShadowPage *page = nullptr;
    std::unique_lock<std::mutex> lock; ///< of the page
    uint64_t begin = 0, size = 0;      ///< the allocation around it, or all memory if that is not asked for
    bool isTracked = false;            ///< reads of what was never written there are faults
  };
  void moveTo(GlobalPlace &at, uint64_t address, bool asksForAllocation);
  /// Of the warp's first lane.
  Use useOf(const Warp &warp, const Op &op, Access access) const;
  void use(Warp &warp, ShadowPage &page, uint64_t offset, uint32_t bytes, const Use &now, Access access, int lane);
  void checkWritten(const ShadowPage &page, uint64_t offset, uint32_t bytes, const Op &op, int lane) const;
  void checkCopies(const Block &block, uint64_t address, uint32_t bytes, int lane) const;
  void checkAgainst(Warp &warp, const Use &before, const Use &now, const char *what, int lane) const;
  bool isOrdered(const Warp &warp, const Use &before, const Use &now) const;
  [[noreturn]] void race(const Use &before, const char *what, const char *why, int lane) const;

  Shadow &shadow;
  const Order &order;
  const Memory &memory;
  const Launch &launch;
  uint32_t work;
  std::atomic<uint64_t> clock{1};
  mutable std::mutex mutex;
  std::map<uint64_t, std::vector<Fences>> fences; ///< by block: of its warps
};

/// `work`, which is `what` ("a copy to"), reads or writes `[begin, begin + size)`: what races with it, in words, or
/// nothing.
std::string useByCopy(Shadow &shadow, const Order &order, uint32_t work, const char *what, uint64_t begin,
                      uint64_t size, bool isWrite);

} // namespace awg::emu

#endif // AWG_EMULATOR_MEMORY_RACECHECKER_H
