// Divergence, loops, calls, barriers and what warps do together.
#include "Emulator.h"

#include <numeric>

using namespace emutest;

namespace {
/// Runs `body`, which computes %r from %tid, for one block of `threads`; `before` goes in front of the kernel.
std::vector<uint32_t> runBlock(unsigned threads, const std::string &body, const std::string &before = "",
                               Result expected = Result::Success) {
  Program program(module(before + R"(
.visible .entry k(.param .u64 out)
{
  .reg .pred %p<8>; .reg .b32 %t, %r, %r<16>; .reg .b64 %rd<8>, %base;
  ld.param.u64 %base, [out];
  mov.u32 %t, %tid.x;
  mov.u32 %r, 0;
)" + body + R"(
  mad.wide.u32 %base, %t, 4, %base;
  st.global.u32 [%base], %r;
  ret;
}
)"));
  EXPECT_EQ(program.result, Result::Success) << program.log;
  std::vector<uint32_t> result(threads);
  if (program.result != Result::Success)
    return result;
  Buffer<uint32_t> out(std::vector<uint32_t>(threads, 0));
  EXPECT_EQ(launch(program.function("k"), 1, threads, 0, out.address), expected) << awgemu_last_report();
  return expected == Result::Success ? out.read() : result;
}
template <class F> void expectEach(const std::vector<uint32_t> &values, F f) {
  for (uint32_t i = 0; i < values.size(); ++i)
    ASSERT_EQ(values[i], uint32_t(f(i))) << "thread " << i;
}

TEST(Control, LanesLeaveALoopOneByOne) {
  expectEach(runBlock(64, R"(
  mov.u32 %r1, 0;
LOOP:
  setp.ge.u32 %p1, %r1, %t;
  @%p1 bra DONE;
  add.u32 %r, %r, %r1;
  add.u32 %r1, %r1, 1;
  bra LOOP;
DONE:
  add.u32 %r, %r, 1000;
)"),
             [](uint32_t t) { return t * (t - 1) / 2 + 1000; });
}

TEST(Control, NestedBranchesMeet) {
  expectEach(runBlock(32, R"(
  and.b32 %r1, %t, 1; setp.eq.u32 %p1, %r1, 0;
  and.b32 %r2, %t, 2; setp.eq.u32 %p2, %r2, 0;
  @%p1 bra EVEN;
  @%p2 bra ODD2;
  mov.u32 %r, 1; bra ODDEND;
ODD2: mov.u32 %r, 2;
ODDEND: activemask.b32 %r3; bra END;
EVEN: mov.u32 %r, 3;
  activemask.b32 %r3;
END:
  popc.b32 %r3, %r3;
  activemask.b32 %r4; popc.b32 %r4, %r4;
  mad.lo.u32 %r, %r3, 100, %r; mad.lo.u32 %r, %r4, 10000, %r;
)"),
             [](uint32_t t) { return 320000 + 1600 + (t % 2 ? t & 2 ? 1 : 2 : 3); });
}

TEST(Control, LanesThatReturnAreNoLongerWaitedFor) {
  expectEach(runBlock(32, R"(
  setp.lt.u32 %p1, %t, 8;
  @%p1 ret;
  setp.lt.u32 %p2, %t, 16;
  @%p2 exit;
  activemask.b32 %r;
)"),
             [](uint32_t t) { return t < 16 ? 0 : 0xffff0000u; });
}

TEST(Control, BranchTables) {
  expectEach(runBlock(32, R"(
  and.b32 %r1, %t, 3;
  TABLE: .branchtargets A, B, C, A;
  brx.idx %r1, TABLE;
A: mov.u32 %r, 10; bra.uni END;
B: mov.u32 %r, 20; bra.uni END;
C: mov.u32 %r, 30;
END:
  activemask.b32 %r2; popc.b32 %r2, %r2; add.u32 %r, %r, %r2;
)"),
             [](uint32_t t) {
               return (t % 4 == 1 ? 20 : t % 4 == 2 ? 30 : 10) + 32;
             });
}

const char *const factorial = R"(
.visible .func (.param .b32 result) factorial(.param .b32 n)
{
  .reg .pred %p; .reg .b32 %r<5>;
  ld.param.u32 %r1, [n];
  setp.le.u32 %p, %r1, 1;
  mov.u32 %r2, 1;
  @%p bra DONE;
  sub.u32 %r3, %r1, 1;
  { .param .b32 a; .param .b32 v;
    st.param.b32 [a], %r3;
    call.uni (v), factorial, (a);
    ld.param.b32 %r4, [v]; }
  mul.lo.u32 %r2, %r1, %r4;
DONE:
  st.param.b32 [result], %r2;
  ret;
}
)";

TEST(Control, RecursionOfDifferentDepths) {
  expectEach(runBlock(32, R"(
  and.b32 %r1, %t, 7;
  { .param .b32 a; .param .b32 v;
    st.param.b32 [a], %r1;
    call.uni (v), factorial, (a);
    ld.param.b32 %r, [v]; }
)",
                      factorial),
             [](uint32_t t) {
               uint32_t f = 1;
               for (uint32_t i = 2; i <= t % 8; ++i)
                 f *= i;
               return f;
             });
}

