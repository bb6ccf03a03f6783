// Barriers of blocks, warps and grids, and what warps do together: too few, too many, in the wrong place, and right ones.
#include "CheckCase.h"

using namespace emutest;

namespace {
const Case faulty[] = {
    {"BarrierAfterExitOfLanes", 1, 64, "setp.ge.u32 %p, %t, 40; @%p bra E; bar.sync 0; E: ret;", "have exited"},
    {"BarrierNotReachedByAll", 1, 64,
     "setp.ge.u32 %p, %t, 32; @%p bra E; bar.sync 0; bra X; E: mov.u32 %x, 0; L: add.u32 %x, %x, 1;"
     "setp.lt.u32 %q, %x, 9; @%q bra L; X: ",
     "have exited, for which others waited"},
    {"BarriersOfDifferentNumber", 1, 64,
     "setp.lt.u32 %p, %t, 32; @%p bra A; bar.sync 1, 64; bra E; A: bar.sync 2, 64; E:", "wait for each other",
     Result::LaunchTimeout},
    {"BarrierForTooMany", 1, 32, "bar.sync 0, 64;", "wait for each other", Result::LaunchTimeout},
    {"BarrierOutOfRange", 1, 32, "mov.u32 %x, 16; bar.sync %x;", "barrier 16 of 16", Result::IllegalInstruction},
    {"BarrierForHalfAWarp", 1, 32, "bar.sync 0, 16;", "no multiple of 32", Result::IllegalInstruction},
    {"ShuffleLeavesOutItself", 1, 32, "shfl.sync.idx.b32 %x, %t, 0, 31, 0xff;", "leaves out the lane",
     Result::IllegalInstruction},
    {"ShuffleWaitsForever", 1, 32,
     "setp.lt.u32 %p, %t, 16; @%p bra A; bra E; A: shfl.sync.idx.b32 %x, %t, 0, 31, -1; E: bar.sync 0;",
     "wait for each other", Result::LaunchTimeout},
    {"BarriersInBothBranches", 1, 32,
     "setp.lt.u32 %p, %t, 16; @%p bra A; bar.sync 0; mov.u32 %x, 1; bra E; A: bar.sync 0; E:",
     "different barriers"},
    {"BarrierInOneBranch", 1, 64, "setp.ge.u32 %p, %t, 16; @%p bra E; bar.sync 0; E: bar.sync 0;", "wait for each other",
     Result::LaunchTimeout},
    {"BarrierOnlyOfTheOther", 1, 96,
     "setp.eq.u32 %q, %t, 0; @%q st.shared.u32 [s], 1; bar.sync 0; setp.ge.u32 %p, %t, 64; @%p bra E; bar.sync 1, 64; E:"
     "@%q st.shared.u32 [s], 2; setp.eq.u32 %p, %t, 64; @%p ld.shared.u32 %x, [s];",
     "a race:"},
    {"ArrivalDoesNotWait", 1, 64,
     "st.shared.u32 [%s], %t; bar.sync 0; setp.lt.u32 %p, %t, 32; @!%p bra C; bar.arrive 1, 64; st.shared.u32 [%s], 7; bra E;"
     "C: bar.sync 1, 64; ld.shared.u32 %x, [%s+-128]; E:",
     "a race:"},
    {"GridBarrierBeforeAllHaveCome", 2, 64,
     "shl.b32 %x, %k, 7; shl.b32 %y, %t, 1; add.u32 %x, %x, %y; cvt.u64.u32 %w, %x; add.u64 %w, %w, %b;"
     "st.global.u16 [%w], %t; setp.ne.u32 %p, %t, 0; @%p bra E; membar.gl; atom.global.add.u32 %z, [%a], 1;"
     "L: ld.volatile.global.u32 %z, [%a]; setp.ne.u32 %q, %z, 2; @%q bra L; E: bar.sync 0;"
     "xor.b32 %x, %x, 128; cvt.u64.u32 %w, %x; add.u64 %w, %w, %b; ld.global.u16 %y, [%w];",
     "a race:"},
    {"GridBarrierWithoutFence", 2, 64,
     "shl.b32 %x, %k, 7; shl.b32 %y, %t, 1; add.u32 %x, %x, %y; cvt.u64.u32 %w, %x; add.u64 %w, %w, %b;"
     "st.global.u16 [%w], %t; bar.sync 0; setp.ne.u32 %p, %t, 0; @%p bra E; atom.global.add.u32 %z, [%a], 1;"
     "L: ld.volatile.global.u32 %z, [%a]; setp.ne.u32 %q, %z, 2; @%q bra L; E: bar.sync 0;"
     "xor.b32 %x, %x, 128; cvt.u64.u32 %w, %x; add.u64 %w, %w, %b; ld.global.u16 %y, [%w];",
     "a race:"},
    {"BarrierDoesNotOrderBlocks", 2, 32,
     "setp.eq.u32 %p, %k, 0; @%p st.global.u32 [%at], %t; bar.sync 0; @!%p ld.global.u32 %x, [%at];", "a race:"},
    {"WarpBarrierLeavesOutItself", 1, 32, "bar.warp.sync 0xff;", "leaves out the lane", Result::IllegalInstruction},
    {"VoteLeavesOutItself", 1, 32, "setp.eq.u32 %p, %t, 0; vote.sync.any.pred %q, %p, 0xff00;", "leaves out the lane",
     Result::IllegalInstruction},
};

const Case clean[] = {
    {"BarriersInBranchesOfWholeWarps", 1, 64, "setp.lt.u32 %p, %t, 32; @%p bra A; bar.sync 0; bra E; A: bar.sync 0; E:"},
    {"ProducerAndConsumer", 1, 64,
     "setp.lt.u32 %p, %t, 32; @!%p bra C; st.shared.u32 [%s], %t; bar.arrive 1, 64; bra E; C: bar.sync 1, 64;"
     "ld.shared.u32 %x, [%s+-128]; E:"},
    {"DoubleBuffer", 1, 32,
     "mov.u32 %z, 0; L: shl.b32 %x, %z, 7; and.b32 %x, %x, 128; add.u32 %y, %s, %x; st.shared.u32 [%y], %z; bar.sync 0;"
     "ld.shared.u32 %y, [%x]; add.u32 %z, %z, 1; setp.lt.u32 %p, %z, 6; @%p bra L;"},
    {"BarrierReduction", 1, 64, "setp.eq.u32 %p, %t, 5; bar.red.or.pred %q, 0, %p; @%q st.global.u32 [%bt], 1;"},
    {"MatchAndRedux", 1, 32, "and.b32 %x, %t, 3; match.any.sync.b32 %y, %x, -1; redux.sync.add.u32 %z, %x, -1;"},
    {"WarpBarrierOfHalves", 1, 32,
     "st.shared.u32 [%s], %t; setp.lt.u32 %p, %t, 16; @%p bra A; bar.warp.sync 0xffff0000; bra E; A: bar.warp.sync "
     "0xffff; E: xor.b32 %x, %t, 1; shl.b32 %x, %x, 2; ld.shared.u32 %y, [%x];"},
    {"NestedDivergence", 1, 32,
     "setp.lt.u32 %p, %t, 16; @!%p bra E; setp.lt.u32 %q, %t, 8; @!%q bra D; st.global.u32 [%bt], 1; D: st.global.u32 "
     "[%bt], 2; E: bar.sync 0; ld.global.u32 %x, [%b+60];"},
    {"LoopsOfDifferentLength", 1, 64,
     "mov.u32 %x, 0; L: add.u32 %x, %x, 1; setp.le.u32 %p, %x, %t; @%p bra L; st.global.u32 [%bt], %x; bar.sync 0;"
     "ld.global.u32 %y, [%b];"},
    {"ExitOfLanesWithoutABarrier", 1, 64, "setp.ge.u32 %p, %t, 40; @%p bra E; st.global.u32 [%bt], %t; E: ret;"},
    {"GridBarrier", 2, 64,
     "shl.b32 %x, %k, 7; shl.b32 %y, %t, 1; add.u32 %x, %x, %y; cvt.u64.u32 %w, %x; add.u64 %w, %w, %b;"
     "st.global.u16 [%w], %t; bar.sync 0; setp.ne.u32 %p, %t, 0; @%p bra E; membar.gl; atom.global.add.u32 %z, [%a], 1;"
     "L: ld.volatile.global.u32 %z, [%a]; setp.ne.u32 %q, %z, 2; @%q bra L; membar.gl; E: bar.sync 0;"
     "xor.b32 %x, %x, 128; cvt.u64.u32 %w, %x; add.u64 %w, %w, %b; ld.global.u16 %y, [%w];"},
    {"BarriersOfPartsInAChain", 1, 96,
     "setp.lt.u32 %p, %t, 32; @%p st.shared.u32 [%s], %t; setp.ge.u32 %q, %t, 64; @%q bra C; bar.sync 1, 64; @%p bra E;"
     "C: bar.sync 2, 64; E: @%q ld.shared.u32 %x, [%s+-256];"},
    {"BarrierInALoop", 1, 96, "mov.u32 %x, 0; L: bar.sync 0; add.u32 %x, %x, 1; setp.lt.u32 %p, %x, 5; @%p bra L;"},
    {"BarrierInAUniformBranch", 1, 64, "setp.eq.u32 %p, %k, 0; @!%p bra E; bar.sync 0; E:"},
    {"BarrierOfAPart", 1, 96, "setp.ge.u32 %p, %t, 64; @%p bra E; bar.sync 1, 64; E: bar.sync 0;"},
    {"BarrierAfterExitOfAWarp", 1, 96, "setp.ge.u32 %p, %t, 64; @%p exit; bar.sync 1, 64;"},
    {"IncompleteWarp", 1, 40, "st.shared.u32 [%s], %t; bar.sync 0; ld.shared.u32 %x, [s+156];"},
    {"ShuffleOfAnIncompleteWarp", 1, 20, "shfl.sync.down.b32 %x, %t, 1, 31, 0xfffff;"},
    {"BallotAmongMembers", 1, 32,
     "setp.lt.u32 %p, %t, 16; @!%p bra E; setp.lt.u32 %q, %t, 8; vote.sync.ballot.b32 %x, %q, 0xffff; E:"},
};

class BarrierChecks : public testing::TestWithParam<Case> {};
TEST_P(BarrierChecks, AreAsExpected) { check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Faulty, BarrierChecks, testing::ValuesIn(faulty), nameOf);
INSTANTIATE_TEST_SUITE_P(Clean, BarrierChecks, testing::ValuesIn(clean), nameOf);
} // namespace
