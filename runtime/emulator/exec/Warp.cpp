// Warps: divergence and reconvergence.
//
// Lanes that are together are a split. A branch that they do not agree on makes two of one, and a join where the ways
// meet, at the branch's immediate post-dominator. A split that gets there waits until all of the join's lanes have come
// or exited, and goes on with them as one. A split that seems to wait for other lanes, in a loop around an atomic say,
// lets those go first, even past a join: so every lane makes progress, as on hardware since sm_70.
#include "emulator/exec/Warp.h"

#include "emulator/exec/Block.h"

#include <bit>
#include <cstdlib>
#include <cstring>

using namespace awg::emu;

namespace {
constexpr uint32_t spinLimit = 64;           // backward branches of a loop that may wait for someone
constexpr uint32_t turnLimit = 1 << 20;      // and of any other
constexpr uint32_t localLimit = 512 * 1024;  // bytes of local memory a thread, as on hardware
constexpr uint32_t registerLimit = 64 << 20; // bytes of a warp's registers: deep recursion ends before memory does
} // namespace

void RegisterFile::Free::operator()(char *p) const { std::free(p); }

void RegisterFile::reserve(size_t size) {
  if (size <= capacity)
    return;
  size_t wanted = std::bit_ceil(std::max<size_t>(size, 4096));
  char *grown = static_cast<char *>(std::aligned_alloc(64, wanted));
  if (!grown)
    throw Fault{FaultKind::StackOverflow, "the host has no memory left for a warp's registers"};
  if (capacity)
    std::memcpy(grown, bytes.get(), capacity);
  std::memset(grown + capacity, 0, wanted - capacity);
  bytes.reset(grown);
  capacity = wanted;
}

void Warp::start(Block &owner, uint32_t warpIndex, const Code &code, uint32_t lanes) {
  block = &owner;
  index = warpIndex;
  live = lanes;
  mask = 0;
  stopped = waitsForBarrier = waitsForLanes = maySpin = watches = hasMet = false;
  spins = turns = 0;
  executed = acquired = allTurns = 0;
  copies.clear();
  std::fill(std::begin(copyGroups), std::end(copyGroups), 0);
  std::fill(std::begin(bulkGroups), std::end(bulkGroups), 0);
  frames.clear();
  joins.clear();
  splits.clear();
  const uint32_t *extent = owner.launch->block;
  for (uint32_t lane = 0; lane < 32; ++lane) {
    uint32_t thread = warpIndex * 32 + lane;
    tid[0][lane] = thread % extent[0];
    tid[1][lane] = thread / extent[0] % extent[1];
    tid[2][lane] = thread / extent[0] / extent[1];
  }
  int entry = newFrame(code, lanes);
  frames[entry].parent = -1;
  splits.push_back({lanes, 0, entry, -1});
}

int Warp::newFrame(const Code &code, uint32_t lanes) {
  Frame frame = {&code, 0, 0, 0, 0, lanes, -1, 0, nullptr};
  int slot = -1;
  for (size_t i = 0; i < frames.size(); ++i) {
    if (!frames[i].lanes) {
      slot = i;
      continue;
    }
    frame.registerBase = std::max(frame.registerBase, frames[i].registerTop);
    if (frames[i].lanes & lanes) // local memory is each lane's own
      frame.localBase = std::max(frame.localBase, frames[i].localTop);
  }
  frame.registerTop = frame.registerBase + code.registerBytes;
  frame.localTop = frame.localBase + ((code.localBytes + 15) & ~15u);
  if (frame.localTop > localLimit || frame.registerTop > registerLimit)
    throw Fault{FaultKind::StackOverflow, "calls are nested too deeply: the threads' stacks are full"};
  registerFile.reserve(frame.registerTop);
  reserveLocal(frame.localTop);
  if (slot < 0) {
    slot = frames.size();
    frames.push_back(frame);
  } else {
    frames[slot] = frame;
  }
  return slot;
}

