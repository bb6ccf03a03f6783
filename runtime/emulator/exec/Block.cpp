// Blocks: their warps in turn, their barriers, and what a fault says.
#include "emulator/exec/Block.h"

#include "emulator/exec/Report.h"
#include "emulator/memory/Checker.h"

#include <bit>
#include <cstring>

using namespace awg::emu;

void Block::start(Launch &of, uint64_t blockNumber) {
  launch = &of;
  number = blockNumber;
  id[0] = blockNumber % of.grid[0];
  id[1] = blockNumber / of.grid[0] % of.grid[1];
  id[2] = blockNumber / of.grid[0] / of.grid[1];
  staticShared = of.code->sharedBytes;
  liveThreads = of.threads();
  uint32_t bytes = of.dynamicShared ? dynamicSharedOffset + of.dynamicShared : staticShared;
  shared.resize((bytes + 7) / 8);
  barriers = {};
  pendingCopies = 0;
  ranges = {};
  warpCount = (liveThreads + 31) / 32;
  while (warps.size() < warpCount)
    warps.emplace_back();
  for (uint32_t i = 0; i < warpCount; ++i) {
    uint32_t threads = std::min(32u, liveThreads - i * 32);
    warps[i].start(*this, i, *of.code, threads == 32 ? ~0u : (1u << threads) - 1);
  }
  if (of.checker)
    of.checker->beginBlock(*this);
  if (const Variable *reserved = of.code->reservedShared)
    std::memset(sharedBytes() + reserved->address, 0, reserved->size);
}

bool Block::run() {
  for (int round = 0; round < 4; ++round) {
    bool anyYielded = false;
    uint64_t before = 0, after = 0;
    for (uint32_t i = 0; i < warpCount; ++i) {
      Warp &warp = warps[i];
      if (!warp.live)
        continue;
      before += warp.executed;
      try {
        anyYielded |= warp.run() == Warp::Yielded;
      } catch (Fault &fault) {
        locate(fault, warp);
        throw;
      }
      after += warp.executed;
    }
    if (!liveThreads)
      return true;
    if (launch->isStopped.load(std::memory_order_relaxed))
      throw Fault{FaultKind::Stopped, ""};
    if (before == after)
      reportDeadlock();
    if (!anyYielded)
      round = 0;
  }
  return false;
}

bool Block::arrive(uint32_t number, uint32_t threads, uint32_t counted, uint32_t expected, uint32_t trueCount) {
  Barrier &barrier = barriers[number];
  barrier.arrived += threads;
  barrier.counted += counted;
  barrier.expected = expected;
  barrier.trueCount += trueCount;
  return complete(barrier);
}

bool Block::complete(Barrier &barrier) {
  if (!barrier.arrived || (barrier.expected ? barrier.counted < barrier.expected : barrier.arrived < liveThreads))
    return false;
  if (launch->checker && !barrier.expected && liveThreads < launch->threads())
    launch->checker->missedBarrier(*this);
  barrier.result = barrier.trueCount;
  barrier.resultThreads = barrier.arrived;
  if (launch->checker) {
    barrier.arrivals = {};
    launch->checker->endPhase(*this, &barrier - barriers.data());
  }
  barrier.arrived = barrier.counted = barrier.trueCount = barrier.expected = 0;
  ++barrier.phase;
  return true;
}

void Block::exitThreads(uint32_t count) {
  liveThreads -= count;
  for (Barrier &barrier : barriers)
    if (!barrier.expected)
      complete(barrier);
}

void Block::locate(Fault &fault, const Warp &warp) const {
  const Code &code = *warp.frames[warp.frame].code;
  const uint32_t lane = fault.lane;
  Finding &about = fault.about;
  about.kernel = launch->code->name;
  about.block = tuple(id[0], id[1], id[2]);
  about.thread = tuple(warp.tid[0][lane], warp.tid[1][lane], warp.tid[2][lane]);
  about.place = placeOf(*launch->program->module, code, warp.ops[warp.pc - 1].instruction);
  if (&code != launch->code)
    about.function = code.name;
}

