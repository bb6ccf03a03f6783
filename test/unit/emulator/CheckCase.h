// What the tests of the checks share: a kernel's body, and what is to be found in it.
#ifndef AWG_TEST_UNIT_EMULATOR_CHECKCASE_H
#define AWG_TEST_UNIT_EMULATOR_CHECKCASE_H

#include "Emulator.h"

#include <numeric>

namespace emutest {

/// A kernel's body. It has %a: 64 words that were written, %b: 64 words that were not, %t: the thread, %k: the block,
/// %s: shared memory of 64 words (at 0), %o: the thread's offset of 4 bytes, %at: %a + %o, %bt: %b + %o.
struct Case {
  const char *name;
  unsigned blocks, threads;
  const char *body;
  const char *report = ""; ///< empty: clean
  Result result = Result::LaunchFailed;
};
inline void PrintTo(const Case &c, std::ostream *out) { *out << c.name; }

inline std::string kernel(const char *body) {
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
inline void expect(const Case &c, Address a, Address b) {
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

inline Address allocate(size_t bytes) {
  device();
  Address address = 0;
  EXPECT_EQ(awg::cuda::cuMemAlloc_v2(&address, bytes), Result::Success);
  return address;
}

inline void check(const Case &c) {
  Address a = allocate(256), b = allocate(256);
  expect(c, a, b);
  if (!*c.report) {
    awg::cuda::cuMemFree_v2(a);
    awg::cuda::cuMemFree_v2(b);
  }
}

/// The same with memory of which the shadow knows nothing yet, whatever its neighbours were used for.
inline void checkInFreshMemory(const Case &c) {
  constexpr uint64_t page = 4096;
  Address memory = allocate(4 * page), a = (memory + page - 1) / page * page;
  expect(c, a, a + page);
  if (!*c.report)
    awg::cuda::cuMemFree_v2(memory);
}

constexpr Result illegal = Result::IllegalAddress, misaligned = Result::MisalignedAddress;

inline std::string nameOf(const testing::TestParamInfo<Case> &info) { return info.param.name; }

} // namespace emutest

#endif // AWG_TEST_UNIT_EMULATOR_CHECKCASE_H
