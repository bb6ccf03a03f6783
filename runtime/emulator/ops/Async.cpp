// Asynchronous copies into shared memory, and mbarriers. A copy is carried out when it is waited for, so that who reads
// before that sees what was there before, and is told so by the checker. A block is one host thread's, so mbarriers
// need no atomics.
#include "emulator/exec/Report.h"
#include "emulator/ops/Address.h"
#include "emulator/ops/Ops.h"

using namespace awg::emu;

namespace {
//--- cp.async

template <class F> void carryOut(Warp &w, F isDue) {
  for (const PendingCopy &copy : w.copies) {
    if (!isDue(copy))
      continue;
    std::memset(reinterpret_cast<void *>(copy.to), 0, copy.size);
    std::memcpy(reinterpret_cast<void *>(copy.to), reinterpret_cast<void *>(copy.from), copy.given);
  }
  w.block->pendingCopies -= std::erase_if(w.copies, isDue);
}

void carryOut(Warp &w, int lane, uint32_t beforeGroup) {
  carryOut(w, [&](const PendingCopy &copy) { return !copy.isBulk && copy.lane == lane && copy.group < beforeGroup; });
}

/// What a base of 32 or 64 bits and an offset mean to a lane.
uint64_t addressOf(Warp &w, int32_t base, bool isWide, int64_t offset, int lane) {
  if (base == noSlot)
    return offset;
  return isWide ? source<uint64_t>(w, base)[lane] + offset : uint32_t(source<uint32_t>(w, base)[lane] + offset);
}

/// src[0]: the source's base; src[1], vector[0]: the destination's base, of 64 bits if op.flag, and offset; src[3]: how
/// much of the source there is, the rest is zeros.
void copy(Warp &w, const Op &op, uint32_t lanes) {
  uint64_t from[32], to[32], address[32];
  uint32_t reads = lanes;
  if (op.src[3] != noSlot) {
    reads = 0;
    forLanes(lanes, [&](int i) { reads |= uint32_t{source<uint32_t>(w, op.src[3])[i] > 0} << i; });
  }
  if (reads)
    resolve(w, op, reads, Access::Read, from);
  forLanes(lanes, [&](int i) { address[i] = addressOf(w, op.src[1], op.flag, op.vector[0], i); });
  Op destination = op;
  destination.space = Space::Shared;
  resolveAt(w, destination, lanes, Access::Write, op.size, address, to);
  forLanes(lanes, [&](int i) {
    bool isRead = (reads >> i) & 1;
    uint32_t given = op.src[3] == noSlot ? op.size : std::min<uint32_t>(op.size, source<uint32_t>(w, op.src[3])[i]);
    ++w.block->pendingCopies;
    w.copies.push_back(
        {to[i], isRead ? from[i] : to[i], op.size, uint8_t(isRead ? given : 0), uint8_t(i), w.copyGroups[i]});
  });
}

void commit(Warp &w, const Op &, uint32_t lanes) {
  forLanes(lanes, [&](int i) { ++w.copyGroups[i]; });
}

/// All but the last op.imm groups; with op.flag all, committed or not.
void wait(Warp &w, const Op &op, uint32_t lanes) {
  forLanes(lanes, [&](int i) {
    uint32_t groups = w.copyGroups[i];
    carryOut(w, i, op.flag ? UINT32_MAX : groups > op.imm ? groups - op.imm : 0);
  });
}

//--- cp.async.bulk

/// The source as of a load. src[1], op.flag, vector[0]: the destination's base, whether that has 64 bits, and offset;
/// vector[1] is its space. src[2], vector[2], vector[3]: the same of the mbarrier, if op.isStrong, else the copy is of
/// a group. src[3]: bytes.
void bulkCopy(Warp &w, const Op &op, uint32_t lanes) {
  Op from = op, to = op, barrier = op;
  from.isStrong = to.isStrong = barrier.isStrong = false;
  to.space = static_cast<Space>(op.vector[1]);
  barrier.space = Space::Shared;
  forLanes(lanes, [&](int i) {
    uint32_t bytes = source<uint32_t>(w, op.src[3])[i];
    uint64_t address[32] = {}, told[32] = {};
    if (op.isStrong) {
      address[i] = addressOf(w, op.src[2], op.vector[2], op.vector[3], i);
      resolveAt(w, barrier, 1u << i, Access::Atomic, 8, address, told);
    }
    uint64_t read =
        resolveRange(w, from, i, Access::Read, bytes, addressOf(w, op.src[0], op.variant == Base64, op.imm, i));
    uint64_t written = resolveRange(w, to, i, Access::Write, bytes, addressOf(w, op.src[1], op.flag, op.vector[0], i));
    ++w.block->pendingCopies;
    w.copies.push_back({written, read, bytes, bytes, uint8_t(i), w.bulkGroups[i], true, told[i]});
  });
}

void bulkCommit(Warp &w, const Op &, uint32_t lanes) {
  forLanes(lanes, [&](int i) { ++w.bulkGroups[i]; });
}

/// All but the last op.imm groups.
void bulkWait(Warp &w, const Op &op, uint32_t lanes) {
  carryOut(w, [&](const PendingCopy &copy) {
    return copy.isBulk && !copy.barrier && ((lanes >> copy.lane) & 1) && copy.group + op.imm < w.bulkGroups[copy.lane];
  });
}

//--- mbarrier: 64 bits in memory

struct Barrier64 {
  uint64_t expected : 20, pending : 20, bytes : 23, phase : 1;

