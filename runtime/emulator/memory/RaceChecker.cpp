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
#include <span>

using namespace awg::emu;

namespace {
/// Whether an operation asks what memory held before.
bool readsOld(const Op &op, Access access) {
  return access == Access::Read || (access == Access::Atomic && op.readsToo);
}

/// Whether each lane's bytes follow those of the lane before it.
bool isRow(const uint64_t (&host)[32], uint32_t bytes) {
  bool is = true;
  for (uint32_t i = 1; i < 32; ++i)
    is &= host[i] == host[0] + i * bytes;
  return is;
}

/// Whether a thread's strong use leaves its own plain write to be seen: as nothing came between them, who knows of one knows
/// of both.
bool isHidden(uint64_t stamp, const Use &before) {
  Use now{before.who, stamp};
  return now.isStrong() && !before.isStrong() && before.moment() == now.moment();
}
} // namespace

void RaceChecker::beginBlock(Block &block) {
  shadow.forget(reinterpret_cast<uint64_t>(block.sharedBytes()), block.shared.size() * 8);
  block.clocks = std::make_unique<WarpClocks>(block.warpCount);
  block.phases = 0;
  if (block.before.work != numbers.work)
    block.before = {0, 0, numbers.work};
  const Variable *reserved = launch.code->reservedShared;
  if (!reserved)
    return;
  // The driver has cleared it, before all that the block does.
  uint64_t begin = reinterpret_cast<uint64_t>(block.sharedBytes()) + reserved->address;
  for (uint64_t at = begin; at < begin + reserved->size; ++at) {
    ShadowPage &page = shadow.page(at);
    std::lock_guard lock(page.lock);
    page.write.set(page.cellsOf(at, at + 1).begin, {Use::whoIs(numbers.begin + block.number, 0, false), 0});
  }
  block.clocks->joinAll();
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
  if (warp.hasMet)
    block.clocks->meet(warp.index);
  warp.hasMet = false;
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

void RaceChecker::fence(Warp &warp, bool isOfBlock) {
  catchUp(warp);
  const Block &block = *warp.block;
  std::lock_guard lock(mutex);
  uint64_t now = ++clock;
  auto add = [&](Fences &to, uint32_t i, uint32_t known) {
    std::vector<std::vector<Fence>> &all = to[numbers.begin + block.number];
    all.resize(block.warpCount);
    if (known > (all[i].empty() ? 0 : all[i].back().moment))
      all[i].push_back({now, known});
    return std::span(all[i]);
  };
  for (uint32_t i = 0; i < block.warpCount; ++i) {
    uint32_t known = i == warp.index ? block.clocks->advance(i) : block.clocks->of(warp.index, i);
    std::span<const Fence> ofBlock = add(fencesOfBlock, i, known);
    if (isOfBlock)
      continue;
    auto seen = std::ranges::upper_bound(ofBlock, warp.acquired, {}, &Fence::time);
    add(fences, i, seen == ofBlock.begin() ? known : std::max(known, seen[-1].moment));
  }
  warp.acquired = now;
}

Use RaceChecker::useOf(const Warp &warp, const Op &op, Access access) const {
  Use use;
  use.who = Use::whoIs(numbers.begin + warp.block->number, warp.index * 32, op.isCached);
  use.stamp = Use::stampOf(warp.block->clocks->moment(warp.index), warp.currentFrame().code->firstPlace + op.instruction,
                           op.isOfSwap, op.isOfBlock, access == Access::Atomic || op.isStrong);
  return use;
}

void RaceChecker::access(Warp &warp, const Op &op, uint32_t lanes, Access access, uint32_t bytes,
                         const uint64_t (&host)[32]) {
  catchUp(warp);
  if (op.isRelease)
    fence(warp, op.isOfBlock);
  warp.watches = op.isStrong || access == Access::Atomic;
  const Use first = useOf(warp, op, access);
  const bool asksForOld = readsOld(op, access);
  // Of the threads that read one place the last two are kept, and only one can have written it.
  if (access == Access::Read && lanes == ~0u && std::ranges::count(host, host[0]) == 32)
    lanes = 0xc0000000;
  Block &block = *warp.block;
  Place at;
  if (lanes == ~0u && isRow(host, bytes) && !block.pendingCopies) {
    moveTo(at, warp, op, host[0], bytes);
    if (at.page && host[31] - at.begin < at.size)
      if (auto [cell, end] = at.page->cellsOf(host[0], host[0] + bytes);
          end - cell == 1 && useRow(*at.page, cell, first, access, asksForOld && at.mayBeUnwritten, block.before))
        return;
  }
  forLanes(lanes, [&](int lane) {
    uint64_t address = host[lane];
    if (address - at.begin >= at.size)
      moveTo(at, warp, op, address, bytes);
    if (!at.page)
      return;
    if (block.pendingCopies)
      checkCopies(block, address, bytes, lane);
    ShadowPage &page = *at.page;
    ShadowPage::Range cells = page.cellsOf(address, address + bytes);
    if (asksForOld && at.mayBeUnwritten && !(cells.end - cells.begin == 1 && page.isWritten(cells.begin)))
      checkWritten(at, cells, bytes, op, lane);
    const uint64_t who = first.who + Use::whoIs(0, lane, false);
    auto check = [&](const ShadowPage::Uses &uses, size_t cell, const char *what) {
      if (uint64_t other = uses.who[cell]; other && other != who && !block.before.contain(Use::blockOf(other)))
        checkAgainst(warp, uses[cell], {who, first.stamp}, what, lane);
    };
    for (size_t cell = cells.begin; cell < cells.end; ++cell) {
      if (access == Access::Read) {
        check(page.write, cell, "a read after a write");
        if (page.read.who[cell] != who)
          page.otherRead.set(cell, page.read[cell]);
        page.read.set(cell, {who, first.stamp});
      } else {
        check(page.write, cell, "a write after a write");
        check(page.read, cell, "a write after a read");
        check(page.otherRead, cell, "a write after a read");
        if (page.write.who[cell] != who || !isHidden(first.stamp, page.write[cell]))
          page.write.set(cell, {who, first.stamp});
      }
    }
  });
}

bool RaceChecker::useRow(ShadowPage &page, size_t cell, const Use &first, Access access, bool asksForOld,
                         const Numbers &before) const {
  alignas(64) uint64_t who[32];
  for (int i = 0; i < 32; ++i)
    who[i] = first.who + Use::whoIs(0, i, false);
  // Used by nobody, by the lane itself in the same way, or by work that ended before.
  auto isFine = [&](const uint64_t *others, bool asksForUse) {
    uint64_t bad = 0;
    for (int i = 0; i < 32; ++i) {
      uint64_t other = others[i];
      bool isKnown = (other == who[i]) | before.contain(Use::blockOf(other));
      bad |= asksForUse ? !isKnown | isVoid(other) : !isKnown & (other != 0);
    }
    return !bad;
  };
  uint64_t *write = &page.write.who[cell], *read = &page.read.who[cell], *otherRead = &page.otherRead.who[cell];
  if (!isFine(write, asksForOld))
    return false;
  if (access != Access::Read) {
    if (!isFine(read, false) || !isFine(otherRead, false))
      return false;
    uint64_t *stamps = &page.write.stamps[cell];
    if (first.isStrong()) {
      for (int i = 0; i < 32; ++i)
        stamps[i] = write[i] == who[i] && isHidden(first.stamp, {write[i], stamps[i]}) ? stamps[i] : first.stamp;
    } else {
      std::fill_n(stamps, 32, first.stamp);
    }
    std::copy_n(who, 32, write);
    return true;
  }
  if (!std::equal(who, who + 32, read)) {
    uint64_t *stamp = &page.read.stamps[cell], *otherStamp = &page.otherRead.stamps[cell];
    for (int i = 0; i < 32; ++i) {
      bool isOther = read[i] != who[i];
      otherRead[i] = isOther ? read[i] : otherRead[i];
      otherStamp[i] = isOther ? stamp[i] : otherStamp[i];
    }
    std::copy_n(who, 32, read);
  }
  std::fill_n(&page.read.stamps[cell], 32, first.stamp);
  return true;
}

/// Nothing is locked while the page and the allocation are looked for.
void RaceChecker::moveTo(Place &at, Warp &warp, const Op &op, uint64_t address, uint32_t bytes) {
  if (at.lock)
    at.lock.unlock();
  Block &block = *warp.block;
  auto isIn = [&](const void *begin, uint64_t size) {
    at.begin = reinterpret_cast<uint64_t>(begin);
    at.size = size;
    return address - at.begin < size;
  };
  at.page = nullptr;
  bool isGlobal = op.space == Space::Global;
  if (!isGlobal && (isIn(warp.local(0), uint64_t{warp.localStride} * 32) ||
                    isIn(launch.params.data(), launch.params.size() * 8)))
    return;
  at.isShared = at.mayBeUnwritten = !isGlobal && isIn(block.sharedBytes(), block.shared.size() * 8);
  if (!at.isShared) {
    AddressRange range = block.ranges[op.cacheSlot]; // that of one of the lanes
    if (address - range.begin >= range.end - range.begin &&
        memory.check(launch.device, address, bytes, range) != AccessFault::None)
      range = {address, address + bytes}; // freed just now
    at.begin = range.begin;
    at.size = range.end - range.begin;
    at.mayBeUnwritten = range.mayBeUnwritten;
  }
  uint64_t begin = std::max(at.begin, address & -ShadowPage::size);
  at.size = std::min(at.begin + at.size, (address & -ShadowPage::size) + ShadowPage::size) - begin;
  at.begin = begin;
  at.page = &shadow.page(address);
  at.lock = std::unique_lock(at.page->lock);
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

void RaceChecker::checkWritten(const Place &at, ShadowPage::Range cells, uint32_t bytes, const Op &op, int lane) const {
  size_t written = 0;
  for (size_t cell = cells.begin; cell < cells.end; ++cell)
    written += at.page->isWritten(cell);
  // A compare-and-swap may be of the word around the bytes that are meant.
  if (written < (op.isOfSwap ? 1 : cells.end - cells.begin))
    throw Fault{FaultKind::NeverWritten,
                "a read of " + std::to_string(bytes) + " bytes of memory that was never written" +
                    (at.isShared ? ", at least not before a barrier" : ""),
                uint32_t(lane)};
}

void RaceChecker::checkAgainst(Warp &warp, const Use &before, const Use &now, const char *what, int lane) const {
  if (!numbers.contain(before.block())) {
    if (order.isBefore(before.block(), numbers.work, warp.block->before))
      return;
    throw Fault{FaultKind::StreamRace,
                std::string("a race between streams: ") + what + " of other work, in stream " +
                    std::to_string(order.streamOf(order.find(before.block()).work)) +
                    ", that nothing orders before stream " + std::to_string(order.streamOf(numbers.work)) +
                    ", where this is",
                uint32_t(lane)};
  }
  if (before.isCached() || now.isCached())
    race(before, what, ": ld.global.nc may only read what the whole launch does not write", lane);
  bool isSameBlock = before.block() == now.block(), areStrong = before.isStrong() && now.isStrong();
  bool isInScope = isSameBlock || !(before.isOfBlock() || now.isOfBlock());
  if ((areStrong && isInScope) || (before.isOfSwap() && now.isOfSwap()) || isOrdered(warp, before, now))
    return;
  race(before, what,
       isSameBlock ? ", with no barrier between them"
       : areStrong ? ": one of them is of the scope of its block alone (.cta)"
                   : ", which nothing orders",
       lane);
}

bool RaceChecker::isOrdered(const Warp &warp, const Use &before, const Use &now) const {
  uint32_t warpBefore = before.thread() / 32;
  if (before.block() == now.block() && before.moment() < warp.block->clocks->of(warp.index, warpBefore))
    return true;
  if (before.warp() == now.warp() && before.site() == now.site())
    return true;
  std::lock_guard lock(mutex);
  const Fences &all = before.block() == now.block() ? fencesOfBlock : fences;
  auto found = all.find(before.block());
  if (found == all.end())
    return false;
  const std::vector<Fence> &of = found->second[warpBefore];
  auto next = std::ranges::upper_bound(of, before.moment(), {}, [](const Fence &fence) { return fence.moment; });
  return next != of.end() && next->time <= warp.acquired;
}

void RaceChecker::race(const Use &before, const char *what, const char *why, int lane) const {
  const auto &functions = launch.program->functions;
  auto after = std::ranges::upper_bound(functions, before.site(), {}, [](const auto &code) { return code->firstPlace; });
  const Code &code = **std::prev(after);
  uint64_t block = before.block() - numbers.begin, thread = before.thread();
  const uint32_t *extent = launch.block, *grid = launch.grid;
  Fault fault{FaultKind::Race,
              std::string("a race: ") + what + " by thread " +
                  tuple(thread % extent[0], thread / extent[0] % extent[1], thread / extent[0] / extent[1]) +
                  " of block " + tuple(block % grid[0], block / grid[0] % grid[1], block / grid[0] / grid[1]) + why,
              uint32_t(lane)};
  fault.about.related.push_back({"the other use", placeOf(*launch.program->module, code, before.site() - code.firstPlace)});
  throw fault;
}

std::string awg::emu::useByCopy(Shadow &shadow, Order &order, uint32_t work, const char *what, uint64_t begin,
                                uint64_t size, bool isWrite) {
  Use now;
  now.who = Use::whoIs(order.start(work, 1).begin, 0, false);
  Numbers known;
  auto isBad = [&](const Use &before) { return before.who && !order.isBefore(before.block(), work, known); };
  for (uint64_t at = begin, end = begin + size; at < end;) {
    uint64_t next = std::min(end, (at / ShadowPage::size + 1) * ShadowPage::size);
    ShadowPage &page = shadow.page(at);
    std::lock_guard lock(page.lock);
    auto [first, last] = page.cellsOf(at, next);
    for (size_t cell = first; cell < last; ++cell) {
      for (const ShadowPage::Uses *uses : {&page.write, &page.read, &page.otherRead})
        if (Use before = (*uses)[cell]; (isWrite || uses == &page.write) && isBad(before))
          return std::string("a race between streams: ") + what + " " +
                 hex(at + (cell - first) * (next - at) / (last - first)) + " in stream " +
                 std::to_string(order.streamOf(work)) + " that nothing orders after its use in stream " +
                 std::to_string(order.streamOf(order.find(before.block()).work));
      if (!isWrite)
        page.otherRead.set(cell, page.read[cell]);
      (isWrite ? page.write : page.read).set(cell, now);
    }
    at = next;
  }
  return {};
}
