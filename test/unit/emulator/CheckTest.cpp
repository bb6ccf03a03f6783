// Faulty kernels and clean ones: each fault is found, with the words that say what it is, and nothing is found where
// there is none.
#include "Emulator.h"

#include <numeric>

using namespace emutest;

namespace {
/// A kernel's body. It has %a: 64 words that were written, %b: 64 words that were not, %t: the thread, %k: the block,
/// %s: shared memory of 64 words (at 0), %o: the thread's offset of 4 bytes, %at: %a + %o, %bt: %b + %o.
struct Case {
  const char *name;
  unsigned blocks, threads;
  const char *body;
  const char *report = ""; ///< empty: clean
  Result result = Result::LaunchFailed;
};
void PrintTo(const Case &c, std::ostream *out) { *out << c.name; }

std::string kernel(const char *body) {
  return module(R"(.file 1 "kernel.cu"
.const .align 4 .b32 c[4] = {1, 2, 3, 4};
.visible .entry k(.param .u64 a, .param .u64 b)
{
  .shared .align 16 .b32 s[64]; .local .align 8 .b32 l[4];
  .reg .pred %p, %q; .reg .b32 %t, %k, %o, %s, %x, %y, %z; .reg .b64 %a, %b, %at, %bt, %w, %v;
  ld.param.u64 %a, [a]; ld.param.u64 %b, [b]; mov.u32 %t, %tid.x; mov.u32 %k, %ctaid.x; mov.u32 %s, s;
  shl.b32 %o, %t, 2; cvt.u64.u32 %at, %o; add.u64 %bt, %b, %at; add.u64 %at, %a, %at; add.u32 %s, %s, %o;
  .loc 1 42 1
)" + std::string(body) +
                "\n ret;\n}\n");
}

/// Launches with 256 bytes at `a` and at `b`.
void expect(const Case &c, Address a, Address b) {
  Program program(kernel(c.body));
  ASSERT_EQ(program.result, Result::Success) << program.log;
  std::vector<uint32_t> values(64);
  std::iota(values.begin(), values.end(), 0);
  awg::cuda::cuMemcpyHtoD_v2(a, values.data(), 256);
  Result result = launch(program.function("k"), c.blocks, c.threads, 0, a, b);
  if (!*c.report) {
    EXPECT_EQ(result, Result::Success) << awgemu_last_report();
    return;
  }
  EXPECT_EQ(result, c.result);
  std::string report = awgemu_last_report();
  EXPECT_NE(report.find(c.report), std::string::npos) << report;
  EXPECT_NE(report.find("kernel 'k'"), std::string::npos) << report;
  // The error stays until the context is reset.
  EXPECT_EQ(awg::cuda::cuCtxSynchronize(), c.result);
  program.handle = nullptr;
  EXPECT_EQ(awg::cuda::cuDevicePrimaryCtxReset_v2(0), Result::Success);
  EXPECT_EQ(awg::cuda::cuCtxSynchronize(), Result::Success);
}

Address allocate(size_t bytes) {
  device();
  Address address = 0;
  EXPECT_EQ(awg::cuda::cuMemAlloc_v2(&address, bytes), Result::Success);
  return address;
}

class Checks : public testing::TestWithParam<Case> {};

TEST_P(Checks, AreAsExpected) {
  Address a = allocate(256), b = allocate(256);
  expect(GetParam(), a, b);
  if (!*GetParam().report) {
    awg::cuda::cuMemFree_v2(a);
    awg::cuda::cuMemFree_v2(b);
  }
}

/// The same with memory of which the shadow knows nothing yet, whatever its neighbours were used for.
class FreshChecks : public testing::TestWithParam<Case> {};

TEST_P(FreshChecks, AreAsExpected) {
  constexpr uint64_t page = 4096;
  Address memory = allocate(4 * page), a = (memory + page - 1) / page * page;
  expect(GetParam(), a, a + page);
  if (!*GetParam().report)
    awg::cuda::cuMemFree_v2(memory);
}

constexpr Result illegal = Result::IllegalAddress, misaligned = Result::MisalignedAddress;

const Case faulty[] = {
    {"PastTheEnd", 1, 64, "ld.global.u32 %x, [%at+4];", "0 bytes past the end of allocation", illegal},
    {"FarPastTheEnd", 1, 1, "ld.global.u32 %x, [%a+300];", "44 bytes past the end of allocation", illegal},
    {"AcrossTheEnd", 1, 1, "ld.global.v2.u32 {%x, %y}, [%a+256];", "past the end", illegal},
    {"BeforeTheBegin", 1, 1, "st.global.u32 [%a+-8], %x;", "8 bytes before allocation", illegal},
    {"WritePastTheEnd", 1, 32, "st.global.u32 [%at+192], %t;", "invalid write of 4 bytes", illegal},
    {"Null", 1, 1, "mov.u64 %w, 0; ld.global.u32 %x, [%w];", "a null pointer", illegal},
    {"SmallInteger", 1, 1, "mov.u64 %w, 64; ld.u32 %x, [%w];", "a null pointer", illegal},
    {"WildAddress", 1, 1, "mov.u64 %w, 0x123456789abc; ld.global.u32 %x, [%w+4];", "no memory of a device", illegal},
    {"NoAddress", 1, 1, "mov.u64 %w, -8; ld.u32 %x, [%w];", "which is no address", illegal},
    {"AtomicOutOfBounds", 1, 1, "atom.global.add.u32 %x, [%a+600], 1;", "invalid atomic operation", illegal},
    {"IndexFromMemory", 1, 32, "ld.global.u32 %x, [%at+64]; mad.wide.u32 %w, %x, 8, %a; ld.global.u32 %y, [%w+64];",
     "past the end", illegal},
    {"LoopRunsTooFar", 1, 1,
     "mov.u64 %w, %a; mov.u32 %x, 0; L: ld.global.u32 %y, [%w]; add.u64 %w, %w, 4; add.u32 %x, %x, 1;"
     "setp.le.u32 %p, %x, 64; @%p bra L;",
     "0 bytes past the end", illegal},
    {"SecondBlockTooFar", 2, 64, "mad.wide.u32 %w, %k, 256, %at; ld.global.u32 %x, [%w];", "block (1, 0, 0)", illegal},
    {"SourceLine", 1, 1, "ld.global.u32 %x, [%a+256];", "kernel.cu:42", illegal},
    {"Instruction", 1, 1, "ld.global.u32 %x, [%a+256];", "ld.global.u32 %x, [%a+256];", illegal},
    {"SharedOutOfBounds", 1, 32, "st.shared.u32 [%s+132], %t;", "of shared memory, which has 256 bytes", illegal},
    {"SharedByGeneric", 1, 1, "mov.u64 %w, s; cvta.shared.u64 %w, %w; ld.u32 %x, [%w+256];", "of shared memory",
     illegal},
    {"LocalOutOfBounds", 1, 1, "mov.u64 %w, l; st.local.u32 [%w+64], %x;", "of local memory", illegal},
    {"ParametersOutOfBounds", 1, 1, "ld.param.u64 %w, [a+16];", "of the parameters, which have 16 bytes", illegal},
    {"ParametersAreConstant", 1, 1, "mov.b64 %w, a; cvta.param.u64 %w, %w; st.u32 [%w], 0;", "which are constant",
     Result::InvalidAddressSpace},
    {"Misaligned", 1, 1, "ld.global.u32 %x, [%a+2];", "not aligned", misaligned},
    {"MisalignedVector", 1, 1, "ld.global.v4.u32 {%x, %y, %z, _}, [%a+8];", "not aligned", misaligned},
    {"MisalignedShared", 1, 1, "ld.shared.u64 %w, [%s+4];", "not aligned", misaligned},
    {"MisalignedAtomic", 1, 1, "atom.global.add.u64 %w, [%a+4], 1;", "not aligned", misaligned},
    {"NeverWritten", 1, 1, "ld.global.u32 %x, [%b];", "never written"},
    {"NeverWrittenBySome", 1, 64, "setp.lt.u32 %p, %t, 10; @%p st.global.u32 [%bt], %t; ld.global.u32 %x, [%bt];",
     "thread (10, 0, 0)"},
    {"MbarrierUsedBeforeItIsMade", 1, 32,
     "setp.eq.u32 %p, %t, 0; @%p mbarrier.init.shared.b64 [s], 32; mbarrier.arrive.shared.b64 %w, [s];", "a race:"},
    {"AtomicsOfTheScopeOfBlocks", 2, 1, "atom.relaxed.cta.global.add.u32 %x, [%a], 1;", "scope of its block alone"},
    {"FenceOfTheScopeOfBlocks", 2, 1,
     "setp.eq.u32 %p, %k, 0; @!%p bra R; st.global.u32 [%a+8], 1; membar.cta; atom.global.exch.b32 %x, [%a], 99; ret;"
     "R: ld.volatile.global.u32 %x, [%a]; setp.ne.u32 %q, %x, 99; @%q bra R; membar.gl; ld.global.u32 %y, [%a+8];",
     "nothing orders"},
    {"BarrierAfterExitOfLanes", 1, 64, "setp.ge.u32 %p, %t, 40; @%p bra E; bar.sync 0; E: ret;", "have exited"},
    {"MatrixWithoutAllLanes", 1, 32,
     "setp.eq.u32 %p, %t, 31; @%p exit; mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16 {%x, %y}, {%x, %y}, {%x}, {%x, %y};",
     "without all lanes", Result::IllegalInstruction},
    {"MatrixRowsNotAligned", 1, 32, "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%x}, [%s];", "not aligned", misaligned},
    {"MatrixRowOutOfBounds", 1, 32,
     "st.shared.u32 [%s], %t; bar.sync 0; mul.lo.u32 %x, %t, 48; ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%y}, [%x];",
     "of shared memory", illegal},
    {"SharedNeverWritten", 1, 1, "ld.shared.u32 %x, [%s];", "never written"},
    {"AtomicOnNeverWritten", 1, 1, "atom.global.add.u32 %x, [%b], 1;", "never written"},
    {"SwapOfNeverWritten", 1, 1, "atom.global.cas.b32 %x, [%b], 0, 1;", "never written"},
    {"HalfWritten", 1, 1, "st.global.u16 [%b], 0; ld.global.u32 %x, [%b];", "never written"},
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
    {"Trap", 1, 64, "setp.eq.u32 %p, %t, 33; @%p trap;", "thread (33, 0, 0)"},
    {"JumpTableOutOfRange", 1, 1, "mov.u32 %x, 3; T: .branchtargets A, B; brx.idx %x, T; A: B:", "of 2 targets",
     Result::InvalidPC},
    {"CallOfNoFunction", 1, 1, "S: .callprototype _ (); mov.u64 %w, 4096; call %w, S;", "which is no function",
     Result::InvalidPC},
    {"MbarrierOfNone", 1, 1, "mbarrier.init.shared.b64 [s], 0;", "with a count of 0", Result::IllegalInstruction},
    {"MbarrierTooManyArrivals", 1, 2,
     "setp.eq.u32 %p, %t, 0; @%p mbarrier.init.shared.b64 [s], 3; bar.sync 0; mbarrier.arrive.shared.b64 %w, [s], 2;",
     "arrivals to come", Result::IllegalInstruction},
    {"CachedReadAfterItsOwnWrite", 1, 1, "st.global.u32 [%b], 7; ld.global.nc.u32 %x, [%b];", "ld.global.nc may only read"},
    {"WriteAfterCachedReadOfAnother", 1, 64,
     "setp.lt.u32 %p, %t, 32; @%p ld.global.nc.u32 %x, [%a]; bar.sync 0; setp.eq.u32 %q, %t, 63; @%q st.global.u32 [%a], 1;",
     "ld.global.nc may only read"},
    {"BulkCopyNotWaitedFor", 1, 32,
     "setp.eq.u32 %p, %t, 0; @%p mbarrier.init.shared.b64 [s+248], 1; bar.sync 0; @%p mbarrier.arrive.expect_tx.shared.b64 _, "
     "[s+248], 128; @%p cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [s], [%a], 128, [s+248];"
     "ld.shared.u32 %x, [%s];",
     "asynchronous copy of thread 0 writes"},
    {"BulkCopyOutOfBounds", 1, 1,
     "mbarrier.init.shared.b64 [s+248], 1; mbarrier.arrive.expect_tx.shared.b64 _, [s+248], 128; add.u64 %w, %a, 144;"
     "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [s], [%w], 128, [s+248];",
     "past the end", illegal},
    {"MisalignedBulkCopy", 1, 1,
     "mbarrier.init.shared.b64 [s+248], 1; cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [s], [%a+8], "
     "64, [s+248];",
     "not aligned to 16", misaligned},
    {"BulkStoreOfWhatWasNeverWritten", 1, 1,
     "cp.async.bulk.global.shared::cta.bulk_group [%b], [s], 16; cp.async.bulk.commit_group;", "never written"},
    {"AsyncCopyOutOfBounds", 1, 1, "cp.async.ca.shared.global [%s], [%a+256], 4;", "past the end", illegal},
    {"LanesWriteDifferentValues", 1, 32, "st.global.u32 [%b], %t;", "write different values to one address"},
    {"SharedLanesWriteDifferentValues", 1, 32, "mov.u32 %x, s; st.shared.u32 [%x], %t;", "write different values"},
    {"BarriersInBothBranches", 1, 32,
     "setp.lt.u32 %p, %t, 16; @%p bra A; bar.sync 0; mov.u32 %x, 1; bra E; A: bar.sync 0; E:",
     "different barriers"},
    {"BarrierInOneBranch", 1, 64, "setp.ge.u32 %p, %t, 16; @%p bra E; bar.sync 0; E: bar.sync 0;", "wait for each other",
     Result::LaunchTimeout},
    {"BarrierDoesNotOrderBlocks", 2, 32,
     "setp.eq.u32 %p, %k, 0; @%p st.global.u32 [%at], %t; bar.sync 0; @!%p ld.global.u32 %x, [%at];", "a race:"},
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
    {"BulkStoreNotWaitedFor", 1, 32,
     "st.shared.u32 [%s], %t; bar.sync 0; setp.eq.u32 %p, %t, 0; @!%p bra E; fence.proxy.async; cp.async.bulk.global.shared::cta"
     ".bulk_group [%b], [s], 128; cp.async.bulk.commit_group; ld.global.u32 %x, [%b+124]; cp.async.bulk.wait_group 0; E:",
     "asynchronous copy of thread 0 writes"},
    {"AsyncCopyNotWaitedFor", 1, 1, "cp.async.ca.shared.global [%s], [%at], 4; ld.shared.u32 %x, [%s];",
     "asynchronous copy of thread 0 writes"},
    {"AsyncCopyOfAnotherNotWaitedFor", 1, 64,
     "st.shared.u32 [%s], 0; bar.sync 0; cp.async.ca.shared.global [%s], [%at], 4; bar.sync 0; ld.shared.u32 %x, [s+252];"
     "cp.async.wait_all;",
     "asynchronous copy of thread 63 writes"},
    {"AsyncCopyWithoutBarrier", 1, 64,
     "st.shared.u32 [%s], 0; bar.sync 0; cp.async.ca.shared.global [%s], [%at], 4; cp.async.wait_all;"
     "xor.b32 %x, %t, 32; shl.b32 %x, %x, 2; ld.shared.u32 %y, [%x];",
     "a race:"},
    {"MisalignedAsyncCopy", 1, 1, "cp.async.cg.shared.global [%s], [%a+8], 16;", "not aligned", misaligned},
    {"MisalignedHalf", 1, 1, "st.global.u16 [%a+1], 1;", "not aligned", misaligned},
    {"MisalignedByGeneric", 1, 1, "mov.u64 %w, s; cvta.shared.u64 %w, %w; ld.u64 %v, [%w+4];", "not aligned", misaligned},
    {"WarpBarrierLeavesOutItself", 1, 32, "bar.warp.sync 0xff;", "leaves out the lane", Result::IllegalInstruction},
    {"VoteLeavesOutItself", 1, 32, "setp.eq.u32 %p, %t, 0; vote.sync.any.pred %q, %p, 0xff00;", "leaves out the lane",
     Result::IllegalInstruction},
    {"NegativeIndex", 1, 32, "add.u32 %x, %t, -1; mad.wide.s32 %w, %x, 4, %a; ld.global.u32 %y, [%w];",
     "4 bytes before allocation", illegal},
    {"UnsignedIndexWraps", 1, 1, "mov.u32 %x, 0; sub.u32 %x, %x, 1; mad.wide.u32 %w, %x, 4, %a; ld.global.u32 %y, [%w];",
     "invalid read", illegal},
    {"WriteToConstants", 1, 1, "mov.u64 %w, c; cvta.const.u64 %w, %w; st.u32 [%w], 1;", "variable 'c', which is constant",
     Result::InvalidAddressSpace},
    {"WriteToConstantsThatWereRead", 1, 32,
     "mov.u64 %w, c; cvta.const.u64 %w, %w; mov.u32 %z, 0; L: setp.eq.u32 %p, %z, 1; selp.b64 %v, %w, %b, %p; ld.u32 %x, [%w];"
     "st.u32 [%v], 1; add.u32 %z, %z, 1; setp.lt.u32 %q, %z, 2; @%q bra L;",
     "variable 'c', which is constant", Result::InvalidAddressSpace},
    {"AtomicOnConstants", 1, 1, "mov.u64 %w, c; cvta.const.u64 %w, %w; atom.add.u32 %x, [%w+4], 1;",
     "invalid atomic operation of 4 bytes", Result::InvalidAddressSpace},
    {"PastTheConstants", 1, 1, "mov.u64 %w, c; cvta.const.u64 %w, %w; ld.u32 %x, [%w+64];", "past the end", illegal},
};

// Uses of other sizes and places than those before them, mostly of whole warps side by side.
const Case mixedFaulty[] = {
    {"ByteOfAWordThatWasRead", 2, 32,
     "setp.eq.u32 %p, %k, 0; @%p ld.global.u32 %x, [%at]; setp.eq.u32 %q, %t, 3; @%p ret; @%q st.global.u8 [%a+22], 1;",
     "a write after a read by thread (5, 0, 0) of block (0, 0, 0)"},
    {"WordWithAByteThatWasWritten", 2, 32,
     "setp.eq.u32 %p, %k, 0; @!%p bra R; setp.eq.u32 %q, %t, 3; @%q st.global.u8 [%a+22], 1; ret; R: ld.global.u32 %x, [%at];",
     "a read after a write by thread (3, 0, 0) of block (0, 0, 0)"},
    {"ByteBesideAByte", 3, 1,
     "setp.eq.u32 %p, %k, 0; @%p st.global.u8 [%a], 1; setp.eq.u32 %p, %k, 1; @%p st.global.u8 [%a+1], 1;"
     "setp.eq.u32 %p, %k, 2; @%p ld.global.u8 %x, [%a];",
     "a read after a write by thread (0, 0, 0) of block (0, 0, 0)"},
    {"ByteReadBeforeAByteBeside", 2, 1,
     "setp.eq.u32 %p, %k, 0; @%p ld.global.u32 %x, [%a]; @%p ld.global.u8 %x, [%a+1]; @!%p st.global.u8 [%a+3], 1;",
     "a write after a read by thread (0, 0, 0) of block (0, 0, 0)"},
    {"EightBytesOverFour", 2, 32,
     "setp.eq.u32 %p, %k, 0; @%p ld.global.u32 %x, [%at]; setp.eq.u32 %q, %t, 0; mov.u64 %w, 0; @%p ret;"
     "@%q st.global.u64 [%a+24], %w;",
     "a write after a read by thread (6, 0, 0) of block (0, 0, 0)"},
    {"EightBytesOverTheirUpperFour", 2, 32,
     "setp.eq.u32 %p, %k, 0; @!%p bra R; setp.eq.u32 %q, %t, 7; @%q st.global.u32 [%at], 1; ret; R: mad.wide.u32 "
     "%w, %t, 8, %a; ld.global.u64 %v, [%w];",
     "a read after a write by thread (7, 0, 0) of block (0, 0, 0)"},
    {"FourBytesOverEight", 2, 32,
     "mad.wide.u32 %w, %t, 8, %a; mov.u64 %v, 0; setp.eq.u32 %p, %k, 0; @%p st.global.u64 [%w], %v; setp.eq.u32 %q, %t, 0;"
     "@%p ret; @%q ld.global.u32 %x, [%a+252];",
     "a read after a write by thread (31, 0, 0) of block (0, 0, 0)"},
    {"WordsOverPairs", 2, 32,
     "mad.wide.u32 %w, %t, 8, %a; setp.eq.u32 %p, %k, 0; @%p st.global.v2.u32 [%w], {%t, %t}; @!%p st.global.u32 [%at], %t;",
     "a write after a write by thread (0, 0, 0) of block (0, 0, 0)"},
    {"WordsOverHalves", 2, 32,
     "mad.wide.u32 %w, %t, 2, %a; setp.eq.u32 %p, %k, 0; @%p st.global.u16 [%w], %t; setp.eq.u32 %q, %t, 15; @%p ret; @%q "
     "ld.global.u32 %x, [%at];",
     "a read after a write by thread (30, 0, 0) of block (0, 0, 0)"},
    {"NextWord", 1, 32, "st.global.u32 [%at], %t; ld.global.u32 %x, [%at+4];", "a read after a write by thread (1, 0, 0)"},
    {"WordsOneFurther", 2, 32,
     "setp.eq.u32 %p, %k, 0; @%p ld.global.u32 %x, [%at]; @!%p st.global.u32 [%at+4], %x;",
     "a write after a read by thread (1, 0, 0) of block (0, 0, 0)"},
    {"WordsOfTheOtherWarp", 1, 64,
     "and.b32 %x, %o, 127; cvt.u64.u32 %w, %x; add.u64 %w, %a, %w; setp.lt.u32 %p, %t, 32; @%p st.global.u32 [%w], %t;"
     "@!%p ld.global.u32 %x, [%w];",
     "a read after a write by thread (0, 0, 0) of block (0, 0, 0), with no barrier"},
    {"OneOfTheWords", 2, 32,
     "setp.eq.u32 %p, %k, 0; setp.eq.u32 %q, %t, 17; @!%p bra R; @%q st.global.u32 [%at], 1; ret; R: st.global.u32 [%at], 1;",
     "a write after a write by thread (17, 0, 0) of block (0, 0, 0)"},
    {"OneOfTheWordsReadBeforeTheLastRead", 2, 32,
     "setp.eq.u32 %p, %k, 0; setp.eq.u32 %q, %t, 9; @!%p bra R; @%q ld.global.u32 %x, [%at]; ret; R: ld.global.u32 %x, [%at];"
     "st.global.u32 [%at], 1;",
     "a write after a read by thread (9, 0, 0) of block (0, 0, 0)"},
    {"WordsReadBeforeTheyAreWritten", 3, 32,
     "setp.eq.u32 %p, %k, 2; setp.ne.u32 %q, %t, 30; @!%p ld.global.u32 %x, [%at]; @!%p ret; @%q ret; st.global.u32 [%at], 1;",
     "a write after a read by thread (30, 0, 0) of block (1, 0, 0)"},
    {"OneOfTheWordsNeverWritten", 1, 32,
     "setp.ne.u32 %q, %t, 21; @%q st.global.u32 [%bt], 1; ld.global.u32 %x, [%bt];", "thread (21, 0, 0)"},
    {"WordsThatAreCached", 1, 32, "ld.global.nc.u32 %x, [%at]; st.global.u32 [%at], %x;", "ld.global.nc may only read"},
    {"WordsThatAreAtomic", 2, 32,
     "setp.eq.u32 %p, %k, 0; @%p red.global.add.u32 [%at], 1; @!%p ld.global.u32 %x, [%at];",
     "a read after a write by thread (0, 0, 0) of block (0, 0, 0)"},
    {"WordsWrittenBeforeTheyAreAtomic", 2, 32,
     "setp.eq.u32 %p, %k, 0; @%p st.global.u32 [%at], 1; red.global.add.u32 [%at], 1;",
     "a write after a write by thread (0, 0, 0)"},
    {"WordsThatAreAtomicForABlock", 2, 32, "red.relaxed.cta.global.add.u32 [%at], 1;", "scope of its block alone"},
    {"OneWordForAllOfTheLast", 1, 32, "setp.eq.u32 %p, %t, 31; @%p st.global.u32 [%a], 1; ld.global.u32 %x, [%a];",
     "a read after a write by thread (31, 0, 0)"},
    {"OneWordForAllOfTheOneBefore", 1, 32, "setp.eq.u32 %p, %t, 30; @%p st.global.u32 [%a], 1; ld.global.u32 %x, [%a];",
     "a read after a write by thread (30, 0, 0)"},
    {"OneWordForAllThenWritten", 2, 32,
     "setp.eq.u32 %p, %k, 0; @%p ld.global.u32 %x, [%a]; @!%p st.global.u32 [%a], 1;",
     "a write after a read by thread (3"},
    {"SharedBytesAndWords", 1, 64,
     "st.shared.u32 [%s], 0; bar.sync 0; setp.lt.u32 %p, %t, 32; @%p ld.shared.u32 %x, [%s]; setp.eq.u32 %q, %t, 40;"
     "@%q st.shared.u8 [s+49], 1;",
     "a read after a write by thread (40, 0, 0)"},
};

const Case mixedClean[] = {
    {"BytesHalvesAndWordsOfItsOwn", 2, 32,
     "mad.wide.u32 %w, %k, 128, %bt; st.global.u8 [%w], 1; st.global.u8 [%w+1], 2; st.global.u16 [%w+2], 3;"
     "ld.global.u32 %x, [%w]; st.global.u32 [%w], %x; ld.global.u8 %y, [%w+3]; ld.global.u16 %y, [%w];"},
    {"EightBytesOfItsOwn", 1, 32,
     "mad.wide.u32 %w, %t, 8, %b; mov.u64 %v, 0; st.global.u64 [%w], %v; ld.global.u32 %x, [%w+4];"
     "st.global.v2.u32 [%w], {%x, %x}; ld.global.u64 %v, [%w];"},
    {"BytesBesideThoseOfTheOther", 2, 32,
     "mad.wide.u32 %w, %t, 2, %b; cvt.u64.u32 %v, %k; add.u64 %w, %w, %v; st.global.u8 [%w], 1; ld.global.u8 %x, [%w];"},
    {"BytesThenTheWordsOfOthers", 1, 64,
     "st.global.u8 [%bt], 1; st.global.u8 [%bt+1], 1; st.global.u16 [%bt+2], 1; bar.sync 0; xor.b32 %x, %o, 128;"
     "cvt.u64.u32 %w, %x; add.u64 %w, %b, %w; ld.global.u32 %x, [%w]; bar.sync 0; mov.u64 %v, 0; mad.wide.u32 %w, %t, 8, %b;"
     "setp.lt.u32 %p, %t, 32; @%p st.global.u64 [%w], %v; bar.sync 0; ld.global.u32 %x, [%bt];"},
    {"WordsOneFurtherAfterABarrier", 1, 32,
     "st.global.u32 [%at], %t; bar.warp.sync -1; ld.global.u32 %x, [%at+4]; bar.warp.sync -1; st.global.u32 [%at+8], %x;"},
    {"OneWordForAllAfterABarrier", 1, 64,
     "setp.eq.u32 %p, %t, 63; @%p st.global.u32 [%b], 1; bar.sync 0; ld.global.u32 %x, [%b]; bar.sync 0;"
     "@%p st.global.u32 [%b], 2;"},
    {"WordsWrittenBeforeTheyAreAtomicAfterABarrier", 1, 64,
     "st.global.u32 [%at], 1; red.global.add.u32 [%at], 1; bar.sync 0; xor.b32 %x, %o, 128; cvt.u64.u32 %w, %x;"
     "add.u64 %w, %a, %w; red.global.add.u32 [%w], 1;"},
    {"WordsBackwards", 2, 64,
     "xor.b32 %x, %o, 252; cvt.u64.u32 %w, %x; setp.eq.u32 %p, %k, 0; @!%p ret; add.u64 %v, %b, %w; add.u64 %w, %a, %w;"
     "ld.global.u32 %x, [%w]; st.global.u32 [%v], %x; st.global.u32 [%w], %x;"},
};

const Case clean[] = {
    {"LanesWriteOneValue", 1, 32, "st.global.u32 [%b], 7; bar.warp.sync -1; ld.global.u32 %x, [%b];"},
    {"BarriersInBranchesOfWholeWarps", 1, 64, "setp.lt.u32 %p, %t, 32; @%p bra A; bar.sync 0; bra E; A: bar.sync 0; E:"},
    {"ProducerAndConsumer", 1, 64,
     "setp.lt.u32 %p, %t, 32; @!%p bra C; st.shared.u32 [%s], %t; bar.arrive 1, 64; bra E; C: bar.sync 1, 64;"
     "ld.shared.u32 %x, [%s+-128]; E:"},
    {"DoubleBuffer", 1, 32,
     "mov.u32 %z, 0; L: shl.b32 %x, %z, 7; and.b32 %x, %x, 128; add.u32 %y, %s, %x; st.shared.u32 [%y], %z; bar.sync 0;"
     "ld.shared.u32 %y, [%x]; add.u32 %z, %z, 1; setp.lt.u32 %p, %z, 6; @%p bra L;"},
    {"PredicateKeepsFromBadAddress", 1, 32, "setp.ne.u32 %p, %t, %t; mov.u64 %w, 0; @%p ld.global.u32 %x, [%w];"},
    {"BytesOfOtherBlocks", 4, 1, "cvt.u64.u32 %w, %k; add.u64 %w, %a, %w; st.global.u8 [%w], %k;"},
    {"VectorsOfFour", 1, 16,
     "shl.b32 %x, %t, 4; cvt.u64.u32 %w, %x; add.u64 %v, %a, %w; ld.global.v4.u32 {%x, %y, %z, _}, [%v]; add.u64 %v, %b, "
     "%w; st.global.v2.u32 [%v], {%x, %y};"},
    {"BarrierReduction", 1, 64, "setp.eq.u32 %p, %t, 5; bar.red.or.pred %q, 0, %p; @%q st.global.u32 [%bt], 1;"},
    {"MatchAndRedux", 1, 32, "and.b32 %x, %t, 3; match.any.sync.b32 %y, %x, -1; redux.sync.add.u32 %z, %x, -1;"},
    {"WarpBarrierOfHalves", 1, 32,
     "st.shared.u32 [%s], %t; setp.lt.u32 %p, %t, 16; @%p bra A; bar.warp.sync 0xffff0000; bra E; A: bar.warp.sync "
     "0xffff; E: xor.b32 %x, %t, 1; shl.b32 %x, %x, 2; ld.shared.u32 %y, [%x];"},
    {"SharedAtomics", 1, 64, "st.shared.u32 [%s], 0; bar.sync 0; atom.shared.add.u32 %x, [s+16], 1;"},
    {"SharedAtomicsThenRead", 1, 64,
     "st.shared.u32 [%s], 0; bar.sync 0; atom.shared.add.u32 %x, [s+16], 1; bar.sync 0; ld.shared.u32 %y, [s+16];"},
    {"VolatileReadOfAnAtomic", 2, 1,
     "setp.eq.u32 %p, %k, 0; @%p atom.global.add.u32 %x, [%a], 1; @!%p ld.volatile.global.u32 %x, [%a];"},
    {"RelaxedCounter", 4, 32, "ld.relaxed.gpu.global.u32 %x, [%a]; atom.relaxed.gpu.global.add.u32 %y, [%a], 1;"},
    {"NestedDivergence", 1, 32,
     "setp.lt.u32 %p, %t, 16; @!%p bra E; setp.lt.u32 %q, %t, 8; @!%q bra D; st.global.u32 [%bt], 1; D: st.global.u32 "
     "[%bt], 2; E: bar.sync 0; ld.global.u32 %x, [%b+60];"},
    {"LoopsOfDifferentLength", 1, 64,
     "mov.u32 %x, 0; L: add.u32 %x, %x, 1; setp.le.u32 %p, %x, %t; @%p bra L; st.global.u32 [%bt], %x; bar.sync 0;"
     "ld.global.u32 %y, [%b];"},
    {"ExitWithoutBarrier", 4, 64, "setp.gt.u32 %p, %t, 7; @%p exit; ld.global.u32 %x, [%at];"},
    {"ReadsOfAllByAll", 1, 32,
     "st.shared.u32 [%s], %t; bar.sync 0; mov.u32 %x, 0; L: shl.b32 %y, %x, 2; ld.shared.u32 %z, [%y]; add.u32 %x, %x, 1;"
     "setp.lt.u32 %p, %x, 32; @%p bra L;"},
    {"TreeReduction", 1, 64,
     "st.shared.u32 [%s], %t; mov.u32 %z, 32; L: bar.sync 0; setp.ge.u32 %p, %t, %z; @%p bra N; shl.b32 %x, %z, 2;"
     "add.u32 %x, %s, %x; ld.shared.u32 %y, [%x]; ld.shared.u32 %x, [%s]; add.u32 %x, %x, %y; st.shared.u32 [%s], %x;"
     "N: shr.u32 %z, %z, 1; setp.ne.u32 %p, %z, 0; @%p bra L;"},
    {"ConstantsAreRead", 2, 32, "mov.u64 %w, c; ld.const.u32 %x, [%w+8]; cvta.const.u64 %w, %w; ld.u32 %y, [%w];"},
    {"AsyncCopyInGroups", 1, 32,
     "cp.async.ca.shared.global [%s], [%at], 4; cp.async.commit_group; cp.async.ca.shared.global [%s+128], [%at+128], 4;"
     "cp.async.commit_group; cp.async.wait_group 1; ld.shared.u32 %x, [%s]; cp.async.wait_group 0; ld.shared.u32 %y, "
     "[%s+128];"},
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
    {"BulkCopyWaitedFor", 1, 32,
     "setp.eq.u32 %p, %t, 0; @%p mbarrier.init.shared.b64 [s+248], 1; bar.sync 0; @%p mbarrier.arrive.expect_tx.shared.b64 _, "
     "[s+248], 128; @%p cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [s], [%a], 128, [s+248];"
     "L: mbarrier.try_wait.parity.shared.b64 %q, [s+248], 0; @!%q bra L; ld.shared.u32 %x, [%s]; st.global.u32 [%bt], %x;"},
    {"BulkStoreWaitedFor", 1, 32,
     "st.shared.u32 [%s], %t; bar.sync 0; setp.eq.u32 %p, %t, 0; @!%p bra E; fence.proxy.async; cp.async.bulk.global.shared::cta"
     ".bulk_group [%b], [s], 128; cp.async.bulk.commit_group; cp.async.bulk.wait_group 0; ld.global.u32 %x, [%b+124]; E:"},
    {"CachedReads", 2, 64,
     "ld.global.nc.u32 %x, [%at]; ld.global.nc.u32 %y, [%a]; setp.eq.u32 %p, %k, 0; @%p st.global.u32 [%bt], %x;"},
    {"OwnElements", 2, 64, "setp.eq.u32 %p, %k, 0; @%p ld.global.u32 %x, [%at]; @%p st.global.u32 [%bt], %x;"},
    {"LastElement", 1, 1, "ld.global.u32 %x, [%a+252]; st.global.u8 [%b+255], %x;"},
    {"GuardedTail", 1, 96, "setp.lt.u32 %p, %t, 64; @%p ld.global.u32 %x, [%at];"},
    {"WriteThenRead", 1, 64, "st.global.u32 [%bt], %t; ld.global.u32 %x, [%bt];"},
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
    {"ExitOfLanesWithoutABarrier", 1, 64, "setp.ge.u32 %p, %t, 40; @%p bra E; st.global.u32 [%bt], %t; E: ret;"},
    {"ExchangeOfNeverWritten", 1, 1, "atom.global.exch.b32 %x, [%b], 1; ld.global.u32 %y, [%b];"},
    {"SwapForHalfAWord", 1, 1,
     "st.global.u16 [%b], 7; ld.global.u32 %x, [%b]; L: or.b32 %y, %x, 8; atom.global.cas.b32 %z, [%b], %x, %y;"
     "setp.ne.u32 %p, %z, %x; mov.u32 %x, %z; @%p bra L;"},
    {"VolatileFlag", 4, 64, "st.volatile.global.u32 [%a], 1;"},
    {"BytesOfAWord", 1, 64, "cvt.u64.u32 %w, %t; add.u64 %w, %b, %w; st.global.u8 [%w], %t; ld.global.u8 %x, [%w];"},
    {"FlagWithFence", 2, 1,
     "setp.eq.u32 %p, %k, 0; @!%p bra R; st.global.u32 [%a+8], 1; membar.gl; atom.global.exch.b32 %x, [%a], 99; ret;"
     "R: ld.volatile.global.u32 %x, [%a]; setp.ne.u32 %q, %x, 99; @%q bra R; membar.gl; ld.global.u32 %y, [%a+8];"},
    {"ReleaseAndAcquire", 2, 1,
     "setp.eq.u32 %p, %k, 0; @!%p bra R; st.global.u32 [%a+8], 1; st.release.gpu.global.u32 [%a], 99; ret;"
     "R: ld.acquire.gpu.global.u32 %x, [%a]; setp.ne.u32 %q, %x, 99; @%q bra R; ld.global.u32 %y, [%a+8];"},
    {"GridBarrier", 2, 64,
     "shl.b32 %x, %k, 7; shl.b32 %y, %t, 1; add.u32 %x, %x, %y; cvt.u64.u32 %w, %x; add.u64 %w, %w, %b;"
     "st.global.u16 [%w], %t; bar.sync 0; setp.ne.u32 %p, %t, 0; @%p bra E; membar.gl; atom.global.add.u32 %z, [%a], 1;"
     "L: ld.volatile.global.u32 %z, [%a]; setp.ne.u32 %q, %z, 2; @%q bra L; membar.gl; E: bar.sync 0;"
     "xor.b32 %x, %x, 128; cvt.u64.u32 %w, %x; add.u64 %w, %w, %b; ld.global.u16 %y, [%w];"},
    {"LastBlockSumsWithAll", 4, 64,
     "shl.b32 %x, %k, 6; add.u32 %x, %x, %t; cvt.u64.u32 %w, %x; add.u64 %w, %w, %b; st.global.u8 [%w], %t; membar.gl;"
     "bar.sync 0; setp.ne.u32 %p, %t, 0; @%p bra E; atom.global.inc.u32 %z, [%a], 3; st.shared.u32 [s], %z; E: bar.sync 0;"
     "ld.shared.u32 %z, [s]; setp.ne.u32 %q, %z, 3; @%q ret; add.u32 %x, %x, 64; and.b32 %x, %x, 255; cvt.u64.u32 %w, %x;"
     "add.u64 %w, %w, %b; ld.global.u8 %y, [%w];"},
    {"BarriersOfPartsInAChain", 1, 96,
     "setp.lt.u32 %p, %t, 32; @%p st.shared.u32 [%s], %t; setp.ge.u32 %q, %t, 64; @%q bra C; bar.sync 1, 64; @%p bra E;"
     "C: bar.sync 2, 64; E: @%q ld.shared.u32 %x, [%s+-256];"},
    {"LastBlockSums", 4, 1,
     "mad.wide.u32 %w, %k, 4, %b; st.global.u32 [%w], %k; membar.gl; atom.global.inc.u32 %x, [%a], 3; setp.ne.u32 %p, "
     "%x, 3; @%p ret;"
     "membar.gl; ld.global.u32 %x, [%b]; ld.global.u32 %y, [%b+4]; ld.global.u32 %z, [%b+12];"},
    {"SpinLock", 3, 32,
     "L: atom.global.cas.b32 %x, [%a], 0, 1; setp.ne.u32 %p, %x, 0; @%p bra L; membar.gl; ld.global.u32 %y, [%a+4]; "
     "add.u32 %y, %y, 1;"
     "st.global.u32 [%a+4], %y; membar.gl; atom.global.exch.b32 %x, [%a], 0;"},
    {"BarrierInALoop", 1, 96, "mov.u32 %x, 0; L: bar.sync 0; add.u32 %x, %x, 1; setp.lt.u32 %p, %x, 5; @%p bra L;"},
    {"BarrierInAUniformBranch", 1, 64, "setp.eq.u32 %p, %k, 0; @!%p bra E; bar.sync 0; E:"},
    {"BarrierOfAPart", 1, 96, "setp.ge.u32 %p, %t, 64; @%p bra E; bar.sync 1, 64; E: bar.sync 0;"},
    {"BarrierAfterExitOfAWarp", 1, 96, "setp.ge.u32 %p, %t, 64; @%p exit; bar.sync 1, 64;"},
    {"IncompleteWarp", 1, 40, "st.shared.u32 [%s], %t; bar.sync 0; ld.shared.u32 %x, [s+156];"},
    {"ShuffleOfAnIncompleteWarp", 1, 20, "shfl.sync.down.b32 %x, %t, 1, 31, 0xfffff;"},
    {"BallotAmongMembers", 1, 32,
     "setp.lt.u32 %p, %t, 16; @!%p bra E; setp.lt.u32 %q, %t, 8; vote.sync.ballot.b32 %x, %q, 0xffff; E:"},
    {"LocalMemory", 1, 64, "mov.u64 %w, l; st.local.u32 [%w+12], %t; ld.local.u32 %x, [%w+12];"},
    {"GenericSpaces", 1, 64,
     "mov.u64 %w, l; cvta.local.u64 %w, %w; st.u32 [%w], %t; ld.u32 %x, [%w]; st.u32 [%bt], %x;"},
    {"AsyncCopy", 1, 64,
     "cp.async.ca.shared.global [%s], [%at], 4; cp.async.commit_group; cp.async.wait_group 0; bar.sync 0; "
     "ld.shared.u32 %x, [s+252];"},
    {"AsyncCopyOfNothing", 1, 1,
     "cp.async.ca.shared.global [%s], [%a+256], 4, 0; cp.async.wait_all; ld.shared.u32 %x, [%s];"},
    {"MbarrierHandOver", 1, 64,
     "setp.ne.u32 %p, %t, 0; @%p bra A; mbarrier.init.shared.b64 [s], 64; A: bar.sync 0; st.global.u32 [%bt], %t;"
     "mbarrier.arrive.shared.b64 %w, [s]; W: mbarrier.test_wait.shared.b64 %q, [s], %w; @!%q bra W; ld.global.u32 %x, "
     "[%b+100];"},
    {"FailureRecordUnderLock", 2, 64,
     "L: atom.acq_rel.gpu.global.cas.b32 %x, [%a], 0, 1; setp.ne.u32 %p, %x, 0; @%p bra L; ld.volatile.global.u32 %y, "
     "[%a+4];"
     "st.volatile.global.u32 [%a+4], %t; fence.acq_rel.sys; atom.global.exch.b32 %x, [%a], 0;"},
};

std::string nameOf(const testing::TestParamInfo<Case> &info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Faulty, Checks, testing::ValuesIn(faulty), nameOf);
INSTANTIATE_TEST_SUITE_P(Clean, Checks, testing::ValuesIn(clean), nameOf);
INSTANTIATE_TEST_SUITE_P(MixedFaulty, Checks, testing::ValuesIn(mixedFaulty), nameOf);
INSTANTIATE_TEST_SUITE_P(MixedClean, Checks, testing::ValuesIn(mixedClean), nameOf);
INSTANTIATE_TEST_SUITE_P(MixedFaulty, FreshChecks, testing::ValuesIn(mixedFaulty), nameOf);
INSTANTIATE_TEST_SUITE_P(MixedClean, FreshChecks, testing::ValuesIn(mixedClean), nameOf);

// Words of a warp that lie in two pages of the shadow: what the first holds does not speak for the second.
TEST(CheckedRows, AcrossPages) {
  for (bool isRace : {false, true}) {
    Program program(kernel("setp.eq.u32 %p, %k, 0; setp.eq.u32 %q, %t, 20; @!%p bra R; @%q st.global.u32 [%bt], 1; ret;"
                           "R: st.global.u32 [%at], 1;"));
    Address memory = 0;
    ASSERT_EQ(awg::cuda::cuMemAlloc_v2(&memory, 16384), Result::Success);
    Address a = (memory + 4095) / 4096 * 4096 + 4096 - 64; // 16 words in each page
    Result result = launch(program.function("k"), 2, 32, 0, a, isRace ? a : a + 128);
    EXPECT_EQ(result, isRace ? Result::LaunchFailed : Result::Success) << awgemu_last_report();
    if (isRace)
      EXPECT_NE(std::string(awgemu_last_report()).find("by thread (20, 0, 0) of block (0, 0, 0)"), std::string::npos);
    program.handle = nullptr;
    EXPECT_EQ(awg::cuda::cuDevicePrimaryCtxReset_v2(0), Result::Success);
  }
}

// A copy on the device makes nothing written that was not, at whatever places in pages.
TEST(CheckedCopies, HandOnWhatWasWritten) {
  Program program(kernel("ld.global.u32 %x, [%a];"));
  Address a = 0, b = 0;
  ASSERT_EQ(awg::cuda::cuMemAlloc_v2(&a, 12288), Result::Success);
  ASSERT_EQ(awg::cuda::cuMemAlloc_v2(&b, 12288), Result::Success);
  awg::cuda::cuMemsetD8_v2(b + 100, 1, 4);
  awg::cuda::cuMemsetD8_v2(b + 100 + 8184, 1, 4);
  awg::cuda::cuMemcpyDtoD_v2(a + 8, b + 100, 8192);
  EXPECT_EQ(launch(program.function("k"), 1, 1, 0, a + 8, b), Result::Success) << awgemu_last_report();
  EXPECT_EQ(launch(program.function("k"), 1, 1, 0, a + 8192, b), Result::Success) << awgemu_last_report();
  EXPECT_EQ(launch(program.function("k"), 1, 1, 0, a + 8196, b), Result::LaunchFailed);
  EXPECT_NE(std::string(awgemu_last_report()).find("never written"), std::string::npos) << awgemu_last_report();
  program.handle = nullptr;
  EXPECT_EQ(awg::cuda::cuDevicePrimaryCtxReset_v2(0), Result::Success);
}

// To the byte.
TEST(CheckedCopies, HandOnWhichBytesWereWritten) {
  for (uint64_t at : {0, 1, 4, 5}) {
    Program program(kernel("ld.global.u8 %x, [%a];"));
    Address a = 0, b = 0;
    ASSERT_EQ(awg::cuda::cuMemAlloc_v2(&a, 64), Result::Success);
    ASSERT_EQ(awg::cuda::cuMemAlloc_v2(&b, 64), Result::Success);
    awg::cuda::cuMemsetD8_v2(b + 17, 1, 4);
    awg::cuda::cuMemcpyDtoD_v2(a + 8, b + 16, 16);
    bool isWritten = at >= 1 && at < 5;
    EXPECT_EQ(launch(program.function("k"), 1, 1, 0, a + 8 + at, b), isWritten ? Result::Success : Result::LaunchFailed) << at;
    program.handle = nullptr;
    EXPECT_EQ(awg::cuda::cuDevicePrimaryCtxReset_v2(0), Result::Success);
  }
}
} // namespace

// What a thread without a current context asks for fails, and is told of.
TEST(CheckedCalls, NeedAContext) {
  device();
  awg::cuda::Context own = nullptr;
  ASSERT_EQ(awg::cuda::cuCtxGetCurrent(&own), Result::Success);
  awg::cuda::cuCtxSetCurrent(nullptr);
  Address a = 0;
  EXPECT_EQ(awg::cuda::cuMemAlloc_v2(&a, 16), Result::InvalidContext);
  EXPECT_STREQ(awgemu_last_report(), "a call of cuMemAlloc_v2 by a thread that has no current context");
  awg::cuda::cuCtxSetCurrent(own);
}