  static Barrier64 load(uint64_t at) { return std::bit_cast<Barrier64>(*reinterpret_cast<uint64_t *>(at)); }
  void store(uint64_t at) { *reinterpret_cast<uint64_t *>(at) = std::bit_cast<uint64_t>(*this); }
  void settle() {
    if (pending || bytes)
      return;
    phase ^= 1;
    pending = expected;
  }
};

uint32_t valueOf(Warp &w, const Op &op, int lane, uint32_t otherwise) {
  return op.src[1] == noSlot ? otherwise : source<uint32_t>(w, op.src[1])[lane];
}

/// Calls f with the barrier of each lane in turn, and writes it back. A barrier that is made or ended is a plain write.
template <class F> void each(Warp &w, const Op &op, uint32_t lanes, F f, Access access = Access::Atomic) {
  uint64_t host[32];
  resolve(w, op, lanes, access, host);
  forLanes(lanes, [&](int i) {
    Barrier64 barrier = Barrier64::load(host[i]);
    uint64_t before = *reinterpret_cast<uint64_t *>(host[i]);
    bool phase = barrier.phase;
    f(barrier, i);
    w.block->phases += access == Access::Atomic && barrier.phase != phase; // who waited for it comes after who arrived
    barrier.store(host[i]);
    if (op.dst != noSlot)
      registerAt<uint64_t>(w, op.dst)[i] = before;
  });
}

void init(Warp &w, const Op &op, uint32_t lanes) {
  each(w, op, lanes, [&](Barrier64 &barrier, int i) {
    uint32_t count = valueOf(w, op, i, 0);
    if (!count || count >= 1 << 20)
      throw Fault{FaultKind::IllegalInstruction, "mbarrier.init with a count of " + std::to_string(count), uint32_t(i)};
    barrier = {count, count, 0, 0};
  }, Access::Write);
}

void takeOff(Barrier64 &barrier, uint32_t count, int lane) {
  if (count > barrier.pending)
    throw Fault{FaultKind::IllegalInstruction,
                "an mbarrier with " + std::to_string(barrier.pending) + " arrivals to come was given " +
                    std::to_string(count),
                uint32_t(lane)};
  barrier.pending -= count;
}

/// op.flag: the value is bytes to expect, and the count is one.
template <bool drops> void arrive(Warp &w, const Op &op, uint32_t lanes) {
  each(w, op, lanes, [&](Barrier64 &barrier, int i) {
    uint32_t count = op.flag ? 1 : valueOf(w, op, i, 1);
    if (op.flag)
      barrier.bytes += valueOf(w, op, i, 0);
    takeOff(barrier, count, i);
    if (drops)
      barrier.expected -= count;
    barrier.settle();
  });
}

void expectBytes(Warp &w, const Op &op, uint32_t lanes) {
  each(w, op, lanes, [&](Barrier64 &barrier, int i) { barrier.bytes += valueOf(w, op, i, 0); });
}
void completeBytes(Warp &w, const Op &op, uint32_t lanes) {
  each(w, op, lanes, [&](Barrier64 &barrier, int i) {
    barrier.bytes -= valueOf(w, op, i, 0);
    barrier.settle();
  });
}
void inval(Warp &w, const Op &op, uint32_t lanes) {
  each(w, op, lanes, [](Barrier64 &barrier, int) { barrier = {}; }, Access::Write);
}

/// Bulk copies are done, and tell their barrier, when somebody asks for its phase.
void completeBulk(Block &block, uint64_t at) {
  uint64_t bytes = 0;
  for (uint32_t k = 0; k < block.warpCount; ++k) {
    for (const PendingCopy &copy : block.warps[k].copies)
      bytes += copy.barrier == at ? copy.size : 0;
    carryOut(block.warps[k], [&](const PendingCopy &copy) { return copy.barrier == at; });
  }
  if (!bytes)
    return;
  Barrier64 barrier = Barrier64::load(at);
  bool phase = barrier.phase;
  barrier.bytes -= bytes;
  barrier.settle();
  block.phases += barrier.phase != phase;
  barrier.store(at);
}

/// op.flag: src[1] is the phase's parity, else the state that an arrival gave.
void testWait(Warp &w, const Op &op, uint32_t lanes) {
  uint64_t host[32];
  w.maySpin = true;
  resolve(w, op, lanes, Access::Atomic, host);
  uint32_t done = 0;
  forLanes(lanes, [&](int i) {
    completeBulk(*w.block, host[i]);
    uint64_t phase = op.flag ? source<uint32_t>(w, op.src[1])[i] & 1 : source<uint64_t>(w, op.src[1])[i] >> 63;
    done |= uint32_t{Barrier64::load(host[i]).phase != phase} << i;
  });
  setPredicate(w, op.dst, done, lanes);
}

void pendingCount(Warp &w, const Op &op, uint32_t lanes) {
  forLanes(lanes, [&](int i) {
    registerAt<uint32_t>(w, op.dst)[i] = std::bit_cast<Barrier64>(source<uint64_t>(w, op.src[0])[i]).pending;
  });
}

/// cp.async.mbarrier.arrive: the lane's copies so far are done, and then it arrives; with op.flag (.noinc) that is one
/// of the arrivals that the barrier was told to expect, else an extra one.
void arriveOnCopies(Warp &w, const Op &op, uint32_t lanes) {
  forLanes(lanes, [&](int i) { carryOut(w, i, UINT32_MAX); });
  each(w, op, lanes, [&](Barrier64 &barrier, int i) {
    if (!op.flag)
      return;
    takeOff(barrier, 1, i);
    barrier.settle();
  });
}

struct Row {
  std::string_view name;
  Handler handler;
};
constexpr Row rows[] = {
    {"copy", copy},
    {"commit", commit},
    {"wait", wait},
    {"arriveOnCopies", arriveOnCopies},
    {"bulk", bulkCopy},
    {"bulk.commit", bulkCommit},
    {"bulk.wait", bulkWait},
    {"mbarrier.init", init},
    {"mbarrier.inval", inval},
    {"mbarrier.arrive", arrive<false>},
    {"mbarrier.arrive_drop", arrive<true>},
    {"mbarrier.test_wait", testWait},
    {"mbarrier.try_wait", testWait},
    {"mbarrier.expect_tx", expectBytes},
    {"mbarrier.complete_tx", completeBytes},
    {"mbarrier.pending_count", pendingCount},
};
} // namespace

Handler awg::emu::asyncHandler(std::string_view name) {
  for (const Row &row : rows)
    if (row.name == name)
      return row.handler;
  return nullptr;
}
