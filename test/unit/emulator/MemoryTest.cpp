// Loads, stores, spaces, atomics.
#include "Instruction.h"

#include <algorithm>
#include <numeric>

using namespace emutest;

namespace {
TEST(Memory, NarrowLoadsExtend) {
  Program program(module(R"(
.visible .entry k(.param .u64 in, .param .u64 out)
{
  .reg .b64 %i, %o, %d; .reg .b32 %r; .reg .b16 %h;
  ld.param.u64 %i, [in]; ld.param.u64 %o, [out];
  ld.global.s8 %d, [%i]; st.global.b64 [%o], %d;
  ld.global.u8 %d, [%i]; st.global.b64 [%o+8], %d;
  ld.global.s16 %r, [%i]; cvt.s64.s32 %d, %r; st.global.b64 [%o+16], %d;
  ld.global.b8 %h, [%i+1]; cvt.u64.u16 %d, %h; st.global.b64 [%o+24], %d;
  ld.global.s32 %d, [%i+4]; st.global.b64 [%o+32], %d;
  ret;
}
)"));
  ASSERT_EQ(program.result, Result::Success) << program.log;
  Buffer<uint32_t> in({0xffff8180u, 0x80000001u});
  Buffer<int64_t> out(5);
  ASSERT_EQ(launch(program.function("k"), 1, 1, 0, in.address, out.address), Result::Success) << awgemu_last_report();
  EXPECT_EQ(out.read(), (std::vector<int64_t>{-128, 128, int16_t(0x8180), 0x81, int32_t(0x80000001)}));
}

TEST(Memory, VectorsMoveInOnePiece) {
  Program program(module(R"(
.visible .entry k(.param .u64 in, .param .u64 out)
{
  .reg .b64 %i, %o; .reg .b32 %r<5>, %t;
  ld.param.u64 %i, [in]; ld.param.u64 %o, [out];
  mov.u32 %t, %tid.x; mad.wide.u32 %i, %t, 16, %i; mad.wide.u32 %o, %t, 16, %o;
  ld.global.v4.u32 {%r1, %r2, %r3, %r4}, [%i];
  st.global.v2.u32 [%o], {%r4, %r3};
  st.global.v2.u32 [%o+8], {%r2, %r1};
  ret;
}
)"));
  ASSERT_EQ(program.result, Result::Success) << program.log;
  std::vector<uint32_t> values(256);
  std::iota(values.begin(), values.end(), 0);
  Buffer<uint32_t> in(values), out(256);
  ASSERT_EQ(launch(program.function("k"), 1, 64, 0, in.address, out.address), Result::Success) << awgemu_last_report();
  std::vector<uint32_t> result = out.read();
  for (uint32_t i = 0; i < 256; ++i)
    ASSERT_EQ(result[i], (i & ~3u) + 3 - i % 4);
}

TEST(Memory, GenericAddressesReachAllSpaces) {
  Program program(module(R"(
.const .align 4 .u32 c[2] = {5, 6};
.global .align 8 .u64 pointer = generic(c)+4;
.extern .shared .align 8 .b8 dynamic[];
.visible .entry k(.param .u64 out, .param .align 4 .b8 big[8])
{
  .local .align 4 .b32 l[2]; .shared .align 4 .b32 s[2];
  .reg .b64 %o, %a, %b; .reg .b32 %r<8>, %x; .reg .pred %p<5>;
  ld.param.u64 %o, [out];
  mov.u64 %a, s; cvta.shared.u64 %a, %a; st.u32 [%a+4], 7; ld.shared.u32 %r1, [s+4];
  isspacep.shared %p1, %a;
  mov.u64 %a, l; cvta.local.u64 %a, %a; st.u32 [%a], 8; ld.local.u32 %r2, [l];
  isspacep.local %p2, %a;
  ld.global.u64 %a, [pointer]; ld.u32 %r3, [%a]; ld.const.u32 %r4, [c];
  mov.b64 %a, big; cvta.param.u64 %b, %a; ld.u32 %r5, [%b+4]; ld.param.u32 %r6, [%a];
  mov.u64 %a, dynamic; cvta.shared.u64 %b, %a; st.u32 [%b+4], 9; ld.shared.u32 %r7, [%a+4];
  isspacep.global %p3, %o; isspacep.global %p4, %b;
  st.global.v4.u32 [%o], {%r1, %r2, %r3, %r4};
  st.global.v2.u32 [%o+16], {%r5, %r6};
  st.global.u32 [%o+24], %r7;
  selp.u32 %x, 1, 0, %p1; @%p2 add.u32 %x, %x, 2; @%p3 add.u32 %x, %x, 4; @%p4 add.u32 %x, %x, 8;
  st.global.u32 [%o+28], %x;
  ret;
}
)"));
  ASSERT_EQ(program.result, Result::Success) << program.log;
  Buffer<uint32_t> out(8);
  uint64_t big = uint64_t{11} << 32 | 10;
  ASSERT_EQ(launch(program.function("k"), 1, 1, 64, out.address, big), Result::Success) << awgemu_last_report();
  EXPECT_EQ(out.read(), (std::vector<uint32_t>{7, 8, 6, 5, 11, 10, 9, 7}));
}

/// Every thread of several blocks applies `text` to [%a]; the cell starts with `first`.
template <class T> T atomics(const std::string &text, T first) {
  Program program(
      module(".visible .entry k(.param .u64 cell) { .reg .b64 %a, %d, %v; .reg .b32 %r, %t, %x, %y; .reg .b16 %h;"
             "ld.param.u64 %a, [cell]; mov.u32 %t, %tid.x; mov.u32 %x, %ctaid.x; mad.lo.u32 %t, %x, 64, %t; "
             "cvt.u64.u32 %v, %t;\n" +
             text + "\nret; }"));
  EXPECT_EQ(program.result, Result::Success) << program.log;
  Buffer<T> cell(std::vector<T>{first, 0});
  EXPECT_EQ(launch(program.function("k"), 32, 64, 0, cell.address), Result::Success) << awgemu_last_report();
  return cell.read()[0];
}

TEST(Atomic, AllOperations) {
  constexpr uint32_t n = 2048;
  EXPECT_EQ(atomics<uint32_t>("atom.global.add.u32 %r, [%a], %t;", 5), 5 + n * (n - 1) / 2);
  EXPECT_EQ(atomics<uint64_t>("red.global.add.u64 [%a], %v;", 5), 5 + n * (n - 1) / 2);
  EXPECT_EQ(atomics<int32_t>("sub.u32 %x, 100, %t; atom.min.s32 %r, [%a], %x;", 0), 100 - 2047);
  EXPECT_EQ(atomics<uint32_t>("red.relaxed.gpu.global.max.u32 [%a], %t;", 0), n - 1);
  EXPECT_EQ(atomics<int64_t>("atom.global.max.s64 %d, [%a], %v;", -5), n - 1);
  EXPECT_EQ(atomics<uint32_t>("red.global.or.b32 [%a], %t;", 0), n - 1);
  EXPECT_EQ(atomics<uint32_t>("red.global.and.b32 [%a], -2;", 0xff), 0xfe);
  EXPECT_EQ(atomics<uint32_t>("red.global.xor.b32 [%a], %t;", 0), 0u);
  EXPECT_EQ(atomics<uint32_t>("atom.global.inc.u32 %r, [%a], 99;", 0), n % 100);
  EXPECT_EQ(atomics<uint32_t>("atom.global.dec.u32 %r, [%a], 99;", 0), 100 - n % 100);
  EXPECT_EQ(atomics<float>("red.global.add.f32 [%a], 0f3F800000;", 0), float(n));
  EXPECT_EQ(atomics<double>("atom.global.add.f64 %d, [%a], 0d3FE0000000000000;", 1), 1 + n / 2);
  EXPECT_EQ(
      atomics<uint32_t>(
          "mov.b32 %x, 0; AGAIN: add.u32 %y, %x, 3; atom.acq_rel.gpu.global.cas.b32 %r, [%a], %x, %y; .reg .pred %p;"
          "setp.ne.u32 %p, %r, %x; mov.u32 %x, %r; @%p bra AGAIN;",
          0),
      3 * n);
  EXPECT_EQ(atomics<uint32_t>("mov.b16 %h, 0x3c00; mov.b32 %x, {%h, %h}; red.global.add.noftz.f16x2 [%a], %x;", 0),
            0x68006800u);
  EXPECT_NE(atomics<uint32_t>("add.u32 %x, %t, 1; atom.global.exch.b32 %r, [%a], %x;", 0), 0u);
}

TEST(Atomic, InSharedMemory) {
  Program program(module(R"(
.visible .entry k(.param .u64 out) { .shared .align 4 .u32 s; .reg .pred %p; .reg .b64 %o; .reg .b32 %t, %r;
  ld.param.u64 %o, [out]; mov.u32 %t, %tid.x; setp.ne.u32 %p, %t, 0;
  @!%p st.shared.u32 [s], 0; bar.sync 0; atom.shared.add.u32 %r, [s], %t; bar.sync 0;
  @%p ret; ld.shared.u32 %r, [s]; st.global.u32 [%o], %r; ret; }
)"));
  ASSERT_EQ(program.result, Result::Success) << program.log;
  Buffer<uint32_t> out(1);
  ASSERT_EQ(launch(program.function("k"), 1, 256, 0, out.address), Result::Success) << awgemu_last_report();
  EXPECT_EQ(out.read()[0], 255u * 128);
}

TEST(Memory, BlocksOfThreeDimensions) {
  Program program(module(R"(
.visible .entry k(.param .u64 out) { .reg .b64 %o; .reg .b32 %r<12>;
  ld.param.u64 %o, [out];
  mov.u32 %r1, %tid.x; mov.u32 %r2, %tid.y; mov.u32 %r3, %tid.z; mov.u32 %r4, %ntid.x; mov.u32 %r5, %ntid.y;
  mad.lo.u32 %r6, %r3, %r5, %r2; mad.lo.u32 %r6, %r6, %r4, %r1;
  mov.u32 %r7, %ctaid.x; mov.u32 %r8, %ctaid.y; mov.u32 %r9, %nctaid.x; mad.lo.u32 %r7, %r8, %r9, %r7;
  mad.lo.u32 %r10, %r7, 60, %r6; mad.wide.u32 %o, %r10, 4, %o; st.global.u32 [%o], %r10; ret; }
)"));
  ASSERT_EQ(program.result, Result::Success) << program.log;
  Buffer<uint32_t> out(360);
  void *args[] = {&out.address};
  ASSERT_EQ(awg::cuda::cuLaunchKernel(program.function("k"), 3, 2, 1, 5, 4, 3, 0, nullptr, args, nullptr),
            Result::Success);
  std::vector<uint32_t> result = out.read();
  for (uint32_t i = 0; i < 360; ++i)
    ASSERT_EQ(result[i], i);
}
} // namespace
