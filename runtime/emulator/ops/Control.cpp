// Branches, calls, ends and barriers.
#include "emulator/exec/Report.h"
#include "emulator/memory/Checker.h"
#include "emulator/ops/Pick.h"

using namespace awg::emu;

namespace {
void bra(Warp &w, const Op &op, uint32_t lanes) { w.branch(lanes, op.target, op.join); }

void brx(Warp &w, const Op &op, uint32_t lanes) {
  const uint32_t *index = source<uint32_t>(w, op.src[0]);
  uint32_t targets[32];
  forLanes(lanes, [&](int i) {
    if (index[i] >= op.targets->size())
      throw Fault{FaultKind::InvalidPc,
                  "brx.idx with index " + std::to_string(index[i]) + " of " + std::to_string(op.targets->size()) +
                      " targets",
                  uint32_t(i)};
    targets[i] = (*op.targets)[index[i]];
  });
  w.branchMany(targets, op.join, lanes);
}

void call(Warp &w, const Op &op, uint32_t lanes) { w.call(*op.call->callee, *op.call, lanes); }

/// Lanes that call the same function go together; the others come back to this operation.
void callIndirect(Warp &w, const Op &op, uint32_t lanes) {
  const uint64_t *address = source<uint64_t>(w, op.src[0]);
  int first = std::countr_zero(lanes);
  uint64_t index = address[first] - codeWindow;
  const auto &functions = w.block->launch->program->functions;
  if (index >= functions.size() || functions[index]->isEntry)
    throw Fault{FaultKind::InvalidPc, "a call of " + hex(address[first]) + ", which is no function", uint32_t(first)};
  const Code &callee = *functions[index];
  if (callee.function->params.size() != op.call->arguments.size() ||
      callee.function->results.size() != op.call->results.size())
    throw Fault{FaultKind::InvalidPc, "a call of '" + callee.name + "' with other arguments than it takes",
                uint32_t(first)};
  uint32_t same = 0;
  forLanes(lanes, [&](int i) { same |= uint32_t{address[i] == address[first]} << i; });
  if (uint32_t others = lanes & ~same) {
    w.splitOff(others, w.pc - 1, w.pc);
  }
  w.call(callee, *op.call, same);
}

void end(Warp &w, const Op &, uint32_t) { w.returnFrom(); }
void exitThread(Warp &w, const Op &, uint32_t lanes) { w.exitLanes(lanes); }

void trap(Warp &, const Op &, uint32_t lanes) {
  throw Fault{FaultKind::Trap, "the kernel executed trap", uint32_t(std::countr_zero(lanes))};
}
void nothing(Warp &, const Op &, uint32_t) {}
void fence(Warp &w, const Op &op, uint32_t) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (Checker *checker = w.block->launch->checker)
    checker->fence(w, op.isOfBlock);
}
void nanosleep(Warp &w, const Op &, uint32_t) {
  w.spins = 1;
  w.yield();
}

/// src[0]: the barrier, src[1]: how many threads, or noSlot for all.
struct BarrierUse {
  uint32_t number, expected;
};
BarrierUse barrierOf(Warp &w, const Op &op, uint32_t lanes) {
  int lane = std::countr_zero(lanes);
  BarrierUse use = {source<uint32_t>(w, op.src[0])[lane],
                    op.src[1] == noSlot ? 0 : source<uint32_t>(w, op.src[1])[lane]};
  if (use.number >= 16)
    throw Fault{FaultKind::IllegalInstruction, "barrier " + std::to_string(use.number) + " of 16", uint32_t(lane)};
  if (use.expected % 32)
    throw Fault{FaultKind::IllegalInstruction,
                "a barrier for " + std::to_string(use.expected) + " threads, which is no multiple of 32",
                uint32_t(lane)};
  return use;
}
/// A warp of which all lanes that live have come counts as a whole one.
uint32_t counted(const Warp &w, uint32_t lanes) { return lanes == w.live ? 32 : std::popcount(lanes); }