std::vector<RelatedPlace> Block::places() const {
  std::vector<RelatedPlace> found;
  for (uint32_t i = 0; i < warpCount; ++i)
    for (const Split &split : warps[i].splits) {
      const Code &code = *warps[i].frames[split.frame].code;
      found.push_back({"warp " + std::to_string(i) + ", lanes " + hex(split.mask),
                       placeOf(*launch->program->module, code, code.ops[split.pc].instruction)});
    }
  return found;
}

void Block::reportDeadlock() {
  Fault fault{FaultKind::Deadlock, "the threads of a block wait for each other"};
  fault.about.kernel = launch->code->name;
  fault.about.block = tuple(id[0], id[1], id[2]);
  fault.about.related = places();
  if (!fault.about.related.empty())
    fault.about.place = fault.about.related.front().place;
  throw fault;
}

const char *awg::emu::nameOf(FaultKind kind) {
  switch (kind) {
  case FaultKind::IllegalAddress:
    return "illegal-address";
  case FaultKind::Misaligned:
    return "misaligned-address";
  case FaultKind::IllegalInstruction:
    return "illegal-instruction";
  case FaultKind::InvalidPc:
    return "invalid-call";
  case FaultKind::InvalidAddressSpace:
    return "write-to-constant";
  case FaultKind::StackOverflow:
    return "stack-overflow";
  case FaultKind::Trap:
    return "trap";
  case FaultKind::Assert:
    return "assertion-failed";
  case FaultKind::NeverWritten:
    return "never-written";
  case FaultKind::Race:
    return "race";
  case FaultKind::StreamRace:
    return "stream-race";
  case FaultKind::MissedBarrier:
    return "missed-barrier";
  case FaultKind::Deadlock:
    return "deadlock";
  case FaultKind::Endless:
    return "endless";
  case FaultKind::Stopped:
    break;
  }
  return "";
}

namespace {
/// Blocks that a thread executes in turn, because they wait for others.
constexpr size_t residentLimit = 64;

void fail(Launch &launch, const Fault &fault) {
  std::lock_guard lock(launch.mutex);
  launch.isStopped = true;
  if (launch.hasFailed || fault.kind == FaultKind::Stopped)
    return;
  launch.hasFailed = true;
  launch.failure = fault.kind;
  launch.finding = fault.about;
  launch.finding.kind = nameOf(fault.kind);
  launch.finding.message = fault.message;
}
} // namespace

void awg::emu::runBlocks(Launch &launch) {
  thread_local std::vector<std::unique_ptr<Block>> spare;
  std::deque<std::unique_ptr<Block>> resident;
  const uint64_t total = launch.blocks();
  auto retire = [&](std::unique_ptr<Block> block) {
    uint64_t executed = 0;
    for (uint32_t i = 0; i < block->warpCount; ++i)
      executed += block->warps[i].executed;
    launch.executed += executed;
    if (spare.size() < 4)
      spare.push_back(std::move(block));
  };
  while (!launch.isStopped) {
    bool mayAdd = launch.isCooperative || resident.size() < residentLimit;
    uint64_t next = mayAdd ? launch.nextBlock.fetch_add(1, std::memory_order_relaxed) : total;
    std::unique_ptr<Block> block;
    try {
      if (next < total) {
        if (!spare.empty()) {
          block = std::move(spare.back());
          spare.pop_back();
        } else {
          block = std::make_unique<Block>();
        }
        block->start(launch, next);
      } else if (!resident.empty()) {
        block = std::move(resident.front());
        resident.pop_front();
      } else {
        return;
      }
      if (block->run())
        retire(std::move(block));
      else
        resident.push_back(std::move(block));
    } catch (const Fault &fault) {
      fail(launch, fault);
      retire(std::move(block));
    }
  }
  for (auto &block : resident)
    retire(std::move(block));
}
