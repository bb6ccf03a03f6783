// The checker of AWG_EMU_CHECK.
//
// For each word of global and shared memory the last write and the last reads are known (in the manner of FastTrack,
// Flanagan and Freund 2009). Two uses of the same bytes by different threads, one of them a write, not both strong,
// race unless something orders them: barriers of the block or of the warp between them, or a fence of the first, or of
// who knows of it by a barrier, followed by a strong read of the second, or of who tells it by a barrier. Barriers join
// clocks of the warps; fences and strong reads go by one clock of the launch (a sound order would take vector clocks a
// thread; this one may miss races, it does not invent any). Uses by different work are ordered by the streams, or race
// too. Lanes of a warp that write a word in one operation are left to the store itself, which looks at the values.
#include "emulator/memory/RaceChecker.h"

#include "emulator/exec/Report.h"

#include <algorithm>

using namespace awg::emu;

namespace {
/// Whether an operation asks what memory held before.
bool readsOld(const Op &op, Access access) {
  return access == Access::Read || (access == Access::Atomic && op.readsToo);
}
} // namespace

void RaceChecker::beginBlock(Block &block) {
  block.shadow = std::make_unique<ShadowPage>(block.shared.size() * 8);
  block.clocks = std::make_unique<WarpClocks>(block.warpCount);
  block.phases = 0;
}

void RaceChecker::missedBarrier(Block &block) {
  throw Fault{FaultKind::MissedBarrier, "threads of block " + tuple(block.id[0], block.id[1], block.id[2]) +
                                            " have exited, for which others waited for all at a barrier"};
}

/// What a strong use has seen is known once it has been carried out, so at the next: a time taken before that could be
/// earlier than the fence of what it sees. An mbarrier's phase counts for the whole block.
void RaceChecker::catchUp(Warp &warp) {
  if (warp.watches)
    warp.acquired = clock.load(std::memory_order_relaxed);
  warp.watches = false;
  Block &block = *warp.block;
  if (block.phases == block.clocks->blockPhases)
    return;
  block.clocks->blockPhases = block.phases;
  block.clocks->joinAll();
  uint64_t acquired = 0;
  for (uint32_t i = 0; i < block.warpCount; ++i)
    acquired = std::max(acquired, block.warps[i].watches ? clock.load() : block.warps[i].acquired);
  for (uint32_t i = 0; i < block.warpCount; ++i)
    block.warps[i].acquired = acquired;
}

void RaceChecker::arrive(Warp &warp, uint32_t barrier, bool waits) {
  catchUp(warp);
  warp.block->clocks->arrive(warp.index, barrier, waits, warp.acquired);
}

void RaceChecker::endPhase(Block &block, uint32_t barrier) {
  WarpClocks::Phase phase = block.clocks->end(barrier);
  forLanes(phase.waiting, [&](int i) {
    block.warps[i].acquired = std::max(block.warps[i].acquired, phase.acquired);
  });
}

void RaceChecker::fence(Warp &warp) {
  catchUp(warp);
  const Block &block = *warp.block;
  std::lock_guard lock(mutex);
  uint64_t now = ++clock;
  std::vector<Fences> &all = fences[block.number];
  all.resize(block.warpCount);
  for (uint32_t i = 0; i < block.warpCount; ++i)
    if (uint32_t known = block.clocks->of(warp.index, i);
        i != warp.index && known > (all[i].passed.empty() ? 0 : all[i].passed.back().warpTime))
      all[i].passed.push_back({now, known});
  all[warp.index].own.push_back(now);
  warp.acquired = now;
}

Use RaceChecker::useOf(const Warp &warp, const Op &op, Access access) const {
  Use use;
  use.thread = warp.block->number * 1024 + warp.index * 32;
  use.time = clock.load(std::memory_order_relaxed);
  use.code = warp.currentFrame().code;
  use.work = work;
  use.warpTime = warp.block->clocks->time(warp.index);
  use.warpPhase = warp.syncs;
  use.instruction = op.instruction;
  use.isStrong = access == Access::Atomic || op.isStrong;
  use.isCached = op.isCached;
  return use;
}

