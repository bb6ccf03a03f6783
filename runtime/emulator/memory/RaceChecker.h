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
  RaceChecker(Shadow &shadow, Order &order, const Memory &memory, const Launch &launch, uint32_t work)
      : shadow(shadow), order(order), memory(memory), launch(launch), numbers(order.start(work, launch.blocks())) {}

  void beginBlock(Block &block) override;
  void access(Warp &warp, const Op &op, uint32_t lanes, Access access, uint32_t bytes,
              const uint64_t (&host)[32]) override;
  void missedBarrier(Block &block) override;
  void arrive(Warp &warp, uint32_t barrier, bool waits) override;
  void endPhase(Block &block, uint32_t barrier) override;
  void fence(Warp &warp, bool isOfBlock) override;

private:
  /// A fence that makes known what a warp did before a moment: its own, or that of a warp that knew of it by a barrier or by
  /// a fence for the block.
  struct Fence {
    uint64_t time; ///< of the launch's clock
    uint32_t moment;
  };
  void catchUp(Warp &warp);
  /// Where an operation is, as far as its lanes share that: a part of one page, which stays locked meanwhile.
  struct Place {
    uint64_t begin = 0, size = 0;
    ShadowPage *page = nullptr; ///< null: memory of a thread's own
    std::unique_lock<SpinLock> lock;
    bool isShared = false, mayBeUnwritten = false;
  };
  void moveTo(Place &at, Warp &warp, const Op &op, uint64_t address, uint32_t bytes);
  /// Lanes of which each uses the cell after that of the lane before it. False, and nothing is done, if they have to be
  /// looked at one by one.
  bool useRow(ShadowPage &page, size_t cell, const Use &first, Access access, bool asksForOld, const Numbers &before) const;
  /// Of the warp's first lane.
  Use useOf(const Warp &warp, const Op &op, Access access) const;
  void checkWritten(const Place &at, ShadowPage::Range cells, uint32_t bytes, const Op &op, int lane) const;
  void checkCopies(const Block &block, uint64_t address, uint32_t bytes, int lane) const;
  void checkAgainst(Warp &warp, const Use &before, const Use &now, const char *what, int lane) const;
  bool isOrdered(const Warp &warp, const Use &before, const Use &now) const;
  [[noreturn]] void race(const Use &before, const char *what, const char *why, int lane) const;

  Shadow &shadow;
  const Order &order;
  const Memory &memory;
  const Launch &launch;
  const Numbers numbers; ///< of the launch's blocks
  std::atomic<uint64_t> clock{1};
  mutable std::mutex mutex;
  using Fences = std::map<uint64_t, std::vector<std::vector<Fence>>>; ///< by block: of each of its warps, rising in both
  Fences fences, fencesOfBlock; ///< for all; the same with those for the block alone
};

/// `work`, which is `what` ("a copy to"), reads or writes `[begin, begin + size)`: what races with it, in words, or
/// nothing.
std::string useByCopy(Shadow &shadow, Order &order, uint32_t work, const char *what, uint64_t begin,
                      uint64_t size, bool isWrite);

} // namespace awg::emu

#endif // AWG_EMULATOR_MEMORY_RACECHECKER_H
