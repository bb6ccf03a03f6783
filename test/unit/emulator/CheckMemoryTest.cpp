// Kernels that use memory that is not theirs, is not aligned or was never written, or jump to nowhere: each fault is found, with
// the words that say what it is, and nothing is found where there is none.
#include "CheckCase.h"

using namespace emutest;

namespace {
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
    {"MisalignedHalf", 1, 1, "st.global.u16 [%a+1], 1;", "not aligned", misaligned},
    {"MisalignedByGeneric", 1, 1, "mov.u64 %w, s; cvta.shared.u64 %w, %w; ld.u64 %v, [%w+4];", "not aligned", misaligned},
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
    {"NeverWritten", 1, 1, "ld.global.u32 %x, [%b];", "never written"},
    {"NeverWrittenBySome", 1, 64, "setp.lt.u32 %p, %t, 10; @%p st.global.u32 [%bt], %t; ld.global.u32 %x, [%bt];",
     "thread (10, 0, 0)"},
    {"SharedNeverWritten", 1, 1, "ld.shared.u32 %x, [%s];", "never written"},
    {"AtomicOnNeverWritten", 1, 1, "atom.global.add.u32 %x, [%b], 1;", "never written"},
    {"SwapOfNeverWritten", 1, 1, "atom.global.cas.b32 %x, [%b], 0, 1;", "never written"},
    {"HalfWritten", 1, 1, "st.global.u16 [%b], 0; ld.global.u32 %x, [%b];", "never written"},
    {"MatrixWithoutAllLanes", 1, 32,
     "setp.eq.u32 %p, %t, 31; @%p exit; mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16 {%x, %y}, {%x, %y}, {%x}, {%x, %y};",
     "without all lanes", Result::IllegalInstruction},
    {"MatrixRowsNotAligned", 1, 32, "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%x}, [%s];", "not aligned", misaligned},
    {"MatrixRowOutOfBounds", 1, 32,
     "st.shared.u32 [%s], %t; bar.sync 0; mul.lo.u32 %x, %t, 48; ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%y}, [%x];",
     "of shared memory", illegal},
    {"Trap", 1, 64, "setp.eq.u32 %p, %t, 33; @%p trap;", "thread (33, 0, 0)"},
    {"JumpTableOutOfRange", 1, 1, "mov.u32 %x, 3; T: .branchtargets A, B; brx.idx %x, T; A: B:", "of 2 targets",
     Result::InvalidPC},
    {"CallOfNoFunction", 1, 1, "S: .callprototype _ (); mov.u64 %w, 4096; call %w, S;", "which is no function",
     Result::InvalidPC},
};

const Case clean[] = {
    {"PredicateKeepsFromBadAddress", 1, 32, "setp.ne.u32 %p, %t, %t; mov.u64 %w, 0; @%p ld.global.u32 %x, [%w];"},
    {"BytesOfOtherBlocks", 4, 1, "cvt.u64.u32 %w, %k; add.u64 %w, %a, %w; st.global.u8 [%w], %k;"},
    {"VectorsOfFour", 1, 16,
     "shl.b32 %x, %t, 4; cvt.u64.u32 %w, %x; add.u64 %v, %a, %w; ld.global.v4.u32 {%x, %y, %z, _}, [%v]; add.u64 %v, %b, "
     "%w; st.global.v2.u32 [%v], {%x, %y};"},
    {"ConstantsAreRead", 2, 32, "mov.u64 %w, c; ld.const.u32 %x, [%w+8]; cvta.const.u64 %w, %w; ld.u32 %y, [%w];"},
    {"LastElement", 1, 1, "ld.global.u32 %x, [%a+252]; st.global.u8 [%b+255], %x;"},
    {"GuardedTail", 1, 96, "setp.lt.u32 %p, %t, 64; @%p ld.global.u32 %x, [%at];"},
    {"WriteThenRead", 1, 64, "st.global.u32 [%bt], %t; ld.global.u32 %x, [%bt];"},
    {"ExchangeOfNeverWritten", 1, 1, "atom.global.exch.b32 %x, [%b], 1; ld.global.u32 %y, [%b];"},
    {"SwapForHalfAWord", 1, 1,
     "st.global.u16 [%b], 7; ld.global.u32 %x, [%b]; L: or.b32 %y, %x, 8; atom.global.cas.b32 %z, [%b], %x, %y;"
     "setp.ne.u32 %p, %z, %x; mov.u32 %x, %z; @%p bra L;"},
    {"LocalMemory", 1, 64, "mov.u64 %w, l; st.local.u32 [%w+12], %t; ld.local.u32 %x, [%w+12];"},
    {"GenericSpaces", 1, 64,
     "mov.u64 %w, l; cvta.local.u64 %w, %w; st.u32 [%w], %t; ld.u32 %x, [%w]; st.u32 [%bt], %x;"},
    {"ExitWithoutBarrier", 4, 64, "setp.gt.u32 %p, %t, 7; @%p exit; ld.global.u32 %x, [%at];"},
};

class MemoryChecks : public testing::TestWithParam<Case> {};
TEST_P(MemoryChecks, AreAsExpected) { check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Faulty, MemoryChecks, testing::ValuesIn(faulty), nameOf);
INSTANTIATE_TEST_SUITE_P(Clean, MemoryChecks, testing::ValuesIn(clean), nameOf);

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
} // namespace