void RaceChecker::access(Warp &warp, const Op &op, uint32_t lanes, Access access, uint32_t bytes,
                         const uint64_t (&host)[32]) {
  catchUp(warp);
  if (op.isRelease)
    fence(warp);
  warp.watches = op.isStrong || access == Access::Atomic;
  Block &block = *warp.block;
  auto inShared = [&](uint64_t address) {
    return address - reinterpret_cast<uint64_t>(block.sharedBytes()) < block.shared.size() * 8;
  };
  auto isPrivate = [&](uint64_t address) {
    return address - reinterpret_cast<uint64_t>(warp.local(0)) < uint64_t{warp.localStride} * 32 ||
           address - reinterpret_cast<uint64_t>(launch.params.data()) < launch.params.size() * 8;
  };
  Use now = useOf(warp, op, access);
  uint64_t thread = now.thread;
  GlobalPlace at;
  forLanes(lanes, [&](int lane) {
    uint64_t address = host[lane];
    now.thread = thread + lane;
    if (inShared(address)) {
      uint64_t offset = address - reinterpret_cast<uint64_t>(block.sharedBytes());
      checkCopies(block, address, bytes, lane);
      if (readsOld(op, access))
        checkWritten(*block.shadow, offset, bytes, op, lane);
      use(warp, *block.shadow, offset, bytes, now, access, lane);
    } else if (!isPrivate(address)) {
      checkCopies(block, address, bytes, lane);
      if (address / Shadow::pageSize != at.number || address - at.begin >= at.size)
        moveTo(at, address, readsOld(op, access));
      if (at.isTracked)
        checkWritten(*at.page, address % Shadow::pageSize, bytes, op, lane);
      use(warp, *at.page, address % Shadow::pageSize, bytes, now, access, lane);
    }
  });
}

/// Nothing is locked while the page and the allocation are looked for.
void RaceChecker::moveTo(GlobalPlace &at, uint64_t address, bool asksForAllocation) {
  if (at.lock)
    at.lock.unlock();
  at.number = address / Shadow::pageSize;
  at.page = &shadow.page(address);
  if (address - at.begin >= at.size) {
    Allocation a;
    bool isKnown = asksForAllocation && memory.find(address, a);
    at.isTracked = isKnown && (a.kind == MemoryKind::Device || a.kind == MemoryKind::Pool);
    at.begin = isKnown ? a.begin : asksForAllocation ? address : 0;
    at.size = isKnown ? a.size : asksForAllocation ? 1 : UINT64_MAX;
  }
  at.lock = std::unique_lock(at.page->mutex);
}

/// What an asynchronous copy writes belongs to it until it is waited for.
void RaceChecker::checkCopies(const Block &block, uint64_t address, uint32_t bytes, int lane) const {
  for (uint32_t i = 0; i < block.warpCount; ++i)
    for (const PendingCopy &copy : block.warps[i].copies)
      if (copy.to < address + bytes && address < copy.to + copy.size)
        throw Fault{FaultKind::Race,
                    "a race: a use of memory that an asynchronous copy of thread " +
                        std::to_string(i * 32 + copy.lane) + " writes, which nothing has waited for",
                    uint32_t(lane)};
}

void RaceChecker::checkWritten(const ShadowPage &page, uint64_t offset, uint32_t bytes, const Op &op, int lane) const {
  uint32_t count = 0;
  for (uint32_t i = 0; i < bytes; ++i)
    count += page.written[offset + i];
  // A compare-and-swap may be of the word around the bytes that are meant.
  if (count < (op.isOfSwap ? 1 : bytes))
    throw Fault{FaultKind::NeverWritten,
                "a read of " + std::to_string(bytes) + " bytes of memory that was never written", uint32_t(lane)};
}

void RaceChecker::use(Warp &warp, ShadowPage &page, uint64_t offset, uint32_t bytes, const Use &at, Access access,
                      int lane) {
  for (uint64_t byte = offset; byte < offset + bytes;) {
    uint64_t end = std::min(offset + bytes, byte / 4 * 4 + 4);
    Use now = at;
    now.bytes = ((1 << (end - byte)) - 1) << (byte % 4);
    Cell &cell = page.cell(byte);
    checkAgainst(warp, cell.write, now, access == Access::Read ? "a read after a write" : "a write after a write",
                 lane);
    if (access != Access::Read) {
      checkAgainst(warp, cell.read, now, "a write after a read", lane);
      checkAgainst(warp, cell.otherRead, now, "a write after a read", lane);
      cell.write = now;
    } else {
      if (cell.read.work != now.work || cell.read.thread != now.thread)
        cell.otherRead = cell.read;
      cell.read = now;
    }
    byte = end;
  }
  if (access != Access::Read)
    std::fill_n(page.written.begin() + offset, bytes, 1);
}

