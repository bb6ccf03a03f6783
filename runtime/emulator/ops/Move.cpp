// Moves between registers, special registers, and addresses of variables.
#include "emulator/ops/Pick.h"

#include <algorithm>
#include <chrono>

using namespace awg::emu;

namespace {
template <class T> void move(Warp &w, const Op &op, uint32_t lanes) { put(w, op.dst, source<T>(w, op.src[0]), lanes); }
using Wide = unsigned __int128;

void movePredicate(Warp &w, const Op &op, uint32_t lanes) { setPredicate(w, op.dst, predicate(w, op.src[0]), lanes); }

template <class F> void predicates(Warp &w, const Op &op, uint32_t lanes) {
  uint32_t b = op.src[1] == noSlot ? 0 : predicate(w, op.src[1]);
  setPredicate(w, op.dst, F::of(predicate(w, op.src[0]), b), lanes);
}
struct And {
  static uint32_t of(uint32_t a, uint32_t b) { return a & b; }
};
struct Or {
  static uint32_t of(uint32_t a, uint32_t b) { return a | b; }
};
struct Xor {
  static uint32_t of(uint32_t a, uint32_t b) { return a ^ b; }
};
struct Not {
  static uint32_t of(uint32_t a, uint32_t) { return ~a; }
};

/// Bytes of the whole are op.size * op.count; the parts, lane by lane, in vector[].
void pack(Warp &w, const Op &op, uint32_t lanes) {
  uint32_t whole = op.size * op.count;
  forLanes(lanes, [&](int i) {
    for (int k = 0; k < op.count; ++k)
      std::memcpy(registerAt<char>(w, op.dst) + i * whole + k * op.size, source<char>(w, op.vector[k]) + i * op.size,
                  op.size);
  });
}
void unpack(Warp &w, const Op &op, uint32_t lanes) {
  uint32_t whole = op.size * op.count;
  const char *from = source<char>(w, op.src[0]);
  forLanes(lanes, [&](int i) {
    char parts[16];
    std::memcpy(parts, from + i * whole, whole);
    for (int k = 0; k < op.count; ++k)
      if (op.vector[k] != noSlot)
        std::memcpy(registerAt<char>(w, op.vector[k]) + i * op.size, parts + k * op.size, op.size);
  });
}

//--- Special registers

template <class T, class F> void fill(Warp &w, const Op &op, uint32_t lanes, F f) {
  alignas(64) T r[32];
  for (int i = 0; i < 32; ++i)
    r[i] = f(i);
  put(w, op.dst, r, lanes);
}

uint64_t nanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

using Special = uint64_t (*)(Warp &w, int lane);
template <int axis> uint64_t tid(Warp &w, int lane) { return axis < 3 ? w.tid[axis % 3][lane] : 0; }
template <int axis> uint64_t ntid(Warp &w, int) { return w.block->launch->block[axis]; }
template <int axis> uint64_t ctaid(Warp &w, int) { return w.block->id[axis]; }
template <int axis> uint64_t nctaid(Warp &w, int) { return w.block->launch->grid[axis]; }
template <uint64_t value> uint64_t constant(Warp &, int) { return value; }
uint64_t laneid(Warp &, int lane) { return lane; }
uint64_t warpid(Warp &w, int) { return w.index; }
uint64_t nwarpid(Warp &w, int) { return w.block->warpCount; }
uint64_t laneEq(Warp &, int lane) { return uint32_t{1} << lane; }
uint64_t laneLt(Warp &, int lane) { return (uint32_t{1} << lane) - 1; }
uint64_t laneLe(Warp &, int lane) { return uint32_t(uint64_t{2} << lane) - 1; }
uint64_t laneGt(Warp &, int lane) { return ~(uint32_t(uint64_t{2} << lane) - 1); }
uint64_t laneGe(Warp &, int lane) { return ~((uint32_t{1} << lane) - 1); }
uint64_t clock(Warp &w, int) { return w.maySpin = true, w.executed; }
uint64_t clockHigh(Warp &w, int) { return clock(w, 0) >> 32; }
uint64_t timer(Warp &w, int) { return w.maySpin = true, nanoseconds(); }
uint64_t timerHigh(Warp &, int) { return nanoseconds() >> 32; }
uint64_t gridid(Warp &w, int) { return w.block->launch->number; }
uint64_t dynamicShared(Warp &w, int) { return w.block->launch->dynamicShared; }
template <int shift> uint64_t workspace(Warp &w, int) { return w.block->launch->workspace >> shift; }
uint64_t totalShared(Warp &w, int) { return w.block->launch->dynamicShared + w.block->staticShared; }

struct SpecialRow {
  std::string_view name;
  Special value;
};
constexpr SpecialRow specials[] = {
    {"%tid.x", tid<0>},
    {"%tid.y", tid<1>},
    {"%tid.z", tid<2>},
    {"%ntid.x", ntid<0>},
    {"%ntid.y", ntid<1>},
    {"%ntid.z", ntid<2>},
    {"%ctaid.x", ctaid<0>},
    {"%ctaid.y", ctaid<1>},
    {"%ctaid.z", ctaid<2>},
    {"%nctaid.x", nctaid<0>},
    {"%nctaid.y", nctaid<1>},
    {"%nctaid.z", nctaid<2>},
    {"%laneid", laneid},
    {"%warpid", warpid},
    {"%nwarpid", nwarpid},
    {"%lanemask_eq", laneEq},
    {"%lanemask_lt", laneLt},
    {"%lanemask_le", laneLe},
    {"%lanemask_gt", laneGt},
    {"%lanemask_ge", laneGe},
    {"%smid", constant<0>},
    {"%nsmid", constant<1>},
    {"%gridid", gridid},
    {"%clock", clock},
    {"%clock64", clock},
    {"%clock_hi", clockHigh},
    {"%globaltimer", timer},
    {"%globaltimer_lo", timer},
    {"%globaltimer_hi", timerHigh},
    {"%dynamic_smem_size", dynamicShared},
    {"%total_smem_size", totalShared},
    {"%envreg1", workspace<32>},
    {"%envreg2", workspace<0>},
    // A block is a cluster of its own.
    {"%clusterid.x", ctaid<0>},
    {"%clusterid.y", ctaid<1>},
    {"%clusterid.z", ctaid<2>},
    {"%nclusterid.x", nctaid<0>},
    {"%nclusterid.y", nctaid<1>},
    {"%nclusterid.z", nctaid<2>},
    {"%cluster_ctaid.x", constant<0>},
    {"%cluster_ctaid.y", constant<0>},
    {"%cluster_ctaid.z", constant<0>},
    {"%cluster_nctaid.x", constant<1>},
    {"%cluster_nctaid.y", constant<1>},
    {"%cluster_nctaid.z", constant<1>},
    {"%cluster_ctarank", constant<0>},
    {"%cluster_nctarank", constant<1>},
};

/// The row is in op.imm.
template <class T> void special(Warp &w, const Op &op, uint32_t lanes) {
  Special value = specials[op.imm].value;
  fill<T>(w, op, lanes, [&](int i) { return T(value(w, i)); });
}

//--- Addresses

template <class T> void frameAddress(Warp &w, const Op &op, uint32_t lanes) {
  T address = w.currentFrame().localBase + op.imm;
  fill<T>(w, op, lanes, [&](int) { return address; });
}
/// All lanes get as much as the one that asks for most: their frames are of one size.
template <class T> void allocate(Warp &w, const Op &op, uint32_t lanes) {
  const T *sizes = source<T>(w, op.src[0]);
  uint64_t most = 0;
  forLanes(lanes, [&](int i) { most = std::max<uint64_t>(most, sizes[i]); });
  T begin = w.extendFrame(std::min<uint64_t>(most, UINT32_MAX), op.imm);
  fill<T>(w, op, lanes, [&](int) { return begin; });
}
template <class T> void saveStack(Warp &w, const Op &op, uint32_t lanes) {
  T top = w.currentFrame().localTop;
  fill<T>(w, op, lanes, [&](int) { return top; });
}
template <class T> void restoreStack(Warp &w, const Op &op, uint32_t lanes) {
  w.shrinkFrame(source<T>(w, op.src[0])[std::countr_zero(lanes)], lanes);
}
template <class T> void addressShift(Warp &w, const Op &op, uint32_t lanes) {
  unary<T>(w, op, lanes, [&](T a) { return T(a + op.imm); });
}
template <class T> void mapToBlock(Warp &w, const Op &op, uint32_t lanes) {
  const uint32_t *rank = source<uint32_t>(w, op.src[1]);
  forLanes(lanes, [&](int i) {
    if (rank[i])
      throw Fault{FaultKind::IllegalInstruction, "mapa to block " + std::to_string(rank[i]) + " of a cluster of one",
                  uint32_t(i)};
  });
  put(w, op.dst, source<T>(w, op.src[0]), lanes);
}
void isSpace(Warp &w, const Op &op, uint32_t lanes) {
  const uint64_t *a = source<uint64_t>(w, op.src[0]);
  uint32_t bits = 0;
  for (int i = 0; i < 32; ++i) {
    uint64_t window = a[i] >> 56;
    bool is = op.space == Space::Shared  ? window == sharedWindow >> 56
              : op.space == Space::Local ? window == localWindow >> 56
              : op.space == Space::Param ? window == paramWindow >> 56
                                         : window == 0 && op.space == Space::Global;
    bits |= uint32_t{is} << i;
  }
  setPredicate(w, op.dst, bits, lanes);
}

struct PredicateRow {
  std::string_view name;
  Handler handler;
};
constexpr PredicateRow predicateRows[] = {{"and", predicates<And>},
                                          {"or", predicates<Or>},
                                          {"xor", predicates<Xor>},
                                          {"not", predicates<Not>},
                                          {"mov", movePredicate}};
} // namespace

