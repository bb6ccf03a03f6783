// A block of threads and the launch that it belongs to.
#ifndef AWG_EMULATOR_EXEC_BLOCK_H
#define AWG_EMULATOR_EXEC_BLOCK_H

#include "emulator/exec/Warp.h"
#include "emulator/memory/Memory.h"
#include "emulator/memory/Order.h"
#include "emulator/memory/WarpClocks.h"

#include <array>
#include <atomic>
#include <deque>
#include <mutex>

namespace awg::emu {

class Checker;

/// One launch of a kernel. Shared by the threads that carry it out.
struct Launch {
  const Program *program = nullptr;
  const Code *code = nullptr;
  uint32_t grid[3] = {1, 1, 1}, block[3] = {1, 1, 1};
  uint32_t dynamicShared = 0;
  std::vector<uint64_t> params; ///< bytes of the parameters, padded
  Memory *memory = nullptr;
  Checker *checker = nullptr; ///< or null: only the cheap checks
  uint32_t device = 0;
  uint64_t number = 0;
  bool isCooperative = false;
  uint64_t mostTurns = 0; ///< of loops, that a warp takes, or all that wait for others do: more have no end
  uint64_t workspace = 0; ///< of a cooperative launch: 8 bytes, in which its blocks wait for each other

  std::atomic<uint64_t> nextBlock{0};
  std::atomic<uint64_t> executed{0}; ///< thread instructions
  std::atomic<uint64_t> waits{0};    ///< turns of loops that wait for someone
  std::atomic<bool> isStopped{false};
  std::mutex mutex; ///< guards what follows
  bool hasFailed = false;
  FaultKind failure = FaultKind::Trap;
  Finding finding; ///< the first fault

  uint64_t blocks() const { return uint64_t{grid[0]} * grid[1] * grid[2]; }
  uint32_t threads() const { return block[0] * block[1] * block[2]; }
};

/// A barrier of a block: who has arrived in its present phase.
struct Barrier {
  uint32_t phase = 0;
  uint32_t arrived = 0;   ///< threads
  uint32_t counted = 0;   ///< the same, whole warps as 32
  uint32_t expected = 0;  ///< threads, or 0 for all that live
  uint32_t trueCount = 0; ///< of bar.red, in this phase
  uint32_t result = 0;    ///< of bar.red, of the phase before
  uint32_t resultThreads = 0;
  /// Where each warp's lanes came to it in this phase, if that is checked.
  struct Arrival {
    const Code *code;
    uint32_t instruction;
  };
  std::array<Arrival, 32> arrivals = {};
};

/// A block while it runs. Used by one thread at a time.
struct Block {
  Launch *launch = nullptr;
  uint64_t number = 0;
  uint32_t id[3] = {0, 0, 0};
  uint32_t staticShared = 0;
  uint32_t liveThreads = 0;
  std::vector<uint64_t> shared;
  std::array<Barrier, 16> barriers;
  std::deque<Warp> warps;
  uint32_t warpCount = 0;
  std::array<AddressRange, 64> ranges; ///< the last ones that memory operations hit
  uint64_t memoryEpoch = 0;
  uint32_t phases = 0;        ///< of mbarriers that have ended
  uint32_t pendingCopies = 0; ///< of all warps
  // The checker's.
  std::unique_ptr<WarpClocks> clocks;
  Numbers before; ///< of work that ended before this launch, as far as was asked; that launch's work

  char *sharedBytes() { return reinterpret_cast<char *>(shared.data()); }

  /// Readies the block `blockNumber` of `of`.
  void start(Launch &of, uint64_t blockNumber);
  /// Executes until all its threads have exited (true) or wait for another block (false). Throws Fault.
  bool run();
  /// Registers threads at a barrier; see Barrier. True if that ends the phase.
  bool arrive(uint32_t barrier, uint32_t threads, uint32_t counted, uint32_t expected, uint32_t trueCount);
  void exitThreads(uint32_t count);
  /// Says in `fault` where it was.
  void locate(Fault &fault, const Warp &warp) const;

  /// Where all its warps are.
  std::vector<RelatedPlace> places() const;

private:
  bool complete(Barrier &barrier);
  [[noreturn]] void reportDeadlock();
};

/// Carries out blocks of `launch` until none are left; several threads may do so at once. Faults go into the launch.
void runBlocks(Launch &launch);

} // namespace awg::emu

#endif // AWG_EMULATOR_EXEC_BLOCK_H