void Warp::reserveLocal(uint32_t bytes) {
  if (bytes <= localStride)
    return;
  uint32_t stride = std::bit_ceil(std::max(bytes, 64u));
  RegisterFile grown;
  grown.reserve(size_t{stride} * 32);
  for (uint32_t lane = 0; lane < 32 && localStride; ++lane)
    std::memcpy(grown.data() + size_t{lane} * stride, local(lane), localStride);
  localFile = std::move(grown);
  localStride = stride;
}

uint32_t Warp::extendFrame(uint32_t bytes, uint32_t align) {
  uint32_t begin = (frames[frame].localTop + align - 1) & ~(align - 1);
  if (bytes > localLimit || begin + bytes > localLimit)
    throw Fault{FaultKind::StackOverflow,
                "alloca of " + std::to_string(bytes) + " bytes: the threads' stacks are full"};
  reserveLocal(begin + bytes);
  frames[frame].localTop = begin + bytes;
  return begin;
}

void Warp::shrinkFrame(uint32_t top, uint32_t lanes) {
  Frame &f = frames[frame];
  if (lanes == f.lanes && top >= f.localBase && top < f.localTop)
    f.localTop = top;
}

void Warp::setFrame(int to) {
  frame = to;
  const Frame &f = frames[to];
  base[0] = registerFile.data() + f.registerBase;
  base[1] = f.code->constantsEnd();
  ops = f.code->ops.data();
  setJoin(join);
}

void Warp::setJoin(int to) {
  join = to;
  joinPc = to >= 0 && joins[to].frame == frame ? joins[to].pc : UINT32_MAX;
}

void Warp::enter(const Split &split) {
  mask = split.mask;
  pc = split.pc;
  waitsForBarrier = split.waitsForBarrier;
  waitsForLanes = false;
  barrier = split.barrier;
  phase = split.phase;
  join = split.join;
  setFrame(split.frame);
}

bool Warp::isReady(const Split &split) const {
  if (split.waitsForLanes)
    return false;
  return !split.waitsForBarrier || block->barriers[split.barrier].phase != split.phase;
}

bool Warp::pick() {
  stopped = false;
  for (size_t i = splits.size(); i-- > 0;) {
    if (!isReady(splits[i]))
      continue;
    Split split = splits[i];
    splits.erase(splits.begin() + i);
    enter(split);
    return true;
  }
  mask = 0;
  return false;
}

Warp::Outcome Warp::run() {
  size_t yields = 0;
  if (!pick())
    return live ? Waiting : Finished;
  while (true) {
    if (pc == joinPc) {
      arrive(join, mask);
      if (!pick())
        return live ? Waiting : Finished;
      continue;
    }
    const Op &op = ops[pc++];
    uint32_t lanes = mask;
    if (op.guard != noSlot) {
      uint32_t predicate;
      std::memcpy(&predicate, base[0] + op.guard, 4);
      lanes &= op.guardNegated ? ~predicate : predicate;
      if (!lanes)
        continue;
    }
    executed += std::popcount(lanes);
    op.run(*this, op, lanes);
    if (!stopped)
      continue;
    bool isYield = mask && !waitsForBarrier && !waitsForLanes;
    if (mask)
      splits.insert(isYield ? splits.begin() : splits.end(), current());
    if (isYield && ++yields > 2 * splits.size())
      return stopped = false, mask = 0, Yielded;
    if (!pick())
      return live ? Waiting : Finished;
  }
}

//--- Parting and meeting

/// The join at `meet` for the current split: the one that it is inside of, if that is there, or a new one.
int Warp::joinAt(uint32_t meet) {
  if (joinPc == meet || meet == noJoin)
    return join;
  Join made = {meet, frame, join, mask, 0};
  for (size_t i = 0; i < joins.size(); ++i)
    if (!joins[i].expected)
      return joins[i] = made, i;
  joins.push_back(made);
  return joins.size() - 1;
}

void Warp::arrive(int at, uint32_t lanes) {
  Join &j = joins[at];
  j.arrived |= lanes;
  if (j.arrived != j.expected)
    return;
  splits.push_back({j.arrived, j.pc, j.frame, j.parent});
  j.expected = 0;
}