const char *const twoFunctions = R"(
.func (.param .b32 v) twice(.param .b32 n) { .reg .b32 %r; ld.param.u32 %r, [n]; add.u32 %r, %r, %r; st.param.b32 [v], %r; ret; }
.func (.param .b32 v) square(.param .b32 n) { .reg .b32 %r; ld.param.u32 %r, [n]; mul.lo.u32 %r, %r, %r; st.param.b32 [v], %r; ret; }
.global .u64 table[2] = { twice, square };
)";

TEST(Control, IndirectCallsThroughATable) {
  expectEach(runBlock(32, R"(
  and.b32 %r1, %t, 1;
  mov.u64 %rd1, table;
  mad.wide.u32 %rd1, %r1, 8, %rd1;
  ld.global.u64 %rd2, [%rd1];
  SHAPE: .callprototype (.param .b32 _) _ (.param .b32 _);
  { .param .b32 a; .param .b32 v;
    st.param.b32 [a], %t;
    call (v), %rd2, (a), SHAPE;
    ld.param.b32 %r, [v]; }
)",
                      twoFunctions),
             [](uint32_t t) { return t % 2 ? t * t : 2 * t; });
}

TEST(Control, SpinLockAmongTheLanesOfAWarp) {
  expectEach(runBlock(96, R"(
LOCK:
  atom.global.cas.b32 %r1, [lock], 0, 1;
  setp.ne.u32 %p1, %r1, 0;
  @%p1 bra LOCK;
  ld.volatile.global.u32 %r2, [lock+4];
  add.u32 %r2, %r2, 1;
  st.volatile.global.u32 [lock+4], %r2;
  membar.gl;
  atom.global.exch.b32 %r1, [lock], 0;
  bar.sync 0;
  ld.volatile.global.u32 %r, [lock+4];
)",
                      ".global .align 8 .u32 lock[2];\n"),
             [](uint32_t) { return 96; });
}

TEST(Control, PredicatedCallsAndLocals) {
  expectEach(runBlock(32, R"(
  .local .align 8 .b32 mine[4];
  setp.lt.u32 %p1, %t, 5;
  mov.u64 %rd1, mine;
  st.local.u32 [%rd1+4], %t;
  cvta.local.u64 %rd2, %rd1;
  ld.u32 %r, [%rd2+4];
  { .param .b32 a; .param .b32 v;
    st.param.b32 [a], %t;
    @%p1 call (v), square, (a);
    @%p1 ld.param.b32 %r, [v]; }
)",
                      twoFunctions),
             [](uint32_t t) { return t < 5 ? t * t : t; });
}

TEST(Control, FramesGrowAndShrink) {
  expectEach(runBlock(32, R"(
  stacksave.u64 %rd1;
  mov.u64 %rd2, 48;
  alloca.u64 %rd3, %rd2, 16;
  st.local.u32 [%rd3+44], %t;
  { .param .b32 a; .param .b32 v;
    st.param.b32 [a], %t;
    call (v), twice, (a);
    ld.param.b32 %r1, [v]; }
  ld.local.u32 %r2, [%rd3+44];
  stackrestore.u64 %rd1;
  stacksave.u64 %rd4;
  setp.eq.u64 %p1, %rd1, %rd4;
  add.u32 %r, %r1, %r2;
  @!%p1 mov.u32 %r, 0;
)",
                      twoFunctions),
             [](uint32_t t) { return 3 * t; });
}

TEST(Barrier, AllThreadsMeet) {
  expectEach(runBlock(128, R"(
  .shared .align 4 .b32 s[128];
  mov.u32 %r1, s;
  shl.b32 %r2, %t, 2;
  add.u32 %r2, %r1, %r2;
  st.shared.u32 [%r2], %t;
  bar.sync 0;
  xor.b32 %r3, %t, 127;
  shl.b32 %r3, %r3, 2;
  add.u32 %r3, %r1, %r3;
  ld.shared.u32 %r, [%r3];
)"),
             [](uint32_t t) { return 127 - t; });
}

