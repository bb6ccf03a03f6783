// Races of the threads of a launch, and what orders them.
#include "CheckCase.h"

using namespace emutest;

namespace {
const Case faulty[] = {
    {"AtomicsOfTheScopeOfBlocks", 2, 1, "atom.relaxed.cta.global.add.u32 %x, [%a], 1;", "scope of its block alone"},
    {"FenceOfTheScopeOfBlocks", 2, 1,
     "setp.eq.u32 %p, %k, 0; @!%p bra R; st.global.u32 [%a+8], 1; membar.cta; atom.global.exch.b32 %x, [%a], 99; ret;"
     "R: ld.volatile.global.u32 %x, [%a]; setp.ne.u32 %q, %x, 99; @%q bra R; membar.gl; ld.global.u32 %y, [%a+8];",
     "nothing orders"},
    {"SharedReadTooEarly", 1, 64,
     "st.shared.u32 [%s], %t; xor.b32 %x, %t, 32; shl.b32 %x, %x, 2; ld.shared.u32 %y, [%x];", "never written"},
    {"SharedWriteAfterRead", 1, 64,
     "st.shared.u32 [%s], %t; bar.sync 0; xor.b32 %x, %t, 63; shl.b32 %x, %x, 2; ld.shared.u32 %y, [%x];"
     "st.shared.u32 [%s], %y;",
     "a race:"},
    {"SharedWithinAWarp", 1, 32,
     "st.shared.u32 [%s], %t; xor.b32 %x, %t, 1; shl.b32 %x, %x, 2; ld.shared.u32 %y, [%x];",
     "a race: a read after a write"},
    {"GlobalBetweenThreads", 1, 64, "st.global.u32 [%bt], %t; setp.ne.u32 %p, %t, 40; @!%p ld.global.u32 %x, [%b];",
     "a race:"},
    {"GlobalBetweenBlocks", 2, 32, "st.global.u32 [%at], %k;", "a race: a write after a write"},
    {"GlobalReadOfOtherBlock", 2, 1, "setp.eq.u32 %p, %k, 0; @%p st.global.u32 [%a], 5; @!%p ld.global.u32 %x, [%a];",
     "a race:"},
    {"AtomicAndPlain", 2, 1, "setp.eq.u32 %p, %k, 0; @%p atom.global.add.u32 %x, [%a], 1; @!%p ld.global.u32 %x, [%a];",
     "a race:"},
    {"FlagWithoutFence", 2, 1,
     "setp.eq.u32 %p, %k, 0; @!%p bra R; st.global.u32 [%a+8], 1; atom.global.exch.b32 %x, [%a], 99; ret;"
     "R: ld.volatile.global.u32 %x, [%a]; setp.ne.u32 %q, %x, 99; @%q bra R; ld.global.u32 %y, [%a+8];",
     "a race:"},
    {"CachedReadAfterItsOwnWrite", 1, 1, "st.global.u32 [%b], 7; ld.global.nc.u32 %x, [%b];", "ld.global.nc may only read"},
    {"WriteAfterCachedReadOfAnother", 1, 64,
     "setp.lt.u32 %p, %t, 32; @%p ld.global.nc.u32 %x, [%a]; bar.sync 0; setp.eq.u32 %q, %t, 63; @%q st.global.u32 [%a], 1;",
     "ld.global.nc may only read"},
    {"LanesWriteDifferentValues", 1, 32, "st.global.u32 [%b], %t;", "write different values to one address"},
    {"SharedLanesWriteDifferentValues", 1, 32, "mov.u32 %x, s; st.shared.u32 [%x], %t;", "write different values"},
    {"WriteAfterReadOfOtherBlock", 2, 1,
     "setp.eq.u32 %p, %k, 0; @%p ld.global.u32 %x, [%a]; @!%p st.global.u32 [%a], 5;", "a race:"},
    {"ReductionAndPlain", 2, 1,
     "setp.eq.u32 %p, %k, 0; @%p red.global.add.u32 [%a], 1; @!%p st.global.u32 [%a], 5;", "a race:"},
    {"SharedAtomicAndPlain", 1, 64,
     "st.shared.u32 [%s], 0; bar.sync 0; setp.lt.u32 %p, %t, 32; @%p atom.shared.add.u32 %x, [s], 1; @!%p ld.shared.u32 "
     "%x, [s];",
     "a race:"},
    {"FlagIsReadPlainly", 2, 1,
     "setp.eq.u32 %p, %k, 0; @!%p bra R; st.release.gpu.global.u32 [%a], 99; ret; R: ld.global.u32 %x, [%a];",
     "a race:"},
    {"HalvesThatOverlap", 2, 1,
     "setp.eq.u32 %p, %k, 0; @%p st.global.u16 [%a+2], 1; @!%p ld.global.u32 %x, [%a];", "a race:"},
};

const Case clean[] = {
    {"LanesWriteOneValue", 1, 32, "st.global.u32 [%b], 7; bar.warp.sync -1; ld.global.u32 %x, [%b];"},
    {"SharedAtomics", 1, 64, "st.shared.u32 [%s], 0; bar.sync 0; atom.shared.add.u32 %x, [s+16], 1;"},
    {"SharedAtomicsThenRead", 1, 64,
     "st.shared.u32 [%s], 0; bar.sync 0; atom.shared.add.u32 %x, [s+16], 1; bar.sync 0; ld.shared.u32 %y, [s+16];"},
    {"VolatileReadOfAnAtomic", 2, 1,
     "setp.eq.u32 %p, %k, 0; @%p atom.global.add.u32 %x, [%a], 1; @!%p ld.volatile.global.u32 %x, [%a];"},
    {"RelaxedCounter", 4, 32, "ld.relaxed.gpu.global.u32 %x, [%a]; atom.relaxed.gpu.global.add.u32 %y, [%a], 1;"},
    {"ReadsOfAllByAll", 1, 32,
     "st.shared.u32 [%s], %t; bar.sync 0; mov.u32 %x, 0; L: shl.b32 %y, %x, 2; ld.shared.u32 %z, [%y]; add.u32 %x, %x, 1;"
     "setp.lt.u32 %p, %x, 32; @%p bra L;"},
    {"TreeReduction", 1, 64,
     "st.shared.u32 [%s], %t; mov.u32 %z, 32; L: bar.sync 0; setp.ge.u32 %p, %t, %z; @%p bra N; shl.b32 %x, %z, 2;"
     "add.u32 %x, %s, %x; ld.shared.u32 %y, [%x]; ld.shared.u32 %x, [%s]; add.u32 %x, %x, %y; st.shared.u32 [%s], %x;"
     "N: shr.u32 %z, %z, 1; setp.ne.u32 %p, %z, 0; @%p bra L;"},
    {"SameThreadAcrossBarriers", 1, 64,
     "ld.global.u32 %x, [%at]; bar.sync 0; st.global.u32 [%at], %x; bar.sync 0; ld.global.u32 %x, [%at];"},
    {"SwapOfUnderlyingWordByBytes", 1, 4,
     "mov.u32 %z, 0; st.global.u32 [%b], %z; bar.sync 0; shl.b32 %z, %t, 3; mov.u32 %o, 1; shl.b32 %o, %o, %z;"
     "ld.global.u32 %x, [%b]; L: or.b32 %y, %x, %o; atom.global.cas.b32 %z, [%b], %x, %y; setp.ne.u32 %p, %z, %x;"
     "mov.u32 %x, %z; @%p bra L;"},
    {"OneThreadDoesItAll", 2, 64,
     "setp.ne.u32 %p, %t, 0; @%p ret; setp.ne.u32 %p, %k, 0; @%p ret; st.global.u32 [%b], 1; ld.global.u32 %x, [%b];"
     "st.global.u32 [%b], 2;"},
    {"TicketOfTheLastBlock", 4, 32,
     "mad.wide.u32 %w, %k, 4, %b; setp.eq.u32 %p, %t, 0; @%p st.global.u32 [%w], %k; membar.gl; bar.sync 0; @!%p ret;"
     "atom.acq_rel.gpu.global.add.u32 %x, [%a], 1; setp.ne.u32 %q, %x, 3; @%q ret; membar.gl; ld.global.u32 %y, [%b+8];"},
    {"CachedReads", 2, 64,
     "ld.global.nc.u32 %x, [%at]; ld.global.nc.u32 %y, [%a]; setp.eq.u32 %p, %k, 0; @%p st.global.u32 [%bt], %x;"},
    {"OwnElements", 2, 64, "setp.eq.u32 %p, %k, 0; @%p ld.global.u32 %x, [%at]; @%p st.global.u32 [%bt], %x;"},
    {"SharedWithBarrier", 1, 64,
     "st.shared.u32 [%s], %t; bar.sync 0; xor.b32 %x, %t, 63; shl.b32 %x, %x, 2; ld.shared.u32 %y, [%x];"},
    {"SharedWithTwoBarriers", 1, 64,
     "st.shared.u32 [%s], %t; bar.sync 0; xor.b32 %x, %t, 63; shl.b32 %x, %x, 2; ld.shared.u32 %y, [%x];"
     "bar.sync 0; st.shared.u32 [%s], %y;"},
    {"GlobalWithBarrier", 1, 64, "st.global.u32 [%bt], %t; bar.sync 0; ld.global.u32 %x, [%b];"},
    {"WarpWithWarpBarrier", 1, 32,
     "st.shared.u32 [%s], %t; bar.warp.sync -1; xor.b32 %x, %t, 1; shl.b32 %x, %x, 2; ld.shared.u32 %y, [%x];"},
    {"WarpWithShuffle", 1, 32,
     "st.shared.u32 [%s], %t; shfl.sync.bfly.b32 %y, %t, 1, 31, -1; shl.b32 %x, %y, 2; ld.shared.u32 %y, [%x];"},
    {"ReadsOfOneWord", 4, 64, "ld.global.u32 %x, [%a];"},
    {"AtomicsOfOneWord", 4, 64, "atom.global.add.u32 %x, [%a], 1;"},
    {"ReductionsOfOneWord", 4, 64, "red.global.max.u32 [%a], %t;"},
    {"CompareAndSwapLoop", 4, 64,
     "ld.global.u32 %x, [%a]; L: add.u32 %y, %x, 1; atom.global.cas.b32 %z, [%a], %x, %y; setp.ne.u32 %p, %z, %x;"
     "mov.u32 %x, %z; @%p bra L;"},
    {"CompareAndSwapLoopByAnotherRegister", 4, 64,
     "add.u64 %w, %a, 4; ld.global.u32 %x, [%a+4]; L: add.u32 %y, %x, 1; atom.global.cas.b32 %z, [%w], %x, %y;"
     "setp.ne.u32 %p, %z, %x; mov.u32 %x, %z; @%p bra L;"},
    {"FenceOfABlockThenOfAll", 2, 64,
     "setp.eq.u32 %q, %k, 0; @!%q bra R; setp.eq.u32 %p, %t, 32; @!%p bra W; st.global.u32 [%a+8], 1; membar.cta;"
     "atom.relaxed.cta.global.exch.b32 %x, [%a+12], 99; ret; W: setp.eq.u32 %p, %t, 0; @!%p ret;"
     "V: ld.relaxed.cta.global.u32 %x, [%a+12]; setp.ne.u32 %p, %x, 99; @%p bra V; membar.gl;"
     "atom.global.exch.b32 %x, [%a], 99; ret;"
     "R: ld.volatile.global.u32 %x, [%a]; setp.ne.u32 %q, %x, 99; @%q bra R; membar.gl; ld.global.u32 %y, [%a+8];"},
    {"AtomicsOfABlock", 1, 64, "atom.relaxed.cta.global.add.u32 %x, [%a], 1;"},
    {"VolatileFlag", 4, 64, "st.volatile.global.u32 [%a], 1;"},
    {"BytesOfAWord", 1, 64, "cvt.u64.u32 %w, %t; add.u64 %w, %b, %w; st.global.u8 [%w], %t; ld.global.u8 %x, [%w];"},
    {"FlagWithFence", 2, 1,
     "setp.eq.u32 %p, %k, 0; @!%p bra R; st.global.u32 [%a+8], 1; membar.gl; atom.global.exch.b32 %x, [%a], 99; ret;"
     "R: ld.volatile.global.u32 %x, [%a]; setp.ne.u32 %q, %x, 99; @%q bra R; membar.gl; ld.global.u32 %y, [%a+8];"},
    {"ReleaseAndAcquire", 2, 1,
     "setp.eq.u32 %p, %k, 0; @!%p bra R; st.global.u32 [%a+8], 1; st.release.gpu.global.u32 [%a], 99; ret;"
     "R: ld.acquire.gpu.global.u32 %x, [%a]; setp.ne.u32 %q, %x, 99; @%q bra R; ld.global.u32 %y, [%a+8];"},
    {"LastBlockSumsWithAll", 4, 64,
     "shl.b32 %x, %k, 6; add.u32 %x, %x, %t; cvt.u64.u32 %w, %x; add.u64 %w, %w, %b; st.global.u8 [%w], %t; membar.gl;"
     "bar.sync 0; setp.ne.u32 %p, %t, 0; @%p bra E; atom.global.inc.u32 %z, [%a], 3; st.shared.u32 [s], %z; E: bar.sync 0;"
     "ld.shared.u32 %z, [s]; setp.ne.u32 %q, %z, 3; @%q ret; add.u32 %x, %x, 64; and.b32 %x, %x, 255; cvt.u64.u32 %w, %x;"
     "add.u64 %w, %w, %b; ld.global.u8 %y, [%w];"},
    {"LastBlockSums", 4, 1,
     "mad.wide.u32 %w, %k, 4, %b; st.global.u32 [%w], %k; membar.gl; atom.global.inc.u32 %x, [%a], 3; setp.ne.u32 %p, "
     "%x, 3; @%p ret;"
     "membar.gl; ld.global.u32 %x, [%b]; ld.global.u32 %y, [%b+4]; ld.global.u32 %z, [%b+12];"},
    {"SpinLock", 3, 32,
     "L: atom.global.cas.b32 %x, [%a], 0, 1; setp.ne.u32 %p, %x, 0; @%p bra L; membar.gl; ld.global.u32 %y, [%a+4]; "
     "add.u32 %y, %y, 1;"
     "st.global.u32 [%a+4], %y; membar.gl; atom.global.exch.b32 %x, [%a], 0;"},
    {"FailureRecordUnderLock", 2, 64,
     "L: atom.acq_rel.gpu.global.cas.b32 %x, [%a], 0, 1; setp.ne.u32 %p, %x, 0; @%p bra L; ld.volatile.global.u32 %y, "
     "[%a+4];"
     "st.volatile.global.u32 [%a+4], %t; fence.acq_rel.sys; atom.global.exch.b32 %x, [%a], 0;"},
};

class RaceChecks : public testing::TestWithParam<Case> {};
TEST_P(RaceChecks, AreAsExpected) { check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Faulty, RaceChecks, testing::ValuesIn(faulty), nameOf);
INSTANTIATE_TEST_SUITE_P(Clean, RaceChecks, testing::ValuesIn(clean), nameOf);
} // namespace