Handler awg::emu::moveHandler(uint32_t size) {
  switch (size) {
  case 0:
    return movePredicate;
  case 2:
    return move<uint16_t>;
  case 4:
    return move<uint32_t>;
  case 8:
    return move<uint64_t>;
  default:
    return move<Wide>;
  }
}
Handler awg::emu::packHandler() { return pack; }
Handler awg::emu::unpackHandler() { return unpack; }

int awg::emu::specialIndex(std::string_view name) {
  for (size_t i = 0; i < std::size(specials); ++i)
    if (specials[i].name == name)
      return i;
  return -1;
}
Handler awg::emu::specialHandler(uint32_t size) {
  return size == 2 ? special<uint16_t> : size == 4 ? special<uint32_t> : special<uint64_t>;
}
Handler awg::emu::frameAddressHandler(uint32_t size) {
  return size == 4 ? frameAddress<uint32_t> : frameAddress<uint64_t>;
}
Handler awg::emu::stackHandler(std::string_view name, uint32_t size) {
  if (name == "alloca")
    return size == 4 ? allocate<uint32_t> : allocate<uint64_t>;
  if (name == "stacksave")
    return size == 4 ? saveStack<uint32_t> : saveStack<uint64_t>;
  return size == 4 ? restoreStack<uint32_t> : restoreStack<uint64_t>;
}
Handler awg::emu::addressShiftHandler(uint32_t size) {
  return size == 4 ? addressShift<uint32_t> : addressShift<uint64_t>;
}
Handler awg::emu::mapHandler(uint32_t size) { return size == 4 ? mapToBlock<uint32_t> : mapToBlock<uint64_t>; }
Handler awg::emu::isSpaceHandler() { return isSpace; }
Handler awg::emu::predicateHandler(std::string_view name) {
  for (const PredicateRow &row : predicateRows)
    if (row.name == name)
      return row.handler;
  return nullptr;
}