/// The lanes of a warp come to an aligned barrier at one instruction: on hardware the others may never arrive.
void checkAligned(Warp &w, const Op &op, uint32_t number, uint32_t lanes) {
  const Launch &launch = *w.block->launch;
  if (!launch.checker || !op.variant)
    return;
  const Code &code = *w.currentFrame().code;
  Barrier::Arrival &before = w.block->barriers[number].arrivals[w.index];
  if (before.code && (before.code != &code || before.instruction != op.instruction)) {
    Fault fault{FaultKind::MissedBarrier, "lanes of a warp wait for each other at different barriers",
                uint32_t(std::countr_zero(lanes))};
    fault.about.related.push_back(
        {"the others came to", placeOf(*launch.program->module, *before.code, before.instruction)});
    throw fault;
  }
  before = {&code, op.instruction};
}

/// The lanes come to the barrier, and wait there or go on. True if that ends its phase.
bool arrive(Warp &w, const Op &op, const BarrierUse &use, uint32_t lanes, uint32_t trueCount, bool waits) {
  checkAligned(w, op, use.number, lanes);
  if (Checker *checker = w.block->launch->checker)
    checker->arrive(w, use.number, waits);
  return w.block->arrive(use.number, std::popcount(lanes), counted(w, lanes), use.expected, trueCount);
}

/// True once the phase has ended for the lanes; until then they wait.
bool meet(Warp &w, const Op &op, uint32_t lanes, uint32_t trueCount) {
  if (w.waitsForBarrier) {
    w.waitsForBarrier = false;
    return true;
  }
  BarrierUse use = barrierOf(w, op, lanes);
  uint32_t phase = w.block->barriers[use.number].phase;
  if (arrive(w, op, use, lanes, trueCount, true))
    return true;
  w.waitAtBarrier(use.number, phase);
  return false;
}

void barSync(Warp &w, const Op &op, uint32_t lanes) { meet(w, op, lanes, 0); }
void barArrive(Warp &w, const Op &op, uint32_t lanes) {
  arrive(w, op, barrierOf(w, op, lanes), lanes, 0, false);
}

enum class Reduction { Popc, And, Or };
template <Reduction r> void barReduce(Warp &w, const Op &op, uint32_t lanes) {
  uint32_t p = predicate(w, op.src[2]);
  p = op.flag ? ~p : p;
  uint32_t number = source<uint32_t>(w, op.src[0])[std::countr_zero(lanes)];
  if (!meet(w, op, lanes, std::popcount(p & lanes)))
    return;
  const Barrier &barrier = w.block->barriers[number];
  if constexpr (r == Reduction::Popc) {
    forLanes(lanes, [&](int i) { registerAt<uint32_t>(w, op.dst)[i] = barrier.result; });
  } else {
    bool value = r == Reduction::And ? barrier.result == barrier.resultThreads : barrier.result > 0;
    setPredicate(w, op.dst, value ? ~0u : 0, lanes);
  }
}

struct Row {
  std::string_view name;
  Handler handler;
};
constexpr Row rows[] = {
    {"bra", bra},
    {"brx.idx", brx},
    {"call", call},
    {"call.indirect", callIndirect},
    {"end", end},
    {"exit", exitThread},
    {"trap", trap},
    {"brkpt", nothing},
    {"nop", nothing},
    {"nanosleep", nanosleep},
    {"fence", fence},
    {"bar.sync", barSync},
    {"bar.arrive", barArrive},
    {"bar.red.popc", barReduce<Reduction::Popc>},
    {"bar.red.and", barReduce<Reduction::And>},
    {"bar.red.or", barReduce<Reduction::Or>},
};
} // namespace

Handler awg::emu::controlHandler(std::string_view name) {
  for (const Row &row : rows)
    if (row.name == name)
      return row.handler;
  return nullptr;
}
