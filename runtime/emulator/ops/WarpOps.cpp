// What the lanes of a warp do together: shuffles, votes, matches, reductions.
#include "emulator/exec/Report.h"
#include "emulator/ops/IntegerFunctions.h"
#include "emulator/ops/Pick.h"

using namespace awg::emu;

namespace {
/// The member mask of the lanes that execute, which must name them; `slot` noSlot: the forms without .sync, whose
/// members are the lanes that are here. 0 while members are missing.
uint32_t membersOf(Warp &w, int32_t slot, uint32_t &lanes, bool anywhere = false) {
  if (slot == noSlot)
    return lanes;
  const uint32_t *mask = source<uint32_t>(w, slot);
  int first = std::countr_zero(lanes);
  uint32_t members = mask[first];
  forLanes(lanes, [&](int i) {
    if (!((mask[i] >> i) & 1))
      throw Fault{FaultKind::IllegalInstruction,
                  "the member mask " + hex(mask[i]) + " leaves out the lane that executes it, " + std::to_string(i),
                  uint32_t(i)};
  });
  // Lanes that name other members are groups of their own, and come in turn.
  uint32_t same = 0;
  forLanes(lanes, [&](int i) { same |= uint32_t{mask[i] == members} << i; });
  if (uint32_t others = lanes & ~same) {
    w.splitOff(others, w.pc - 1, w.pc);
    lanes = same;
  }
  lanes = w.gather(members, lanes, anywhere);
  w.hasMet |= lanes != 0;
  return lanes ? members : 0;
}

enum class Shuffle { Up, Down, Bfly, Idx };

/// src: a, b, c, mask; dst2: whether the source lane is in range. A source that does not execute gives the lane's own
/// value.
template <Shuffle mode> void shfl(Warp &w, const Op &op, uint32_t lanes) {
  uint32_t members = membersOf(w, op.src[3], lanes);
  if (!members)
    return;
  const uint32_t *a = source<uint32_t>(w, op.src[0]), *b = source<uint32_t>(w, op.src[1]),
                 *c = source<uint32_t>(w, op.src[2]);
  alignas(64) uint32_t r[32];
  uint32_t inRange = 0;
  forLanes(lanes, [&](int lane) {
    int offset = b[lane] & 31, clampTo = c[lane] & 31, segment = (c[lane] >> 8) & 31;
    int highest = (lane & segment) | (clampTo & ~segment), lowest = lane & segment;
    int from = mode == Shuffle::Up     ? lane - offset
               : mode == Shuffle::Down ? lane + offset
               : mode == Shuffle::Bfly ? lane ^ offset
                                       : lowest | (offset & ~segment);
    bool is = mode == Shuffle::Up ? from >= highest : from <= highest;
    inRange |= uint32_t{is} << lane;
    from = is ? from & 31 : lane;
    r[lane] = (lanes >> from) & 1 ? a[from] : a[lane];
  });
  put(w, op.dst, r, lanes);
  if (op.dst2 != noSlot)
    setPredicate(w, op.dst2, inRange, lanes);
}

enum class Vote { All, Any, Uni, Ballot };
template <Vote mode> void vote(Warp &w, const Op &op, uint32_t lanes) {
  if (!membersOf(w, op.src[3], lanes))
    return;
  uint32_t p = predicate(w, op.src[0]);
  p = (op.flag ? ~p : p) & lanes;
  if constexpr (mode == Vote::Ballot) {
    forLanes(lanes, [&](int i) { registerAt<uint32_t>(w, op.dst)[i] = p; });
  } else {
    bool value = mode == Vote::All ? p == lanes : mode == Vote::Any ? p != 0 : p == lanes || p == 0;
    setPredicate(w, op.dst, value ? ~0u : 0, lanes);
  }
}

template <class T, bool all> void match(Warp &w, const Op &op, uint32_t lanes) {
  if (!membersOf(w, op.src[3], lanes))
    return;
  const T *a = source<T>(w, op.src[0]);
  alignas(64) uint32_t r[32];
  uint32_t equal = 0;
  forLanes(lanes, [&](int i) {
    uint32_t same = 0;
    forLanes(lanes, [&](int k) { same |= uint32_t{a[k] == a[i]} << k; });
    r[i] = all && same != lanes ? 0 : same;
    equal |= uint32_t{same == lanes} << i;
  });
  put(w, op.dst, r, lanes);
  if (op.dst2 != noSlot)
    setPredicate(w, op.dst2, equal, lanes);
}

template <class F, class T> void redux(Warp &w, const Op &op, uint32_t lanes) {
  if (!membersOf(w, op.src[3], lanes))
    return;
  const T *a = source<T>(w, op.src[0]);
  T value = a[std::countr_zero(lanes)];
  forLanes(lanes & (lanes - 1), [&](int i) { value = F::of(value, a[i]); });
  forLanes(lanes, [&](int i) { registerAt<T>(w, op.dst)[i] = value; });
}

template <class F> Handler reduction(Type type) {
  return type == Type::S32 ? redux<F, int32_t> : sizeOf(type) == 4 ? redux<F, uint32_t> : nullptr;
}
template <bool all> Handler matching(Type type) {
  return sizeOf(type) == 4 ? match<uint32_t, all> : sizeOf(type) == 8 ? match<uint64_t, all> : nullptr;
}

void activemask(Warp &w, const Op &op, uint32_t lanes) {
  forLanes(lanes, [&](int i) { registerAt<uint32_t>(w, op.dst)[i] = lanes; });
}
/// Nothing is exchanged, so lanes may come to it in different calls of a function, or at different instructions.
void barWarp(Warp &w, const Op &op, uint32_t lanes) { membersOf(w, op.src[3], lanes, true); }

/// elect.sync d|p, mask: the lowest member is elected.
void elect(Warp &w, const Op &op, uint32_t lanes) {
  uint32_t members = membersOf(w, op.src[3], lanes);
  if (!members)
    return;
  uint32_t leader = std::countr_zero(members);
  if (op.dst != noSlot)
    forLanes(lanes, [&](int i) { registerAt<uint32_t>(w, op.dst)[i] = leader; });
  setPredicate(w, op.dst2, 1u << leader, lanes);
}

template <Handler h> Handler of(Type) { return h; }
constexpr NamedHandler table[] = {
    {"shfl.up", of<shfl<Shuffle::Up>>},
    {"shfl.down", of<shfl<Shuffle::Down>>},
    {"shfl.bfly", of<shfl<Shuffle::Bfly>>},
    {"shfl.idx", of<shfl<Shuffle::Idx>>},
    {"vote.all", of<vote<Vote::All>>},
    {"vote.any", of<vote<Vote::Any>>},
    {"vote.uni", of<vote<Vote::Uni>>},
    {"vote.ballot", of<vote<Vote::Ballot>>},
    {"match.any", matching<false>},
    {"match.all", matching<true>},
    {"redux.add", reduction<Add>},
    {"redux.min", reduction<Min>},
    {"redux.max", reduction<Max>},
    {"redux.and", reduction<And>},
    {"redux.or", reduction<Or>},
    {"redux.xor", reduction<Xor>},
    {"activemask", of<activemask>},
    {"bar.warp.sync", of<barWarp>},
    {"elect", of<elect>},
};
} // namespace

Handler awg::emu::warpHandler(std::string_view name, Type type) { return find(table, name, type); }