TEST(Barrier, ReductionsOverTheBlock) {
  expectEach(runBlock(96, R"(
  setp.lt.u32 %p1, %t, 50;
  bar.red.popc.u32 %r, 1, %p1;
  barrier.cta.red.and.pred %p2, 2, %p1;
  barrier.cta.red.or.aligned.pred %p3, 3, !%p1;
  @%p2 add.u32 %r, %r, 1000;
  @%p3 add.u32 %r, %r, 2000;
)"),
             [](uint32_t) { return 2050; });
}

TEST(Barrier, ProducersAndConsumers) {
  expectEach(runBlock(64, R"(
  .shared .align 4 .b32 s[32];
  and.b32 %r1, %t, 31; shl.b32 %r1, %r1, 2; mov.u32 %r2, s; add.u32 %r2, %r2, %r1;
  setp.ge.u32 %p1, %t, 32;
  @%p1 bra CONSUME;
  st.shared.u32 [%r2], %t;
  bar.arrive 1, 64;
  bra END;
CONSUME:
  bar.sync 1, 64;
  ld.shared.u32 %r, [%r2];
END:
)"),
             [](uint32_t t) { return t < 32 ? 0 : t - 32; });
}

TEST(Barrier, ThreadsThatWaitForEachOtherAreReported) {
  Program program(module(R"(
.visible .entry k() { .reg .pred %p; .reg .b32 %t; mov.u32 %t, %tid.x; setp.lt.u32 %p, %t, 32; @%p bra A;
  bar.sync 1, 64; ret; A: bar.sync 2, 64; ret; }
)"));
  ASSERT_EQ(program.result, Result::Success) << program.log;
  EXPECT_EQ(launch(program.function("k"), 1, 64, 0), Result::LaunchTimeout);
  EXPECT_NE(std::string(awgemu_last_report()).find("wait for each other"), std::string::npos);
  awg::cuda::cuDevicePrimaryCtxReset_v2(0);
  program.handle = nullptr;
}

//--- Warps

TEST(Warp, Shuffles) {
  expectEach(runBlock(32, "shfl.sync.down.b32 %r|%p1, %t, 4, 31, -1; @!%p1 add.u32 %r, %r, 100;"),
             [](uint32_t t) { return t < 28 ? t + 4 : t + 100; });
  expectEach(runBlock(32, "shfl.sync.up.b32 %r|%p1, %t, 3, 0, -1; @!%p1 add.u32 %r, %r, 100;"),
             [](uint32_t t) { return t >= 3 ? t - 3 : t + 100; });
  expectEach(runBlock(32, "shfl.sync.bfly.b32 %r, %t, 5, 31, -1;"), [](uint32_t t) { return t ^ 5; });
  // Segments of 8: c is the clamp 7 and the segment mask 0x18 above it.
  expectEach(runBlock(32, "shfl.sync.idx.b32 %r, %t, 2, 6151, -1;"), [](uint32_t t) { return (t & 24) + 2; });
}

TEST(Warp, VotesMatchesAndReductions) {
  expectEach(runBlock(32, "setp.lt.u32 %p1, %t, 5; vote.sync.ballot.b32 %r, %p1, -1;"), [](uint32_t) { return 31; });
  expectEach(runBlock(32, "setp.lt.u32 %p1, %t, 5; vote.sync.any.pred %p2, %p1, -1; vote.sync.all.pred %p3, !%p1, -1;"
                          "selp.u32 %r, 1, 0, %p2; @%p3 mov.u32 %r, 7;"),
             [](uint32_t) { return 1; });
  expectEach(runBlock(32, "and.b32 %r1, %t, 3; match.any.sync.b32 %r, %r1, -1;"),
             [](uint32_t t) { return 0x11111111u << (t % 4); });
  expectEach(runBlock(32, "match.all.sync.b32 %r|%p1, 5, -1; @!%p1 mov.u32 %r, 0;"), [](uint32_t) { return ~0u; });
  expectEach(runBlock(32, "redux.sync.add.u32 %r, %t, -1;"), [](uint32_t) { return 496; });
  expectEach(runBlock(32, "sub.u32 %r1, %t, 7; redux.sync.min.s32 %r, %r1, -1;"), [](uint32_t) { return -7; });
  expectEach(runBlock(32, "elect.sync %r|%p1, -1; @%p1 add.u32 %r, %r, 50;"), [](uint32_t t) { return t ? 0 : 50; });
}

/// Lanes in two ways shuffle among themselves.
TEST(Warp, ShufflesInTheWaysOfABranch) {
  expectEach(runBlock(32, R"(
  setp.lt.u32 %p1, %t, 16;
  @%p1 bra LOW;
  shfl.sync.idx.b32 %r, %t, 20, 31, 0xffff0000;
  bra END;
LOW:
  shfl.sync.idx.b32 %r, %t, 3, 31, 0xffff;
END:
  bar.warp.sync -1;
)"),
             [](uint32_t t) { return t < 16 ? 3 : 20; });
}

TEST(Warp, AMemberMaskWithoutTheLaneIsReported) {
  runBlock(32, "shfl.sync.idx.b32 %r, %t, 0, 31, 1;", "", Result::IllegalInstruction);
  EXPECT_NE(std::string(awgemu_last_report()).find("leaves out the lane"), std::string::npos);
  awg::cuda::cuDevicePrimaryCtxReset_v2(0);
}

TEST(Warp, SpecialRegisters) {
  expectEach(runBlock(64, "mov.u32 %r1, %laneid; mov.u32 %r2, %lanemask_lt; popc.b32 %r2, %r2; sub.u32 %r1, %r1, %r2; "
                          "mov.u32 %r3, %warpid;"
                          "mov.u32 %r4, %nctaid.x; mad.lo.u32 %r, %r3, 10, %r1; mad.lo.u32 %r, %r4, 100, %r;"),
             [](uint32_t t) { return 100 + t / 32 * 10; });
}

//--- Asynchronous copies

TEST(Async, CopiesAreThereOnceWaitedFor) {
  expectEach(runBlock(32, R"(
  .shared .align 16 .b32 s[32];
  mov.u32 %r1, s; shl.b32 %r2, %t, 2; add.u32 %r2, %r1, %r2;
  mov.u64 %rd1, numbers; mad.wide.u32 %rd1, %t, 4, %rd1;
  cp.async.ca.shared.global [%r2], [%rd1], 4;
  cp.async.commit_group;
  cp.async.wait_group 0;
  ld.shared.u32 %r, [%r2];
)",
                      ".global .align 16 .u32 numbers[32] = "
                      "{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32};\n"),
             [](uint32_t t) { return t + 1; });
}