void Warp::branch(uint32_t taken, uint32_t target, uint32_t meet) {
  bool isBackward = target < pc;
  if (uint32_t rest = mask & ~taken) {
    int at = joinAt(meet);
    if (target == meet) {
      arrive(at, taken);
      mask = rest;
      return setJoin(at);
    }
    if (pc == meet)
      arrive(at, rest);
    else
      splits.push_back({rest, pc, frame, at});
    mask = taken;
    setJoin(at);
  }
  if (isBackward)
    countTurn();
  pc = target;
}

void Warp::branchMany(const uint32_t *targets, uint32_t meet, uint32_t lanes) {
  uint32_t first = targets[std::countr_zero(lanes)];
  bool isBackward = false, isOne = lanes == mask;
  for (uint32_t left = lanes; left; left &= left - 1) {
    isBackward |= targets[std::countr_zero(left)] < pc;
    isOne &= targets[std::countr_zero(left)] == first;
  }
  if (isBackward)
    countTurn();
  if (isOne) {
    pc = first;
    return;
  }
  uint32_t fallThrough = mask & ~lanes;
  int at = joinAt(meet);
  auto go = [&](uint32_t who, uint32_t where) {
    if (where == meet)
      arrive(at, who);
    else
      splits.push_back({who, where, frame, at});
  };
  uint32_t next = pc;
  mask = 0;
  stopped = true;
  if (fallThrough)
    go(fallThrough, next);
  while (lanes) {
    uint32_t target = targets[std::countr_zero(lanes)], same = 0;
    for (uint32_t left = lanes; left; left &= left - 1)
      if (targets[std::countr_zero(left)] == target)
        same |= left & -left;
    lanes &= ~same;
    go(same, target);
  }
}

void Warp::splitOff(uint32_t lanes, uint32_t at, uint32_t meet) {
  int joined = joinAt(meet);
  splits.push_back({lanes, at, frame, joined});
  mask &= ~lanes;
  setJoin(joined);
}

void Warp::countTurn() {
  if (maySpin ? ++spins >= spinLimit : ++turns >= turnLimit)
    yield();
  maySpin = false;
}

void Warp::yield() {
  countAll();
  if (spins)
    releaseWaiting();
  spins = turns = 0;
  stopped = true;
}

/// Ends a kernel that shows no sign of ending, at the branch that goes round its loop.
void Warp::countAll() {
  Launch &launch = *block->launch;
  allTurns += turns;
  bool isWaiting = spins && launch.waits.fetch_add(spins, std::memory_order_relaxed) >= launch.mostTurns;
  if (!isWaiting && allTurns < launch.mostTurns)
    return;
  const char *reason = isWaiting ? "its threads wait for something that does not come" : "a warp goes round a loop";
  Fault fault{FaultKind::Endless,
              std::string("the kernel does not end: ") + reason + ", " + std::to_string(launch.mostTurns) +
                  " turns long (AWG_EMU_TURNS)",
              uint32_t(std::countr_zero(mask))};
  fault.about.related = block->places();
  throw fault;
}

/// Lets the lanes that wait at a join go on without the others: those may be waiting for them.
bool Warp::releaseWaiting() {
  for (Join &j : joins) {
    if (!j.expected || !j.arrived)
      continue;
    splits.push_back({j.arrived, j.pc, j.frame, j.parent});
    j.expected &= ~j.arrived;
    j.arrived = 0;
    return true;
  }
  return false;
}

void Warp::exitLanes(uint32_t lanes) {
  live &= ~lanes;
  mask &= ~lanes;
  for (Join &j : joins) {
    if (!(j.expected & lanes))
      continue;
    j.expected &= ~lanes;
    j.arrived &= ~lanes;
    if (j.expected && j.arrived == j.expected) {
      splits.push_back({j.arrived, j.pc, j.frame, j.parent});
      j.expected = 0;
    }
  }
  for (Frame &f : frames)
    f.lanes &= ~lanes;
  for (Split &split : splits)
    split.waitsForLanes = false;
  stopped |= !mask;
  block->exitThreads(std::popcount(lanes));
}

//--- Calls

