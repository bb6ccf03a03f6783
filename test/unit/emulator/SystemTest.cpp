// What device code calls of the driver: printf and assert.
#include "Emulator.h"

#include <algorithm>

using namespace emutest;

namespace {
/// A variable of the module with the text.
std::string variable(const std::string &name, const std::string &text) {
  std::string bytes;
  for (char c : text)
    bytes += std::to_string(int(c)) + ",";
  return ".global .align 1 .b8 " + name + "[" + std::to_string(text.size() + 1) + "] = {" + bytes + "0};\n";
}

TEST(System, Printf) {
  Program program(module(".extern .func (.param .b32 r) vprintf(.param .b64 f, .param .b64 a);\n" +
                         variable("format", "%3d|%-5u|%.2f|%s|%c|%llx|%.*d|100%%\n") + variable("word", "abc") + R"(
.visible .entry k(.param .u64 out)
{
  .local .align 8 .b8 values[56]; .reg .b32 %t, %n; .reg .b64 %a, %f, %w, %o;
  mov.u64 %a, values; cvta.local.u64 %a, %a; mov.u64 %f, format; cvta.global.u64 %f, %f; mov.u64 %w, word; cvta.global.u64 %w, %w;
  mov.u32 %t, %tid.x; neg.s32 %n, %t; st.u32 [%a], %n; st.u32 [%a+4], %n; st.f64 [%a+8], 0d3FF8000000000000; st.u64 [%a+16], %w;
  st.u32 [%a+24], 120; st.u64 [%a+32], 0x123456789a; st.u32 [%a+40], -1; st.u32 [%a+44], 5;
  { .param .b64 p; st.param.b64 [p], %f; .param .b64 q; st.param.b64 [q], %a; .param .b32 r; call.uni (r), vprintf, (p, q);
    ld.param.b32 %n, [r]; }
  ld.param.u64 %o, [out]; mad.wide.u32 %o, %t, 4, %o; st.global.u32 [%o], %n; ret;
}
)"));
  ASSERT_EQ(program.result, Result::Success) << program.log;
  Buffer<uint32_t> counts(2);
  testing::internal::CaptureStdout();
  EXPECT_EQ(launch(program.function("k"), 1, 2, 0, counts.address), Result::Success) << awgemu_last_report();
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "  0|0    |1.50|abc|x|123456789a|5|100%\n -1|4294967295|1.50|abc|x|123456789a|5|100%\n");
  EXPECT_EQ(counts.read(), std::vector<uint32_t>(2, 8));
}

TEST(System, FailedAssert) {
  Program program(module(
      ".extern .func __assertfail(.param .b64 m, .param .b64 f, .param .b32 l, .param .b64 n, .param .b64 s);\n" +
      variable("message", "x < 3") + variable("file", "k.cu") + variable("name", "void k(int)") + R"(
.visible .entry k()
{
  .reg .b32 %t; .reg .b64 %m, %f, %n; .reg .pred %p;
  mov.u64 %m, message; cvta.global.u64 %m, %m; mov.u64 %f, file; cvta.global.u64 %f, %f; mov.u64 %n, name; cvta.global.u64 %n, %n;
  mov.u32 %t, %tid.x; setp.lt.u32 %p, %t, 3; @%p bra E;
  { .param .b64 p; st.param.b64 [p], %m; .param .b64 q; st.param.b64 [q], %f; .param .b32 r; st.param.b32 [r], 42;
    .param .b64 s; st.param.b64 [s], %n; .param .b64 u; st.param.b64 [u], 1; call.uni __assertfail, (p, q, r, s, u); }
E:
  ret;
}
)"));
  ASSERT_EQ(program.result, Result::Success) << program.log;
  EXPECT_EQ(launch(program.function("k"), 1, 3, 0), Result::Success) << awgemu_last_report();
  EXPECT_EQ(launch(program.function("k"), 1, 32, 0), Result::Assert);
  std::string report = awgemu_last_report();
  EXPECT_NE(report.find("assertion failed: x < 3, k.cu:42, in void k(int)"), std::string::npos) << report;
  EXPECT_NE(report.find("thread (3, 0, 0)"), std::string::npos) << report;
  program.handle = nullptr;
  EXPECT_EQ(awg::cuda::cuDevicePrimaryCtxReset_v2(0), Result::Success);
}

TEST(System, OtherDeclarationsAreRefused) {
  Program program(module(
      ".extern .func vprintf(.param .b64 f);\n.visible .entry k() { .param .b64 p; call.uni vprintf, (p); ret; }"));
  EXPECT_EQ(program.result, Result::InvalidPTX);
  EXPECT_NE(std::string(program.log).find("the driver's function 'vprintf' has other parameters"), std::string::npos)
      << program.log;
}
/// A kernel that takes 16 bytes into %w, and then does `body`.
std::string heap(const std::string &body) {
  return module(R"(.extern .func (.param .b64 r) malloc(.param .b64 n);
.extern .func free(.param .b64 a);
.visible .entry k(.param .u64 out)
{
  .reg .pred %p; .reg .b32 %t, %x; .reg .b64 %o, %w; ld.param.u64 %o, [out]; mov.u32 %t, %tid.x;
  { .param .b64 n; st.param.b64 [n], 16; .param .b64 r; call.uni (r), malloc, (n); ld.param.b64 %w, [r]; }
)" + body + "\n  ret;\n}\n");
}
const std::string freed = "{ .param .b64 a; st.param.b64 [a], %w; call.uni free, (a); }\n";

TEST(System, HeapFaults) {
  struct Case {
    std::string body, report;
    Result result;
  };
  for (const Case &c :
       {Case{freed + freed, "which is not what malloc gave in a kernel: which is in allocation", Result::IllegalAddress},
        {"mov.u64 %w, %o; " + freed, "which is not what malloc gave in a kernel", Result::IllegalAddress},
        {freed + "st.u32 [%w], 1;", "that has been freed", Result::IllegalAddress},
        {"st.u32 [%w+16], 1;", "0 bytes past the end of allocation", Result::IllegalAddress},
        {"ld.u32 %x, [%w];", "never written", Result::LaunchFailed}}) {
    Program program(heap(c.body));
    ASSERT_EQ(program.result, Result::Success) << program.log;
    Address out = 0;
    awg::cuda::cuMemAlloc_v2(&out, 8);
    EXPECT_EQ(launch(program.function("k"), 1, 1, 0, out), c.result) << c.body;
    EXPECT_NE(std::string(awgemu_last_report()).find(c.report), std::string::npos) << awgemu_last_report();
    program.handle = nullptr;
    EXPECT_EQ(awg::cuda::cuDevicePrimaryCtxReset_v2(0), Result::Success);
  }
}

/// Beyond the limit malloc gives null, and what is given back is there to be taken again.
TEST(System, HeapLimit) {
  device();
  size_t limit = 0;
  EXPECT_EQ(awg::cuda::cuCtxGetLimit(&limit, 2), Result::Success);
  EXPECT_EQ(limit, 8u << 20);
  EXPECT_EQ(awg::cuda::cuCtxSetLimit(2, 16 * 4), Result::Success);
  Program program(heap("mad.wide.u32 %o, %t, 8, %o; st.global.u64 [%o], %w; setp.ne.u64 %p, %w, 0; @%p st.u32 [%w], 1;"
                       "bar.sync 0;" + freed));
  ASSERT_EQ(program.result, Result::Success) << program.log;
  for (int round = 0; round < 2; ++round) {
    Buffer<uint64_t> out(6);
    EXPECT_EQ(launch(program.function("k"), 1, 6, 0, out.address), Result::Success) << awgemu_last_report();
    auto addresses = out.read();
    EXPECT_EQ(std::count(addresses.begin(), addresses.end(), 0u), 2);
  }
  EXPECT_EQ(awg::cuda::cuCtxSetLimit(2, limit), Result::Success);
  EXPECT_EQ(awg::cuda::cuCtxSetLimit(99, 1), Result::NotSupported);
}
} // namespace