/// There and back, in one copy each.
TEST(Async, BulkCopies) {
  expectEach(runBlock(32, R"(
  .shared .align 16 .b32 s[64]; .shared .align 8 .b64 full;
  mov.u32 %r1, s; mov.u32 %r3, full; setp.eq.u32 %p1, %t, 0; mov.u64 %rd1, numbers;
  @%p1 mbarrier.init.shared::cta.b64 [%r3], 1;
  bar.sync 0;
  @!%p1 bra WAIT;
  mbarrier.arrive.expect_tx.release.cta.shared::cta.b64 %rd2, [%r3], 64;
  cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%r1], [%rd1+64], 64, [%r3];
WAIT:
  mbarrier.try_wait.parity.acquire.cta.shared::cta.b64 %p2, [%r3], 0;
  @!%p2 bra WAIT;
  and.b32 %r2, %t, 15; shl.b32 %r2, %r2, 2; add.u32 %r2, %r1, %r2; ld.shared.u32 %r4, [%r2];
  bar.sync 0;
  shl.b32 %r2, %t, 2; add.u32 %r2, %r1, %r2; mul.lo.u32 %r4, %r4, 10; st.shared.u32 [%r2], %r4;
  fence.proxy.async.shared::cta;
  bar.sync 0;
  @!%p1 bra READ;
  cp.async.bulk.global.shared::cta.bulk_group [%rd1], [%r1], 128;
  cp.async.bulk.commit_group;
  cp.async.bulk.wait_group.read 0;
READ:
  bar.sync 0;
  mad.wide.u32 %rd1, %t, 4, %rd1; ld.global.u32 %r, [%rd1];
)",
                      ".global .align 16 .u32 numbers[32] = "
                      "{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32};\n"),
             [](uint32_t t) { return 10 * (17 + t % 16); });
}

TEST(Async, MbarrierPhases) {
  expectEach(runBlock(64, R"(
  .shared .align 8 .b64 bar; .shared .align 4 .b32 s[64];
  mov.u32 %r1, bar; setp.ne.u32 %p1, %t, 0;
  @!%p1 mbarrier.init.shared.b64 [%r1], 64;
  bar.sync 0;
  mov.u32 %r2, s; shl.b32 %r3, %t, 2; add.u32 %r2, %r2, %r3;
  st.shared.u32 [%r2], %t;
  mbarrier.arrive.shared.b64 %rd1, [%r1];
WAIT:
  mbarrier.try_wait.shared.b64 %p2, [%r1], %rd1;
  @!%p2 bra WAIT;
  mbarrier.test_wait.parity.shared.b64 %p3, [%r1], 0;
  xor.b32 %r4, %t, 63; shl.b32 %r4, %r4, 2; mov.u32 %r5, s; add.u32 %r4, %r4, %r5;
  ld.shared.u32 %r, [%r4];
  @!%p3 add.u32 %r, %r, 1000;
)"),
             [](uint32_t t) { return 63 - t; });
}
} // namespace