void RaceChecker::checkAgainst(Warp &warp, const Use &before, const Use &now, const char *what, int lane) const {
  if (!before.work || !(before.bytes & now.bytes))
    return;
  if (before.work != work) {
    thread_local std::pair<uint32_t, uint32_t> known = {0, 0}; // the last answer: it is asked for every word
    if (known == std::pair(before.work, work) || order.isBefore(before.work, work)) {
      known = {before.work, work};
      return;
    }
    throw Fault{FaultKind::StreamRace,
                std::string("a race between streams: ") + what + " of other work, in stream " +
                    std::to_string(order.streamOf(before.work)) + ", that nothing orders before stream " +
                    std::to_string(order.streamOf(work)) + ", where this is",
                uint32_t(lane)};
  }
  if (before.isCached || now.isCached)
    race(before, what, ": ld.global.nc may only read what the whole launch does not write", lane);
  if (before.thread == now.thread || (before.isStrong && now.isStrong) || isOrdered(warp, before, now))
    return;
  bool isSameBlock = before.thread / 1024 == now.thread / 1024;
  race(before, what, isSameBlock ? ", with no barrier between them" : ", which nothing orders", lane);
}

bool RaceChecker::isOrdered(const Warp &warp, const Use &before, const Use &now) const {
  if (before.thread / 1024 == now.thread / 1024) {
    if (before.warpTime < warp.block->clocks->of(warp.index, before.thread % 1024 / 32))
      return true;
    bool isSameWarp = before.thread / 32 == now.thread / 32;
    if (isSameWarp &&
        (before.warpPhase != now.warpPhase || (before.code == now.code && before.instruction == now.instruction)))
      return true;
  }
  std::lock_guard lock(mutex);
  auto found = fences.find(before.thread / 1024);
  if (found == fences.end())
    return false;
  const Fences &of = found->second[before.thread % 1024 / 32];
  auto own = std::upper_bound(of.own.begin(), of.own.end(), before.time);
  if (own != of.own.end() && *own <= warp.acquired)
    return true;
  auto passed = std::partition_point(of.passed.begin(), of.passed.end(),
                                     [&](const Fences::Passed &fence) { return fence.warpTime <= before.warpTime; });
  return passed != of.passed.end() && passed->time <= warp.acquired;
}

void RaceChecker::race(const Use &before, const char *what, const char *why, int lane) const {
  const auto &code = *static_cast<const Code *>(before.code);
  uint64_t block = before.thread / 1024, thread = before.thread % 1024;
  const uint32_t *extent = launch.block, *grid = launch.grid;
  Fault fault{FaultKind::Race,
              std::string("a race: ") + what + " by thread " +
                  tuple(thread % extent[0], thread / extent[0] % extent[1], thread / extent[0] / extent[1]) +
                  " of block " + tuple(block % grid[0], block / grid[0] % grid[1], block / grid[0] / grid[1]) + why,
              uint32_t(lane)};
  fault.about.related.push_back({"the other use", placeOf(*launch.program->module, code, before.instruction)});
  throw fault;
}

std::string awg::emu::useByCopy(Shadow &shadow, const Order &order, uint32_t work, const char *what, uint64_t begin,
                                uint64_t size, bool isWrite) {
  uint64_t end = begin + size;
  for (uint64_t at = begin; at < end;) {
    uint64_t next = std::min(end, at / 4 * 4 + 4);
    ShadowPage &page = shadow.page(at);
    std::lock_guard lock(page.mutex);
    Cell &cell = page.cell(at % Shadow::pageSize);
    Use now;
    now.work = work;
    now.bytes = ((1 << (next - at)) - 1) << (at % 4);
    auto isBad = [&](const Use &before) {
      return before.work && before.work != work && (before.bytes & now.bytes) && !order.isBefore(before.work, work);
    };
    if (isBad(cell.write) || (isWrite && (isBad(cell.read) || isBad(cell.otherRead)))) {
      uint32_t other = isBad(cell.write) ? cell.write.work : isBad(cell.read) ? cell.read.work : cell.otherRead.work;
      return std::string("a race between streams: ") + what + " " + hex(at) + " in stream " +
             std::to_string(order.streamOf(work)) + " that nothing orders after its use in stream " +
             std::to_string(order.streamOf(other));
    }
    if (isWrite) {
      cell.write = now;
    } else {
      cell.otherRead = cell.read;
      cell.read = now;
    }
    at = next;
  }
  return {};
}