void Warp::call(const Code &callee, const CallSite &site, uint32_t lanes) {
  if (uint32_t rest = mask & ~lanes) {
    int at = joinAt(pc);
    arrive(at, rest);
    mask = lanes;
    join = at;
  }
  int made = newFrame(callee, lanes);
  frames[made].parent = frame;
  frames[made].returnPc = pc;
  frames[made].site = &site;
  uint32_t from = frames[frame].localBase, to = frames[made].localBase;
  for (uint32_t left = lanes; left; left &= left - 1) {
    char *memory = local(std::countr_zero(left));
    for (const CallMove &move : site.arguments)
      std::memcpy(memory + to + move.to, memory + from + move.from, move.size);
  }
  setFrame(made);
  pc = 0;
}

void Warp::returnFrom() {
  Frame &f = frames[frame];
  if (f.parent < 0)
    return exitLanes(mask);
  uint32_t from = f.localBase, to = frames[f.parent].localBase;
  for (uint32_t left = mask; left; left &= left - 1) {
    char *memory = local(std::countr_zero(left));
    for (const CallMove &move : f.site->results)
      std::memcpy(memory + to + move.to, memory + from + move.from, move.size);
  }
  f.lanes &= ~mask;
  pc = f.returnPc;
  setFrame(f.parent);
}

//--- Waiting

void Warp::waitAtBarrier(uint32_t number, uint32_t at) {
  --pc;
  waitsForBarrier = true;
  barrier = number;
  phase = at;
  stopped = true;
}

/// Whether a split is in the current frame, or in one of the same calls that others made later: because some waited for another
/// warp, as lanes do for a lock, and let the rest go on.
bool Warp::isOfOneCall(const Split &split) const {
  for (int there = split.frame, here = frame; there != here;) {
    const Frame &a = frames[there], &b = frames[here];
    bool isInside = split.join >= 0 && joins[split.join].frame == there;
    if (a.code != b.code || a.returnPc != b.returnPc || a.localBase != b.localBase || a.parent < 0 || b.parent < 0 || isInside)
      return false;
    there = a.parent, here = b.parent;
  }
  return true;
}

/// Such a split goes on in the current frame.
void Warp::moveHere(Split &split) {
  for (int there = split.frame, here = frame; there != here;) {
    Frame &from = frames[there], &to = frames[here];
    for (Code::RegisterPlace place : to.code->registers) {
      const char *a = registerFile.data() + from.registerBase + place.offset;
      char *b = registerFile.data() + to.registerBase + place.offset;
      for (uint32_t left = split.mask; left && place.size; left &= left - 1) {
        uint32_t at = std::countr_zero(left) * place.size;
        std::memcpy(b + at, a + at, place.size);
      }
      if (place.size)
        continue;
      uint32_t moved, others;
      std::memcpy(&moved, a, 4), std::memcpy(&others, b, 4);
      others = (others & ~split.mask) | (moved & split.mask);
      std::memcpy(b, &others, 4);
    }
    from.lanes &= ~split.mask;
    to.lanes |= split.mask;
    to.localTop = std::max(to.localTop, from.localTop);
    there = from.parent, here = to.parent;
  }
  split.frame = frame;
}

uint32_t Warp::gather(uint32_t members, uint32_t lanes, bool anywhere) {
  uint32_t missing = members & live & ~mask;
  if (!missing)
    return lanes;
  auto isHere = [&](const Split &split) {
    bool isLike = anywhere && frames[split.frame].code->ops[split.pc].run == ops[pc - 1].run;
    return split.waitsForLanes && (isLike || (split.pc == pc - 1 && isOfOneCall(split)));
  };
  uint32_t here = 0;
  for (const Split &split : splits)
    if (isHere(split))
      here |= split.mask;
  if (missing & ~here) {
    --pc;
    waitsForLanes = stopped = true;
    return 0;
  }
  for (Split &split : splits) {
    if ((split.mask & missing) && isHere(split)) {
      split.waitsForLanes = false;
      ++split.pc;
      lanes |= split.mask;
      if (!anywhere)
        moveHere(split);
    }
  }
  return lanes;
}
