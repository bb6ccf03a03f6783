// Uses of other sizes and places than those before them, mostly of whole warps side by side.
#include "CheckCase.h"

using namespace emutest;

namespace {
const Case faulty[] = {
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

const Case clean[] = {
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

class SizeChecks : public testing::TestWithParam<Case> {};
TEST_P(SizeChecks, AreAsExpected) { check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Faulty, SizeChecks, testing::ValuesIn(faulty), nameOf);
INSTANTIATE_TEST_SUITE_P(Clean, SizeChecks, testing::ValuesIn(clean), nameOf);

class FreshSizeChecks : public testing::TestWithParam<Case> {};
TEST_P(FreshSizeChecks, AreAsExpected) { checkInFreshMemory(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Faulty, FreshSizeChecks, testing::ValuesIn(faulty), nameOf);
INSTANTIATE_TEST_SUITE_P(Clean, FreshSizeChecks, testing::ValuesIn(clean), nameOf);

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
} // namespace
